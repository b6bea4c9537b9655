#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Seeds that are added until the intervals are narrow enough, also after a kill; and fresh seeds that confirm
# what a study has found.
. "${0%/*}/lib.sh"

# Scores by seed: `noise` says how far the variant's differences spread. Every trial leaves a line in ./ran.
cat >score.sh <<END
spread=\$1 seed=\$2
echo "\$spread \$seed" >>'$scratch/ran'
[ "\$seed" != "\$(cat '$scratch/kill' 2>/dev/null)" ] || kill -9 "\$(cat '$scratch/pid')"
awk -v s="\$spread" -v n="\$seed" 'BEGIN {
    printf "accuracy: %.6f\n", .7 + .01 * (n % 3) + s * ((n * 7 % 11) - 5) / 5 + (s > 0) * .001 }'
END
study() {
    cat >s.yaml <<END
study: s
command: [sh, score.sh, "{spread}", "{seed}"]
metrics: {accuracy: "stdout: accuracy"}
options: {spread: {type: real, default: 0, none: 0.03}}
design: {list: [{spread: 0.03}]}
plots: []
seeds: $1
END
}
# By a time that is soon over: what fits is known from what ran before.
cat >w.yaml <<END
study: w
command: [sh, -c, 'sleep {spread}; echo "accuracy: .{seed}"']
metrics: {accuracy: "stdout: accuracy"}
options: {spread: {type: real, default: 0.1, none: 0}}
design: {list: [{spread: 0.2}]}
plots: []
limits: {workers: 1, price: $ 900 per core-hour}
seeds: SEEDS
END
sed -i 's/SEEDS/1/' w.yaml
check_exit 0 "$ABLATE" plan w.yaml --store w --by 2199-01-01T07:00Z
check_match '^  by        2199-01-01 .*: what fits is not known yet'
check_exit 0 "$ABLATE" run w.yaml --store w
sed -i 's/^seeds: 1/seeds: 30/' w.yaml
check_exit 0 "$ABLATE" plan w.yaml --store w --by 2199-01-01T07:00Z
check_match '^  money     .*\$ ?900 per core-hour$'
check_match '^  by        2199-01-01 .*: all 60 trials fit$'
check_exit 3 "$ABLATE" run w.yaml --store w --by "$(date -d '+2 sec' +%H:%M:%S)"
check_match '^  by .*: [0-9]+ of 60 trials fit'
check_error ' of 60 trials done'
check_exit 2 "$ABLATE" run w.yaml --store w --by 2001-01-01T07:00
check_error '2001-01-01 07:00 is over; give a time to come'
check_exit 2 "$ABLATE" plan w.yaml --store w --by noon

study '{start: 4, until: 1.5, max: 40}'
check_exit 0 "$ABLATE" plan s.yaml
check_match '= 8 trials$'
check_exit 0 "$ABLATE" run s.yaml
check_match '^seeds    4 of at most 40; widest interval ±[0-9.]+ points, until ±1.5: [0-9]+ next$'
check_match '^seeds    [0-9]+ of at most 40; widest interval ±1\.[0-9]+ points, until ±1.5: narrow enough$'
check_match '^s: accuracy on dev, [0-9]+ seeds'
n=$(sed -n 's/^s: accuracy on dev, \([0-9]*\) seeds.*/\1/p' out)
check 'every seed has run once in each arm' test "$(sort -u ran | wc -l)" -eq $((2 * n)) -a "$(wc -l <ran)" -eq $((2 * n))
check_exit 0 "$ABLATE" run s.yaml -q
check 'nothing runs again' test "$(wc -l <ran)" -eq $((2 * n))
check_exit 0 "$ABLATE" status s
check_match "^seeds: $n of at most 40; widest interval ±[0-9.]+ points, until ±1.5: narrow enough\$"
check_exit 0 "$ABLATE" plan s.yaml
check_match "^  seeds     $n of at most 40; "
check_exit 0 "$ABLATE" query "select count(*) as n from study_rule where name = 'seeds_raised'" --format csv
check_match '^0$'

mv ablate-store first && rm ran
# killed in a later round: the same command goes on to the same number of seeds (with ABLATE_SLOW)
if [ -n "${ABLATE_SLOW-}" ]; then
    echo $((n - 1)) >./kill
    "$ABLATE" run s.yaml -q >out 2>err </dev/null &
    echo $! >pid
    wait $! 2>/dev/null
    rm kill
    check 'it was killed' grep -q " $((n - 1))\$" ran
    check_exit 0 "$ABLATE" plan s.yaml
    check_match '^  seeds     8 of at most 40; widest interval ±[0-9.]+ points, until ±1.5, looked$'
    check_exit 0 "$ABLATE" run s.yaml -q
    check_match "^s: accuracy on dev, $n seeds"
    for store in first ablate-store; do
        "$ABLATE" query "select variant, seed, accuracy from trials" --format csv --store $store >$store.csv
    done
    check 'the numbers are those of a run that was not killed' cmp first.csv ablate-store.csv
else
    skip 'killed in a later round' 'the slow suite does that'
fi

