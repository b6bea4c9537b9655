#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Checkpoint folders on the command line: import, export, encode, and studies that start from one.
. "${0%/*}/lib.sh"
given=$source/tests/reference/hf

check_exit 0 "$ABLATE" import "$given/classify" --out ours
check_match '^ours: 41 tensors, 2 layers of 8, 72 tokens, uncased, classify$'
check_exit 2 "$ABLATE" import "$given/classify" --out ours
check_error "'ours' already exists"
check_exit 2 "$ABLATE" import "$given" --out other
check_error 'it has no config.json'
check_exit 2 "$ABLATE" import "$given/classify"
check_error '--out CHECKPOINT is missing: name the folder to write'
check 'nothing is left of what was refused' test ! -e other -a ! -e other.part
check_exit 0 "$ABLATE" export ours theirs
check 'what was exported has the files of the format' \
    test -f theirs/config.json -a -f theirs/model.safetensors -a -f theirs/vocab.txt -a -f theirs/tokenizer_config.json
check 'its configuration has no options of ours' sh -c '! grep -q ablate theirs/config.json'
check 'its weights are those of ours' cmp ours/model.safetensors theirs/model.safetensors
check_exit 2 "$ABLATE" export 0123abcd nowhere
check_error "no folder and no stage key starts with '0123abcd'"

printf 'the old boat sang\n\nlight\n' >texts
check_exit 0 "$ABLATE" encode ours texts
check 'a vector a line, an empty one too' test "$(grep -c '^{"vector": \[.*\]}$' out)" -eq 3
cp out whole
check_exit 0 "$ABLATE" encode ours texts --batch 1
check 'the batch changes nothing' cmp out whole
check_exit 0 "$ABLATE" encode "$given/classify" texts --out file
check 'a folder of the format says the same' cmp file whole
check_exit 0 "$ABLATE" encode ours texts --pool tokens --layer 0
check_match '^{"tokens": \["\[CLS\]", "the", "old", "boat", "sang", "\[SEP\]"\], "vectors": \[\['
check_exit 0 "$ABLATE" encode ours texts --pool mean --format npy --out v.npy
check 'npy says how many vectors it has' grep -aq "'shape': (3, 8), }" v.npy
check 'npy has its header and three vectors of eight' test "$(wc -c <v.npy)" -eq $((128 + 3 * 8 * 4))
check_exit 2 "$ABLATE" encode ours texts --format npy
check_error 'give --out FILE'
check_exit 2 "$ABLATE" encode ours texts --format npy --pool tokens --out x
check_error 'differ in their number of tokens'
check_exit 2 "$ABLATE" encode ours texts --layer 3
check_error 'has no layer 3; its layers are 1 to 2'
check_exit 2 "$ABLATE" encode ours texts --layer first
check_error "--layer cannot be 'first'"
check_exit 2 "$ABLATE" encode ours texts --pair
check_error 'texts:1: no TAB'
printf 'a boat\twho sang ?\na boat\t\n' >pairs
check_exit 0 "$ABLATE" encode ours pairs --pair --pool tokens
check_match '"a", "boat", "\[SEP\]", "who", "sang", "[?]", "\[SEP\]"'
check_match '"a", "boat", "\[SEP\]", "\[SEP\]"\]'
: >empty
check_exit 2 "$ABLATE" encode ours empty
check_error 'empty: is empty'
printf 'a\377b\n' >bad
check_exit 2 "$ABLATE" encode ours bad --out none
check_error 'bad'
check 'nothing is half-written' sh -c '! ls none*'
check_exit 2 "$ABLATE" encode ours texts --out "$scratch"
check_error 'is a folder, not a file'
check_exit 1 "$ABLATE" encode ours texts --out nowhere/file
check_error "cannot write 'nowhere/file': No such file or directory"

# a classifier from elsewhere whose classes have names, on a task that numbers them
cp -r ours two && sed -i 's/"no"/"0"/; s/"maybe"/"1"/; s/"yes"/"2"/' two/config.json
printf 'text\tlabel\nthe old boat\t0\nlight\t2\n' >numbered.tsv
layout='--type classify --layout text=text,label=label,labels=0|1|2'
for folder in two "$given/classify"; do
    # shellcheck disable=SC2086 # words
    check_exit 0 "$ABLATE" predict "$folder" numbered.tsv --out "$(basename "$folder").tsv" $layout
