#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sharpness of checkpoints that a tiny study made, and what a study says of its trainings.
. "${0%/*}/lib.sh"

cat >tiny.yaml <<'END'
study: tiny
data: world
vocab: 400
pretraining: {texts: world}
tasks: [sentiment]
baseline:
  layers: 1
  hidden: 32
  max_length: 32
  pretrain_steps: 20
  pretrain_batch_size: 64
  steps: 60
  batch_size: 16
  learning_rate: 3e-3
design: {list: [{label: slow, learning_rate: 1e-3}]}
seeds: 2
plots: []
END
check_exit 0 "$ABLATE" run tiny.yaml --quiet

# artifact KIND - the folder of a stage of that kind
artifact() {
    echo "ablate-store/$("$ABLATE" query "select artifact from stage where kind = '$1' order by id limit 1" --format csv | tail -n 1)"
}
tuned=$(artifact finetune)
pretrained=$(artifact pretrain)

# column NAME - of the CSV in ./out, the rows' values
column() {
    awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) c = i; next } { print $c }' out
}

check_exit 0 "$ABLATE" sharpness "$tuned" --task sentiment --examples 64 --steps 5
check_match '^part +examples +region +epsilon +steps +loss +highest +sharpness$'
check_match '^sentiment train +64 +box +0\.001 +5 '
check_match '^sentiment train +64 +relative +0\.05 +5 '
check_exit 0 "$ABLATE" sharpness "$tuned" --task sentiment --epsilon 1e-4,1e-3,1e-2 --relative none --format csv
column sharpness >rising
cp out before
check_exit 2 "$ABLATE" sharpness "$tuned" --task mine
check_error "no task 'mine' in the built-in world; "
check_error "--study FILE names the study"
check_exit 2 "$ABLATE" sharpness "$tuned" --task sst2
check_error "task 'sst2' is in files, not in the built-in world; name their folder with --data DIR"
check_exit 2 "$ABLATE" sharpness "$tuned" --study tiny.yaml --task sentimant
check_error "has no task 'sentimant'; did you mean 'sentiment'?"
check_exit 0 "$ABLATE" sharpness "$tuned" --study tiny.yaml --examples 64 --steps 5 # its only task
check_match '^sentiment train +64 +box +0\.001 +5 '
check 'three boxes' test "$(wc -l <rising)" -eq 3
check 'a larger box is never less sharp, and no number is below 0' sh -c 'sort -gc rising && awk "\$1 < 0 { exit 1 }" rising'
check_exit 0 "$ABLATE" sharpness "$tuned" --task sentiment --epsilon 1e-4,1e-3,1e-2 --relative none --format csv
check 'the same again' cmp before out
check_exit 0 "$ABLATE" sharpness "$tuned" --task sentiment --epsilon 1e-4,1e-3,1e-2 --relative none --format csv --threads 2
check 'the same with two threads' cmp before out
check_exit 0 "$ABLATE" sharpness "$tuned" --task sentiment --split dev --seed 3 --examples 100 --format json
check_match '"part": "sentiment dev", "examples": 100, "region": "box"'
mkdir scratch
check_exit 0 env TMPDIR="$scratch/scratch" "$ABLATE" sharpness "$pretrained" --texts world --examples 50 --steps 2
check_match '^world train +50 +box '
check 'no scratch folder stays' rmdir scratch

