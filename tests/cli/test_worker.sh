#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_worker.sh - `ablate worker` with a head that is a script (tests/support/worker_head.py): what it
# says of itself, how it runs stages, and what ends it.
. "${0%/*}/lib.sh"

check_exit 2 "$ABLATE" worker
check_error "'worker' is started by 'ablate run --on', with --stdio"
check_exit 0 "$ABLATE" worker --help
check_match 'usage: ablate worker --stdio|--connect FILE --store DIR'
check_exit 0 "$ABLATE" help
check_no_match '^  worker'
check_exit 0 "$ABLATE" worker --stdio --store none # nobody is there
check_match '^@ablate \{"say":"hello",.*"store":""'
check_error 'no head: the other end is gone'

command -v python3 >/dev/null || {
    skip 'a worker does what a head says' 'python3 is not installed'
    finish
}
cat >train.sh <<'EOS'
#!/bin/sh
trap 'exit 143' TERM
[ "${POINTS:-0}" = 0 ] || seq -f 'epoch %.0f f1 0.5' "$POINTS"
n=$(awk "BEGIN { print int(20 * ${SLEEP:-60}) }")
echo ready
while [ "$n" -gt 0 ]; do
    sleep .05 # a trap comes between two of them, however early the signal
    n=$((n - 1))
done
echo '{"loss": 0.5}' >"$1/r.json"
EOS
chmod +x train.sh
cat >study.yaml <<'EOS'
study: small
command: [./train.sh, "{out}", "{flags}"]
options:
  dropout: {type: real, default: 0.1, none: 0}
metrics:
  loss: {goal: min, main: true, from: "{out}/r.json: loss"}
  f1: {series: true, from: "stdout: epoch {step} f1 {f1}"}
design: {leave-one-out: [dropout]}
seeds: 1
plots: []
EOS
# a trial file as a run writes it
"$ABLATE" run study.yaml --store store --workers 1 >out 2>err &
head=$!
for _ in $(seq 200); do
    [ ! -e "$(echo store/work/*/1.json)" ] || break
    sleep .05
done
kill -9 "$head"
wait "$head" 2>err
check 'a run was begun, and ended' mv store/work/*/1.json trial.json

timeout 300 python3 "$source/tests/support/worker_head.py" "$ABLATE" "$scratch/store" trial.json >heads 2>err
cp heads out
while read -r how what; do
    [ "$how" = good ]
    report $? "a worker $what"
done <heads
check 'all of it was tried' [ "$(wc -l <heads)" -ge 16 ]
finish
