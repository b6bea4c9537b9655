#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever a user hands in by mistake: one clear line that says where, exit code 2, no store, no crash.
. "${0%/*}/lib.sh"

# refused NAME WHERE TEXT ARGUMENTS... - the program refuses; its first line of errors begins with WHERE
# (an extended regular expression) and says TEXT; nothing is written
refused() {
    name=$1 where=$2 text=$3
    shift 3
    run "$ABLATE" "$@"
    head -n 1 err >first
    [ "$code" -eq 2 ]
    report $? "$name: exit code 2"
    [ "$code" -eq 2 ] || echo "# exit code $code"
    grep -Eq -e "^$where" first && grep -Fq -e "$text" first
    report $? "$name: one line, '$where', '$text'"
    ! grep -q -e 'runtime error' -e Sanitizer -e 'Assertion' err && [ ! -e ablate-store ]
    report $? "$name: no crash and no store"
    rm -rf ablate-store
}

# study TEXT - a study file around it; good is one that passes
study() {
    { printf 'study: bad\ndata: world\ntasks: [sentiment]\n' && printf '%s\n' "$1"; } >bad.yaml
}

check_exit 2 "$ABLATE" plan
check_error 'usage: ablate plan'
refused 'a study that does not exist' 'ablate: ' "missing.yaml: cannot open" run missing.yaml
mkdir folder.yaml
refused 'a study that is a folder' 'ablate: ' "folder.yaml: is a folder" run folder.yaml
mkfifo pipe.yaml # nothing would ever come out of it
refused 'a study that is a pipe' 'ablate: ' "pipe.yaml: is a pipe (fifo), not a file" run pipe.yaml
refused 'a study that is a device' 'ablate: ' "/dev/zero: is a device, not a file" plan /dev/zero
refused 'texts that are a pipe' 'ablate: ' "pipe.yaml: is a pipe (fifo), not a file" data pipe.yaml
: >empty.yaml
refused 'an empty study' 'empty\.yaml:1' '' run empty.yaml

study 'baseline: {layers: 2}'
check_exit 0 "$ABLATE" plan bad.yaml
rm -rf ablate-store

while IFS='|' read -r name line where text; do
    study "$(printf '%b' "$line")"
    refused "$name" "$where" "$text" run bad.yaml