done
check 'class i is class i, by name or by number' cmp two.tsv classify.tsv
sed 's/2$/yes/; s/0$/no/' numbered.tsv >named.tsv
check_exit 0 "$ABLATE" predict "$given/classify" named.tsv --out named --type classify --layout text=text,label=label
check 'a task that names none has the names of the classes' grep -Eq '^0.(no|maybe|yes)$' named

# ---- the order of the classes is never guessed ----
printf 'index\tsentence1\tsentence2\tgold_label\n0\told boat\tsang\tneutral\n1\tlight\ta\tentailment\n' >mnli.tsv
printf 'index\tsentence1\tsentence2\tlabel\n0\told boat\tsang\tunsure\n1\tlight\ta\tentailment\n' >rte.tsv
cp -r ours unnamed && sed -i 's/"no"/"LABEL_0"/; s/"maybe"/"LABEL_1"/; s/"yes"/"LABEL_2"/' unnamed/config.json
cp -r ours capitals && sed -i 's/"no"/"NEUTRAL"/; s/"maybe"/"ENTAILMENT"/; s/"yes"/"CONTRADICTION"/' capitals/config.json
check_exit 2 "$ABLATE" predict unnamed mnli.tsv --task mnli --out nothing
check_error "its 3 classes have no names (LABEL_0, LABEL_1, LABEL_2), and the order of those of task 'mnli'"
check 'and nothing is written' test ! -e nothing
check_exit 0 "$ABLATE" predict unnamed mnli.tsv --task mnli --out ordered --labels 'neutral|entailment|contradiction'
check_error 'classes: LABEL_0 = neutral, LABEL_1 = entailment, LABEL_2 = contradiction'
check_exit 0 "$ABLATE" predict capitals mnli.tsv --task mnli --out by-name
check 'names are compared without case' cmp ordered by-name
check_exit 2 "$ABLATE" predict capitals rte.tsv --task rte --out nothing
check_error '--map NEUTRAL=not_entailment,CONTRADICTION=not_entailment'
check_exit 0 "$ABLATE" predict capitals rte.tsv --task rte --out mapped \
    --map neutral=not_entailment,contradiction=not_entailment
check 'three classes as two' sh -c "sed 's/neutral/not_entailment/; s/contradiction/not_entailment/' ordered | cmp - mapped"
check_error "1 of the 2 gold labels is no class of the checkpoint ('unsure'"
check_exit 0 "$ABLATE" eval --task rte --gold rte.tsv --pred mapped
check_error '1 of 2 rows (50.0 %) are counted as wrong'
check_match '^examples +2$'
check_exit 0 "$ABLATE" import unnamed --out renamed --labels 'neutral|entailment|contradiction'
check_match '^classes: neutral[|]entailment[|]contradiction$'
check_exit 0 "$ABLATE" predict renamed mnli.tsv --task mnli --out again
check 'an import can name them for good' cmp ordered again
check_exit 0 "$ABLATE" import unnamed --out still-unnamed
check_match '^classes: without names [(]LABEL_0[|]LABEL_1[|]LABEL_2[)]'
check_exit 2 "$ABLATE" import unnamed --out other --labels 'a|b'
check_error 'has 3 classes, but 2 are named'
check_exit 2 "$ABLATE" import unnamed --out other --labels 'a|b|b'
check_error 'give different names'

