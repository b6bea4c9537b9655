#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# predict and eval on the real binary: for a task of each type, what predict writes for the dev file
# and eval scores must be what the study itself has found; then texts; then what is refused.
. "${0%/*}/lib.sh"

# ---- the data: a few rows of each format ----
mkdir data
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' rain snow sun fell shone wet white warm road roof ana \
    ben rome oslo was is went to the in a where who what '?' . '##s' >data/vocab.txt
{
    printf 'text\tother\tlabel\n'
    for i in 1 2 3 4 5 6; do
        printf 'rain fell\tthe road was wet\twet\nsnow fell\tthe roof was white\twhite\n'
        printf 'sun shone\tthe road is warm\twarm\n'
    done
} >data/kinds.tsv
awk -F '\t' 'NR > 1 { printf "{\"label\": \"%s\", \"text\": \"%s\", \"n\": [%d], \"other\": \"%s\"}\n", $3, $1, NR, $2 }' \
    data/kinds.tsv >data/kinds.jsonl
gzip -k data/kinds.jsonl
{
    printf 'a,b,score\n'
    for i in 1 2 3 4; do
        printf 'rain fell,"rain fell, rain fell",5\nrain fell,sun shone,%s.25\nsnow fell,rain fell,3.5\n' $((i % 2))
    done
} >data/near.csv
{
    printf 'start\tleft\tright\tanswer\n'
    for i in 1 2 3 4; do
        printf 'rain fell\twet road\twhite road\tA\nsnow fell\twet roof\twhite roof\tB\n'
    done
} >data/ends.tsv
for i in 1 2 3 4; do
    printf 'ana\tB-PER\nwent\tO\nto\tO\nrome\tB-LOC\n\nben\tB-PER\nwas\tO\nin\tO\noslo\tB-LOC\n\n'
done >data/names.conll
for i in 1 2 3; do
    printf '1 ana went to rome.\n2 ben went to oslo.\n3 where is ana?\trome\t1\n4 where is ben?\toslo\t2\n'
    printf '1 ben went to rome.\n2 where is ben? \trome\t1\n'
done >data/stories.txt
# spans VERSION EMPTY - a file of questions; EMPTY: is_impossible of a third one
spans() {
    printf '{"version": "%s", "data": [{"title": "t", "paragraphs": [{"context": "ana went to rome. rain fell in oslo.",' "$1"
    printf '"qas": [{"id": "q1", "question": "where is ana?", "answers": [{"text": "rome", "answer_start": 12}]%s},' "$2"
    printf '{"id": "q2", "question": "what fell?", "answers": [{"text": "rain", "answer_start": 18}]%s}%s]}]}]}\n' "$2" "$3"
}
spans 1.1 '' '' >data/spans.json

# type NAME TYPE MORE - a task of a type that is built in
types=
task() {
    types="$types $1"
    printf '  - %s: {type: %s, %s}\n' "$1" "$2" "$3"
}
{
    printf 'study: six\ndata: data\nvocab: vocab.txt\ntasks:\n'
    task kinds classify 'train: kinds.jsonl.gz, dev: kinds.jsonl, text: text, text_b: other, label: label'
    task near regress 'train: near.csv, dev: near.csv, text: a, text_b: b, label: score'
    task ends choice 'train: ends.tsv, dev: ends.tsv, text: start, choices: left|right, label: answer, labels: A|B'
    task names tag 'train: names.conll, dev: names.conll'
    task stories story 'train: stories.txt, dev: stories.txt'
    task spans span 'train: spans.json, dev: spans.json'
    printf 'baseline: {layers: 1, hidden: 32, heads: 2, max_length: 48, steps: 30, batch_size: 4, learning_rate: 3e-3, init_range: 0.1}\n'
    printf 'seeds: 1\nplots: []\n'
} >six.yaml
check_exit 0 "$ABLATE" run six.yaml --store store
[ "$code" -eq 0 ] || finish

