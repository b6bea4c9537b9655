#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tasks of numbers and of stories as studies; a metric without a value on its way from the trial to the comparison.
. "${0%/*}/lib.sh"
export ABLATE_STORE="$scratch/store"

# columns of numbers that follow from the words
awk 'BEGIN { print "a\tb\tscore"
    for (i = 0; i < 60; i++) printf "red %d\t%s\t%.2f\n", i, i % 2 ? "old" : "new", i % 2 + i % 3 / 2 }' >train.tsv
# one text only: whatever a model says of it, it says the same in every row
awk 'BEGIN { print "a\tb\tscore"; for (i = 0; i < 20; i++) printf "red\tnew\t%d\n", i % 5 }' >same.tsv
awk 'BEGIN { for (i = 0; i < 90; i++) printf "1 cat is in %s.\n2 dog is %d.\n3 where is cat? \t%s\t1\n",
    i % 2 ? "red" : "blue", i, i % 2 ? "red" : "blue" }' >stories.txt

# study NAME TASK TUNE
study() {
    cat >"$1.yaml" <<END
study: $1
data: .
vocab: 120
pretraining: {texts: world}
tasks:
  - mine: {$2}
baseline: {layers: 1, hidden: 32, max_length: 24, pretrain_steps: 3, pretrain_batch_size: 4, steps: 8, batch_size: 4}
design: {leave-one-out: [segments]}
seeds: 2
plots: []
${3:-}
END
}
numbers='type: regress, train: train.tsv, text: a, text_b: b, label: score'

study learn "$numbers"
check_exit 0 "$ABLATE" run learn.yaml --workers 1
check_exit 0 "$ABLATE" results learn --format csv
check_match '(^|,)pearson(,|$)'
check_exit 0 "$ABLATE" query "SELECT metric, lower_is_better, split FROM task" --format csv
check_match '^pearson,0,held-back$'

study constant "$numbers, dev: same.tsv" 'tune: {learning_rate: [1e-3, 1e-4], by: dev}'
check_exit 0 "$ABLATE" run constant.yaml --workers 1
check_exit 0 "$ABLATE" query "SELECT count(*) FROM trials WHERE study = 'constant' AND state = 'done' AND pearson IS NULL" --format csv
check_match '^4$'
check_exit 0 "$ABLATE" results constant
check_match 'baseline .* 2 .* 0 +\.000'
check_exit 0 "$ABLATE" compare constant
check_match "^collapsed to a single value \(majority: \.000\):$"
check_match "^  2 of 2 'baseline' \(2 without a pearson \(nan\) counted as that\),$"
check_no_match 'failed and are left out'

study lower "$numbers, metric: mse"
check_exit 0 "$ABLATE" run lower.yaml --workers 1
check_exit 0 "$ABLATE" compare lower
check_match 'lower'
check_exit 0 "$ABLATE" query "SELECT k.lower_is_better FROM task k JOIN study y ON y.id = k.study_id WHERE y.name = 'lower'" --format csv
check_match '^1$'

study told 'type: story, train: stories.txt'
check_exit 0 "$ABLATE" run told.yaml --workers 1
check_exit 0 "$ABLATE" query "SELECT count(*) FROM trials WHERE study = 'told' AND accuracy > 0" --format csv
check_match '^4$'

study wrong "$numbers, metric: accuracy"
check_exit 2 "$ABLATE" plan wrong.yaml
check_error "task 'mine' has metric 'accuracy'; type 'regress' has 'pearson', 'spearman', 'mse'"
printf '1 cat is in red.\n3 where is cat?\tred\t1\n' >stories.txt
check_exit 2 "$ABLATE" plan told.yaml
check_error 'stories.txt:2: the line has number 3 after 1'
finish