done <<'END'
an unknown key|basline: {layers: 2}|bad\.yaml:4:1: error: |'baseline'
an unknown option|baseline:\n  layer: 2|bad\.yaml:5:3: error: |'layers'
an unknown component|baseline: {segments: lerned}|bad\.yaml:4:22: error: |'learned'
an unknown slot|design:\n  leave-one-out: [segmnts]|bad\.yaml:5:19: error: |'segments'
a quoted number|baseline: {layers: "2"}|bad\.yaml:4:20: error: |'layers'
a word for a number|baseline: {layers: two}|bad\.yaml:4:20: error: |'layers'
a number that is none|baseline: {learning_rate: .nan}|bad\.yaml:4:27: error: |'learning_rate'
an endless number|baseline: {learning_rate: .inf}|bad\.yaml:4:27: error: |'learning_rate'
a number out of range|baseline: {layers: 0}|bad\.yaml:4:20: error: |'layers'
a duplicate key|baseline: {layers: 2, layers: 3}|bad\.yaml:4:23: error: |'layers'
a list for a value|baseline: {layers: [2, 3]}|bad\.yaml:4:20: error: |'layers'
a width that heads do not divide|baseline: {hidden: 100, heads: 3}|bad\.yaml:4:|heads
a broken line|baseline: {layers: 2|bad\.yaml:[45]:|
a tab that indents|baseline:\n\tlayers: 2|bad\.yaml:5:|
an alias of nothing|baseline: *nothing|bad\.yaml:4:|
a second document|---\nstudy: other|bad\.yaml:4:|
no seeds|seeds: 0|bad\.yaml:4:8: error: |seeds
an unknown design|design: {leave-two-out: [segments]}|bad\.yaml:4:10: error: |'leave-one-out'
a cyclic include|include: bad.yaml|bad\.yaml:4:10: error: |cyclic include
an include that does not exist|include: nowhere.yaml|bad\.yaml:4:10: error: |'nowhere.yaml'
part of pre-training without any|design: {leave-one-out: [nsp]}|bad\.yaml:4:|nsp
too many variants|design: {grid: {seed_a: 1}}|bad\.yaml:4:|seed_a
END

study "design:
  grid:
    learning_rate: [$(seq -f '%ge-6' -s ', ' 1 101)]
    warmup: [$(seq -f '0.%03g' -s ', ' 1 101)]"
refused 'a grid of 10,201 variants' 'bad\.yaml:[56]:' '10,201' plan bad.yaml

printf 'study: b\ndata: no/such\ntasks: [sst2]\n' >bad.yaml
refused 'no data folder comes before no vocabulary' 'bad\.yaml:2:7: error: ' "the data folder 'no/such' does not exist" plan bad.yaml
refused 'the same to describe its tasks' 'bad\.yaml:2:7: error: ' "the data folder 'no/such' does not exist" data bad.yaml
check_exit 0 "$ABLATE" explain bad.yaml layers
printf 'study: b\0d\ndata: world\ntasks: [sentiment]\n' >bad.yaml
refused 'a NUL byte in the study' 'bad\.yaml:1:' 'NUL' run bad.yaml
printf 'study: b\377d\ndata: world\ntasks: [sentiment]\n' >bad.yaml
refused 'invalid UTF-8 in the study' 'bad\.yaml:1:' 'UTF-8' run bad.yaml

# Data: a task with its files spelt out, one of them damaged.
good_train='text\tlabel\nfine words\tyes\npoor words\tno\nfine deeds\tyes\npoor deeds\tno\n'
good_dev='text\tlabel\nfine\tyes\npoor\tno\n'
mkdir data
printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfine\npoor\nwords\ndeeds\n' >data/vocab.txt
cat >data.yaml <<'END'
study: damaged
data: data
vocab: vocab.txt
tasks:
  - words: {type: classify, train: train.tsv, dev: dev.tsv, text: text, label: label}
baseline: {layers: 1, hidden: 16, heads: 1, epochs: 1}
seeds: 1
END

# damaged NAME WHERE TEXT TRAIN DEV - with these contents of the two files
damaged() {
    printf '%b' "$4" >data/train.tsv
    printf '%b' "$5" >data/dev.tsv
    refused "$1" "$2" "$3" run data.yaml
}

damaged 'an empty training file' '.*data/train\.tsv' 'empty' '' "$good_dev"
damaged 'only a header' '.*data/train\.tsv' '' 'text\tlabel\n' "$good_dev"
damaged 'a wrong column' '.*data/train\.tsv:1' "'text'" 'txet\tlabel\nfine\tyes\n' "$good_dev"
damaged 'an unknown label in dev' '.*data/dev\.tsv:3' "'maybe'" "$good_train" 'text\tlabel\nfine\tyes\npoor\tmaybe\n'
damaged 'a row without label' '.*data/train\.tsv:3' '' 'text\tlabel\nfine\tyes\npoor\n' "$good_dev"
damaged 'an empty label' '.*data/train\.tsv:3' '' 'text\tlabel\nfine\tyes\npoor\t\n' "$good_dev"
damaged 'invalid UTF-8' '.*data/train\.tsv:2' 'UTF-8' 'text\tlabel\nf\0377ne\tyes\n' "$good_dev"
damaged 'a NUL byte' '.*data/train\.tsv:3' 'NUL' 'text\tlabel\nfine\tyes\np\0000r\tno\n' "$good_dev"
damaged 'one label only' '.*data/train\.tsv' "'yes'" 'text\tlabel\nfine\tyes\ngood\tyes\n' "$good_dev"

damaged 'more columns than the header' '.*data/train\.tsv:2' '3 columns, but the header has 2' 'text\tlabel\nfine\twords\tyes\npoor\tno\n' "$good_dev"
damaged 'UTF-16' '.*data/train\.tsv: ' 'iconv -f UTF-16' '\0377\0376t\0000\n\0000' "$good_dev"
damaged 'a zip archive' '.*data/train\.tsv: ' 'a zip archive: unpack it' 'PK\0003\0004\0024\0000\n' "$good_dev"
damaged 'JSON lines' '.*data/train\.tsv: ' 'set `format: jsonl`' '{"text": "fine", "label": "yes"}\n{"text": "poor", "label": "no"}\n' "$good_dev"
sed 's/label: label}/label: label, metric: f1}/' data.yaml >f1.yaml
printf 'text\tlabel\nfine\tyes\npoor\tno\nwords\tmaybe\n' >data/train.tsv
refused 'f1 of three classes' 'f1\.yaml:5:[0-9]+: error: ' "name it with 'positive'" plan f1.yaml

printf '%b' "$good_train" >data/train.tsv
sed 's/^vocab: .*/vocab: tokens.txt/' data.yaml >tokens.yaml
printf '{\n  "version": "1.0"\n}\n' >data/tokens.txt
refused 'a tokenizer.json for a vocab.txt' 'tokens\.yaml:3:8: error: ' 'this is JSON' plan tokens.yaml
rm data/dev.tsv
refused 'a missing file' '(data\.yaml:5|.*dev\.tsv)' 'dev.tsv' run data.yaml
mkdir data/dev.tsv
refused 'a folder for a file' '.*dev\.tsv' 'folder' run data.yaml
rmdir data/dev.tsv
printf '%b' "$good_dev" >data/dev.tsv
{ printf 'text\tlabel\n'; seq 1 3000 | sed 's/$/ words\tyes/'; } | gzip | head -c 4000 >data/train.tsv
refused 'a truncated .gz' '.*data/train\.tsv' 'truncated' run data.yaml
refused 'a data folder that does not exist' '' 'nowhere' run data.yaml --data nowhere

# Tags: one word a line.
sed -e 's/{type: classify.*}/{type: tag, train: train.conll, dev: dev.conll}/' data.yaml >tags.yaml
good_tags='fine\tA\nwords\tN\n\npoor\tA\n'

# damaged_tags NAME WHERE TEXT TRAIN DEV [STUDY]
damaged_tags() {
    printf '%b' "$4" >data/train.conll
    printf '%b' "$5" >data/dev.conll
    refused "tags: $1" "$2" "$3" run "${6:-tags.yaml}"
}

damaged_tags 'an empty file' '.*data/train\.conll: ' 'empty' '' "$good_tags"
damaged_tags 'blank lines only' '.*data/dev\.conll: ' 'no words' "$good_tags" '\n\t\n\n'
damaged_tags 'a row without a tag' '.*data/train\.conll:2: ' '1 column' 'fine\tA\nwords\n' "$good_tags"
damaged_tags 'an empty tag' '.*data/dev\.conll:2: ' "'words' has no tag" "$good_tags" 'fine\tA\nwords\t\n'
damaged_tags 'a word of two columns' '.*data/train\.conll:3: ' '3 columns, but the words before it have 2' 'fine A\n\nNew words N\n' "$good_tags"
sed 's/{type: tag/{type: tag, metric: entity_f1/' tags.yaml >entities.yaml
damaged_tags 'entities without any' '.*data/train\.conll: ' "like 'B-place'" "$good_tags" "$good_tags" entities.yaml
damaged_tags 'one tag only' '.*data/train\.conll: ' "'A'" 'fine\tA\npoor\tA\n' "$good_tags"
damaged_tags 'invalid UTF-8' '.*data/train\.conll:2:2' 'UTF-8' 'fine\tA\nw\0377rds\tN\n' "$good_tags"
damaged_tags 'a NUL byte' '.*data/train\.conll:1' 'NUL' 'f\0000ne\tA\nwords\tN\n' "$good_tags"
sed 's/{type: tag/{type: tag, format: conllu/' tags.yaml >conllu.yaml
damaged_tags 'columns for CoNLL-U' '.*data/train\.conll:1: ' 'not a row of CoNLL-U' "$good_tags" "$good_tags" conllu.yaml
sed 's/{type: tag/{type: tag, label: 7/' tags.yaml >column.yaml
damaged_tags 'a column that does not exist' '.*data/train\.conll:1: ' '8 are needed' "$good_tags" "$good_tags" column.yaml
rm data/train.conll
refused 'tags: a missing file' '(tags\.yaml:5|.*train\.conll)' 'train.conll' run tags.yaml

# Texts to pre-train on.
sed 's/^vocab: .*/vocab: 100\npretraining: {texts: texts}/' data.yaml >texts.yaml
printf '%b' "$good_train" >data/train.tsv
printf 'fine words\nb\377d words\n' >data/texts
refused 'invalid UTF-8 in a text' '.*data/texts:2:2' 'UTF-8' run texts.yaml
printf '\n \n' >data/texts
refused 'a blank text' '.*data/texts' 'no text' run texts.yaml
seq 1 3000 | xz | head -c 900 >data/texts
refused 'a truncated .xz' '.*data/texts' 'truncated' run texts.yaml

# The tools for texts.
printf 'fine\nb\377d\n' >bad.txt
cp data/vocab.txt .
refused 'vocab: invalid UTF-8' 'ablate: bad\.txt:2' 'UTF-8' vocab --size 100 --out new.txt bad.txt
refused 'tokenize: invalid UTF-8' 'ablate: bad\.txt:2' 'UTF-8' tokenize --vocab vocab.txt bad.txt
refused 'tokenize: no vocabulary' 'ablate: ' 'nowhere.txt' tokenize --vocab nowhere.txt bad.txt
: >empty.txt
refused 'tokenize: an empty vocabulary' 'ablate: .*empty\.txt' '' tokenize --vocab empty.txt vocab.txt

# The store.
mkdir piped && mkfifo piped/results.db
refused 'a store that is a pipe' 'ablate: ' 'is a pipe or a device, not a results database' status --store piped
mkdir fresh && : >fresh/results.db
refused 'an empty database' 'ablate: ' 'is empty: nothing was ever run there' status --store fresh
refused 'results of no store' 'ablate: ' 'nowhere' results bad --store nowhere
mkdir other && : >other/results.db && printf 'not a database, really not\n' >other/results.db
refused 'a store that is no database' 'ablate: ' 'results.db' results bad --store other
finish