# checkpoint TYPE STORE - its folder, in $checkpoint
checkpoint() {
    config=$(grep -l "\"ablate_task\": \"$1\"" "$2"/artifacts/*/config.json | head -n 1)
    checkpoint=${config%/config.json}
}

# agrees TASK METRIC FILE WHAT... - predict and eval of the dev file against the study's own metric; SQuAD's official
# script has hundredths ($scale)
scale=1
agrees() {
    task=$1 metric=$2 dev_file=$3
    shift 3
    check_exit 0 "$ABLATE" predict "$checkpoint" "$dev_file" --out pred "$@"
    check_exit 0 "$ABLATE" eval --gold "$dev_file" --pred pred --format json "$@"
    said=$(sed -n "s/^  \"$metric\": \([^,]*\),\{0,1\}\$/\1/p" out)
    found=$("$ABLATE" query "select mean from variants where task = '$task' and metric = '$metric'" \
        --store store --format csv | tail -n 1)
    awk -v a="$said" -v b="$found" -v scale="$scale" 'BEGIN { d = a - scale * b; exit !(a != "" && b != "" && d < 1e-6 && d > -1e-6) }'
    report $? "$task: $metric of the file is what the study found ($said, $found)"
}

# answers PATTERN TEXT... - predict --text prints a line that matches
answers() {
    pattern=$1
    shift
    first=$1
    shift
    check_exit 0 "$ABLATE" predict "$checkpoint" --text "$first" "$@"
    check_match "$pattern"
}

checkpoint classify store
agrees kinds accuracy data/kinds.tsv --type classify --layout text=text,text_b=other,label=label
mv pred pred.tsv
agrees kinds accuracy data/kinds.jsonl --type classify --layout format=csv,text=text,text_b=other,label=label
check 'the same for JSON lines, whose name says what they are' cmp pred pred.tsv
answers '^(wet|white|warm) ' 'rain fell' 'the road was wet'
check 'every class, the likeliest first' awk -F '[ )]' '{ ok = NR == 1 || $3 <= before; before = $3; bad += !ok } END { exit bad || NR != 3 }' out
check_exit 2 "$ABLATE" predict "$checkpoint" --text 'rain fell' 'snow fell' 'sun shone'
check_error '3 texts'
kinds=$checkpoint

checkpoint regress store
agrees near pearson data/near.csv --type regress --layout text=a,text_b=b,label=score
answers '^-?[0-9.]+' 'rain fell' 'sun shone'

checkpoint choice store
agrees ends accuracy data/ends.tsv --type choice --layout 'text=start,choices=left|right,label=answer,labels=A|B'
answers '^[01]?\.[0-9]+  [AB]  ' 'rain fell' 'wet road' 'white road'
answers '^[01]?\.[0-9]+  2  ' 'rain fell' 'wet road' 'white road' 'warm road'
check_exit 2 "$ABLATE" predict "$checkpoint" --text 'rain fell' 'wet road'
check_error '2 texts: give one text, then 2 to'

checkpoint tag store
agrees names accuracy data/names.conll --type tag
answers 'ana' 'ana went to rome'

checkpoint story store
agrees stories accuracy data/stories.txt --type story
answers '^(rome|oslo) ' 'where is ana?' 'ana went to rome.' 'ben went to oslo.'

checkpoint span store
scale=100
agrees spans f1 data/spans.json --type span
answers '.' 'where is ana?' 'ana went to rome.'

# a question without a prediction is wrong in 1.1; the keys are the script's two
echo '{"q1": "rome"}' >one.json
check_exit 0 "$ABLATE" eval --task squad1 --gold data/spans.json --pred one.json --format json
check 'two keys' test "$(grep -c '": 50,\{0,1\}$' out) $(wc -l <out)" = '2 4'
check 'a warning' grep -q 'without a prediction (counted as wrong): 1' err

# a passage of several windows has one answer
{
    printf '{"data": [{"paragraphs": [{"context": "'
    yes 'rain fell' | head -n 100 | tr '\n' ' '
    printf '", "qas": [{"id": "a", "question": "what fell?"}, {"id": "b", "question": "where?"}]}]}]}'
} >long.json
check_exit 0 "$ABLATE" predict "$checkpoint" long.json --task squad --out pred
check_output 'pred: 2 predictions'

# SQuAD 2.0: a second file has the probabilities of no answer
spans v2.0 ', "is_impossible": false' \
    ', {"id": "q3", "question": "who went?", "answers": [], "is_impossible": true}' >data/spans2.json
check_exit 0 "$ABLATE" predict "$checkpoint" data/spans2.json --task squad2 --out pred
check_exit 0 "$ABLATE" eval --task squad2 --gold data/spans2.json --pred pred --na-prob pred.na-prob.json \
    --format json
check_exit 0 "$ABLATE" eval --task squad2 --gold data/spans2.json --pred pred --na-prob pred.na-prob.json
check_match '^HasAns_total +2$'
check_match '^NoAns_total +1$'
check_no_match '^best_[a-z0-9]+_thresh +-?[.]000$'
check_exit 0 "$ABLATE" eval --task squad2 --gold data/spans2.json --pred pred --na-prob pred.na-prob.json \
    --format json
for key in exact f1 total HasAns_exact HasAns_f1 HasAns_total NoAns_exact NoAns_f1 NoAns_total best_exact \
    best_exact_thresh best_f1 best_f1_thresh; do
    check_match "^  \"$key\": [0-9.e-]+,?\$"
done

# the threshold that the study has tuned on what it held back goes with the checkpoint
{
    printf '{"version": "v2.0", "data": ['
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
        [ $i -eq 1 ] || printf ', '
        printf '{"title": "t%s", "paragraphs": [{"context": "ana went to rome. rain fell in oslo.", "qas": [' $i
        printf '{"id": "a%s", "question": "where is ana?", "is_impossible": false, "answers": [{"text": "rome", "answer_start": 12}]},' $i
        printf '{"id": "n%s", "question": "where is ben?", "is_impossible": true, "answers": []}]}]}' $i
    done
    printf ']}\n'
} >data/maybe.json
{
    printf 'study: maybe\ndata: data\nvocab: vocab.txt\ntasks:\n'
    printf '  - maybe: {type: span, train: maybe.json, dev: maybe.json, no_answer: yes}\n'
    sed -n '/^baseline/,$p' six.yaml
} >maybe.yaml
check_exit 0 "$ABLATE" run maybe.yaml --store maybe-store
checkpoint span maybe-store
check 'a threshold is in the checkpoint' grep -q '"ablate_decided": -*[0-9]' "$checkpoint/config.json"
check_exit 0 "$ABLATE" query "select mean from variants where metric = 'f1'" --store maybe-store --format csv
found=$(tail -n 1 out)
check_exit 0 "$ABLATE" predict "$checkpoint" data/maybe.json --task squad2 --out pred
check_exit 0 "$ABLATE" eval --task squad2 --gold data/maybe.json --pred pred --format json
said=$(sed -n 's/^  "f1": \([^,]*\),*$/\1/p' out)
check "predict has the study's threshold ($said, $found)" \
    awk -v a="$said" -v b="$found" 'BEGIN { d = a - 100 * b; exit !(a != "" && b != "" && d < 1e-6 && d > -1e-6) }'

# ---- a file without labels; progress never among the results ----
printf 'text\tother\nrain fell\tthe road\n' >unlabelled.tsv
check_exit 0 "$ABLATE" predict "$kinds" unlabelled.tsv --out pred --type classify --layout text=text,text_b=other
check_output 'pred: 1 prediction'
check 'GLUE form' grep -Eq '^0	(wet|white|warm)$' pred

# GLUE's test file of CoLA has a header, its others have none
printf 'index\tsentence\n0\train fell\n1\tsnow fell\n' >cola-test.tsv
check_exit 0 "$ABLATE" predict "$kinds" cola-test.tsv --out pred --task cola --layout "labels=warm|wet|white"
check_output 'pred: 2 predictions'

# ---- pre-trained only: it fills in [MASK] ----
cat >mlm.yaml <<'EOF'
study: mlm
data: world
vocab: 300
pretraining: {texts: world}
tasks: [sentiment]
seeds: 1
baseline: {layers: 1, hidden: 16, max_length: 32, pretrain_steps: 2, pretrain_batch_size: 4, steps: 1, batch_size: 4}
plots: []
EOF
check_exit 0 "$ABLATE" run mlm.yaml --store mlm
checkpoint mlm mlm
answers '^\[MASK\] 2$' 'the [MASK] was [MASK]'
check 'five pieces for each' test "$(grep -c '^  \.' out)" -eq 10
check_exit 2 "$ABLATE" predict "$checkpoint" --text 'the road'
check_error 'no [MASK]'
answers '^is (not )?next [(]probability [.][0-9]{3}[)]$' 'the road' 'was wet'
check 'and nothing else' test "$(wc -l <out)" -eq 1
check_exit 2 "$ABLATE" predict "$checkpoint" unlabelled.tsv --out pred --type classify --layout text=0
check_error 'was only pre-trained'

# ---- refused, with nothing written ----
rm -f pred
mkdir folder
: >empty.tsv
printf 'text\tother\tlabel\nrain fell\tthe road\twet\nrain fell\tthe road\twet\n' >gold.tsv
printf 'index\tprediction\n0\twet\n' >short.tsv
printf 'index\tprediction\n0\twet\n1\twhite\n' >half.tsv
layout='--type classify --layout text=text,label=label'
while IFS='|' read -r text arguments; do
    # shellcheck disable=SC2086 # words
    check_exit 2 "$ABLATE" $arguments
    check_error "$text"
done <<EOF
there is no folder 'nowhere'|predict nowhere --text rain
not a checkpoint|predict folder --text rain
is a file; a checkpoint is a folder|predict gold.tsv --text rain
nothing to predict|predict $kinds
--out FILE is missing: the predictions of|predict $kinds gold.tsv --task sst2
no task: give one|predict $kinds gold.tsv --out pred
--task and --type cannot be combined|predict $kinds gold.tsv --out pred --task sst2 --type classify
did you mean 'sst2'|predict $kinds gold.tsv --out pred --task sst3
a task has no field 'texd'; did you mean 'text'?|predict $kinds gold.tsv --out pred --type classify --layout texd=0
'text' is not KEY=VALUE|predict $kinds gold.tsv --out pred --type classify --layout text
no column 'sentence'|predict $kinds gold.tsv --out pred --task sst2 --layout labels=warm|wet|white
its head is of type 'classify', task 'codah' is of type 'choice'|predict $kinds gold.tsv --out pred --task codah
'folder' is a folder|predict $kinds gold.tsv --out folder $layout
there is no folder 'nowhere': create it|predict $kinds gold.tsv --out nowhere/pred $layout
its class 'warm' is not a class of task 'sst2' (0|predict $kinds gold.tsv --out pred --task sst2 --layout text=text,label=label
missing.tsv: cannot open|predict $kinds missing.tsv --out pred $layout
empty.tsv: the file is empty|predict $kinds empty.tsv --out pred $layout
--text and --out|predict $kinds --text rain --out pred
--gold FILE is missing|eval --task sst2 --pred half.tsv
--pred FILE is missing|eval --task sst2 --gold gold.tsv
1 prediction, but gold has 2 rows|eval --gold gold.tsv --pred short.tsv $layout
cannot open|eval --gold missing.tsv --pred half.tsv $layout
cannot open|eval --gold gold.tsv --pred missing.tsv $layout
--na-prob is for questions|eval --gold gold.tsv --pred half.tsv --na-prob half.tsv $layout
must be one of classify, regress|eval --gold gold.tsv --pred half.tsv --type clasify
has no 'label'; name its column|eval --gold gold.tsv --pred half.tsv --type classify --layout text=0
EOF
check 'no predictions were written' test ! -e pred

# ---- the forms that scores come in ----
# shellcheck disable=SC2086 # words
check_exit 0 "$ABLATE" eval --gold gold.tsv --pred half.tsv $layout
check_match '^accuracy +\.500$'
head -n 2 gold.tsv >one.tsv
# shellcheck disable=SC2086 # words
check_exit 0 "$ABLATE" eval --gold one.tsv --pred short.tsv $layout
check_match '^examples +1$'
# shellcheck disable=SC2086 # words
check_exit 0 "$ABLATE" eval --gold gold.tsv --pred half.tsv --format csv $layout
check_match '^accuracy,0.5$'
finish