# ---- a prediction for each row, whatever its label is, or an error ----
{
    printf 'index\tsentence1\tsentence2\tgold_label\n0\told boat\tsang\tneutral\n'
    printf '1\tlight\ta\t-\n2\tlight\told\n3\tboat\told boat\tentailment\n'
} >rows.tsv
check_exit 0 "$ABLATE" predict renamed rows.tsv --task mnli --out rows.out
check 'one for each row, by its number' test "$(cut -f 1 rows.out | tr '\n' ' ')" = 'index 0 1 2 3 '
check_exit 2 "$ABLATE" eval --task mnli --gold rows.tsv --pred rows.out
check_error 'rows.tsv:4: a row with 3 columns, 4 are needed'
check_exit 0 "$ABLATE" eval --task mnli --gold rows.tsv --pred rows.out --layout broken=skip
check_match '^examples +2$'
sed '/^[12]/d' rows.out | sed 's/^3/1/' >labelled.out
check_exit 0 "$ABLATE" eval --task mnli --gold rows.tsv --pred labelled.out --layout broken=skip --format csv
check_error 'numbered without the rows of gold that are left out or have no label (2)'
cp out labelled.csv
check_exit 0 "$ABLATE" eval --task mnli --gold rows.tsv --pred rows.out --layout broken=skip --format csv
check 'either numbering has the same scores' cmp out labelled.csv
sed '4s/.*/2\tlight/' rows.tsv >short.tsv
check_exit 2 "$ABLATE" predict renamed short.tsv --task mnli --out nothing --layout broken=skip
check_error 'short.tsv:4: a row with 2 columns, 3 are needed: repair it: a prediction is due for each row'

# ---- labels that share nothing with the checkpoint's are told, and so is what is cut ----
printf 'text\tlabel\nold boat\tred\n%s\tblue\n' "$(yes light | head -n 30 | tr '\n' ' ')" >colours.tsv
layout='--type classify --layout text=text,label=label'
# shellcheck disable=SC2086 # words
check_exit 0 "$ABLATE" predict "$given/classify" colours.tsv --out colours $layout
check_error '2 of the 2 gold labels are no class of the checkpoint'
check_error 'cut to 20 tokens: 1 of 2 rows'
# shellcheck disable=SC2086 # words
check_exit 0 "$ABLATE" eval --gold colours.tsv --pred colours $layout
check_error 'warning: no prediction is a gold label'
printf 'old\tNOUN\nboat\tB-Y\n%s\n' "$(yes 'light	VERB' | head -n 30)" >words.conll
check_exit 0 "$ABLATE" predict "$given/tag" words.conll --type tag --out words.out
check_error 'cut to 20 tokens: 1 of 1 sentences, whose last 14 words were not read'
check_error "2 of the 3 gold labels are no class of the checkpoint ('NOUN', 'VERB'"
check_error '31 of 32 words (96.9 %) cannot be right'

check_exit 0 "$ABLATE" predict "$given/nsp" --text 'a boat' 'who sang ?'
check_match '^is (not )?next [(]probability [.][0-9]{3}[)]$'
check_exit 2 "$ABLATE" predict "$given/nsp" --text 'a boat'
check_error 'give two'
mkdir other.part
check_exit 0 "$ABLATE" import "$given/nsp" --out other
check 'a folder beside it is left alone' test -d other.part

cat >study.yaml <<END
study: started
data: world
tasks: [sentiment: {train_examples: 32, dev_examples: 16}]
baseline: {init: ours, epochs: 1}
design: {leave-one-out: [segments]}
seeds: 1
END
check_exit 0 "$ABLATE" plan study.yaml --store store
check_match 'starts    from ours [(]2 layers of 8[)]'
check_no_match '^  note'
cp -r ours short && sed -i '$d' short/vocab.txt
sed 's/init: ours/init: short/' study.yaml >short.yaml
check_exit 0 "$ABLATE" plan short.yaml --store store
check_match "^  note      short: the model's table has 72 rows, the vocabulary 71 tokens: the"
cp -r ours moved && awk 'NR == 31 { print "" } { print }' ours/vocab.txt >moved/vocab.txt
check_exit 2 "$ABLATE" encode moved texts
check_error 'take out what was put in later: 1 blank line in the middle (line 31)'
check_exit 0 "$ABLATE" explain study.yaml init
check_match '^baseline.init: ours$'
check_exit 0 "$ABLATE" explain study.yaml hidden
check_match "set at    the folder 'ours', by 'init:' at study.yaml:4"
check_exit 0 "$ABLATE" run study.yaml --store store
check 'the log says which tensors were taken' \
    grep -q 'from ours: 39 tensors loaded; unused: 2; newly initialised: classifier.weight, classifier.bias' store/logs/*
check 'and which were not needed' grep -q 'from ours: 38 tensors loaded; unused: 3' store/logs/*
sed "s/init: ours.*/layers: 1, hidden: 16, steps: 1, max_length: 16, pretrain_steps: 1, special_tokens_from: finetune}/
    s/^design.*/vocab: 300/; s/^seeds.*/seeds: 1\npretraining: {texts: world}/" study.yaml >late.yaml
