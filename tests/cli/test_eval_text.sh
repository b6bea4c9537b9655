#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate eval --checkpoint`: a text scored by what a checkpoint was pre-trained for.
. "${0%/*}/lib.sh"
TMPDIR=$scratch/tmp
export TMPDIR
mkdir "$TMPDIR"

cat >tiny.yaml <<'END'
study: tiny
data: world
vocab: 400
pretraining: {texts: world}
tasks: []
baseline:
  layers: 1
  hidden: 32
  max_length: 32
  pretrain_steps: 30
  pretrain_batch_size: 64
  pretrain_learning_rate: 3e-3
seeds: 1
plots: []
END
sed 's/tiny/ltr/; s/^  layers/  lm: on\n  mlm: none\n  nsp: none\n  layers/' tiny.yaml >ltr.yaml
check_exit 0 "$ABLATE" run tiny.yaml ltr.yaml --quiet

# figure NAME - its value in the JSON of ./out, with all digits
figure() {
    sed -n "s/^  \"$1\": \(.*[0-9]\),*$/\1/p" out
}
# told NAME STUDY - what the run itself said of the held-out documents
told() {
    "$ABLATE" query "select value from trial_metrics where metric = '$1' and study = '$2'" --format csv | tail -n 1
}

# The same documents, pairs and masks as the run scored: the same bits.
for row in mlm:tiny nsp:tiny lm:ltr; do
    task=${row%%:*} study=${row#*:}
    check_exit 0 "$ABLATE" eval --task "$task" --checkpoint "$study/baseline/pretraining/1" world --split dev --sequences 1000 --format json
    for what in loss accuracy; do
        check "$task $what as in the run" test "$(figure "${task}_$what")" = "$(told "${task}_$what" "$study")"
    done
    cp out "$task.json"
    check_exit 0 "$ABLATE" eval --task "$task" --checkpoint "$study/baseline/pretraining/1" world --split dev --sequences 1000 --format json --threads 2
    check "$task by two threads: the same bits" cmp "$task.json" out
done

# A model of single texts is scored on such: with pairs, the segment that it never saw would be what is measured.
check_exit 0 "$ABLATE" eval --task lm --checkpoint ltr/baseline/pretraining/1 world --split dev --write rows
check 'one segment, no next sentence' test "$(grep -cE '^\{"input_ids": \[2, [0-9, ]+ 3\], "token_type_ids": \[0(, 0)+\], "labels": \[[^]]+\]\}$' rows)" -eq "$(wc -l <rows)"
check_exit 0 "$ABLATE" eval --task lm --checkpoint ltr/baseline/pretraining/1 world --split dev --format json
cp out lm-all.json
check_exit 0 "$ABLATE" export ltr/baseline/pretraining/1 exported
check 'a decoder for transformers' grep -q '"BertLMHeadModel"' exported/config.json
check_exit 0 "$ABLATE" eval --task lm --checkpoint exported world --split dev --format json
check 'exported: the same bits' cmp lm-all.json out
check_exit 0 "$ABLATE" import exported --out imported
check_exit 0 "$ABLATE" eval --task lm --checkpoint imported world --split dev --format json
check 'and imported' cmp lm-all.json out
echo fox >one
check_exit 2 "$ABLATE" eval --task lm --checkpoint exported one
check_error 'it needs two tokens at least'
check_exit 0 "$ABLATE" predict imported --text 'the red fox'
check_match '^next$'
check 'five tokens' test "$(grep -cE '^  \.[0-9]+  [^ ]+$' out)" -eq 5
check_exit 2 "$ABLATE" predict imported --text 'the red fox' 'the dog'
check_error '2 texts: give one'
check_exit 2 "$ABLATE" predict imported --text ''
check_error 'has no token'
check_exit 0 "$ABLATE" results ltr
check_match '^lm without nsp is trained and scored on single texts, all else on pairs$'
sed 's/ltr/next/; s/  nsp: none/  nsp: on/' ltr.yaml >next.yaml
check_exit 0 "$ABLATE" run next.yaml --quiet
check_exit 0 "$ABLATE" eval --task lm --checkpoint next/baseline/pretraining/1 world --split dev --write rows
check 'with nsp it reads pairs' test "$(grep -cE '"token_type_ids": \[0, [01, ]+ 1\].*"next_sentence_label": [01]\}$' rows)" -eq "$(wc -l <rows)"

# What counting predicts stands beside it, as `ablate data` says it of the same texts and vocabulary.
check_exit 0 "$ABLATE" results tiny
check_match '^pre-training +n +mlm ppl +bits/char +mlm acc +nsp acc$'
check_match '^counting alone: majority [.0-9]+, unigram acc [.0-9]+, unigram ppl [.0-9]+, left acc [.0-9]+, left ppl [.0-9]+$'
sed 's/tiny/two/; s/^seeds.*/design: {list: [{label: smaller, vocab_size: 300}]}\nseeds: 1/' tiny.yaml >two.yaml
check_exit 0 "$ABLATE" run two.yaml --quiet
check_exit 0 "$ABLATE" results two
check_match '^pre-training +n +mlm ppl +bits/char +mlm acc +nsp acc +majority +unigram acc +unigram ppl +left acc +left ppl$'
vocab=ablate-store/$("$ABLATE" query "select artifact from stage where kind = 'vocab' order by id limit 1" --format csv | tail -n 1)/vocab.txt
check_exit 0 "$ABLATE" data --vocab "$vocab" --baselines --format csv world
for row in 'unigram accuracy:unigram_accuracy' 'unigram perplexity:unigram_perplexity' \
    'left-neighbour accuracy:left_accuracy' 'left-neighbour perplexity:left_perplexity'; do
    check "${row%%:*} as in the run" test "$(grep "^${row%%:*}," out | cut -d, -f2)" = "$(told "${row#*:}" tiny)"
done

# Any text, all of it: 15 % of the tokens are predicted, and what was scored can be had.
awk 'BEGIN {
    for (i = 0; i < 6; i++)
        print "the red fox sees the dog . it runs home .\nthe dog sleeps . the bird sings .\n"
}' >text
check_exit 0 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 text --write rows
check_match '^sequences +[0-9]+'
check_match '^mlm_perplexity +[0-9]'
check_match '^mlm_bits_per_character +[0-9]'
sequences=$(awk '$1 == "sequences" { print $2 }' out)
tokens=$(awk '$1 == "tokens" { print $2 }' out)
check 'each sequence is written' test "$(wc -l <rows)" -eq "$sequences"
check 'as many labels as tokens were predicted' test \
    "$(sed 's/.*"labels": \[\([^]]*\)\].*/\1/' rows | tr ',' '\n' | grep -vc -- -100)" -eq "$tokens"
check 'as transformers names it' grep -qE '^\{"input_ids": \[2, [0-9, ]+ 3\], "token_type_ids": \[0, [01, ]+ 1\], "labels": \[-100, .*\], "next_sentence_label": [01]\}$' rows
cp out once
check_exit 0 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 text
check 'the same again' cmp once out
check_exit 0 "$ABLATE" eval --task nsp --checkpoint tiny/baseline/pretraining/1 text --format csv
check_match '^nsp_majority,'
check 'nsp predicts no tokens' sh -c '! grep -q "^tokens" out'

# A text of one's own is held out: all others are trained on, but for copies of its documents.
awk 'BEGIN {
    for (d = 0; d < 30; d++)
        print "the fox " d " runs home . it sees the dog .\nthe dog " d " sleeps . it hears a bird .\n"
}' >train.txt
(sed -n 1,3p train.txt && sed 's/fox/cat/' text) >dev.txt
sed -e 's/^study: tiny/study: own/' -e 's/^data: world/data: ./' -e 's/^vocab: 400/vocab: 80/' \
    -e 's/{texts: world}/{texts: train.txt, dev: dev.txt}/' tiny.yaml >own.yaml