# In a study: only the evaluations are others, and the numbers are those of the command.
check_exit 0 "$ABLATE" results tiny --format csv
check_match ',gap_accuracy,gap_loss,loss,'
check 'no sharpness unless asked for' sh -c '! grep -q sharpness out'
cp out plain.csv
sed 's/^seeds: 2/seeds: 2\nmeasure: [sharpness]/' tiny.yaml >asked.yaml
check_exit 0 "$ABLATE" plan asked.yaml
check_match '^  done      2 pre-trainings, 4 fine-tunings'
sed 's/\[sharpness\]/[sharpnes]/' asked.yaml >wrong.yaml
check_exit 2 "$ABLATE" plan wrong.yaml
check_error "did you mean 'sharpness'"
sed 's/study: tiny/study: asked/' asked.yaml >again.yaml
check_exit 0 "$ABLATE" run again.yaml --quiet
check_exit 0 "$ABLATE" results asked --training
check_match '^task +variant +metric +n +train +gap +loss_gap +noise +pretrain_noise +sharpness +relative +seconds'
check_match '^sentiment +baseline +accuracy +2 +[0-9.]+ +-?[0-9.]+ +[-0-9.e]+ +- +[0-9.]+ +[0-9.e-]+ +[0-9.e-]+ +[0-9.e-]+'
check_exit 0 "$ABLATE" results asked --format csv
column sharpness >measured
check 'every trial has one' test "$(wc -l <measured)" -eq 4
"$ABLATE" query "select artifact from stage where kind = 'finetune' order by id" --format csv | tail -n +2 |
    while read -r folder; do
        "$ABLATE" sharpness "ablate-store/$folder" --task sentiment --epsilon 1e-3 --relative none --format csv |
            awk -F, 'END { print $NF }'
    done | sort >alone
sort measured >sorted
check 'as the command says' cmp sorted alone

check_exit 2 "$ABLATE" sharpness "$tuned"
check_error 'give --task TASK'
check_exit 2 "$ABLATE" sharpness "$tuned" --task sentiment --epsilon 1e-3,zero
check_error "or none; not 'zero'"
check_exit 2 "$ABLATE" sharpness "$tuned" --task sentiment --epsilon -1
check_exit 2 "$ABLATE" sharpness "$tuned" --task sentiment --epsilon none --relative none
check_exit 2 "$ABLATE" sharpness "$tuned" --task sentiment --steps 0
check_exit 2 "$ABLATE" sharpness "$tuned" --task sentiments
check_exit 2 "$ABLATE" sharpness nowhere --task sentiment
check_error "there is no folder 'nowhere'"
check_exit 2 "$ABLATE" sharpness "$pretrained" --task sentiment
check_error 'fine-tune it on the task first'
check_exit 2 "$ABLATE" sharpness "$tuned" --texts world
check_error 'is it a pre-trained checkpoint?'
check_exit 2 "$ABLATE" sharpness "$pretrained" --texts missing.txt
check_error 'missing.txt'

# Novels of four chapters, held out whole: the checkpoint says which, and no chapter that was trained on is
# called held out.
awk 'BEGIN {
    for (n = 0; n < 8; n++)
        for (c = 0; c < 4; c++) {
            for (l = 0; l < 6; l++)
                print "Novel " n " has chapter " c ". Line " l " tells more. So it goes on."
            print ""
        }
}' >novels.txt
{ echo documents && yes 4 | head -n 8; } >novels.tsv
cat >novels.yaml <<'END'
study: novels
data: .
vocab: 80
pretraining: {texts: novels.txt, groups: novels.tsv}
tasks: [{mine: {type: classify, train: mine.tsv, dev: mine.tsv, text: 0, label: 1, epochs: 1}},
  {own: {type: classify, train: rows.tsv, group: id, text: text, label: label, limit: 50, epochs: 1}},
  {every: {type: classify, train: rows.tsv, text: text, label: label, held_back: no, epochs: 1}}]
baseline: {layers: 1, hidden: 16, heads: 1, max_length: 32, pretrain_steps: 2}
seeds: 1
plots: []
END
awk 'BEGIN { print "text\tlabel\tid"; for (i = 0; i < 60; i++) print "line " i "\t" i % 2 "\t" int(i / 2) }' >rows.tsv
printf 'novel one\tyes\nchapter two\tno\nline\tyes\nmore\tno\n' >mine.tsv
check_exit 0 "$ABLATE" run novels.yaml --quiet --store novels
novels=novels/$("$ABLATE" query "select artifact from stage where kind = 'pretrain'" --store novels --format csv | tail -n 1)
check 'the checkpoint keeps what was held out, whole novels' \
    test "$(($(wc -l <"$novels/held_out.txt") % 4))" -eq 0 -a -s "$novels/held_out.txt"
