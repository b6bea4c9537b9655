#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate data` on texts: counts, the share of random next sentences, and bad input.
. "${0%/*}/lib.sh"
TMPDIR=$scratch/tmp
export TMPDIR
mkdir "$TMPDIR"

# 40 documents of 30 lines of three sentences each
awk 'BEGIN {
    for (d = 0; d < 40; d++) {
        for (p = 0; p < 30; p++)
            print "Farmer " d " owns " p " hens. Dr. Reed counts them. Are they well?"
        print ""
    }
}' >paragraphs.txt

check_exit 0 "$ABLATE" data --vocab 200 --format csv paragraphs.txt
check_match '^documents,40,'
check_match '^paragraphs,1200,'
check_match '^sentences,3600,'
check_match '^words,14400,'
check_match '^held out,[1-9],'
check_match '^random next,0\.(4[5-9]|5[0-4])'
check 'no warning' test ! -s err
check_exit 0 "$ABLATE" data --vocab 200 paragraphs.txt
check_match '^sentences +3,600 +rule: split; 4\.0 words each'
cp out first
check_exit 0 "$ABLATE" data --vocab 200 paragraphs.txt
check 'the same again' cmp out first
check_exit 0 "$ABLATE" data --vocab 200 --seed 2 paragraphs.txt
check 'other pairs for another seed' sh -c '! cmp -s out first'

# what counting predicts on the held-out documents; words that repeat are easy to guess
check_exit 0 "$ABLATE" data --vocab 200 --baselines --format csv paragraphs.txt
check_match '^left-neighbour accuracy,0\.6[89]'
check_match '^left-neighbour perplexity,4\.'
check_match '^unigram accuracy,0\.1[89]'
check_match '^unigram perplexity,21\.'
printf 'One document alone. It has two sentences.\n' >alone.txt
check_exit 0 "$ABLATE" data --vocab 60 --baselines alone.txt
check_error 'no baselines: a single document'
check 'no row of baselines' sh -c '! grep -q left-neighbour out'

# short lines as paragraphs: too few sentences for a pair
check_exit 0 "$ABLATE" data --vocab 200 --sentences lines --max-length 16 paragraphs.txt
check_error 'of the next sentences are random'
check_error "use 'sentences: split'"
check_match '^sentences +1,200 +rule: lines'

# packed and in two files
gzip -k paragraphs.txt
xz -k paragraphs.txt
check_exit 0 "$ABLATE" data --vocab 200 --format csv paragraphs.txt.gz paragraphs.txt.xz
check_match '^documents,80,'
check_match '^held out,[1-9]?[02468],' # copies of a document fall on one side

# the layout of WikiText
printf ' \n = Hen = \n \n A hen lays . It eats . \n \n = = Food = = \n \n Grain . \n \n = Cow = \n \n A cow chews . \n' >wiki
check_exit 0 "$ABLATE" data --vocab 60 --format csv wiki
check_match '^documents,2,'
check_match '^paragraphs,6,'
check_match '^sentences,7,'

# a vocabulary of one's own
check_exit 0 "$ABLATE" vocab --size 150 --out vocab.txt paragraphs.txt
check_exit 0 "$ABLATE" data --vocab vocab.txt --format json paragraphs.txt
check_match '"tokens"'

# the built-in world
check_exit 0 "$ABLATE" data --vocab 500 --max-length 48 --format csv world
check_match '^documents,[0-9]{3,},'
check_match '^random next,0\.[45]'

# a task of the world, and one in files
check_exit 0 "$ABLATE" data --task tags --format csv
check_match '^train,\(sentences\),100,'
check_match '^dev,\(words\),10000,1'
check_exit 0 "$ABLATE" data --task sentiment --format csv
check_match '^train,\(all\),300,1'
check_match '^dev,positive,'
for world_task in $("$ABLATE" tasks --format csv | awk -F, '/built in/ { print $1 }'); do
    check_exit 0 "$ABLATE" data --task "$world_task"
