#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Python package of the tree, by the standard library's unittest; its frames are read from a store that
# the real binary made, by an interpreter that has pandas: $ABLATE_TEST_PYTHON, or python3.
. "${0%/*}/lib.sh"

command -v python3 >/dev/null || skip_all 'there is no python3'
export PYTHONDONTWRITEBYTECODE=1
unset ABLATE_TEST_STORE

# units PYTHON - runs the tests of the package
units() {
    check_exit 0 "$1" -m unittest discover -s "$source/python/tests"
}

units python3

# in a program that is run: its options with their types, numbers with all their digits, the first process only
cat >train.py <<'EOF'
import os
import ablate_log
options = ablate_log.options(extra=1)
assert options == {"lr": 0.5, "augment": options["augment"], "name": 'a "b" {c} é', "extra": 1}, options
for rank in ("1", "0"):
    os.environ["RANK"] = rank
    for step in range(3):
        ablate_log.log(step, loss=float(rank) + 1 / (step + 1))
    ablate_log.log(accuracy=float(rank) + 0.1 + 0.2 * options["augment"])
EOF
cat >logged.yaml <<EOF
study: logged
command: [python3, train.py, "{flags}"]
pass: {PYTHONPATH: "$source/python"}
options:
  lr: {type: real, default: 0.5}
  augment: {type: bool, default: true}
  name: {type: text, default: 'a "b" {c} é'}
seed: {environment: SEED}
metrics: {accuracy: {goal: max, main: true, split: dev}, loss: {goal: min, series: true, split: train}}
design: {leave-one-out: [augment]}
seeds: 1
EOF
check_exit 0 "$ABLATE" run logged.yaml
check_exit 0 "$ABLATE" query --format csv "select variant, accuracy from trials where study = 'logged'"
check_match '^baseline,0\.30000000000000004$'
check_match '^no augment,0\.1$'
check_exit 0 "$ABLATE" query --format csv "select count(*), max(value) from metric where name = 'loss'"
check_match '^6,1(\.0)?$'

pandas=
for python in "${ABLATE_TEST_PYTHON:-}" python3; do
    [ -z "$pandas" ] && [ -n "$python" ] && "$python" -c 'import pandas' 2>/dev/null && pandas=$python
done
if [ -z "$pandas" ]; then
    skip 'frames of a study' 'no pandas: set ABLATE_TEST_PYTHON to an interpreter that has it'
    finish
fi
cat >small.yaml <<'EOF'
study: small # read by its name, too
data: world
vocab: 150
tasks: [sentiment]
baseline: {layers: 1, hidden: 16, max_length: 16, epochs: 1, learning_rate: 2e-3}
design: {leave-one-out: [positions]}
seeds: 2
EOF
rm -rf ablate-store # read_study() tells which studies there are
check_exit 0 "$ABLATE" run small.yaml
export ABLATE_TEST_STORE="$scratch/ablate-store"
units "$pandas"
grep -q 'skipped' err
check 'nothing is skipped with pandas and a store' test $? -eq 1
finish
