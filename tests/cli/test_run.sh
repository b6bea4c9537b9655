#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A study from end to end on the built-in world: run, run again, stop and go on, kill and go on, failures.
. "${0%/*}/lib.sh"

# study NAME STEPS MORE - a small study in NAME.yaml: 2 variants x 1 task x 2 seeds
study() {
    cat >"$1.yaml" <<END
study: $1
data: world
vocab: 400
pretraining: {texts: world}
tasks: [sentiment]
baseline:
  layers: 1
  hidden: 32
  max_length: 32
  pretrain_steps: $2
  pretrain_batch_size: 8
  steps: 20
  batch_size: 8
$3
plots: []
END
}
removal='design: {leave-one-out: [segments]}
seeds: 2'

# count SQL - the number that a query on the store $store gives; 0 while there is none
count() {
    n=$("$ABLATE" query "$1" --store "$store" --format csv 2>/dev/null | tail -n 1)
    case $n in *[!0-9]* | '') echo 0 ;; *) echo "$n" ;; esac
}

# wait_for SQL - until its count is above 0; a minute at most
wait_for() {
    tries=0
    while [ "$(count "$1")" -eq 0 ] && [ $tries -lt 600 ]; do
        tries=$((tries + 1))
        sleep .1
    done
}

# is_gone PID - it ends within ten seconds (one that nobody waits for stays as a zombie)
is_gone() {
    for _ in $(seq 100); do
        case $(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) in '' | Z | X) return 0 ;; esac
        sleep .1
    done
    return 1
}

# content DIR - names and sums of all artefacts of a store
content() {
    (cd "$1/artifacts" && find . -type f | sort | xargs cksum)
}

# What is wrong with the study is told before a store is made.
printf 'study: bad\nlayers: two\n' >bad.yaml
check_exit 2 "$ABLATE" run bad.yaml
check_exit 2 "$ABLATE" plan bad.yaml
check_exit 2 "$ABLATE" run missing.yaml
check_exit 2 "$ABLATE" stage
check_error "not by hand"
check 'no store was made' test ! -e ablate-store

# Plan, run, and run again.
study small 20 "$removal"
check_exit 0 "$ABLATE" plan small.yaml
check_match '^small: 2 variants x 1 task x 2 seeds = 4 trials$'
check_match '^  to run    4 pre-trainings, 4 fine-tunings on'
check 'plan makes no store' test ! -e ablate-store
check_exit 2 "$ABLATE" plan small.yaml --workers 0
check_error 'out of range'
check_exit 0 "$ABLATE" run small.yaml --workers 2
check 'progress goes to standard error, with the time of day' grep -Eq '^[0-9:]{8}  4/4  sentiment, .* evaluate done in' err
check 'and how long the rest takes' grep -Eq '^[0-9:]{8}  0/4  .*  about [0-9.]+ s left$' err
check 'logs have losses and rates' grep -Eq '^[0-9:]{8}  step [0-9]+  loss [0-9.]+' ablate-store/logs/pretrain-*-1.log
check 'logs have what came out, counts without decimals' \
    grep -Eq '^[0-9:]{8}  results  .*accuracy [.0-9]+ .*  examples [0-9,]+  ' ablate-store/logs/evaluate-*-1.log
check_no_match ' done in '
check_match '^sentiment: accuracy on dev'
check_match '^segments '
check_match '^report   \./ablate-store/plots/small/report\.html$'
check 'the page knows the run that wrote it' grep -q '>wrote this page<' ablate-store/plots/small/report.html
check_match "^next     'ablate compare small'"
store=ablate-store
check 'every trial is done' test "$(count "select count(*) from trials where state = 'done'")" -eq 4
check 'no work is left over' test -z "$(ls ablate-store/work)"
before=$(count 'select count(*) from attempt')
check_exit 0 "$ABLATE" run small.yaml
check_match '^  to run    nothing: everything is done$'
check_match '^sentiment: accuracy on dev'
check 'nothing was executed again' test "$(count 'select count(*) from attempt')" -eq "$before"
check_exit 0 "$ABLATE" status
check_match '^small +4 +4 +0 +0 +0$'
check_exit 0 "$ABLATE" status small
check_match '^finetune +4 +4'

