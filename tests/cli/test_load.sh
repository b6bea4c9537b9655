#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate load`: results of other programs as a study, what it refuses, and what then serves it.
. "${0%/*}/lib.sh"

# baseline and two others on five seeds, a seed that diverged, one that crashed
cat >runs.csv <<'END'
variant,task,seed,accuracy,f1,lr,norm,run_id,parameters,seconds,state
base,sst2,0,0.81,0.8,1e-3,layer,a1,1000,10,finished
base,sst2,1,0.82,0.8,1e-3,layer,a2,1000,10,finished
base,sst2,2,0.83,0.8,1e-3,layer,a3,1000,10,finished
base,sst2,3,0.80,0.8,1e-3,layer,a4,1000,10,finished
base,sst2,4,0.815,0.8,1e-3,layer,a5,1000,10,finished
no norm,sst2,0,0.71,0.8,1e-3,none,b1,900,9,finished
no norm,sst2,1,0.72,0.8,1e-3,none,b2,900,9,finished
no norm,sst2,2,0.74,0.8,1e-3,none,b3,900,9,finished
no norm,sst2,3,0.69,0.8,1e-3,none,b4,900,9,finished
no norm,sst2,4,0.705,0.8,1e-3,none,b5,900,9,finished
no norm,sst2,5,nan,0.8,1e-3,none,b6,900,9,finished
no norm,sst2,6,,,1e-3,none,b7,900,9,crashed
placebo,sst2,0,0.811,0.8,1e-3,layer,c1,1000,10,finished
placebo,sst2,1,0.822,0.8,1e-3,layer,c2,1000,10,finished
placebo,sst2,2,0.829,0.8,1e-3,layer,c3,1000,10,finished
placebo,sst2,3,0.806,0.8,1e-3,layer,c4,1000,10,finished
placebo,sst2,4,0.817,0.8,1e-3,layer,c5,1000,10,finished
END
check_exit 2 "$ABLATE" load runs.csv --study x
check_error "say which one the others are compared with, --baseline LABEL; there are 'base', 'no norm', 'placebo'"
check_exit 0 "$ABLATE" load runs.csv --study x --baseline base --options lr
check_match "17 runs of 'runs.csv' into study 'x': 17 new, 0 as before"
check_match '^metric   accuracy, higher is better; also f1, parameters$'
check_match '^options  lr, norm, parameters$'
check_match '^ends     2 failed, 0 not over yet$'
check_match 'differ between seeds of a variant: run_id$'

# the same file again changes nothing; a run more joins; another number is refused, or replaces all
check_exit 0 "$ABLATE" load runs.csv --study x --options lr
check_match ': 0 new, 17 as before'
{ head -n 1 runs.csv && echo 'base,sst2,5,0.813,0.8,1e-3,layer,a6,1000,10,finished'; } >more.csv
check_exit 0 "$ABLATE" load more.csv --study x
check_match ': 1 new, 0 as before'
sed 's/0.74,/0.75,/' runs.csv >other.csv
check_exit 2 "$ABLATE" load other.csv --study x --baseline base
check_error "other.csv:9:16: 'no norm' on 'sst2', seed 2: accuracy is 0.75 here and 0.74 in study 'x'"
check_exit 0 "$ABLATE" query "select count(*) as n, sum(seconds) as s from trials where study = 'x'" --format csv
check_match '^18,173'
check_exit 0 "$ABLATE" load other.csv --study x --options lr --replace
check_exit 0 "$ABLATE" query "select count(*) as n, max(accuracy) as a from trials where variant = 'no norm'" --format csv
check_match '^7,0?\.75$'

# what reads the store serves it
check_exit 0 "$ABLATE" compare x
check_match '^norm .*removal hurts$'
check_match '^placebo '
check_exit 0 "$ABLATE" status x
check_match '^loaded +17 +15 '
check_match '^failed: sst2, no norm, seed 5: loaded failed: diverged: accuracy is no finite number$'
check_match '^failed: sst2, no norm, seed 6: loaded failed .crash.: crashed$'
check_exit 0 "$ABLATE" results x
check_match '^sst2 +no norm +accuracy +7 +5 +2 '
check_exit 0 "$ABLATE" report x
check "the page names where the numbers are from" grep -q 'runs.csv\|other.csv' ablate-store/plots/x/report.html
check_exit 0 "$ABLATE" query "select name, canonical from variant_change c join variant v on v.id = c.variant_id where v.label = 'no norm'" --format csv
check_match '^norm,none$'

