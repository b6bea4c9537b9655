#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Study files on the command line: refused ones leave nothing behind; explain and components tell.
. "${0%/*}/lib.sh"

cat >good.yaml <<'END'
study: good
data: world
vocab: 500
tasks: [sentiment]
baseline: {hidden: 64}
design: {leave-one-out: [segments, {attention: causal}]}
END
cat >broken.yaml <<'END'
include: good.yaml
study: broken
design:
  leave-one-out: [segmnts, positions]
END

# refused everywhere alike: exit code 2, place and caret, no store
check_broken() {
    check_error "broken.yaml:4:19: error: unknown component 'segmnts'; did you mean 'segments'?"
    check_error "   4 |   leave-one-out: [segmnts, positions]"
    check_error "     |                   ^~~~~~~"
    check_error "ablate components' lists them all"
}
for command in plan run; do
    "$ABLATE" help | grep -q "^  $command " || continue
    check_exit 2 "$ABLATE" "$command" broken.yaml --store "$scratch/store"
    check_broken
    check_exit 2 "$ABLATE" "$command" "$scratch" --store "$scratch/store"
    check_error "is a folder, not a file"
    check_exit 2 "$ABLATE" "$command" gone.yaml --store "$scratch/store"
    check_error "gone.yaml: cannot open: No such file or directory"
    : >empty.yaml
    check_exit 2 "$ABLATE" "$command" empty.yaml --store "$scratch/store"
    check_error "empty.yaml:1:1: error: the file is empty"
    check "'$command' of a bad study makes no store" test ! -e store
done
check_exit 2 "$ABLATE" explain broken.yaml layers
check_broken

# what the CPU lacks is said at its place, and never left out in silence
cat >bf16.yaml <<'END'
include: good.yaml
study: bf16
baseline: {hidden: 64, precision: bf16}
END
cat >both.yaml <<'END'
include: good.yaml
study: both
design:
  grid: {precision: [fp32, bf16]}
END
check_exit 2 env ABLATE_KERNELS=plain "$ABLATE" plan bf16.yaml --store "$scratch/store"
check_error "bf16.yaml:3:35: error: 'precision: bf16' cannot run here: this "
check_exit 2 env ABLATE_KERNELS=plain "$ABLATE" plan both.yaml --store "$scratch/store"
check_error "both.yaml:4:"
check_error "'precision: bf16' cannot run here: this "

check_exit 0 "$ABLATE" explain good.yaml hidden
check_output "hidden: 64
  set at    good.yaml:5
  takes     integer: 4 to 4096
  default   128
  help      width of the vectors between layers
  affects   pretrain, finetune"
check_exit 0 "$ABLATE" explain good.yaml attention
check_match "^  variants  causal in 'attention=causal'$"
check_exit 0 "$ABLATE" explain good.yaml limits.hours
check_match '^limits.hours: \(not set\)$'
check_exit 2 "$ABLATE" explain good.yaml hiden
check_error "unknown key 'hiden'; did you mean 'hidden'?"

check_exit 0 "$ABLATE" components
check_match '^  \* bidirectional '
check_match '^learning_rate '
check 'components fits 80 columns' awk 'length($0) > 80 { bad = 1 } END { exit bad }' out
check_exit 0 "$ABLATE" components study-file
check_match '^design.leave-one-out '
check 'the keys of a study file fit 80 columns' awk 'length($0) > 80 { bad = 1 } END { exit bad }' out
check_exit 0 "$ABLATE" components causal
check_match '^attention '
check_exit 0 "$ABLATE" components adam_eps
check_match 'optimizer: adamw,'
check_exit 2 "$ABLATE" components atention
check_error "did you mean 'attention'?"
for format in csv json md tex; do
    check_exit 0 "$ABLATE" components --format "$format"
    check_match 'bidirectional'
    check_exit 0 "$ABLATE" components study-file --format "$format"
    check_match 'leave-one-out'
done
check_exit 2 "$ABLATE" components --format yaml
# designs of several changes at once
cat >several.yaml <<'END'
study: several
data: world
vocab: 500
tasks: [sentiment]
baseline: {layers: 2, hidden: 64, learning_rate: 1e-3}
design:
  pairs: [segments, {dropout: 0}]
  factorial:
    factors: {segments: none, layers: [4, 2], positions: none, batch_size: 8, warmup: 0}
    fraction: 1/2
  random: {count: 4, seed: 7, epochs: {from: 1, to: 4}, dropout: [0, .1]}