done
check_exit 0 "$ABLATE" data --task tags --split dev --examples 2
check_match '^not B-(GOOD|BAD)$'
check_exit 0 "$ABLATE" data --task similarity --split dev
check_match '^text.text_b.label$'
check_exit 2 "$ABLATE" data --task tags --split dev --examples 0
check_error '1 or more'
check_exit 2 "$ABLATE" data --task tag --split dev
check_error "did you mean 'tags'"
check_exit 2 "$ABLATE" data --task sst2 --data glue --split dev
check_error 'already is in files'
check_exit 2 "$ABLATE" data --split dev world
check_error 'need --task'
# the world as files: other programs read them, and so do we, with the same result
check_exit 0 "$ABLATE" data --export world files
check_match '^files/tags/dev.conll +1,000 +written$'
{ printf 'study: of-files\ndata: files\nvocab: 150\ntasks:\n' && sed 1d err; } >of-files.yaml
check 'a header, and TABs' test "$(head -n 1 files/similarity/dev.tsv)" = "$(printf 'text\ttext_b\tlabel')"
"$ABLATE" data --task endings --split test >endings.tsv
check 'the rows of the split' cmp endings.tsv files/endings/test.tsv
cat >>of-files.yaml <<'EOF'
baseline: {layers: 1, hidden: 16, max_length: 16, epochs: 1, learning_rate: 2e-3}
design: {leave-one-out: [positions]}
seeds: 1
EOF
check_exit 0 "$ABLATE" plan of-files.yaml
check_match '^of-files: 2 variants x 8 tasks x 1 seed = 16 trials$'
sed '/- entailment/,/- spans2/d' of-files.yaml >sentiment-files.yaml
sed -e 's/of-files/of-world/; s/^data: files/data: world/; /text: text/d' -e 's/sentiment: .*/sentiment/' \
    sentiment-files.yaml >sentiment-world.yaml
check_exit 0 "$ABLATE" run sentiment-files.yaml
check_exit 0 "$ABLATE" run sentiment-world.yaml
check_exit 0 "$ABLATE" query --format csv "select count(*), count(distinct variant || accuracy) from trials"
check_match '^4,2$'
check_exit 0 "$ABLATE" data --export world files --task tags similarity --format csv
check_match '^files/tags/train.conll,100,was there$'
check 'the named tasks only' test "$(wc -l <out)" = 7
check_exit 0 "$ABLATE" data --type classify --text text --text-b text_b --label label files/entailment/train.tsv
echo mine >>files/tags/test.conll
rm -r files/sentiment
check_exit 2 "$ABLATE" data --export world files
check_error "'files/tags/test.conll' is there already and has other content"
check 'nothing is written then' test ! -e files/sentiment
check_exit 2 "$ABLATE" data --export world files --task sentimnt
check_error "did you mean 'sentiment'"
check_exit 2 "$ABLATE" data --export world files sentiment
check_error 'one folder at a time'
check_exit 1 "$ABLATE" data --export world endings.tsv
check_error "endings.tsv"
check_exit 2 "$ABLATE" data --export sst2 files
check_error '--export cannot be'

check_exit 0 "$ABLATE" tasks --data glue --format csv
check_match '^sst2,classify,accuracy,glue-sst2 SST-2 sst2,$'
check_match '^tags,tag,entity_f1,'
mkdir -p glue/SST-2
printf 'sentence\tlabel\na fine film\t1\na dull film\t0\na fine day\t1\na fine film\t1\n' >glue/SST-2/train.tsv
printf 'sentence\tlabel\nfine\t1\ndull\t0\nfiner\t1\n' >glue/SST-2/dev.tsv
check_exit 0 "$ABLATE" data --task sst2 --data glue --format csv
check_match '^train,\(all\),4,1,3,3,3$' # two rows of one text are one group
check_match '^train,1,3,0\.75,'
check_exit 0 "$ABLATE" data --task SST-2 --data glue # as others write it
check_error "majority rate on dev: .667 ('1')"
check_exit 0 "$ABLATE" tasks --data glue
check_match '^sst2 .* train dev$'
printf 'study: s\ndata: glue\nvocab: v\ntasks: [SST-2]\n' >glue/names.yaml
for v in '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' fine; do echo "$v"; done >glue/v
check_exit 0 "$ABLATE" plan glue/names.yaml --data glue
check_match '^  task      sst2: 4 train, 3 dev; 2 classes: 0, 1$'
mkdir -p one/SST-2 # only a file to be scored
cp glue/SST-2/dev.tsv one/SST-2/test.tsv
check_exit 0 "$ABLATE" data --task sst2 --data one --format csv
check_match '^test,\(all\),3,1,3,1,1$'
check_no_match '^(train|held-back),'
check_exit 0 "$ABLATE" data --task sst2 --format csv one/SST-2/test.tsv
check_match '^one/SST-2/test.tsv,1,2,0\.6'
check_exit 2 "$ABLATE" data --task sst2 --data . # no folder
check_exit 2 "$ABLATE" data --task sst --data glue
check_error "did you mean 'sst2'"
check_exit 2 "$ABLATE" data --task rte --data glue
check_error "the data of task 'rte' is missing"
printf 'fine\t7\n' >>glue/SST-2/dev.tsv
check_exit 2 "$ABLATE" data --task sst2 --data glue
check_error 'dev.tsv:5'

