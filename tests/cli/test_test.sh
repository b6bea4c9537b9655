#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate test`: every trial's checkpoint on a file that no trial has seen, and what reads its scores.
. "${0%/*}/lib.sh"

printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' fine poor words deeds days >v
printf 'text\tlabel\n' >train.tsv
for noun in words deeds days; do printf 'fine %s\tpos\npoor %s\tneg\n' $noun $noun; done >>train.tsv
cp train.tsv dev.tsv
printf 'text\tlabel\nfine fine days\tpos\npoor words\tneg\nfine words\tother\nfine\tpos\n' >test.tsv
printf 'text\tlabel\nfine days\tneg\npoor words\tpos\n' >other.tsv
printf 'text\nfine days\npoor words\n' >bare.tsv
study() {
    cat >s.yaml <<END
study: s
data: .
vocab: v
tasks:
  - mine: {type: classify, train: train.tsv, dev: dev.tsv, test: test.tsv, text: text, label: label, epochs: 40}
  - free: {type: classify, train: train.tsv, dev: dev.tsv, text: text, label: label, epochs: 1}
baseline: {layers: 1, hidden: 16, heads: 1, learning_rate: 1e-2, max_length: 8}
design: {leave-one-out: [positions]}
seeds: $1
END
}
study 1
check_exit 2 "$ABLATE" test s.yaml
check "no store is made" test ! -e ablate-store
check_exit 0 "$ABLATE" run s.yaml -q
"$ABLATE" query 'select name, value from trial_stage join result using (stage_id) order by 1, 2' >before
check_exit 2 "$ABLATE" compare s --split test
check_error "has scores on a test file yet"

# the task's own test file: two of its four rows are right by its training, one is of no class
check_exit 0 "$ABLATE" test s.yaml -q
check_match '^mine: accuracy on test \(4 examples\), 1 seed, baseline \.750'
check_no_match '^free'
check_exit 0 "$ABLATE" test s -q # by its name; nothing is scored twice
check_exit 0 "$ABLATE" query "select count(*) as n from attempt a join stage s on s.id = a.stage_id
    where s.canonical like '%split=test%'" --format csv
check_match '^2$'
check_exit 0 "$ABLATE" compare s --split test --task MINE --format csv
check_match '^s,mine,'
check_exit 0 "$ABLATE" results s --split test
check_match '^mine +baseline +test_accuracy '
check_exit 0 "$ABLATE" results s --split test --trials
check_match '^trial +variant .* test_accuracy'
check_exit 0 "$ABLATE" query "select test_accuracy from trials where variant = 'baseline' and task = 'mine'"
check_match '^ *\.75$'
check_exit 0 "$ABLATE" query "select metric from effects where metric = 'test_accuracy'"
check_match 'test_accuracy'
check_exit 0 "$ABLATE" compare s --task mine # what every trial is scored on stays what it is
check_match 'on dev \(6 examples\).* baseline 1\.000'

# running the study again keeps the scores; another file takes their place
check_exit 0 "$ABLATE" run s.yaml -q
check_exit 0 "$ABLATE" results s --split test
check_match '^mine +baseline +test_accuracy '
check_exit 0 "$ABLATE" test s.yaml -q --file other.tsv --task mine
check_match '^mine: accuracy on test \(2 examples\), 1 seed, baseline \.000'
check_error "mine: the scores on 'other.tsv' take the place of those on '"
"$ABLATE" test s.yaml -q 2>err | true # a reader that has gone
check_error "take the place of those on 'other.tsv'"
check_exit 0 "$ABLATE" test s.yaml -q
check 'nothing is replaced now' test ! -s err

# more trials than are trained: those are told, and the others keep their scores
study 2
check_exit 1 "$ABLATE" test s.yaml -q
check_match '^2 trials are not scored: not trained'
check_match '^mine: accuracy on test \(4 examples\), 1 seed, baseline \.750'
check_exit 0 "$ABLATE" query "select count(*) as n from trials" --format csv
check_match '^4$' # the store's study is as it was run
study 1