check_exit 0 "$ABLATE" data novels.txt --groups novels.tsv --vocab 80 --format csv
check_match "^held out,$(wc -l <"$novels/held_out.txt"),"
check_exit 0 "$ABLATE" sharpness "$novels" --texts novels.txt --split dev --steps 1 --examples 8
check_match '^novels.txt held-out '
check "nothing is said of a rule" test ! -s err
sed 's/Novel/Story/' novels.txt >stories.txt # none of these was seen, and none was held out
check_exit 2 "$ABLATE" sharpness "$novels" --texts stories.txt --split dev --steps 1
check_error 'none of its documents was held out'

# A fine-tuned one says which rows of its task it was trained on, and by what rule some were held back.
check_exit 0 "$ABLATE" query "select value from result where name = 'train_examples' order by stage_id" --store novels
trained=$(sed -n 's/^ *\([0-9]\+\)\(\.0\)*$/\1/p' out | awk '$1 > 4 && $1 < 60')
own=novels/$("$ABLATE" query "select s.artifact from stage s join result r on r.stage_id = s.id
    where r.name = 'train_examples' and r.value = $trained" --store novels --format csv | tail -n 1)
all=novels/$("$ABLATE" query "select s.artifact from stage s join result r on r.stage_id = s.id
    where r.name = 'train_examples' and r.value = 60" --store novels --format csv | tail -n 1)
check 'the rule stands in the folder' grep -q '"held_back": true' "$own/trained_on.json"
# sharp CODE CHECKPOINT ARGUMENT... - on layouts that have not the rule of the study
sharp() { code=$1 && checkpoint=$2 && shift 2 && check_exit "$code" "$ABLATE" sharpness "$checkpoint" --steps 1 --relative none "$@"; }
sed 's/ group: id,//; s/ limit: 50,//' novels.yaml >other.yaml
sharp 0 "$own" --study other.yaml --task own
check_match "^own train-rest +$trained "
sharp 0 "$own" --study other.yaml --task own --split dev
check_match "^own held-back +$((50 - trained)) "
sharp 2 "$all" --study other.yaml --task own --split dev
check_error "was trained on all rows of 'rows.tsv', none held back: use --split train"
sharp 0 "$all" --study other.yaml --task own
check_match '^own train +60 '
sharp 2 "$all" --study novels.yaml --task every --split dev
sed 's/ label: 1, epochs/ label: 1, epochs/; s/dev: mine.tsv, text: 0/dev: rows.tsv, text: 0/' novels.yaml >dev.yaml
sharp 2 "$all" --study dev.yaml --task mine --split dev
check_error "rows.tsv': $all was trained on these rows"
check_exit 0 "$ABLATE" export "$own" theirs
check_exit 0 "$ABLATE" import theirs --out ours
check 'both keep the rule' cmp "$own/trained_on.json" ours/trained_on.json
check_exit 0 "$ABLATE" import "$novels" --out pre
check 'and the list' cmp "$novels/held_out.txt" pre/held_out.txt
sharp 0 ours --study other.yaml --task own --split dev
check_match "^own held-back +$((50 - trained)) "
rm theirs/trained_on.json
sharp 0 theirs --study other.yaml --task own --split dev
check_error "theirs does not say which rows it was trained on: 'held-back' is as 'ablate run' would have it"
sed 1q rows.tsv >few.tsv && sed -n 2,9p rows.tsv >>few.tsv
check_exit 0 "$ABLATE" predict "$own" --study novels.yaml --task own few.tsv --out few.pred
check_match '^few.pred: 8 predictions'
check 'nothing is said of other rows' sh -c '! grep -q trained err'
check_exit 0 "$ABLATE" predict "$own" --study novels.yaml --task own rows.tsv --out rows.pred
check_error "'rows.tsv' is what $own was trained on, but for a tenth held back"
check_exit 2 "$ABLATE" predict "$own" --study novels.yaml --task ownn few.tsv --out few.pred
check_error "did you mean 'own'?"
finish