# never beyond the maximum, which may be raised; a wider limit ends it at once; other settings begin anew
study '{start: 4, until: 0.1, max: 5}'
check_exit 0 "$ABLATE" run s.yaml --store most
check_match '^seeds    5 of at most 5; widest interval .*: no more$'
study '{start: 4, until: 0.1, max: 6}'
check_exit 0 "$ABLATE" plan s.yaml --store most
check_match '= 12 trials$'
check_exit 0 "$ABLATE" run s.yaml -q --store most --only baseline # more seeds are for all arms
check_match 'interim'
study '{start: 4, until: 50, max: 9}'
check_exit 0 "$ABLATE" run s.yaml -q --store wide
check_match '^s: accuracy on dev, 4 seeds'

# seeds that are raised by hand are kept in mind
study 2
check_exit 0 "$ABLATE" run s.yaml -q --store hand
study 3
check_exit 0 "$ABLATE" run s.yaml -q --store hand
check_exit 0 "$ABLATE" query "select subject, value from study_rule where name = 'seeds_raised'" --format csv --store hand
check_match '^2,3$'

# how many would see an effect: against the tables of noncentral t, 40 of sd 3.14 at .05 see 1.6 points
check_exit 0 "$ABLATE" compare s --store first --need 1.5
check_match '^s: seeds that would see an effect of 1\.5 points, \.015 of accuracy$'
check_match '^all rows: [0-9]+ seeds of every variant, [0-9]+ more'
check_exit 0 "$ABLATE" compare s --store first --need 100
check_match '^every row has as many as it needs$'
check_exit 0 "$ABLATE" compare s --store first --need 0.001 --format json
check_match '"needed": null'
check_exit 2 "$ABLATE" compare s --store first --need 0
check_error '--need must be above 0, in points'

# ---- confirm ----
check_exit 2 "$ABLATE" confirm s --store most
check_error "trials of study 's' are not over"
check_exit 0 "$ABLATE" confirm s --store hand -q
check_match "^confirms 'spread=0.03' of study 's'$"
check_match '^seeds    4 to 6, which it has not used'
check_match "^same dev set as in study 's'$"
check_exit 0 "$ABLATE" query "select min(seed) as a, max(seed) as b, count(*) as n from trials where study = 's-confirm' and state = 'done'" --format csv --store hand
check_match '^4,6,6$'
lines=$(wc -l <ran)
rm s.yaml # the record of it is enough
check_exit 0 "$ABLATE" confirm s --store hand -q --seeds 4 --variant spread=0.03
check_match "^note     from the record of what was run"
check_match '^seeds    4 to 7, '
check 'what is done is not repeated' test "$(wc -l <ran)" -eq $((lines + 2))
check_exit 2 "$ABLATE" confirm s --store hand --variant spread=0.3
check_error "did you mean 'spread=0.03'?"
check_exit 2 "$ABLATE" confirm s-confirm --store hand
check_error "study 's-confirm' is the confirmation of 's'"
check_exit 2 "$ABLATE" run s-confirm --store hand
check_error "has no file of its own"
printf 'variant,task,seed,accuracy\nbaseline,t,1,1\nb,t,1,2\n' >runs.csv
check_exit 0 "$ABLATE" load runs.csv --study loaded
check_exit 2 "$ABLATE" confirm loaded
check_error "study 'loaded' has no file: its numbers were loaded"

# a variant that is not the first is run as itself; a cell of pairs is one change, with a verdict of its own
cat >pairs.yaml <<'END'
study: pairs
command: [sh, -c, 'echo "accuracy: .$1$2$3"', sh, "{a}", "{b}", "{seed}"]
metrics: {accuracy: "stdout: accuracy"}
options: {a: {type: int, default: 5, none: 2}, b: {type: int, default: 5, none: 3}}
design: {pairs: [a, b]}
verdict_from: 2
plots: []
seeds: 1
END
check_exit 0 "$ABLATE" run pairs.yaml -q
check_exit 0 "$ABLATE" confirm pairs -q --variant 'no a, no b'
check_match '^no a, no b +-.320 '
check_exit 0 "$ABLATE" confirm pairs -q --variant 'no b'
check_match '^b +-.020 '
check_exit 0 "$ABLATE" query "select kind from variant where label = 'no a, no b'" --format csv
check_match '^list$'

# the built-in engine: on the test file of the task that has one
printf '%s\n' '[PAD]' '[UNK]' '[CLS]' '[SEP]' '[MASK]' fine poor words deeds days >v
printf 'text\tlabel\nfine words\tpos\npoor words\tneg\nfine deeds\tpos\npoor deeds\tneg\n' >train.tsv
cp train.tsv dev.tsv
printf 'text\tlabel\nfine fine days\tpos\npoor words\tneg\nfine days\tpos\n' >test.tsv
cat >t.yaml <<'END'
study: t
data: .
vocab: v
tasks:
  - mine: {type: classify, train: train.tsv, dev: dev.tsv, test: test.tsv, text: text, label: label, epochs: 2}
baseline: {layers: 1, hidden: 16, heads: 1, learning_rate: 1e-2, max_length: 8}
design: {leave-one-out: [positions, placebo]}
plots: []
seeds: 2
END
check_exit 0 "$ABLATE" run t.yaml -q
check_exit 0 "$ABLATE" confirm t.yaml -q
check_match "^confirms 'no positions' of study 't'$"
check_match '^seeds    3 to 4, which it has not used; test file of 1 of 1 task$'
check_match '^mine: accuracy on test \(3 examples\), 2 seeds'
check_no_match ' on dev '
finish