# what cannot be scored
check_exit 2 "$ABLATE" test s.yaml --file other.tsv
check_error 'say whose file it is: --task mine'
check_exit 2 "$ABLATE" test s.yaml --file bare.tsv --task mine
check_error "bare.tsv:1: no column 'label'"
check_exit 2 "$ABLATE" test s.yaml --file gone.tsv --task mine
check_error "there is no file 'gone.tsv'"
check_exit 2 "$ABLATE" test s.yaml --task free
check_error "free has no 'test' file"
rm -rf ablate-store/artifacts/*
printf 'text\tlabel\nfine days\tpos\n' >other.tsv
check_exit 1 "$ABLATE" test s.yaml -q --file other.tsv --task mine
check_match 'checkpoints are not in the store any more'

# questions and words as leaderboards hand them out
cat >q.yaml <<'END'
study: q
data: .
vocab: v
tasks:
  - asked: {type: span, train: q.json, dev: q.json, test: bare.json}
  - tags: {type: tag, train: t.conll, dev: t.conll, test: bare.conll}
baseline: {layers: 1, hidden: 16, heads: 1, steps: 1}
seeds: 1
END
# squad FILE ANSWERS
squad() { echo '{"data": [{"paragraphs": [{"context": "fine words", "qas": [{"id": "a", "question": "fine?"'"$2}]}]}]}" >"$1"; }
squad q.json ', "answers": [{"text": "words", "answer_start": 5}]'
squad bare.json ''
printf 'fine A\nwords B\n\n' >t.conll
printf 'fine A\nwords\n\n' >bare.conll
check_exit 2 "$ABLATE" test q.yaml --task asked
check_error "bare.json: question 'a' has no 'answers'"
squad bare.json ', "answers": []'
check_exit 2 "$ABLATE" test q.yaml --task asked
check_error "bare.json: question 'a' has no answer"
check_exit 2 "$ABLATE" test q.yaml --task tags
check_error 'bare.conll:2: '

# trials whose training failed are named, the others are scored
sed 's/^study: s/study: f/; /free:/d
    s/leave-one-out.*/list: [{label: wild, norm: none, layers: 8, activation: relu, learning_rate: 10, clip: 0}]}/' s.yaml >f.yaml
check_exit 1 "$ABLATE" run f.yaml -q --store sf
check_exit 1 "$ABLATE" test f.yaml -q --store sf
check_match '^mine: accuracy on test \(4 examples\)'
check_match '^failed: mine, wild, seed 1: finetune failed: diverged'

# nothing held back: all of train is trained on, and only 'ablate test' gives scores
cat >h.yaml <<'END'
study: h
data: .
vocab: v
tasks:
  - mine: {type: classify, train: train.tsv, test: test.tsv, text: text, label: label, held_back: no, max_length: 8}
baseline: {layers: 1, hidden: 16, heads: 1, epochs: 1, max_length: 12}
design: {leave-one-out: [positions]}
seeds: 1
END
check_exit 0 "$ABLATE" plan h.yaml
check_match "^  task      mine: 6 train, nothing held back: no dev score, 'ablate test'"
check_exit 0 "$ABLATE" run h.yaml -q
check_match '^report  .*report.html'
check_match "^next     'ablate test h' scores what was trained"
check_exit 0 "$ABLATE" data h.yaml
check_no_match 'held-back'
check_match '^mine +test +\(no class of train\) +1 '
check_exit 0 "$ABLATE" query "select train_examples, max_length from (select r.value as train_examples from result r
    where r.name = 'train_examples' order by r.stage_id desc limit 1), (select int_value as max_length
    from variant_option where name = 'max_length' and task = 'mine' limit 1)" --format csv
check_match '^6(\.0)?,8$'
check_exit 2 "$ABLATE" compare h
check_error 'no task of the study has a score'
check_exit 0 "$ABLATE" run h.yaml -q # all is done
check_exit 0 "$ABLATE" test h -q
check_match '^mine: accuracy on test \(4 examples\)'
check_exit 0 "$ABLATE" results h --split test
check_match "'ablate compare h --split test'; one row"
check_exit 0 "$ABLATE" test h -q --file ./train.tsv
check_error "'./train.tsv' is the file that task 'mine' was trained on"

# without pre-training a vocabulary is learned from what the tasks train on, and from nothing else
awk 'BEGIN { print "text\tlabel"; for (i = 0; i < 40; i++) print "trainword number" i "\t" i % 2 }' >vt.tsv
awk 'BEGIN { print "text\tlabel"; for (i = 0; i < 40; i++) print "scoredword number" i "\t" i % 2 }' >vd.tsv
awk 'BEGIN { for (i = 0; i < 40; i++) print "taggedword\tA\nother\tB\n" }' >vt.conll
cat >vocab.yaml <<'END'
study: vocab
data: .
vocab: 200
tasks:
  - mine: {type: classify, train: vt.tsv, dev: vd.tsv, text: text, label: label}
  - tags: {type: tag, train: vt.conll, dev: vt.conll, metric: accuracy}
baseline: {layers: 1, hidden: 16, learning_rate: 1e-2, steps: 2}
seeds: 1
END
check_exit 0 "$ABLATE" run vocab.yaml --store voc
check_match "^  vocab     learned from the tasks' training texts$"
check 'words of both tasks, none of the scored' test \
    "$(grep -cxE 'trainword|taggedword' voc/artifacts/*/vocab.txt | head -n 1 | sed 's/.*://')" = 2
check 'a word that is only scored' sh -c '! grep -qE "^(##)?(scored|scoredword)$" voc/artifacts/*/vocab.txt'
sed -i 's/trainword/newword/' vt.tsv
check_exit 0 "$ABLATE" plan vocab.yaml --store voc
check_match 'to run *2 fine-tunings'
finish
