#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What goes on around a run and must not end its work, or end it in the wrong way: signals that are not
# meant, readers that go, another program in the database, removed files, a supervisor that is killed.
. "${0%/*}/lib.sh"

# study NAME STEPS - one variant, one seed
study() {
    cat >"$1.yaml" <<STUDY
study: $1
data: world
vocab: 400
pretraining: {texts: world}
tasks: [sentiment]
baseline: {layers: 1, hidden: 32, max_length: 32, pretrain_steps: $2, pretrain_batch_size: 8, steps: 20, batch_size: 8}
seeds: 1
plots: []
STUDY
}

# count STORE SQL - the number that a query gives; 0 while there is no store
count() {
    n=$("$ABLATE" query "$2" --store "$1" --format csv 2>/dev/null | tail -n 1)
    case $n in *[!0-9]* | '') echo 0 ;; *) echo "$n" ;; esac
}

# wait_for STORE SQL - until its count is above 0; a minute at most
wait_for() {
    tries=0
    while [ "$(count "$1" "$2")" -eq 0 ] && [ $tries -lt 600 ]; do
        tries=$((tries + 1))
        sleep .1
    done
}
child_of="select pid from attempt join stage s on s.id = stage_id where ended is null and pid is not null and s.kind = 'pretrain'"
all_done() { [ "$(count "$1" "select count(*) from stage where state <> 'done'")" -eq 0 ]; }

# A pre-training that is still under way when something happens to it lasts about 2 s, whatever the machine.
study probe 600
"$ABLATE" run probe.yaml --store probe --quiet >log 2>&1
milliseconds=$(count probe "select 1 + cast(1000 * a.cpu_seconds as integer) from attempt a join stage s on s.id = a.stage_id where s.kind = 'pretrain'")
check "600 steps take $milliseconds ms" test "$milliseconds" -gt 0
steps=$((600 * 2000 / (milliseconds + 1)))
study long $((steps > 600 ? steps : 600))
study short 10

# Ignored on entry: the terminal goes, the run does not. A child that somebody else asks to stop has not
# been paused by us: it failed, says so, and is tried again from what it saved.
(trap '' HUP && exec "$ABLATE" run long.yaml --store a >log 2>&1) &
run=$!
wait_for a "select count(*) from metric"
kill -HUP $run
child=$(count a "$child_of")
name=$(cat "/proc/$child/comm")
[ "$child" -gt 0 ] && kill -TERM "$child"
wait $run
check 'nohup: the run went on' test $? -eq 0
check 'children are called ablate' test "$name" = ablate
check 'all is done' all_done a
check 'a pause that nobody had asked for is told' grep -q 'failed (killed): paused by a signal from outside' log
check 'and is a failure of its attempt' test "$(count a "select count(*) from attempt where state = 'failed' and cause = 'killed'")" -eq 1

