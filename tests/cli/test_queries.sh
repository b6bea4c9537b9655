#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the store says about a study file: one that has changed, one that takes a study over, what is
# shared; the commands that messages name.
. "${0%/*}/lib.sh"

cat >agg.yaml <<'END'
study: agg
data: world
vocab: 400
pretraining: {texts: world}
tasks: [sentiment]
baseline:
  layers: 1
  hidden: 16
  max_length: 24
  pretrain_steps: 2
  pretrain_batch_size: 8
  steps: 2
  batch_size: 8
design: {leave-one-out: [segments]}
seeds: 2
plots: []
END
check_exit 0 "$ABLATE" run agg.yaml --store s
check_match "^next     'ablate compare agg --store s', or$"

# commands work as printed: by a path where no shell finds the program, by its name where one does
PATH=/usr/bin:/bin
check_exit 0 "$ABLATE" results agg --store s
check_match "'$ABLATE compare agg --store s'; one row"
PATH=${ABLATE%/*}:$PATH
ABLATE_STORE=s check_exit 0 "$ABLATE" results agg
check_match "'ablate compare agg'; one row"
ln -s "$ABLATE" 'my ablate'
PATH=/usr/bin:/bin
check_exit 0 "./my ablate" results agg --store s
check_match "''./my ablate' compare agg --store s'; one row"
PATH=${ABLATE%/*}:$PATH

# a file that is not what ran: the first line says so; comments and blanks change nothing
sed 's/^  steps: 2/  steps: 3/' agg.yaml >changed.yaml
for command in results compare status; do
    check_exit 0 "$ABLATE" $command changed.yaml --store s
    head -n 2 out >first && mv first out
    check_match "^note: 'changed.yaml' differs from study 'agg' as it was last run"
    check_match "^      'ablate plan changed.yaml --store s' says what a run of the file would do$"
    check_exit 0 "$ABLATE" $command agg.yaml --store s
    check_no_match 'differs from study'
done
for command in report 'results --format csv' 'compare --format json' 'status --format csv'; do
    # shellcheck disable=SC2086  # words
    check_exit 0 "$ABLATE" $command changed.yaml --store s
    check_error "note: 'changed.yaml' differs from study 'agg'"
    check_no_match 'differs from study'
done
{ echo '# of last week' && sed 's/^  steps: 2/  steps: 2   # few/' agg.yaml && echo; } >commented.yaml
check_exit 0 "$ABLATE" results commented.yaml --store s
check_no_match 'differs from study'
# the same through an include
printf 'include: [changed.yaml]\nseeds: 2\n' >including.yaml
check_exit 0 "$ABLATE" results including.yaml --store s
check_match "^note: 'including.yaml' differs from study 'agg'"

# a copy that keeps the name takes the study over: plan and run say what leaves
check_exit 0 "$ABLATE" plan changed.yaml --store s
check_match "^  changes   'baseline', 'no segments': stored numbers are of other settings"
check_no_match '^  leaves'
sed 's/segments/nsp/; s/^seeds: 2/seeds: 1/' agg.yaml >'a copy.yaml'
check_exit 0 "$ABLATE" plan 'a copy.yaml' --store s
check_match "^  leaves    'no segments': stored variant that is not in this file$"
check_match '^  leaves    1 stored trial of seeds that are not in this file$'
check_no_match '^  changes'
check_match "^'ablate plan 'a copy.yaml' --verbose --store s' lists"
check_exit 0 "$ABLATE" plan 'a copy.yaml' --store s --format csv
check_error "  leaves    'no segments'"
check_exit 0 "$ABLATE" plan agg.yaml --store s
check_no_match '^  (leaves|changes)'

# only the studies that share a kind of stage are named with it
sed 's/study: agg/study: other/; s/^  pretrain_steps: 2/  pretrain_steps: 3/' agg.yaml >other.yaml
check_exit 0 "$ABLATE" plan other.yaml --store s
check_match "^  done      1 vocabulary \(same content as in 'agg'\)$"
sed 's/study: agg/study: third/; s/^  steps: 2/  steps: 3/' agg.yaml >third.yaml
check_exit 0 "$ABLATE" plan third.yaml --store s
check_match "^  done      4 pre-trainings \(same content as in 'agg'\)$"
sed 's/study: agg/study: fourth/; s/segments/positions/; s/^seeds: 2/seeds: 1/' agg.yaml >fourth.yaml
check_exit 0 "$ABLATE" run fourth.yaml --store s --quiet
check_exit 0 "$ABLATE" plan fourth.yaml --store s
one="\(1 with the same content as in 'agg'\)"
check_match "^  done      2 pre-trainings $one, 2 fine-tunings $one$"
check_exit 0 "$ABLATE" plan third.yaml --store s
check_match "^  done      4 pre-trainings \(same content as in '(agg|fourth)', '(agg|fourth)'\)$"

# crossed seeds: in columns of their own, and the same whatever the number of fine-tunings
sed 's/study: agg/study: crossed/; s/^seeds: 2/seeds: {pretrain: 2, finetune: 1}/; /^design/d' agg.yaml >crossed.yaml
check_exit 0 "$ABLATE" run crossed.yaml --store s --quiet
sed 's/finetune: 1/finetune: 2/' crossed.yaml >more.yaml
check_exit 0 "$ABLATE" plan more.yaml --store s
check_match '^  to run    2 fine-tunings on'
check_no_match '^  (leaves|changes)'
check_exit 0 "$ABLATE" run more.yaml --store s --quiet
check_exit 0 "$ABLATE" query "select seed from trials where study = 'crossed' limit 1" --store s
check_output 'seed
 1.1'
check_exit 2 "$ABLATE" predict crossed/baseline/sentiment/1.9 --text a --store s
check_error "no seed '1.9' there, only '1.1', '1.2', '2.1', '2.2'"
check_exit 0 "$ABLATE" query "select seed, pretrain_seed, finetune_seed from trials where study = 'crossed'" \
    --store s --format csv
check_output 'seed,pretrain_seed,finetune_seed
1000001,1,1
1000002,1,2
2000001,2,1
2000002,2,2'
check_exit 0 "$ABLATE" results crossed --store s --format csv
check_match '^study,variant,task,seed,pretrain_seed,finetune_seed,state,seconds,'
check_exit 0 "$ABLATE" results agg --store s --format csv
check_match '^study,variant,task,seed,state,seconds,'

# what can be asked for, and names that are not there
check_exit 0 "$ABLATE" query --schema --store s
check_match '^trials +a trial: its state'
check_match '^      study, variant, task, metric, n, mean, sd, min, max$'
check_match '^      started +real$'
check_match "^      metric +text +the main metric: a name in .result.$"
check 'within 80 columns' awk 'length($0) > 80 { exit 1 }' out
check_exit 0 "$ABLATE" query --schema --store s --format json
check 'it is JSON' python3 -c 'import json; assert {"table": "variants", "column": "mean"}.items() <= next(
    r for r in json.load(open("out")) if r["table"] == "variants" and r["column"] == "mean").items()'
check_exit 0 "$ABLATE" query variants --store s --format csv
check_match '^study,variant,task,metric,n,mean,sd,min,max$'
check_exit 2 "$ABLATE" query trails --store s
check_error "no table or view 'trails'; did you mean 'trials'?; 'ablate query --schema --store s' lists them"
check_exit 2 "$ABLATE" query 'select acuracy from trials' --store s
check_error "no such column: acuracy; did you mean 'accuracy'?"
check_exit 2 "$ABLATE" query 'select t.reason from trial t' --store s
check_error "no such column: t.reason; 'reason' is in "
check_exit 2 "$ABLATE" query 'select 1 from varaints' --store s
check_error "did you mean 'variants'?"
check_exit 2 "$ABLATE" query --store s
check_error "a query is missing: 'ablate query \"select * from trials\" --store s'"
# numbers and times as people and programs read them; what a spreadsheet would evaluate stays a text
check_exit 0 "$ABLATE" query 'select started, 1234567.0 as n from run limit 1' --store s
check_match '^20[0-9-]+ [0-9:]+ +1234567$'
check_exit 0 "$ABLATE" query "select 1e6 as a, -0.5 as b, 0.25 as c, '=1+2' as d, '-0.5' as e, '+x,y' as f, '-' as g,
    '@a' as h" --store s --format csv
check_output "a,b,c,d,e,f,g,h
1000000,-0.5,0.25,'=1+2,-0.5,\"'+x,y\",-,'@a"
# a row per trial: what fits a terminal, or what is asked for
check_exit 0 "$ABLATE" results agg --store s --trials
check_match '^trial +variant +task +seed .*accuracy'
check_match "^[0-9]+ more columns: --columns"
check 'within 80 columns' awk 'NR <= 5 && length($0) > 80 { exit 1 }' out
check_exit 0 "$ABLATE" results agg --store s --columns 'seed, loss,variant' --format csv
check_match '^seed,loss,variant$'
check_exit 2 "$ABLATE" results agg --store s --columns seed,los
check_error "no column 'los'; did you mean 'loss'?"

# names in any script, and the same word in one spelling; a byte order mark says nothing
printf '\357\273\277' | cat - agg.yaml >marked.yaml
check_exit 0 "$ABLATE" plan marked.yaml --store s
check_exit 0 "$ABLATE" results marked.yaml --store s
check_no_match 'differs from study'
e=$(printf 'e\314\201') e_acute=$(printf '\303\251') # the one spelling and the other
{
    printf 'study: %stude-\346\227\245\346\234\254\ndata: .\n' "$e"
    echo "tasks: [{${e}t: {type: classify, train: t.csv, dev: t.csv, text: t, label: l}}]"
    echo "design: {list: [{label: ${e}e, dropout: .2}]}"
    echo 'vocab: vocab.txt'
    sed -n '/^baseline/,/^  max_length/p; /^  steps/,/^  batch/p' agg.yaml
    printf 'seeds: 1\nplots: []\n'
} >named.yaml
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' a one red boat car >vocab.txt
printf 't,l\none boat,x\na red car,y\n' >t.csv
check_exit 0 "$ABLATE" run named.yaml --store s --quiet
check_match "plots/$(printf '\303\251tude-\346\227\245\346\234\254')/report.html"
check_exit 0 "$ABLATE" results "$(printf '\303\251tude-\346\227\245\346\234\254')" --store s
check_exit 0 "$ABLATE" results "$(printf 'e\314\201tude-\346\227\245\346\234\254')" --store s
for spelt in $e $e_acute; do
    check_exit 0 "$ABLATE" compare named.yaml "${spelt}e" --task "${spelt}t" --store s
    check_match "^${e_acute}e +[-+.0-9]+ "
    check_exit 0 "$ABLATE" predict "${spelt}tude-$(printf '\346\227\245\346\234\254')/${spelt}e/${spelt}t/1" --text 'a boat' --store s
    check_match '^[xy] \(probability \.[0-9]{3}\)$'
done

sed 's/^design: .*/design: {grid: {seed: [1, 2]}}/' agg.yaml >grid.yaml
check_exit 2 "$ABLATE" plan grid.yaml --store s
check_error "unknown key 'seed'; did you mean 'seeds' at the top level of the study file, for all variants?"
check_exit 2 "$ABLATE" compare agg baseline --store s
check_error "'baseline' would be compared with itself: name another variant, or two"

# a cut-off export is a failure, in every format
for format in table csv json md tex; do
    "$ABLATE" query 'select 1' --store s --format $format >/dev/full 2>err
    check "'query' in $format on a full disk" test $? -eq 1
done
for command in 'results agg' 'compare agg --format csv' 'status agg' 'plan agg.yaml' 'report agg' 'plot agg curves' \
    'run agg.yaml'; do
    # shellcheck disable=SC2086  # words
    "$ABLATE" $command --store s >/dev/full 2>err
    check "'$command' on a full disk" test $? -eq 1
done
check_exit 1 "$ABLATE" report agg --store s --out /dev/full
check_error "cannot write '/dev/full': No space left on device"

check_exit 0 "$ABLATE" run 'a copy.yaml' --store s --quiet
check_error "  leaves    'no segments'"
finish
