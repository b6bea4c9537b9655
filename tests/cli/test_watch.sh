#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_watch.sh - looking at a run from another terminal: the logs of a trial, its whole configuration,
# the status for programs and as a page, stopping, and what is told at the end.
. "${0%/*}/lib.sh"

# It tells a loss at every step, writes what a terminal would act upon, and waits where it is told to.
cat >train.sh <<'EOS'
#!/bin/sh
for word; do
    case $word in
    --lr=*) lr=${word#*=} ;;
    --seed=*) seed=${word#*=} ;;
    esac
done
printf '\033[31mred\033[0m seed %s\n1 %%\r99 %%\nbell \007\n' "$seed"
for step in 1 2 3; do
    echo "{\"step\": $step, \"progress\": .$step, \"metrics\": {\"loss\": $((9 - step))}}" >>"$ABLATE_EVENTS"
done
while [ -e "$WAITS/wait" ]; do sleep .05; done
[ "$lr" != 9 ] || { echo 'cannot go on: no such thing' >&2; exit 3; }
echo "accuracy: .${seed}1"
EOS
chmod +x train.sh
cat >s.yaml <<EOS
study: s
command: [./train.sh, "{flags}"]
environment: {WAITS: "$scratch"}
options:
  lr: {type: real, default: 1, none: 2}
seed: {flag: --seed}
metrics: {accuracy: stdout}
design: {list: [{label: wild, lr: 9}]}
seeds: 2
plots: []
limits: {workers: 1}
retry: 0
notify: [[sh, -c, 'cat >told; echo "\$0"'], [./nothing-here], [sh, -c, 'exit 4']]
EOS

# Logs: while it runs and afterwards, by number, by name and by key.
touch wait
"$ABLATE" run s.yaml --quiet >first 2>&1 &
supervisor=$!
tries=0
until "$ABLATE" logs 1 >out 2>err && grep -q '^bell' out || [ $((tries += 1)) -gt 100 ]; do sleep .1; done
check_match '^==> program, attempt 1: running since [0-9:]*$'
check_exit 0 "$ABLATE" status s.yaml --json
check 'the status is JSON' python3 -c 'import json; s = json.load(open("out"))
assert s["alive"] and s["going"]["study"] == "s" and s["machine"]["cores"] >= 1
y = s["studies"][0]
assert y["name"] == "s" and y["trials"] == 4 and y["states"]["running"] == 1 and y["running_now"]
r = y["running"][0]
assert r["trial"] == 1 and r["variant"] == "baseline" and r["seed"] == 1 and len(r["key"]) == 32'
check_exit 0 python3 "$source/tests/support/screen.py" 24 80 .3 q "$ABLATE" status --watch
check_match '^s  .*-{20}  0/4'
check_match '^    1  s, baseline, seed 1  program'
check_exit 0 python3 "$source/tests/support/screen.py" 9 40 .3 '\x03' "$ABLATE" status --watch --store none
check_match "^no store at 'none'"
TERM=dumb timeout .5 "$ABLATE" status --watch >out 2>&1
check_match "^running 's' \(pid"
"$ABLATE" report s --watch --out live.html >pages 2>&1 &
reporter=$!
tries=0
until [ -s live.html ] || [ $((tries += 1)) -gt 100 ]; do sleep .1; done
check 'a page of what runs loads itself again' grep -q 'http-equiv="refresh"' live.html
"$ABLATE" logs s/baseline/s/1 -f >followed 2>&1 &
follower=$!
rm wait
wait $follower
check 'followed to its end' grep -q '^==> done$' followed
check 'with what came meanwhile' grep -q 'results  accuracy .110' followed
wait $supervisor
wait $reporter
check 'the page ends with the study' test $? -eq 0
check 'its last one stays as it is' sh -c '! grep -q http-equiv=.refresh live.html && grep -q wild live.html'
check 'a failure names its log' grep -q '^        log: ablate logs 2$' first
check_exit 0 "$ABLATE" logs 2
check_match '^==> program, attempt 1: failed: exit code 3: cannot go on: no such thing after'
key=$("$ABLATE" query 'select key from stage order by id limit 1' --format csv | tail -n 1)
check_exit 0 "$ABLATE" logs "$(echo "$key" | cut -c 1-12)" --stage program
check_match 'seed 1$'
check_exit 2 "$ABLATE" logs wld/1
check_error "no trial 'wld/1' in the store './ablate-store'; did you mean 'wild'?"
check_exit 2 "$ABLATE" logs 1 --stage pretrain
check_error "has no stage 'pretrain': it has 'program'"
if command -v script >/dev/null; then
    script -qc "$ABLATE logs 1" /dev/null </dev/null 2>&1 | tr -d '\r' >out
    check 'nothing of it acts on a terminal' sh -c "! grep -q '[$(printf '\033\007')]' out"
    check_match '^red seed 1$'
    check_match '^99 %$'
else
    skip 'nothing of it acts on a terminal' 'no program script'
fi

check_exit 0 "$ABLATE" status --json
check 'with what failed, and by what' python3 -c 'import json; s = json.load(open("out"))
y = s["studies"][0]
assert not s["alive"] and s["going"] is None and y["causes"] == {"crash": 2} and y["left"] == 0
assert [f["cause"] for f in y["failures"]] == ["crash"] * 2 and y["states"]["done"] == 2
assert y["failures"][0]["command"] == "ablate logs 2"'

# The whole of a trial.
check_exit 0 "$ABLATE" show wild/2
check_match '^trial 4: s/wild/s/2$'
check_match '^lr +9 +variant$'
check_match '^program: failed \(cause: crash\)$'
check_match "train.sh --lr=9 --seed=2$"
check_exit 0 "$ABLATE" show 1 --format json
check 'it is JSON' python3 -c 'import json; t = json.load(open("out"))
assert t["results"] == {"accuracy": 0.11} and t["seed"] == 1 and t["state"] == "done"
assert {o["name"]: (o["value"], o["from"]) for o in t["options"]}["lr"] == (1, "default")
a = t["stages"][0]["attempts"][0]
assert a["exit_code"] == 0 and a["log"].startswith("logs/program-") and a["cpu_seconds"] >= 0
assert t["runs"][0]["environment"]["steps"]["program"] and len(t["stages"][0]["code"]) == 32'
check_exit 2 "$ABLATE" show "$(echo "$key" | cut -c 1-12)"
check_error 'is a stage: a trial is a number'

# At its end the commands of `notify` have been told, and what went wrong with them is a warning.
check 'the message is JSON' python3 -c 'import json; m = json.load(open("told"))
assert m["event"] == "failures" and m["study"] == "s" and m["store"].endswith("/ablate-store")
assert m["counts"] == {"trials": 4, "done": 2, "failed": 2, "left": 0}
assert m["headline"].startswith("wild: ") and m["report"].endswith("report.html")
assert m["message"] == "2 of 4 trials failed"'
check 'one that is not there is a warning' grep -q "warning: 'notify' command './nothing-here' was not found" first
check 'one that fails is a warning' grep -q "'notify' command 'sh' failed: exit code 4" first
check 'what they print is kept' grep -q '^sh$' ablate-store/logs/notify.log
rm told
check_exit 0 "$ABLATE" plan s.yaml
check_exit 0 "$ABLATE" compare s
check 'nothing but a run tells them' test ! -e told
sed 's/^notify: .*/notify: tell me/' s.yaml >n.yaml
check_exit 2 "$ABLATE" plan n.yaml
check_error "'notify' needs a list of words, not one text"

# Stopping from another terminal: as Ctrl-C, and nobody else is stopped by an old request.
touch wait
sed 's/^study: s/study: t/' s.yaml >t.yaml
"$ABLATE" run t.yaml --store t --quiet >stopped 2>&1 &
supervisor=$!
tries=0
until "$ABLATE" logs t/baseline/1 --store t >out 2>err && grep -q '^bell' out || [ $((tries += 1)) -gt 100 ]; do sleep .1; done
check_exit 0 "$ABLATE" stop t.yaml --store t --wait
check_match "^t: stopped; 'ablate run t.yaml --store t' goes on$"
wait $supervisor
check 'exit code 3' test $? -eq 3
check 'those who are told know it' grep -q '"event": "stopped"' told
check 'says who asked' grep -q "stopped, as .* has asked; 'ablate run t.yaml --store t' continues" stopped
check_exit 1 "$ABLATE" stop t --store t
check_error "study 't' is not running: no ablate run uses the store 't'"
rm wait
echo '{}' >t/requests/t.stop
check_exit 1 "$ABLATE" run t.yaml --store t --quiet
check 'a request of before stops nothing' grep -q '^failed: t, wild, seed 1 (crash): exit code 3' out
check 'it is gone' test -z "$(ls t/requests)"

finish
