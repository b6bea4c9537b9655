#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_same_numbers.sh - one study twice: by the built-in engine, and by the same engine driven as somebody's own
# program (native_wrapper.sh). Every number and every verdict must be the same. 8 seeds with ABLATE_SLOW, else 2.
. "${0%/*}/lib.sh"
seeds=2
[ -z "${ABLATE_SLOW:-}" ] || seeds=8
cp "$source/tests/support/native_wrapper.sh" wrapper.sh
cat >native.yaml <<EOF
study: native
data: world
tasks: [similarity]
baseline: {layers: 1, hidden: 16, epochs: 2, learning_rate: 3e-3, activation: relu}
design: {leave-one-out: [positions, segments, residual]}
seeds: $seeds
plots: []
EOF
cat >command.yaml <<EOF
study: command
command: [./wrapper.sh, "{out}", "{seed}", "positions={positions}", "segments={segments}", "residual={residual}"]
options:
  positions: {type: choice, values: [learned, none], default: learned, none: none}
  segments: {type: choice, values: [learned, none], default: learned, none: none}
  residual: {type: choice, values: ["on", none], default: "on", none: none}
tasks: {similarity: {}}
metrics:
  pearson: {main: true, from: "{out}/result.json: [0].pearson"}
  spearman: "{out}/result.json: [0].spearman"
  examples: "{out}/result.json: [0].examples"
design: {leave-one-out: [positions, segments, residual]}
seeds: $seeds
plots: []
EOF
export ABLATE
check_exit 0 "$ABLATE" run native.yaml --store native --quiet
check_exit 0 "$ABLATE" run command.yaml --store command --quiet

# results STORE - every final metric of every trial
results() {
    "$ABLATE" query --store "$1" --format csv "select variant, seed, metric, value from trial_metrics
        where metric in ('pearson', 'spearman', 'examples') order by variant, seed, metric"
}
# verdicts STORE STUDY - the table of effects, but for the time, and the study's name
verdicts() {
    "$ABLATE" compare "$2" --store "$1" --format json |
        python3 -c "import json, sys; [print(sorted((k, v) for k, v in row.items() if k not in ('study', 'time')))
for row in json.load(sys.stdin)]"
}
results native >native.csv
results command >command.csv
check 'there are numbers' test "$(wc -l <native.csv)" -eq $((4 * 3 * seeds + 1))
check 'which differ between trials' test "$(sed -n 's/.*,pearson,//p' native.csv | sort -u | wc -l)" -eq $((4 * seeds))
check 'every number of every trial is the same' cmp native.csv command.csv
if command -v python3 >/dev/null; then
    verdicts native native >native.txt
    verdicts command command >command.txt
    check 'every effect, interval, p and verdict is the same' cmp native.txt command.txt
else
    skip 'every effect, interval, p and verdict is the same' 'python3 is not here'
fi
finish