# Another study with the same content finds it done; one seed more runs only that seed.
sed 's/study: small/study: twin/; s/seeds: 2/seeds: 3/' small.yaml >twin.yaml
check_exit 0 "$ABLATE" plan twin.yaml
check_match "^  done      4 pre-trainings \(same content as in 'small'\), 4 fine-tunings \(same content as in 'small'\)$"
check_match '^  to run    2 pre-trainings, 2 fine-tunings'
check_exit 0 "$ABLATE" query --store $store --format csv \
    "select name, subject, value from study_rule union all select label, name, canonical from variant join variant_change on variant_id = id"
printf '%s\n' name,subject,value confirmatory,,1 design,leave-one-out, removal,segments,none \
    start,,pretraining 'no segments,segments,none' >wanted
check 'the record says how it is judged, and what its design set' cmp wanted out

# Pre-trainings that are compared themselves; rules of judging stand in the record.
(sed 's/study: small/study: pre/; s/^tasks: .*/tasks: []/; /^  steps: /d; /^  batch_size: /d' small.yaml &&
    printf 'primary: [segments]\nmargins: {mlm_loss: 0.1}\nverdict_from: 2\nbaseline_arms: 2\n') >pre.yaml
check_exit 0 "$ABLATE" plan pre.yaml
check_match '^  task      none: pre-trainings are compared by mlm_loss on held-out documents$'
check_match '^  done      4 pre-trainings \('
check_match '^  to run    2 pre-trainings on'
check_exit 0 "$ABLATE" run pre.yaml --quiet
check_match '^pretraining: mlm_loss on held-out, 2 seeds'
check_match '^effect = variant - baseline, lower is better'
check_exit 0 "$ABLATE" results pre --format csv
check_match '^pre,baseline .2.,pretraining,2,done,'
check_exit 0 "$ABLATE" compare pre --metric mlm_perplexity
check_match '^pretraining: mlm_perplexity on held-out'
check_exit 0 "$ABLATE" status pre
check_match '^pretrain +6 +6 '
check_exit 2 "$ABLATE" test pre.yaml
check_error "study 'pre' has no tasks"
check_exit 0 "$ABLATE" query --store $store --format csv \
    "select r.name, subject, value from study_rule r join study y on y.id = study_id where y.name = 'pre'"
printf '%s\n' name,subject,value baseline_arms,,2 confirmatory,,1 design,leave-one-out, margin,mlm_loss,0.1 \
    'primary,no segments,' removal,segments,none start,,pretraining verdict_from,,2 >wanted
check 'the record has every rule' cmp wanted out

# Disturbed runs end with the same bytes as an undisturbed one.
steps=1200 # long enough to be disturbed; with sanitizers a step takes several times as long
ldd "$ABLATE" | grep -q libasan && steps=400
study long $steps "$removal"
check_exit 0 "$ABLATE" run long.yaml --store calm --quiet
content calm >calm.sums
store=stopped
# a shell starts what runs behind it with SIGINT ignored, and what is ignored stays so
env --default-signal=INT "$ABLATE" run long.yaml pre.yaml --store stopped >log 2>&1 &
wait_for 'select count(*) from metric'
kill -INT $!
wait $!
check 'Ctrl-C: exit code 3' test $? -eq 3
check 'it says how to go on, with what comes after' grep -q "stopped; 'ablate run long.yaml pre.yaml --store stopped' continues from here" log
check 'who was asked has paused' test "$(count "select count(*) from attempt where reason = 'paused'")" -gt 0
check 'nothing is left running' test "$(count "select count(*) from stage where state = 'running'")" -eq 0
check_exit 0 "$ABLATE" run long.yaml --store stopped --quiet
content stopped >sums
check 'stopped and continued: the same bytes' cmp calm.sums sums

store=killed
"$ABLATE" run long.yaml --store killed >log 2>&1 &
supervisor=$!
wait_for 'select count(*) from metric'
child=$(count 'select pid from attempt where ended is null and pid is not null order by id desc limit 1')
kill -9 $supervisor
wait $supervisor 2>/dev/null
"$ABLATE" run long.yaml --store killed >log 2>&1 &
supervisor=$!
check 'the child died with its supervisor' is_gone "$child"
# one that takes long: a child that ends before the signal comes did not fail
running="from attempt where ended is null and pid is not null and run_id = 2
    and stage_id in (select id from stage where kind = 'pretrain')"
wait_for "select count(*) $running"
child=$(count "select pid $running order by id desc limit 1")
[ "$child" -gt 0 ] && kill -9 "$child"
wait $supervisor
check 'a killed child is tried again: exit code 0' test $? -eq 0
check 'its failure is told' grep -q 'failed (killed): killed by signal 9 .*; it is tried again' log
check_exit 0 "$ABLATE" run long.yaml --store killed --quiet
content killed >sums
check 'killed and continued: the same bytes' cmp calm.sums sums
check 'no work is left over by the killed' test -z "$(ls killed/work)"

