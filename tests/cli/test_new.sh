#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ablate new: a first study for a table that nobody has described, or for a program.
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

# ---- a program: what it lists for --help ----

# listing FILE - a program that prints what stands here, and nothing for trials to run
listing() {
    { printf '#!/bin/sh\ncat <<"END"\n' && cat && printf 'END\n'; } >"$1"
    chmod +x "$1"
}
# has FILE LINE - the study has that line, or its beginning
has() {
    grep -Fq -e "$2" "$1"
    report $? "$1 has: $(echo "$2" | tr '#' ' ')"
}

if command -v python3 >/dev/null; then
    cat >train.py <<'EOF'
import argparse, os, sys
p = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter, description="--no option")
p.add_argument("--data", required=True, help="rows to learn from")
p.add_argument("--lr", type=float, default=1e-3, help="peak learning rate")
p.add_argument("-b", "--batch-size", type=int, default=32, help="examples (default is fine)")
p.add_argument("--dropout", type=float, default=0.1, help='share of "units", 50%% at most: {x}')
p.add_argument("--weight_decay", type=float, default=0.0, help="decay")
p.add_argument("--norm", choices=["layer", "rms", "none"], default="layer", help="normalization")
p.add_argument("--opt", choices=["sgd", "adam"], default="adam", help="optimizer")
p.add_argument("--augment", action=argparse.BooleanOptionalAction, default=True, help="augment it")
p.add_argument("--freeze", action="store_true", help="freeze the body; AMP")
p.add_argument("--no-bias", action="store_false", dest="bias", help="no bias")
p.add_argument("--fancy", type=bool, default=True, help="a trap of argparse")
p.add_argument("--layers", type=int, nargs="+", default=[1, 2], help="sizes")
p.add_argument("--task", default="sst2", help="a word of study files")
p.add_argument("--init", help="no default")
p.add_argument("-k", type=int, default=3, help="neighbours")
p.add_argument("--seed", type=int, default=42)
p.add_argument("--output_dir", default="runs")
p.parse_args()
open("executed", "w").close()
EOF
    check_exit 0 "$ABLATE" new -- python3 train.py --data 'my {"rows"}.csv'
    check_error "wrote train.yaml: 12 options read from 'python3 train.py --data "
    check_error "ablate plan train.yaml --commands'"
    check 'only --help was run' test ! -e executed
    has train.yaml 'command: [python3, train.py, --data, "my {{\"rows\"}}.csv", "{flags}", --output_dir, "{out}"]'
    has train.yaml '  lr: {type: real, default: 0.001, help: "peak learning rate"}'
    has train.yaml '  batch_size: {type: int, default: 32, flag: --batch-size, help: "examples (default is fine)"}'
    has train.yaml '  dropout: {type: real, default: 0.1, min: 0, none: 0, help: "share of \"units\", 50% at most: {x}"}'
    has train.yaml '  norm: {type: choice, values: [layer, rms, none], default: layer, none: none,'
    has train.yaml '  augment: {type: bool, default: true, on: [--augment], off: [--no-augment],'
    has train.yaml '  freeze: {type: bool, default: false, on: [--freeze], off: [],'
    has train.yaml '  no_bias: {type: bool, default: false, on: [--no-bias], off: [], help: "no bias"} # ? switches off'
    has train.yaml '  fancy: {type: bool, default: true, help: "a trap of argparse"} # ? does the program take'
    has train.yaml '  task_option: {type: text, default: sst2, flag: --task,'
    has train.yaml '  k: {type: int, default: 3, flag: "-k ",'
    has train.yaml '  #   layers init'
    has train.yaml 'seed: {flag: --seed}'
    has train.yaml '  leave-one-out: [dropout, norm, augment, placebo] # ?'
    check_exit 0 "$ABLATE" plan train.yaml --commands
    check_match "python3 train.py --data 'my \{\"rows\"\}.csv' --lr=0.001 --batch-size=32 --dropout=0.1 "
    check_match ' --no-augment --fancy=true '
    check_match ' -k 3 --seed=1 --output_dir /'
    check_exit 2 "$ABLATE" new -- python3 train.py
    check_error "'train.yaml' is there already"

    # the named options alone; one that the command gives; those that are off by default
    mkdir -p elsewhere
    check_exit 0 "$ABLATE" new --options opt,weight-decay,dropout,freeze --out elsewhere/few.yaml -- \
        python3 train.py --dropout 0.3 --lr=0.1
    has elsewhere/few.yaml 'command: [python3, train.py, "--lr=0.1", "{flags}", --output_dir, "{out}"]'
    has elsewhere/few.yaml "# ? the program needs --data, too: add it to 'command'"
    has elsewhere/few.yaml "directory: $(pwd -P)"
    has elsewhere/few.yaml '  dropout: {type: real, default: 0.3, min: 0, none: 0,'
    has elsewhere/few.yaml "none: sgd, help: optimizer} # ? 'none' is what leaving it out means"
    has elsewhere/few.yaml 'baseline: {weight_decay: 0.01} # ?'
    has elsewhere/few.yaml '  add-one-in: [freeze] # off by default'
    has elsewhere/few.yaml '  leave-one-out: [dropout, opt, weight_decay, placebo]'
    check_exit 0 "$ABLATE" plan elsewhere/few.yaml
    check_exit 2 "$ABLATE" new --options dropuot --out no.yaml -- python3 train.py
    check_error "the program lists no option 'dropuot'; did you mean 'dropout'?"
    check_exit 2 "$ABLATE" new --out no.yaml -- python3 nothing.py
    check_error 'prints no list of options; its last line is'

    # names, values and defaults that a study file cannot say, or nobody says
    cat >odd.py <<'EOF'