# a task without a baseline has no effects: the figure says so, and the page is made all the same
printf 'variant,task,seed,accuracy\nbaseline,t1,1,.5\nno a,t1,1,.4\nno a,t2,1,.4\n' >half.csv
check_exit 0 "$ABLATE" load half.csv --study half
check_exit 0 "$ABLATE" plot half effects --terminal
check_match "^no effects: the study has no baseline on 't2'"
check_exit 0 "$ABLATE" report half
check "without costs and sizes, none are told of" \
    sh -c "! grep -Eq 'id=.(cost|scaling)|of computing' ablate-store/plots/half/report.html"

# there is nothing to run; and a study with a file is not to be joined
check_exit 2 "$ABLATE" run x
check_error "study 'x' has no file: its numbers were loaded"
check_exit 2 "$ABLATE" plan x
check_error "study 'x' has no file"
cat >own.yaml <<'END'
study: own
command: [sh, -c, 'echo "accuracy: .5"', sh, "{flags}"]
metrics: {accuracy: "stdout: accuracy"}
options: {a: {type: real, default: 1, none: 0}}
seed: none
design: {leave-one-out: [a]}
seeds: 1
END
check_exit 0 "$ABLATE" run own.yaml -q
check_exit 2 "$ABLATE" load runs.csv --study own --baseline base
check_error "study 'own' of the store './ablate-store' has a study file and runs of its own"
sed 's/study: own/study: x/' own.yaml >x.yaml
check_exit 2 "$ABLATE" run x.yaml -q
check_error "study 'x' of the store './ablate-store' has numbers that were loaded"

# load NAME TEXT... - loads the lines from standard input
load() {
    name=$1
    shift
    # shellcheck disable=SC2059  # the format is the caller's
    printf "$@" | "$ABLATE" load - --study "$name" >"$scratch/out" 2>"$scratch/err"
    code=$?
}
# refused LINE TEXT... - such a table is refused with that message
refused() {
    message=$1
    shift
    load r "$@"
    [ "$code" -eq 2 ] && grep -Fq -e "$message" err
    report $? "refuses: $message"
}
h='variant,task,seed,acc\n'
refused "/dev/stdin:1: no column 'variant'; did you mean 'varient'?" 'varient,task,seed,acc\na,b,1,.5\n'
refused "/dev/stdin:4:7: 'a' on 'b', seed 1: acc is '.6' here and '.5' in line 2" "${h}a,b,1,.5\na,b,1,.5\na,b,1,.6\n"
refused "/dev/stdin:3: a row with 3 columns, but the header has 4" "${h}a,b,1,.5\na,b,2\n"
refused "/dev/stdin:3: a row with 5 columns, but the header has 4" "${h}a,b,1,.5\na,b,2,4,5\n"
refused "/dev/stdin:2:5: seed is 'one'" "${h}a,b,one,.5\n"
refused "/dev/stdin:2:5: seed is empty" "${h}a,b,,.5\n"
refused "/dev/stdin:2:1: variant is empty" "${h},b,1,.5\n"
refused "/dev/stdin:3:7: acc is '50%', which is no number" "${h}a,b,1,.5\na,b,2,50%%\n"
refused "/dev/stdin:2:7: state is 'fnished', which is none of 'done', 'failed'" 'variant,task,seed,state,acc\na,b,1,fnished,.5\n'
refused "no column of numbers for a metric" 'variant,task,seed,norm\na,b,1,layer\n'
refused "the header has no commas" 'variant;task;seed;acc\na;b;1;0,5\n'
refused "two columns are called 'acc'" 'variant,task,seed,acc,acc\na,b,1,1,2\n'
refused "/dev/stdin:2:1: variant has a control character or a line end" "${h}\"a\nb\",b,1,.5\n"
refused "no rows below the header" "$h"
refused "/dev/stdin:3:3: task is 'all', which stands for the mean over tasks" "${h}a,b,1,.5\na,all,1,.5\n"
refused "the file is empty" ''
refused "'acc' is a list or an object" '{"variant":"a","task":"t","seed":1,"acc":[1]}\n'
check_exit 2 "$ABLATE" load runs.csv --study 'a b'
check_error "a study's name becomes part of file names"
check_exit 2 "$ABLATE" load runs.csv --study r --baseline base --options lrr
check_error "--options: no column 'lrr'; did you mean 'lr'?"
check_exit 2 "$ABLATE" load runs.csv --study r --baseline base --metric acuracy
check_error "--metric: no column 'acuracy'; did you mean 'accuracy'?"
check_exit 2 "$ABLATE" load runs.csv --study r --baseline base --options run_id
check_error "an option has one value in all runs of a variant on a task"
check_exit 2 "$ABLATE" load runs.csv --study r --baseline bas
check_error "did you mean 'base'?"
check_exit 2 "$ABLATE" compare r
check_error "no study 'r'"

