#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ablate new: a first study for a table that nobody has described.
. "${0%/*}/lib.sh"

# rows ROW COUNT - that many rows; N stands for a number, W for a word, C for one of three classes
rows() {
    awk -v row="$1" -v n="$2" 'BEGIN {
        split("red green blue", class)
        for (i = 1; i <= n; i++) {
            text = row
            gsub(/W/, "word" i * i % 97, text)
            gsub(/C/, class[i % 3 + 1], text)
            gsub(/N/, i, text)
            print text
        } }'
}

# a header's names decide; the plan takes what was written
mkdir shop
{ echo 'id,review,colour'; rows 'N,"I like it, W",C' 60; } >shop/train.csv
check_exit 0 "$ABLATE" new shop/train.csv
check_error 'wrote shop.yaml'
check 'a class column without a known name' grep -q 'text: review, label: colour' shop.yaml
check 'rows and classes are told' grep -q '60 rows of train.csv, 3 classes' shop.yaml
check 'the texts are there, a row a document' test "$(grep -c 'I like it, word' shop-texts.txt)" = 60
check_exit 0 "$ABLATE" plan shop.yaml
check_exit 2 "$ABLATE" new shop/train.csv
check_error "'shop.yaml' is there already: name another with '--out FILE.yaml'"

# no header: columns by number; TABs though it is named .csv; a dev file beside it; packed
rows 'C	a text of some length about W' 50 >shop/plain.csv
gzip -k shop/plain.csv
check_exit 0 "$ABLATE" new shop/plain.csv.gz --dev shop/plain.csv
check 'columns by number' grep -q 'format: tsv, text: 1, label: 0, ' plain.yaml
check 'the dev file' grep -q 'train: plain.csv.gz, dev: plain.csv,' plain.yaml
check_exit 0 "$ABLATE" plan plain.yaml

# JSON lines: keys are columns, whatever the file is called
rows '{"colour": "C", "tags": ["W"], "review": "a text of some length about W"}' 50 >shop/lines.json
check_exit 0 "$ABLATE" new shop/lines.json --out lines.yaml
check 'keys as columns' grep -q 'format: jsonl, text: review, label: colour' lines.yaml
check_exit 0 "$ABLATE" plan lines.yaml

# a pair and a score; a column named by hand; the study in another folder
mkdir studies
{ printf 'sentence1\tsentence2\tscore\n'; rows 'first N	second W	N.25' 40; } >pairs.tsv
check_exit 0 "$ABLATE" new pairs.tsv --out studies/pairs.yaml
check 'a pair and a number' grep -q 'text: sentence1, text_b: sentence2, label: score' studies/pairs.yaml
check 'a score' grep -q 'type: regress' studies/pairs.yaml
check 'segments matter to pairs' grep -q 'leave-one-out: \[positions, segments, ' studies/pairs.yaml
check_exit 0 "$ABLATE" plan studies/pairs.yaml
check_exit 2 "$ABLATE" new pairs.tsv --out other.yaml --label scor
check_error "pairs.tsv:1: no column 'scor'; did you mean 'score'?"

# answers to choose from, the right one given by its letter
{ echo 'question,A,B,C,label'; rows 'why N,one W,two N,three,A' 20; } >choice.csv
check_exit 0 "$ABLATE" new choice.csv
check 'answers' grep -q 'choices: "A.B.C", labels: "A.B.C", label: label' choice.yaml

# running text of the user's: next sentences have a meaning
printf 'One sentence here. And another one.\n\nA third follows. It ends.\n' >mine.txt
check_exit 0 "$ABLATE" new shop/train.csv --texts mine.txt --out own.yaml
check 'own texts' grep -q 'leave-one-out: .positions, nsp, pretraining, placebo' own.yaml
check 'no texts are written then' test ! -e own-texts.txt

# nothing to find
printf 'a,b\n1,2\n3,4\n' >numbers.csv
check_exit 2 "$ABLATE" new numbers.csv
check_error "cannot tell which column is the label; its columns are 'a', 'b'"
printf 'text,label\n' >header.csv
check_exit 2 "$ABLATE" new header.csv
check_error 'header.csv: no examples: the file has one row only'

# names of files become names of studies: of any script, no numbers, no words that mean nothing
for pair in 'отзывы=отзывы' '2024=2024-study' 'nan=nan-study' 'my data (1)=my-data-1'; do
    cp shop/train.csv "${pair%=*}.csv"
    check_exit 0 "$ABLATE" new "${pair%=*}.csv"
    check_exit 0 "$ABLATE" plan "${pair#*=}.yaml"
done
check_exit 0 "$ABLATE" new shop/train.csv --out 'a b.yaml'
advice=$(sed -n "s/.*then: '\(.*\)'\$/\1/p" "$scratch/err")
check 'what it advises works as printed' sh -c "$advice"

# a dev file that is the training file
check_exit 0 "$ABLATE" new shop/train.csv --dev shop/train.csv --out same-dev.yaml
check_exit 0 "$ABLATE" plan same-dev.yaml
check_match "^  warning   'dev' of 'same-dev' is its training file: the scores say"

# rows without a label are left out, and told
{ echo 'review,colour'; rows 'I like it W,C' 40; rows 'no label W,' 3; } >gaps.csv
check_exit 0 "$ABLATE" new gaps.csv
check 'they are counted' grep -q '# 3 rows without a label: left out' gaps.yaml
check_exit 0 "$ABLATE" plan gaps.yaml

# what is no table, or leaves nothing to learn
rows 'text W;C' 9 >semicolons.csv
check_exit 2 "$ABLATE" new semicolons.csv
check_error 'the table has one column; it has semicolons: write it with commas'
{ echo 'text,label'; rows 'I like it W,same' 9; } >same.csv
check_exit 2 "$ABLATE" new same.csv
check_error "all labels in column 'label' are the same"
{ echo 'text,text,label'; rows 'N,I like it W,C' 9; } >double.csv
check_exit 2 "$ABLATE" new double.csv
check_error "two columns have the name 'text'"
check_exit 2 "$ABLATE" data --type classify --text text --label label double.csv
check_error "2 columns have the name 'text' (the first text)"
check_exit 2 "$ABLATE" new shop/train.csv --out other.yaml --text colour
check_error 'the text and the label are the same column'
check_exit 2 "$ABLATE" new shop/train.csv --out other.yaml --label nothing_like_it
check_error "no column 'nothing_like_it'; its columns are 'id', 'review', 'colour'"
check_exit 2 "$ABLATE" plan shop/train.csv
check_error "this is a table, not a study: '"
check_error "new shop/train.csv' writes a study for it"
{ echo 'text,label'; rows 'I like it W,C' 4; echo 'I lost my card, help,C'; } >wide.csv
check_exit 2 "$ABLATE" new wide.csv
check_error 'a row with 3 columns, but the first row has 2: quote the field'
check 'and nothing is written' test ! -e wide.yaml
{ echo 'key,文,class'; rows 'kN,这部电影很好看这部电影很好看这部电影很好看,C' 30; } >han.csv
check_exit 0 "$ABLATE" new han.csv
check 'a token for each character' grep -q 'max_length: 40$' han.yaml
check 'and the longer text' grep -q 'text: "文", label: class' han.yaml
rows 'just a text W' 9 >text.txt
check_exit 2 "$ABLATE" new text.txt
check_error 'the table has one column; a task needs two, a text and its label'
rows 'W O
W B-C
' 9 >tags.txt
check_exit 2 "$ABLATE" new tags.txt
check_error 'this looks like words with tags'
finish