import argparse
p = argparse.ArgumentParser()
p.add_argument("--null", help="x (default: 3)")
p.add_argument("--" + "x" * 80, help="x (default: 3)")
p.add_argument("--big", help="x (default: 100000000000000000000)")
p.add_argument("--whole", type=int, help="x (default: 9007199254740993)")
p.add_argument("--mode", choices=["a", "b c", "1"], help="x (default: b c)")
p.add_argument("--lr", type=float)
p.add_argument("--epochs", type=int)
p.add_argument("--text")
p.parse_args()
EOF
    check_exit 0 "$ABLATE" new -- python3 odd.py
    has odd.yaml '  null_option: {type: int, default: 3, flag: --null, help: x}'
    has odd.yaml '  big: {type: text, default: "100000000000000000000", help: x}'
    has odd.yaml '  whole: {type: int, default: 9007199254740993, help: x}'
    has odd.yaml '  mode: {type: choice, values: [a, "b c", "1"], default: "b c", help: x}'
    check_exit 0 "$ABLATE" plan odd.yaml
    check_exit 0 "$ABLATE" new --options lr,epochs,text --out unsaid.yaml -- python3 odd.py
    has unsaid.yaml '  epochs: {type: int, default: 0, min: 0, none: 0} # ? its default is not said'
    has unsaid.yaml '  leave-one-out: [lr, epochs, placebo]'
    check_exit 0 "$ABLATE" plan unsaid.yaml

    # a listing without a heading, by hand
    printf '#!/bin/sh\nprintf "usage: x [--lr LR]\\n\\n  --lr LR   rate (default: 0.1)\\n"\n' >hand.sh
    chmod +x hand.sh
    check_exit 0 "$ABLATE" new -- ./hand.sh
    has hand.yaml '  lr: {type: real, default: 0.1, help: rate}'

    # one that hangs, takes no signal, and floods; a terminal that is not there
    cat >hang.py <<'EOF'
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
assert not sys.stdin.read()
for i in range(100000):
    print("x" * 100)
sys.stdout.flush()
time.sleep(100)
EOF
    check_exit 2 "$ABLATE" new --wait 1 -- python3 hang.py
    check_error "did not end within 1 s; '--wait SECONDS' gives it longer"
else
    skip 'listings of argparse' 'there is no python3'
fi

# Hugging Face's parser: each name twice, truth values with or without a value, hundreds of options
listing hf.sh <<'END'
usage: hf.py [-h] [--pool [POOL]] [--no_pool] [--per_device_train_batch_size N]

options:
  -h, --help            show this help message and exit
  --pool [POOL]         pool it (default: True)
  --no_pool, --no-pool  pool it (default: False)
  --output_dir OUTPUT_DIR, --output-dir OUTPUT_DIR
                        where (default: None)
  --learning_rate LEARNING_RATE, --learning-rate LEARNING_RATE
                        The rate. Defaults to `lr` if not set. (default: 5e-05)
  --per_device_train_batch_size PER_DEVICE_TRAIN_BATCH_SIZE, --per-device-train-batch-size PER_DEVICE_TRAIN_BATCH_SIZE
                        Size (default: 8)
