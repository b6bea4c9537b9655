#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The store cannot be written for a while: what runs goes on, what it makes is kept and said, and is taken
# later; nothing runs twice.
#
# usage: test_spool.sh [long]		ABLATE_SHIM: shim.c, built; long: each way in which it can be
. "${0%/*}/../cli/lib.sh"
: "${ABLATE_SHIM:?run by meson test}"
preloads

cat >spool.yaml <<'STUDY'
study: spool
data: world
vocab: 400
pretraining: {texts: world}
tasks: [sentiment]
baseline: {layers: 1, hidden: 32, max_length: 32, pretrain_steps: 300, pretrain_batch_size: 8, steps: 20, batch_size: 8}
seeds: 1
plots: []
STUDY

# count SQL - the number that a query gives; 0 while there is no store
count() {
    n=$("$ABLATE" query "$1" --store st --format csv 2>/dev/null | tail -n 1)
    case $n in *[!0-9]* | '') echo 0 ;; *) echo "$n" ;; esac
}

# until COMMAND - until it succeeds; a minute at most
until_it() {
    tries=0
    until "$@" || [ $tries -eq 600 ]; do
        tries=$((tries + 1))
        sleep .1
    done
}
trains() { [ "$(count "select count(*) from attempt join stage s on s.id = stage_id where s.kind = 'pretrain' and pid is not null")" -gt 0 ]; }
is_sealed() { ls st/work/*/*.sealed >/dev/null 2>&1; }
is_told() { grep -q 'waiting: what is made meanwhile is kept$' log; }

# begin - a run that pre-trains
begin() {
    rm -rf st broken
    "$@" "$ABLATE" run spool.yaml --store st >log 2>&1 </dev/null &
    run=$!
    until_it trains
}
# over NAME - what holds when it could be written again
over() {
    wait $run
    check "$1: exit code 0" test $? -eq 0
    check 'it said that it waited' is_told
    check 'and that it went on' grep -q 'going on after ' log
    check 'nothing ran twice' test "$(count "select max(number) from attempt")" -eq 1
    check 'all is done, with its points' test "$(count "select min(n) from (select count(*) n from stage where state = 'done' union all select count(*) / 13 from metric where name = 'loss')")" -ge 5
}

# refuses ERRNO - the system refuses to write the database while the child ends its work
refuses() {
    begin env LD_PRELOAD="$ABLATE_SHIM" FAULT_CALL=pwrite FAULT_ERRNO="$1" FAULT_IN=parent \
        FAULT_FILE=results.db FAULT_WHILE="$scratch/broken"
    : >broken
    until_it is_told
    until_it is_sealed
    rm broken
    over "errno $1"
}

# states CALL AT ERRNO [ALWAYS] - that call on a saved state fails: nothing but a warning comes of it
sed 's/pretrain_steps: 300/pretrain_steps: 8/; s/steps: 20,/steps: 6,/' spool.yaml >states.yaml
states() {
    rm -rf st fired
    (
        [ -z "${4-}" ] || export FAULT_ALWAYS=1
        ABLATE_SAVE_SECONDS=0 LD_PRELOAD=$ABLATE_SHIM FAULT_CALL=$1 FAULT_AT=$2 FAULT_ERRNO=$3 FAULT_IN=child \
            FAULT_FILE=state.safetensors FAULT_LOG=$scratch/fired \
            "$ABLATE" run states.yaml --store st >log 2>&1 </dev/null
    )
    check "$* on a state: exit code 0" test $? -eq 0
    check 'it happened, at the first attempt' test -e fired -a "$(count "select max(number) from attempt")" -eq 1
    [ "$3" = 0 ] || [ "$3" = 4 ] || check 'it is said while it is so' grep -q 'warning: the state after step .* is tried again' log
    weights=$(cat st/artifacts/*/model.safetensors | cksum)
    [ -n "${kept-}" ] || kept=$weights
    check 'and changes no weight' test "$weights" = "$kept"
}

states write 1 28 always
refuses 30 # a file system that has become read-only
[ "${1-}" = long ] || finish
for errno in 5 28 122; do refuses $errno; done
for call in write fsync rename open; do
    for at in 1 3; do
        for errno in 28 5; do
            states $call $at $errno
            states $call $at $errno always
        done
    done
done
states write 2 0
states write 2 4

# What was made cannot be told of: the next attempt goes on from the last state.
key=$("$ABLATE" query "select key from stage where kind = 'pretrain'" --store st --format csv | tail -n 1)
rm -rf st fired
ABLATE_SAVE_SECONDS=0 LD_PRELOAD=$ABLATE_SHIM FAULT_CALL=write FAULT_AT=1 FAULT_ERRNO=28 FAULT_IN=child \
    FAULT_FILE=$key/1.sealed FAULT_LOG=$scratch/fired "$ABLATE" run states.yaml --store st >log 2>&1 </dev/null
check 'the end of a stage cannot be written: exit code 0' test $? -eq 0
check 'it happened, at one stage' test -e fired -a "$(count "select count(*) from attempt where state <> 'done'")" -eq 1
check 'its states were there' sh -c 'grep -q "from what was saved" st/logs/pretrain-*-2.log && ! grep -q "begins anew" st/logs/pretrain-*-2.log'
check 'and changes no weight' test "$(cat st/artifacts/*/model.safetensors | cksum)" = "$kept"
check 'no state is left' test -z "$(find st/artifacts -name 'state*')"

# It is so for good: the run ends with its children's work kept, and the next one takes it.
begin env LD_PRELOAD="$ABLATE_SHIM" FAULT_CALL=pwrite FAULT_ERRNO=5 FAULT_IN=parent \
    FAULT_FILE=results.db FAULT_WHILE="$scratch/broken"
: >broken
wait $run
check 'for good: exit code 1' test $? -eq 1
check 'it says what to do' grep -q 'stopped: mend that, then the same command goes on' log
check_exit 0 "$ABLATE" run spool.yaml --store st
check 'nothing ran twice' test "$(count "select max(number) from attempt where state = 'done'")" -eq 1

# It is moved away, and put back.
begin
mv st/results.db moved
wait $run
check 'moved away: exit code 1' test $? -eq 1
mv moved st/results.db
check_exit 0 "$ABLATE" run spool.yaml --store st
check 'all is done' test "$(count "select count(*) from stage where state = 'done'")" -eq 5

# Its folder may not be written any more.
if [ "$(id -u)" -ne 0 ]; then
    begin
    chmod 500 st st/work st/artifacts
    sleep 2
    chmod 700 st st/work st/artifacts
    wait $run
    check_exit 0 "$ABLATE" run spool.yaml --store st
    check 'all is done' test "$(count "select count(*) from stage where state = 'done'")" -eq 5
else
    skip 'a folder without permission' 'root may do all'
fi
finish