# ---- tasks of files: rows that are left out, questions, choices ----
mkdir QQP codah squad
printf 'id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n0\t1\t2\ta\tb\t0\n1\t1\t2\tbroken\n2\t1\t2\tc\td\t1\n' >QQP/train.tsv
cp QQP/train.tsv QQP/dev.tsv
check_exit 0 "$ABLATE" data --task qqp --data . --format csv
check_match '^train,\(all\),2,1,2,2,2$'
check_match '^train,\(left out: too few columns\),1,,,,$'
printf 'o\ta\tw\tx\ty\tz\t3\no\tb\tw\tx\ty\tz\t0\no\tb\tw\tx\ty\tv\t0\n' >codah/train.tsv
cp codah/train.tsv codah/dev.tsv
check_exit 0 "$ABLATE" data --task codah --data . --format csv
check_match '^dev,\(all\),3,1,2,2,2$'
check_match '^dev,0,2,0\.66'
passages='{"data": [{"paragraphs": [{"context": "one buoy", "qas": [{"id": "1", "question": "how many?", "answers": [{"text": "one", "answer_start": 0}]}, {"id": "2", "question": "who?", "answers": [], "is_impossible": true}]}]}]}'
echo "$passages" >squad/train-v2.0.json
echo "$passages" >squad/dev-v2.0.json
check_exit 0 "$ABLATE" data --task squad2 --data . --format csv
check_match '^train,\(all\),2,1,1,4\.5,5$' # one buoy, how many?
check_match '^dev,\(answer\),1,0\.5,,,$'
check_match '^dev,\(none\),1,0\.5,,,$'

# ---- tasks of one's own: a header that is taken for a row, a blank behind a class ----
printf 'text\tlabel\nfine words\tpos \npoor words\tneg\nfine deeds, all\tpos\npoor deeds\tneg\n' >own.tsv
cat >own.yaml <<'END'
study: own
data: .
vocab: glue/v
tasks:
  - mine: {type: classify, train: own.tsv, dev: own.tsv, text: 0, label: 1}
