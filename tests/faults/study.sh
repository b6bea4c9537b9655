# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# study.sh - a study of a second, for the scripts of this folder: study SEEDS [RATE [STEPS]] >FILE.yaml
awk 'BEGIN {
    for (i = 0; i < 200; i++)
        printf "the %s saw %d birds near house %d.\n%s", i % 3 ? "cat" : "dog", i % 17, i % 7, i % 9 ? "" : "\n"
}' >texts.txt
awk 'BEGIN {
    print "text,label"
    for (i = 0; i < 24; i++)
        print (i % 2 ? "a good cat " : "a bad dog ") i "," i % 2
}' >rows.csv
study() {
    cat <<END
study: faults
data: .
vocab: 120
pretraining: {texts: [texts.txt]}
tasks:
  - own: {type: classify, train: rows.csv, dev: rows.csv, text: text, label: label}
baseline:
  layers: 1
  hidden: 16
  heads: 1
  max_length: 24
  pretrain_steps: ${3-8}
  pretrain_batch_size: 4
  steps: 6
  batch_size: 4
  learning_rate: ${2-5e-4}
seeds: $1
plots: []
END
}