END
check_exit 0 "$ABLATE" plan several.yaml --verbose
check_match '^several: 23 variants x 1 task x 5 seeds = 115 trials$'
check_match '^  design    exploratory: '
check_match '^  factorial 16 of the 32 cells, resolution V: '
check_match '^  aliases   E=-ABCD$'
check_match '^            A=-BCDE, AB=-CDE, '
check_match '^no segments, dropout=0 +pair +segments=none, dropout=0$'
check_match '^no segments, layers=4 +factorial '
check_match '^epochs=[0-9.]+, dropout=[0-9.]+ +random '
check 'a plan fits 80 columns' awk '/^$/ { exit bad } length($0) > 80 { bad = 1 } END { exit bad }' out
grep ' random ' out >first
check_exit 0 "$ABLATE" plan several.yaml --verbose
check 'drawn points are the same each time' test "$(grep ' random ' out)" = "$(cat first)"
check_exit 0 "$ABLATE" explain several.yaml design.factorial.fraction
check_match '^design.factorial.fraction: 1/2$'
# what keeps seeds from a verdict
cat >few.yaml <<'END'
study: few
data: world
vocab: 100
pretraining: {texts: world}
tasks: [sentiment, entailment]
baseline: {layers: 2, hidden: 64, learning_rate: 1e-3, pretrain_steps: 300}
design: {leave-one-out: [segments, placebo]}
END
(cat few.yaml && echo 'seeds: {pretrain: 3, finetune: 50}') >crossed.yaml
check_exit 0 "$ABLATE" plan crossed.yaml
check_match '^  can see   values only: a verdict needs 5 pre-trainings$'
tr -s ' \n' ' ' <out >joined
check 'it says what the same hours buy' grep -Eq "it needs 5; the same hours buy 5 x [0-9]+: 'seeds: {pretrain: 5, finetune: [0-9]+}'" joined
(cat few.yaml && echo 'seeds: {pretrain: 3, finetune: 1}') >crossed.yaml
check_exit 0 "$ABLATE" plan crossed.yaml
check_match 'needs 5; 5 x 1 takes 1.7 times the hours'
(cat few.yaml && echo 'seeds: {start: 8, until: 0.5, max: 12}') >grows.yaml
check_exit 0 "$ABLATE" plan grows.yaml
check_match '^few: 3 variants x 2 tasks x 8 seeds = 48 trials$'
check_match '^  seeds     8 of at most 12; more until the widest interval is ±0.5 points,$'
check_match '^  can see   mean over tasks: unknown until two seeds are done \(1 comparison, 8$'
(cat few.yaml && echo 'verdict_from: 3' && echo 'seeds: 3') >three.yaml
check_exit 0 "$ABLATE" plan three.yaml
check_match '^  can see   mean over tasks: unknown'
(cat few.yaml && echo 'seeds: 5' && echo 'primary: [{segments: entailment}]') >named.yaml
check_exit 0 "$ABLATE" plan named.yaml
check_match '^  can see   entailment: unknown until two seeds are done \(1 comparison, 5 seeds,'
(cat few.yaml && echo 'baseline_arms: 2' && echo 'primary: [{segments: [entailment, all]}]') >arms.yaml
check_exit 0 "$ABLATE" plan arms.yaml
check_match "^  baseline  twice, with other random streams: "
check_match "^  primary   'no segments' on entailment, 'no segments'$"
fixed='init_seed: 1, order_seed: 1, dropout: 0, attention_dropout: 0'
sed "s/pretrain_steps: 300/$fixed, pretrain_init_seed: 1, pretrain_order_seed: 1, pretrain_dropout_seed: 1/" few.yaml >fixed.yaml
check_exit 0 "$ABLATE" plan fixed.yaml
check_match "^  warning   seeds do nothing in 'baseline' and others: "
sed "s/pretrain_steps: 300/$fixed/" few.yaml >fixed.yaml
check_exit 0 "$ABLATE" plan fixed.yaml
check_no_match 'seeds do nothing'
# rates of large models in small ones; not where the design asks for them, or `tune:` has a better one
rates() {
    printf 'study: rates\ndata: world\nvocab: 100\ntasks: [sentiment%s]\n%s\n' "$2" "$1" >rates.yaml
    check_exit 0 "$ABLATE" plan rates.yaml
}
rates 'design: {grid: {hidden: [64, 256]}}' ', entailment: {learning_rate: 3e-4}'
check_match "^  warning   learning_rate 5e-5 is low for models 128 wide: they often learn$"
check_match "^            one class only; about 3e-4 suits \('baseline' on sentiment\)$"
check_match "learning_rate 5e-5 is low for models 64 wide"
check_match "about 6e-4 suits \('hidden=64' on sentiment\)$"
check_no_match 'models 256 wide'
rates 'baseline: {hidden: 768, learning_rate: 2e-5}' ''
check_no_match 'is low for'
rates 'baseline: {learning_rate: 3e-4}
design: {grid: {learning_rate: [1e-5, 1e-4]}}' ''
check_no_match 'is low for'
rates 'tune: {learning_rate: [5e-5, 3e-4], by: held-back}' ''
check_no_match 'is low for'
# few steps of pre-training for the size; not where the design asks for them, nor on the built-in world
printf 'one two three .\nfour five six .\n\nseven eight .\nnine ten .\n' >text.txt
printf 'text\tlabel\none\ta\ntwo\tb\n' >rows.tsv
steps() {
    cat >steps.yaml <<END
study: steps
data: .
vocab: 1000
pretraining: {texts: ${2-text.txt}}
tasks: [t: {type: classify, train: rows.tsv, dev: rows.tsv, text: text, label: label}]
baseline: {layers: 2, hidden: 64, max_length: 24, learning_rate: 1e-3, pretrain_batch_tokens: 1024, pretrain_steps: $1}
design: {list: [{label: deep, layers: 4}, {label: short, pretrain_steps: 9}], leave-one-out: [pretraining]}
END
    check_exit 0 "$ABLATE" plan steps.yaml
}
# 2 x 64: 1,024 rows of embeddings and 98,304 weights of layers, 163,840 in all; 4 x 64: 262,144
steps 1000
check_match '^  warning   few steps of pre-training for this size: 4 tokens a parameter, where$'
check_match '^            about 20 suit \(5120 steps\); parts of a model that has learnt little are$'
check_match "^            hard to judge \('baseline' and 1 more\)$"
steps 3000
check_match ': 12 tokens a parameter, where$'
check_match "hard to judge \('deep'\)$"
steps 5120
check_no_match 'few steps'
steps 1000 world
check_no_match 'few steps'

finish