END
check_exit 0 "$ABLATE" plan own.yaml
check_match "^  task      mine: 5 train, 5 dev; 4 classes: label, neg, pos, 'pos '$"
check_match "^  warning   classes of 'mine' that differ in blanks or case alone: 'pos' and"
sed 's/poor/-/; s/neg$/-/' own.tsv >dash.tsv
sed 's/own.tsv/dash.tsv/g; s/text: 0, label: 1/text: text, label: label/' own.yaml >dash.yaml
check_exit 0 "$ABLATE" plan dash.yaml
check_match "^  warning   '-' is a class of 'mine': if it stands for no gold label, set"
check_exit 0 "$ABLATE" data own.yaml --format csv
check_match '^mine,train,\(all\),5,1,5,2\.2,4$'
check_match '^mine,train,label,1,0\.2,,,$'
check_match '^mine,train,pos ,1,0\.2,,,$'
check_error "mine: classes that differ in blanks or case alone: 'pos' and 'pos '"
check_exit 0 "$ABLATE" data own.yaml
check_match "^mine +train +'pos '  "
printf 'text\tlabel\na\tpos\302\240\nb\tneg\n' >nobreak.tsv # a no-break space
check_exit 0 "$ABLATE" data --type classify --text text --label label nobreak.tsv
check_match "'pos.*'  "
printf 'text\tlabel\na\t1\nb\t87.5\n' >scale.tsv
check_exit 2 "$ABLATE" data --type regress --layout 'text=text,label=label,labels=0|5' scale.tsv
check_error "scale.tsv:3: '87.5' is off the scale"
check_exit 0 "$ABLATE" data --type classify --text text --label label --format csv own.tsv
check_match '^own.tsv,\(all\),4,1,4,2\.5,4$'
check_no_match '^own.tsv,label,'
check_exit 0 "$ABLATE" data --study own.yaml --task Mine own.tsv --format csv
check_match '^own.tsv,\(all\),5,'
printf 'index\tprediction\n0\tlabel\n1\tneg\n2\tneg\n3\tpos\n4\tneg\n' >own.pred
check_exit 0 "$ABLATE" eval --study own.yaml --task mine --gold own.tsv --pred own.pred --format csv
check_match '^accuracy,0\.8$'
check_exit 2 "$ABLATE" eval --study own.yaml --type classify --gold own.tsv --pred own.pred
check_error 'cannot be combined'
check_exit 0 "$ABLATE" explain own.yaml label
check_match "^  task      'mine': 1, set at own.yaml:5$"
check_exit 0 "$ABLATE" components label
check_match '^label  +the class, the number'
check_exit 0 "$ABLATE" components task --format csv
check_match '^text_b,column,'
check_exit 2 "$ABLATE" data own.yaml --task minf
check_error "study 'own' has no task 'minf'; did you mean 'mine'?"
check_exit 2 "$ABLATE" data own.yaml own.yaml
check_error 'one study at a time'

check_exit 2 "$ABLATE" data
check_error 'nothing to describe'
check_exit 2 "$ABLATE" data missing.txt
check_error "missing.txt: cannot open"
check_exit 2 "$ABLATE" data .
check_error 'is a folder'
: >empty.txt
check_exit 2 "$ABLATE" data paragraphs.txt empty.txt
check_error 'empty.txt: contains no text'
printf 'fine\nb\377d\n' >broken.txt
check_exit 2 "$ABLATE" data broken.txt
check_error 'broken.txt:2:2: invalid UTF-8'
printf 'a\000b\n' >nul.txt
check_exit 2 "$ABLATE" data nul.txt
check_error 'nul.txt:1: a NUL byte'
head -c 60 paragraphs.txt.gz >cut.gz
check_exit 2 "$ABLATE" data cut.gz
check_error 'cut.gz: gzip file is truncated'
check_exit 2 "$ABLATE" data --vocab paragraphs.txt paragraphs.txt
check_exit 2 "$ABLATE" data --vocab 3 paragraphs.txt
check_exit 2 "$ABLATE" data --vocab 0 paragraphs.txt
check_error '--vocab cannot be 0'
check_exit 2 "$ABLATE" data --max-length 4 paragraphs.txt
check_error '--max-length cannot be 4'
check_exit 2 "$ABLATE" data --sentences words paragraphs.txt
check_error '--sentences cannot be'
check_exit 2 "$ABLATE" data --task sst2 paragraphs.txt
check_error 'paragraphs.txt'
check_exit 2 "$ABLATE" data --type classify
check_error 'nothing to describe'
check_exit 2 "$ABLATE" data --type classify paragraphs.txt
check_error "has no 'text'"
check 'no scratch folder is left' rmdir "$TMPDIR"
# what was left out, and why: SNLI's pairs on which nobody agreed
mkdir -p snli/snli
for split in train dev; do
    printf '{"gold_label": "%s", "sentence1": "a", "sentence2": "b"}\n' neutral entailment - contradiction - >"snli/snli/snli_1.0_$split.jsonl"
done
check_exit 0 "$ABLATE" data --task snli --data snli --format csv
check_match '^train,\(left out: no gold label\),2,'
check_match '^dev,\(all\),3,'
check 'no class of its own' test "$(grep -c ',-,' out)" = 0

finish