END
check_exit 0 "$ABLATE" new -- ./hf.sh
has hf.yaml '  pool: {type: bool, default: true, help: "pool it"}'
has hf.yaml '  learning_rate: {type: real, default: 5e-5, help: "The rate.'
has hf.yaml 'from: "{out}/all_results.json: eval_accuracy"} # ?'
check 'denials are no options of their own' sh -c '! grep -q no_pool hf.yaml'
check_exit 0 "$ABLATE" plan hf.yaml

# click and typer, with and without boxes; absl; Hydra
listing click.sh <<'END'
Usage: train.py [OPTIONS] DATA

Options:
  --epochs INTEGER RANGE    [default: 3; 1<=x<=9]
  --norm [layer|none]       norm  [default: layer]
  --augment / --no-augment  aug  [default: augment]
  -d, --dropout FLOAT       drop  [default: 0.1]
  --help                    Show this message and exit.
END
listing typer.sh <<'END'
 Usage: t.py [OPTIONS] {data}

╭─ Options ─────────────────────────────────────────────────╮
│ --epochs                  <int range> [x>=1] [default: 3] │
│ --augment  --no-augment   <bool>   [default: augment]     │
│ --norm                    TEXT     GPU norm [default: on] │
╰───────────────────────────────────────────────────────────╯
END
listing absl.sh <<'END'
       USAGE: ab.py [flags]
flags:

ab.py:
  --[no]augment: aug
    (default: 'true')
  --epochs: number
    (default: '3')
    (an integer)
  --norm: <layer|none>: norm
    (default: 'layer')
END
listing hydra.sh <<'END'
train is powered by Hydra.

== Configuration groups ==
Compose your configuration from those groups (group=option)

== Config ==
Override anything in the config (foo.bar=value)

data: ???
seed: 1
epochs: 3
model:
  norm: layer
  dropout: 0.3
  pairs: true
  sizes:
  - 1
optim:
  norm: '2.0'
  init: null
  scale: ${model.dropout}

Powered by Hydra (https://hydra.cc)
Use --hydra-help to view Hydra specific help
END
for style in click typer absl hydra; do
    check_exit 0 "$ABLATE" new -- ./$style.sh
    has $style.yaml '  epochs: {type: int, default: 3'
    check_exit 0 "$ABLATE" plan $style.yaml
done
has hydra.yaml 'command: [./hydra.sh, "{flags}", "hydra.run.dir={out}"]'
has hydra.yaml "# ? the program needs data, too: add it to 'command'"
has hydra.yaml 'flags: hydra'
has hydra.yaml '  dropout: {type: real, default: 0.3, min: 0, none: 0, flag: model.dropout}'
has hydra.yaml '  pairs: {type: bool, default: true, flag: model.pairs}'
has hydra.yaml '  optim_norm: {type: real, default: 2, min: 0, none: 0, flag: optim.norm}'
has hydra.yaml '  #   data init scale'
has hydra.yaml 'seed: {flag: seed}'
has click.yaml '  norm: {type: choice, values: [layer, none], default: layer, none: none, help: norm}'
has click.yaml '  dropout: {type: real, default: 0.1, min: 0, none: 0, help: drop}'
has typer.yaml '  augment: {type: bool, default: true, on: [--augment], off: [--no-augment]}'
has typer.yaml '  norm: {type: text, default: "on", help: "GPU norm"}'
has absl.yaml '  augment: {type: bool, default: true, on: [--augment], off: [--noaugment], help: aug}'

check_exit 2 "$ABLATE" new -- true
check_error "'true --help' prints no list of options"
check_exit 2 "$ABLATE" new -- no-such-program
check_error "cannot start 'no-such-program'"
check_exit 2 "$ABLATE" new shop/train.csv -- ./click.sh
check_error "'shop/train.csv' stands before '--'"
check_exit 2 "$ABLATE" new shop/train.csv more.csv
check_error 'one table at a time'
check_exit 2 "$ABLATE" new --wait 0 -- ./click.sh
check_error '--wait cannot be 0'
chmod -x click.sh
check_exit 2 "$ABLATE" new --out none.yaml -- ./click.sh
check_error "cannot start './click.sh'"
cp shop/train.csv ./--odd.csv
check_exit 0 "$ABLATE" new --out odd-table.yaml -- --odd.csv
check_exit 2 "$ABLATE" new --label x -- ./click.sh
check_error '--label is for tables, not for programs'
check_exit 2 "$ABLATE" new --options x shop/train.csv
check_error '--options and --wait are for programs'
finish
