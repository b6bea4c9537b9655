#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# scaling on a store with known laws (make_store.c), and on what has none.
. "${0%/*}/lib.sh"
check 'a store is made' "$ABLATE_BUILD/tests/make_store" ablate-store

check_exit 0 "$ABLATE" scaling law
check_match '^lm: loss on dev against parameters without embeddings, 6 sizes x 3 seeds$'
check_match '^loss = 9 N\^-\.1100 \[\.10'
check_match '^verdict: a power law so far \(b \.1100 \['
check_match ', over 119 times in size,$'
check_match '^twice the size would bring -\.13.* and take 7 min 55 s a trial$'
check 'no line is wider than 80' awk 'length($0) > 80 { exit 1 }' out
check_exit 0 "$ABLATE" scaling plateau --format json
if command -v python3 >/dev/null; then
    check 'the answer is JSON' python3 -c '
import json
row, = json.load(open("out"))
assert row["task"] == "sst2" and row["metric"] == "accuracy" and row["x"] == "parameters"
assert row["verdict"] == "bends at this amount of text" and row["model"] == "P3"
assert row["low"] < .5 < row["high"] and row["low"] < row["exponent"] < row["high"]
assert abs(row["held_out_error"]) > .1 and row["n"] == 6 and row["seeds"] == 3
assert row["held_out_seen"] < row["held_out_low"] and row["next_low"] < row["next_value"] < row["next_high"] < .9
assert "error = 1 - accuracy" in row["notes"]'
else
    skip 'the answer is JSON' 'there is no python3'
fi
check_exit 2 "$ABLATE" scaling small
check_error "no two variants with finished trials differ in their number of parameters alone"
check_exit 2 "$ABLATE" scaling law --x words
check_error "amount of text"
check_exit 2 "$ABLATE" scaling law --x wrods
check_error "--x cannot be 'wrods'"
check_exit 2 "$ABLATE" scaling law --task nowhere
check_error "no task 'nowhere'"
check_exit 2 "$ABLATE" scaling law --metric bleu
check_error "has the metric 'bleu'"
# a table of another program: its own names, two sizes of text, and what each run took
awk 'BEGIN {
    print "variant,task,seed,n_params,loss,train_tokens,cpu_seconds"
    for (d = 1; d < 3; d++) for (i = 0; i < 5; i++) for (s = 1; s < 4; s++)
        printf "%s,lm,%d,%d,%.5f,%d,%g\n", d == 1 && !i ? "baseline" : "N" i " D" d, s, 1000 * 3 ^ i,
            (9 / d) * (1000 * 3 ^ i) ^ -.11 * (1 + .002 * (s * s + i * s % 5 - 4)), d * 1e6, 3 ^ i
}' >runs.csv
check_exit 0 "$ABLATE" load runs.csv --study told --lower-is-better
check_match '^metric   loss, lower is better; also n_params, train_tokens, cpu_seconds$'
check_exit 0 "$ABLATE" scaling told
check_match '^where train_tokens=1000000$'
check_match '^where train_tokens=2000000$'
check_match 'and take 2 min 42 s of CPU time'
# some of its seeds are not done yet
grep -v '^N3 D1,lm,3,' runs.csv >begun.csv
check_exit 0 "$ABLATE" load begun.csv --study begun --lower-is-better
check_exit 0 "$ABLATE" scaling begun
check_match ', 5 sizes x 2 to 3 seeds$'
check_match ', 5 sizes x 3 seeds$'
check_match 'parameters N and words D, 10 points x 2 to 3 seeds$'
if command -v gnuplot >/dev/null; then
    check_exit 0 "$ABLATE" plot plateau scaling
    check 'the figure has the formula' grep -q "error = 29.7 N^-.499 + .1" ablate-store/plots/plateau/scaling.gp
    sed -n 's/^\(variant\|.*D1\|baseline\)\(,.*\)$/\1\2/p' runs.csv | sed '/^N2/s/,[0-9.]*\(,[0-9]*,[^,]*\)$/,\1/' >gap.csv
    check_exit 0 "$ABLATE" load gap.csv --study gap --lower-is-better
    check_exit 0 "$ABLATE" scaling gap
    check_match '^sizes without a value: N2 D1$'
    check_exit 0 "$ABLATE" plot gap scaling
    check_exit 0 "$ABLATE" plot gap scaling --terminal
    check_match '│ {25,}■··'
    check 'the curve is broken there' grep -q 'NaN.NaN.NaN.NaN' ablate-store/plots/gap/scaling.dat
    check 'and where a power law has the largest size' grep -q "^note_of\[3\] = 'held'" \
        ablate-store/plots/plateau/scaling.gp
fi
finish
