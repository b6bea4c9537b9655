#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every type of task in task_types.def goes all the way: planned, trained and evaluated, compared example by
# example, its checkpoint exported and taken in again, a file predicted and scored. What its files look like
# follows from its row.
. "${0%/*}/lib.sh"

printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' rain snow fell the road was wet white ana ben went to rome oslo \
    where is what '?' . >vocab.txt
mkdir data
for _ in 1 2 3 4; do
    printf 'rain fell\twet road\twhite road\t0\nsnow fell\twet road\twhite road\t1\n'
done | sed '1i text\tleft\tright\tlabel' >data/tsv
for _ in 1 2 3 4; do
    printf 'ana\tB-PER\nwent\tO\nto\tO\nrome\tB-LOC\n\n'
done >data/conll
for _ in 1 2 3; do
    printf '1 ana went to rome.\n2 ben went to oslo.\n3 where is ana?\trome\t1\n4 where is ben?\toslo\t2\n'
done >data/babi
printf '{"data": [{"paragraphs": [{"context": "ana went to rome. rain fell.", "qas": [%s, %s]}]}]}\n' \
    '{"id": "a", "question": "where is ana?", "answers": [{"text": "rome", "answer_start": 12}]}' \
    '{"id": "b", "question": "what fell?", "answers": [{"text": "rain", "answer_start": 18}]}' >data/squad

# rows: TYPE FORMAT COLUMNS ARCHITECTURE, the columns that its spec has to name joined by commas or "-"
sed '/^TASK_TYPE(/,$!d' "$source/core/data/task_types.def" | tr '\n' ' ' | sed 's/TASK_TYPE(/\n&/g; s/PRETRAINING_TYPE(/\n/g' |
    sed -n 's/^TASK_TYPE(//p' | awk '{
        type = $1; sub(/,.*/, "", type)
        format = $0; sub(/.*\.formats = "/, "", format); sub(/[|"].*/, "", format)
        architecture = $0; sub(/.*\.architecture = "/, "", architecture); sub(/".*/, "", architecture)
        columns = ""
        if (/\.text = true/) columns = columns ",text=text"
        if (/\.label = true/) columns = columns ",label=label"
        if (/\.choices = true/) columns = columns ",choices=left|right"
        print type, format, columns == "" ? "-" : substr(columns, 2), architecture
    }' >rows
check "the table has $(wc -l <rows) rows, all with a format" \
    test "$(wc -l <rows)" -eq "$(grep -c '^TASK_TYPE(' "$source/core/data/task_types.def")"
check_exit 2 "$ABLATE" eval --gold data/tsv --pred pred --type nonsense
check_error "it must be one of $(cut -d' ' -f1 rows | paste -sd, | sed 's/,/, /g')"

{
    printf 'study: types\ndata: data\nvocab: ../vocab.txt\ntasks:\n'
    while read -r type format columns _; do
        [ "$columns" = - ] && columns= || columns=", $(echo "$columns" | sed 's/=/: /g; s/,/, /g')"
        echo "  - my_$type: {type: $type, train: $format, dev: $format$columns}"
    done <rows
    printf 'design: {leave-one-out: [placebo]}\n'
    printf 'baseline: {layers: 1, hidden: 16, heads: 2, max_length: 32, steps: 2, batch_size: 4}\nseeds: 1\nplots: []\n'
} >types.yaml
check_exit 0 "$ABLATE" plan types.yaml --store store
check_match "to run +$((2 * $(wc -l <rows))) fine-tunings"
check_exit 0 "$ABLATE" run types.yaml --store store
check_exit 0 "$ABLATE" query "select distinct task from variants where metric != 'loss'" --store store --format csv
check 'every task has been scored' test "$(grep -c '^my_' out)" -eq "$(wc -l <rows)"

check_exit 0 "$ABLATE" compare types --by task --examples --store store
# two steps may end in a constant, which has no correlation
tr '\n' ' ' <out | sed 's/my_/\n&/g' | grep '^my_' >tables
check 'every type has its scores from its stored predictions' test "$(wc -l <rows)" -eq \
    "$(grep -cE "this pair of checkpoints|'pearson' +has no +value" tables)"

# field NAME FOLDER - a text of a checkpoint's configuration
field() {
    tr -d '\n' <"$2/config.json" | sed -n "s/.*\"$1\": \[* *\"\([^\"]*\)\".*/\1/p"
}

# predicted CHECKPOINT FILE - predicts the data of $type, $format and $columns
predicted() {
    set -- predict "$1" "data/$format" --out "$2" --type "$type"
    [ "$columns" = - ] || set -- "$@" --layout "$columns"
    check_exit 0 "$ABLATE" "$@"
}

cp rows all_rows
while read -r type format columns architecture; do
    config=$(grep -l "\"ablate_task\": \"$type\"" store/artifacts/*/config.json | head -n 1)
    check "$type has a checkpoint" test -n "$config"
    ours=${config%/config.json}
    predicted "$ours" "pred-$type"
    set -- eval --gold "data/$format" --pred "pred-$type" --type "$type" --format csv
    [ "$columns" = - ] || set -- "$@" --layout "$columns"
    check_exit 0 "$ABLATE" "$@"
    check 'it has scores' test "$(grep -c ',[0-9.-]*$' out)" -ge 1
    check_exit 0 "$ABLATE" export "$ours" "theirs-$type"
    check "$type is exported as $architecture" test "$(field architectures "theirs-$type")" = "$architecture"
    check_exit 0 "$ABLATE" import "theirs-$type" --out "ours-$type"
    check "$architecture is taken in" test "$(field architectures "ours-$type")" = "$architecture"
    # of the types with one architecture only the first, or a number, is known again
    if [ "$(field ablate_task "ours-$type")" = "$type" ]; then
        predicted "ours-$type" again
        check "what was exported says the same, $type" cmp "pred-$type" again
    else
        check "another type of $architecture has its row before $type" test -n "$(sed "/^$type /,\$d" all_rows | grep " $architecture\$")"
    fi
done <rows
finish