# One failing variant does not stop the others, and is not tried again: it would fail again.
study fails 5 'design:
  list:
    - {label: wild, norm: none, layers: 8, activation: relu, learning_rate: 10, clip: 0}
seeds: 2'
store=failing
check_exit 1 "$ABLATE" run fails.yaml --store failing
check_match '^failed: sentiment, wild, seed 1: diverged at step'
check_match '^        log: ablate logs [0-9]+ --store failing$'
check_match '^        and 1 more for the same reason$'
check 'the others are done' test "$(count "select count(*) from trials where state = 'done'")" -eq 2
before=$(count 'select count(*) from attempt')
check_exit 1 "$ABLATE" run fails.yaml --store failing
check 'nothing was tried again' test "$(count 'select count(*) from attempt')" -eq "$before"
check_exit 0 "$ABLATE" status fails --store failing
check_match '^failed: sentiment, wild, seed 1: finetune failed: diverged'

# Tuning: the value is chosen on the held-back tenth, recorded, and its trials follow.
study tuned 5 'tune: {learning_rate: [1e-3, 1e-6], by: held-back}
seeds: 2'
store=tuning
check_exit 0 "$ABLATE" plan tuned.yaml --store tuning
check_match '^  tuning    learning_rate of 2 values by held-back: 4 runs, then 2 fine-tunings$'
check_exit 0 "$ABLATE" run tuned.yaml --store tuning --quiet
check 'the trials are done' test "$(count "select count(*) from trials where state = 'done'")" -eq 2
check_exit 0 "$ABLATE" status tuned --store tuning
check_match '^finetune +6 +6 ' # with the runs that tried the values
check 'the value is recorded' test "$(count "select count(*) from variant_option where name = 'learning_rate' and task = 'sentiment'")" -eq 1
check_exit 0 "$ABLATE" run tuned.yaml --store tuning
check_match '^  to run    nothing: everything is done$'

# A failed pre-training takes its trials with it, those that wait for a tuned value too.
study lost 5 'tune: {learning_rate: [1e-3, 1e-6], by: held-back}
design:
  list:
    - {label: wild, norm: none, layers: 8, activation: relu, pretrain_learning_rate: 10, pretrain_clip: 0}
seeds: 1'
store=lost
check_exit 1 "$ABLATE" run lost.yaml --store lost --quiet
check_match '^failed: wild, seed 1: diverged at step'
check 'baseline done' test "$(count "select count(*) from trials where state = 'done'")" -eq 1
check 'the other failed' test "$(count "select count(*) from trials where state = 'failed'")" -eq 1

# The weights of the best evaluation; what is said beside numbers that dev has chosen; the default changes no key.
study chosen 5 'seeds: 1'
check_exit 0 "$ABLATE" run chosen.yaml --store chosen --quiet
for choice in 'select: last' 'early_stopping: 0'; do
    study chosen 5 "seeds: 1
$choice"
    check_exit 0 "$ABLATE" plan chosen.yaml --store chosen
    check_match '^  to run    nothing: everything is done$'
done
study chosen 5 'seeds: 1
select: best_dev
design: {list: [{select: best, early_stopping: 3}]}'
check_exit 0 "$ABLATE" run chosen.yaml --store chosen --quiet
check_match '^sentiment: accuracy on dev .*, selected on( dev)?$'
check_exit 0 "$ABLATE" results chosen --store chosen
check_match '^sentiment: selected on dev$'
printf 'text,label\ngood,a\nbad,b\nnice,a\n' >few.csv
printf 'study: few\ndata: .\nvocab: 100\npretraining: {texts: world}\ntasks: [mine: {type: classify, train: few.csv, dev: few.csv, text: text, label: label}]\nselect: best\n' >few.yaml
check_exit 2 "$ABLATE" plan few.yaml
check_error "task 'mine' has too few training examples to hold back a tenth"
store=chosen
check 'the best step is a result' test "$(count "select count(*) from result where name = 'best_step'")" -eq 2

# A time limit.
study slow 100000 'seeds: 1
limits: {trial_minutes: .02}'
check_exit 1 "$ABLATE" run slow.yaml --store slow
check_match '^failed: baseline, seed 1: timed out after'
finish