check_exit 0 "$ABLATE" run own.yaml --quiet
key=$("$ABLATE" query "select artifact from stage where key = (select s.key from stage s join trial_stage l on
    l.stage_id = s.id join trial_states t on t.trial_id = l.trial_id where t.study = 'own' and s.kind = 'pretrain')" \
    --format csv | tail -n 1)
check 'the documents of dev are held out, and the copy of one' test "$(sort -u "ablate-store/$key/held_out.txt" | wc -l)" -eq 2
check 'and no others' test "$(wc -l <"ablate-store/$key/held_out.txt")" -eq 8
check_exit 0 "$ABLATE" eval --task mlm --checkpoint own/baseline/pretraining/1 train.txt dev.txt --split dev --format json
check 'scored as in the run' test "$(figure mlm_loss)" = "$(told mlm_loss own)"
sed 's/dev: dev.txt/dev: dev.txt, groups: train.txt/' own.yaml >both.yaml
check_exit 2 "$ABLATE" plan both.yaml
check_error "'dev' is held out in its place"
printf 'novel\tdocuments\na\t10\nb\t12\nc\t8\n' >groups.tsv # 30, as many as the texts have
sed 's/dev: dev.txt/groups: groups.tsv/' own.yaml >grouped.yaml
check_exit 0 "$ABLATE" plan grouped.yaml
check_match '^  to run .*1 pre-training'
sed 's/{texts: train.txt,/{texts: world,/' own.yaml >both.yaml
check_exit 2 "$ABLATE" plan both.yaml
check_error 'the built-in texts hold out a part of their own'
sed 's/dev: dev.txt/dev: de.txt/' own.yaml >both.yaml
check_exit 2 "$ABLATE" plan both.yaml
check_error "there is no file 'de.txt'"
cp dev.txt other.txt && echo 'one more .' >>other.txt
sed 's/dev: dev.txt/dev: other.txt/' own.yaml >other.yaml
check_exit 0 "$ABLATE" plan other.yaml
check_match '^  done      1 vocabulary$|^  to run .*1 pre-training'

# What cannot be
check_exit 2 "$ABLATE" eval --task lm --checkpoint tiny/baseline/pretraining/1 text
check_error "was pre-trained without 'lm'"
check_exit 2 "$ABLATE" eval --task mlm --checkpoint ltr/baseline/pretraining/1 text
check_error "was pre-trained without 'mlm'"
check_exit 2 "$ABLATE" eval --task sentiment --checkpoint tiny/baseline/pretraining/1 text
check_error "'sentiment' cannot be scored on a text: mlm, lm or nsp can"
check_exit 2 "$ABLATE" eval --checkpoint tiny/baseline/pretraining/1 text
check_error '--task is missing: mlm, lm or nsp'
check_exit 2 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1
check_error 'no text to score'
check_exit 2 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 text --gold text
check_error '--gold is for a file of predictions'
check_exit 2 "$ABLATE" eval --task mlm text
check_error 'a text needs --checkpoint'
check_exit 2 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 text --split dev
check_error 'none of its documents was held out'
check_exit 2 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 missing
check_error 'missing'
echo '[SEP]' >none
check_exit 2 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 none
check_error 'the texts give no tokens'
check_exit 2 "$ABLATE" eval --task mlm --checkpoint tiny/baseline/pretraining/1 text --sequences 0
check_error 'must be 1 or more'
check 'no scratch folder stays' sh -c '! ls "$TMPDIR" | grep -q ablate-texts'

finish