# A queue may send such signals to every process of a job, at any moment: a stage that is just being started does not
# end by them.
"$ABLATE" run short.yaml --store early >early.log 2>&1 &
run=$!
sent=0
while kill -0 $run 2>/dev/null; do
    children=$(cat /proc/$run/task/*/children 2>/dev/null)
    for child in $children; do
        for signal in USR1 INT HUP USR2 QUIT; do
            kill -$signal "$child" 2>/dev/null && sent=$((sent + 1))
        done
    done
done
wait $run
check 'signals while stages start: the run went on' test $? -eq 0
check 'they were sent' test $sent -gt 20
check 'no stage has ended by one' test "$(count early "select count(*) from attempt where state <> 'done'")" -eq 0
check 'and all is done' all_done early

# A reader that goes ends nothing.
{
    "$ABLATE" run short.yaml --store b
    echo $? >code
} 2>&1 | head -n 1 >log
check 'a lost reader: exit code 0' test "$(cat code)" -eq 0
check 'all is done' all_done b

# Another program's lock is waited for, aloud, and what is made meanwhile is kept.
if python3 -c 'import sqlite3' 2>/dev/null; then # meson's own
    "$ABLATE" run long.yaml --store c >log 2>&1 &
    run=$!
    wait_for c "select count(*) from metric"
    python3 -c 'import sqlite3, time
db = sqlite3.connect("c/results.db", timeout=5, isolation_level=None)
db.execute("begin immediate")
time.sleep(3)
db.execute("rollback")'
    wait $run
    check 'a locked database: exit code 0' test $? -eq 0
    check 'it says what it waits for' grep -q 'is locked by another program; waiting: what is made meanwhile is kept$' log
    check 'once' test "$(grep -c 'is locked' log)" -eq 1
    check 'and that it goes on' grep -q 'going on after ' log
    check 'all is done at the first attempt' test "$(count c "select max(number) from attempt")" -eq 1
else
    skip 'a locked database' 'no sqlite3 in python3 to lock it with'
fi

# A supervisor that dies is not taken for one that runs.
"$ABLATE" run long.yaml --store d >log 2>&1 &
run=$!
wait_for d "select count(*) from metric"
# what is looked at must not end meanwhile
# shellcheck disable=SC2046  # a list
kill -STOP $(cat "/proc/$run/task/$run/children")
"$ABLATE" report long --store d --out page.html >/dev/null
check 'a page written meanwhile' grep -q '>still going<' page.html
kill -9 $run
wait $run 2>/dev/null
check_exit 0 "$ABLATE" status long --store d
check_match "^no ablate run is alive; '.*ablate run long.yaml --store d' goes on$"
check_match '^left: about '
check_match '^interrupted: sentiment, baseline, seed 1: (pretrain|finetune), step [0-9]'
check_no_match '^running'
check_exit 0 "$ABLATE" status --store d
check_match '^long +1 +0 +0 +1 +0$'

# What a child had sealed when its supervisor died is committed by the next one, not run again.
"$ABLATE" run long.yaml --store d >log 2>&1 &
run=$!
wait_for d "select count(*) from attempt join stage s on s.id = stage_id where s.kind = 'pretrain' and run_id = 2"
kill -STOP $run
before=$(count d "select attempt from stage where kind = 'pretrain'")
tries=0 # the folder may hold the seal of a stage before, whose folder it was
until grep -qs "\"sealed\":\"$(basename d/work/*)\",\"attempt\":$before," d/work/*/*.sealed || [ $tries -eq 600 ]; do
    tries=$((tries + 1))
    sleep .1
done
kill -9 $run
wait $run 2>/dev/null
check_exit 0 "$ABLATE" run long.yaml --store d
check 'the sealed attempt was committed' test "$(count d "select attempt from stage where kind = 'pretrain' and state = 'done'")" -eq "$before"
check 'with its points' test "$(count d "select count(*) from metric where name = 'loss' and attempt = $before")" -gt 0
check 'no work is left over' test -z "$(ls d/work)"

# The lock is on the database, too: a lock file that is removed lets nobody in.
"$ABLATE" run long.yaml --store e >log 2>&1 &
run=$!
wait_for e "select count(*) from metric"
rm e/lock
check_exit 1 "$ABLATE" run long.yaml --store e
check_error 'though its lock file is gone'
# The database goes: that is no success.
rm e/results.db
wait $run
check 'a deleted database: exit code 1' test $? -eq 1
check 'it says so' grep -q "results.db' was deleted or replaced" log

# Outside the pool, too, an interrupt ends the run with code 3.
mkdir bin
printf '#!/bin/sh\n: >drawing\nsleep 2\n' >bin/gnuplot
chmod +x bin/gnuplot
sed 's/plots: .*/plots: [curves]/' short.yaml >drawn.yaml
PATH=$PWD/bin:$PATH env --default-signal=INT "$ABLATE" run drawn.yaml --store b >log 2>&1 &
run=$!
tries=0
until [ -n "$(find b -name drawing)" ] || [ $tries -eq 300 ]; do
    tries=$((tries + 1))
    sleep .1
done
kill -INT $run
wait $run
check 'interrupted while drawing: exit code 3' test $? -eq 3
check 'it says what is missing' grep -q "stopped while drawing; '.*ablate run drawn.yaml --store b' draws what is missing" log

# A path that JSON cannot carry is refused before anything is made.
check_exit 2 "$ABLATE" run short.yaml --store "$(printf 'st\377')"
check_error 'is not UTF-8: give another --store'

# A limit on the size of files is an error with its name.
(ulimit -f 40 && "$ABLATE" run short.yaml --store f >log 2>&1)
check 'ulimit -f: exit code 1' test $? -eq 1
check 'it says what it is' grep -q 'File too large' log
finish
