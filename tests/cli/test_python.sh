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
check_exit 0 "$ABLATE" run small.yaml
export ABLATE_TEST_STORE="$scratch/ablate-store"
units "$pandas"
grep -q 'skipped' err
check 'nothing is skipped with pandas and a store' test $? -eq 1
finish