check_exit 0 "$ABLATE" run late.yaml --store late
for folder in late/artifacts/*/model.safetensors; do
    folder=$(dirname "$folder")
    if grep -q '"ablate_task": "mlm"' "$folder/config.json"; then
        check_exit 2 "$ABLATE" export "$folder" nothing
        check_error 'did not see in pre-training'
    else
        check_exit 0 "$ABLATE" export "$folder" late-tuned
    fi
done
for key in store/artifacts/*/config.json; do break; done
key=$(basename "${key%/config.json}")
check_exit 0 "$ABLATE" export "$(echo "$key" | cut -c 1-10)" tuned --store store
check_exit 0 "$ABLATE" plan study.yaml --store store
check_match 'to run    nothing'

# ---- a checkpoint by its study's words, or by its key, for every command that takes one ----
tuned=$(grep -l '"ablate_task": "classify"' store/artifacts/*/config.json | head -n 1)
tuned=$(dirname "$tuned")
first=$(basename "$tuned" | cut -c 1-12)
check_exit 0 "$ABLATE" encode "$tuned" texts
cp out by-folder
check_exit 0 "$ABLATE" encode "$first" texts --store store
check 'the first letters of its key' cmp out by-folder
for variant in baseline 'no segments'; do
    check_exit 0 "$ABLATE" export "started/$variant/sentiment/1" "by-name-$variant" --store store
    check_exit 0 "$ABLATE" predict "started/$variant/sentiment/1" --text 'the old boat' --store store
    check_match '^(good|bad|negative|positive|[01]) '
done
check 'two variants are two models' sh -c '! cmp by-name-*/model.safetensors'
check_exit 0 "$ABLATE" encode started/baseline/pretraining/1 texts --store late
check_exit 0 "$ABLATE" sharpness started/baseline/sentiment/1 --task sentiment --store store --examples 8 --steps 1 \
    --relative none --epsilon 1e-3
while IFS='|' read -r text name; do
    check_exit 2 "$ABLATE" predict "$name" --text boat --store store
    check_error "$text"
done <<'END'
no study 'startet'|startet/baseline/sentiment/1
no variant 'no segment' there; did you mean 'no segments'?|started/no segment/sentiment/1
no task 'mnli' there, only 'sentiment'|started/baseline/mnli/1
no seed '2' there, only '1'|started/baseline/sentiment/2
there is no folder 'started/baseline/sentiment'|started/baseline/sentiment
there is no folder 'models/bert'; a checkpoint of a study is STUDY/VARIANT/TASK/SEED|models/bert
no folder and no stage key starts with 'ab'|ab
END
for key in store/artifacts/*; do
    [ -e "$key/config.json" ] || break
done
check_exit 2 "$ABLATE" predict "$(basename "$key")" --text boat --store store
check_error 'left no checkpoint'
mv "$tuned" away
check_exit 2 "$ABLATE" predict "started/baseline/sentiment/1" --text boat --store store
grep -q 'is not kept' err || check_exit 2 "$ABLATE" predict 'started/no segments/sentiment/1' --text boat --store store
check_error "was trained, but its checkpoint is not kept"
mv away "$tuned"
rm -rf ours && cp -r "$given/classify" ours
sed -i 's/"layer_norm_eps": 1e-12/"layer_norm_eps": 1e-3/' ours/config.json
check_exit 0 "$ABLATE" plan study.yaml --store store
check_match 'to run    2 fine-tunings'
sed 's/segments/nsp/' study.yaml >nsp.yaml
check_exit 2 "$ABLATE" plan nsp.yaml
check_error 'a single pre-training is a sample of one'
sed 's/epochs: 1/hidden: 16/' study.yaml >wide.yaml
check_exit 2 "$ABLATE" plan wide.yaml
check_error "'hidden' is 8 in the 'init:' checkpoint"
finish