# a byte order mark, CRLF, TABs, quotes, names of any script, seeds that pandas made real
load t '\357\273\277variant\ttask\tseed\tloss\r\nBaseline\tb\t1.0\t.5\r\nno \303\251t\303\251\tb\t1\t5e-1\r\n'
check_match '2 variants'
check_match "higher values of 'loss' count as better: --lower-is-better"
load q 'variant,task,seed,acc\nbaseline,b,1,1\n"no ""x"", y",b,1,2\n,,,\n'
check_exit 0 "$ABLATE" query "select label from variant where kind = 'removal' and study_id = (select id from study where name = 'q')" --format csv
check_match '^"no ""x"", y"$'

# a grid of five: pairs over all contexts and nothing else, the one that was found before the others
awk 'BEGIN { print "variant,task,seed,acc,a,b,c,d,e"
    for (i = 0; i < 32; i++) for (s = 1; s <= 5; s++) {
        row = label = ""; n = split("a b c d e", name, " ")
        for (k = 1; k <= n; k++) {
            off[k] = int(i / 2 ^ (k - 1)) % 2
            row = row "," (off[k] ? "none" : "on")
            label = label (off[k] ? (label == "" ? "" : " ") "no " name[k] : "")
        }
        printf "%s,t,%d,%.6f%s\n", label == "" ? "baseline" : label, s,
            .8 - .02 * off[1] - .1 * off[4] * off[5] + sin(i * i * 31 + s * s * 17) / 100, row
    } }' >grid.csv
check_exit 0 "$ABLATE" load grid.csv --study grid
check_exit 0 "$ABLATE" compare grid
check_match '^interactions, .* Holm over 10$'
check_match '^[de] x [de]: -\.[01].* p [<.0-9]+: either can go, not both$'
"$ABLATE" compare grid --format csv >wide
check "one interaction of ten is found" [ "$(grep -c ',interaction,.*\(either can go\|together\)' wide)" -eq 1 ]

# why a row has no test, which rows have too few seeds, and what failed beside their values
awk 'BEGIN { print "variant,task,seed,acc,state"
    for (s = 1; s <= 8; s++) {
        printf "baseline,t,%d,%.4f,done\nbaseline,u,%d,%.4f,done\n", s, .8 + s % 3 / 50, s, .7 + s % 4 / 50
        printf "no a,t,%d,%.4f,done\n", s, .7 + s % 5 / 50
        for (i = 1; i <= 2; i++)
            printf "no b,%s,%d,%s\n", substr("tu", i, 1), s, (s > 5 ? sprintf("%.4f,done", .6 + s * s % 7 / 50) : ",failed")
    } }' >holes.csv
check_exit 0 "$ABLATE" load holes.csv --study holes
check_exit 0 "$ABLATE" compare holes
check_match '^a  *-  *-  *cannot say: no score on some of the tasks$'
check_match '^b .*\] *-\.[0-9]*, -\.[0-9]*, -\.[0-9]*, fails more often$'
check_match "^fewer than 5 seeds: values and intervals only, no verdict"
check_no_match 'time'
{ cat holes.csv && sed -n 's/^baseline,t,/baseline,v,/p; s/^baseline,u,/baseline,w,/p' holes.csv &&
    sed -n 's/^baseline,t,/no c,v,/p; s/^baseline,u,/no c,w,/p' holes.csv; } >same.csv
check_exit 0 "$ABLATE" load same.csv --study same
check_exit 0 "$ABLATE" compare same
check_match '^v, w: warning: what was changed does nothing: '
check_exit 2 "$ABLATE" compare holes 'no b' 'no a'
check_error "'no a' has no trials on 'u': name a variant that every task has"

# JSON lines: keys that come later, NaN as Python has it, a task of its own metric
load j '{"variant":"baseline","task":"t","seed":0,"state":"failed"}\n{"variant":"baseline","task":"t","seed":1,"acc":0.5}\n{"variant":"b","task":"t","seed":1,"acc":NaN,"q":3}\n{"variant":"b","task":"u","seed":1,"f1":0.25}\n'
check_match 'ends     2 failed'
check_match '^metric   acc, higher is better; f1 on u'
finish
