# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# matrix.sh - what test_matrix.sh disturbs, and how it is judged: studies of short trials whose head runs here and
# whose workers run elsewhere. A round is one store, from its first head to a run that has ended by itself; then
# check_store.c compares it with one that nothing has disturbed. There are as many rounds as the faults take.
# shellcheck disable=SC2154,SC2034  # of and for test_matrix.sh
beds=$here
. "$here/../faults/study.sh"
. "$here/../faults/storm.sh"
trials=${ABLATE_TEST_TRIALS:-60}
lease=${ABLATE_TEST_LEASE:-8} # seconds: a quarter of it goes by before a place is tried again
store=$PWD/st
pause=.1                 # seconds: four of them are a trial of a program
state=$seed              # of draw
lost=0 doubled=0 wrong=0 # in all rounds
head='' sleepers=''      # processes: ours, and those that will mend what we have broken
callers=''               # who starts the workers that call the head: a function; none: the head starts its own

# draw N - sets $drawn to one of 0 ... N-1
draw() {
    state=$(((state * 1103515245 + 12345) % 2147483648))
    drawn=$((state / 8192 % $1))
}
nap() { # MILLISECONDS, at most
    draw "$1"
    sleep "$((drawn / 1000)).$(printf %03d $((drawn % 1000)))"
}

# studies [KEY: VALUE]... - writes program.yaml, of $trials trials, and engine.yaml, of a tenth; both have run calmly
studies() {
    sed -i "s|^    step=.*|    sleep \$(cat $PWD/pause)\n&|" train.sh # the same file of code however long it takes
    echo 0 >pause
    { programs "$trials"; echo "cluster: {lease: $lease, linger: 60$(printf ', %s' "$@")}"; } >program.yaml
    { study $(((trials + 9) / 10)); echo "cluster: {lease: $lease, linger: 60$(printf ', %s' "$@")}"; } >engine.yaml
    for name in program engine; do
        calm $name
    done
    echo "$pause" >pause
}

# workers - the processes of workers of our store
workers() {
    for process in $(pgrep -x ablate); do
        tr '\0' ' ' 2>/dev/null <"/proc/$process/cmdline" | grep -q "ablate worker .*$store " && echo "$process"
    done 2>/dev/null
}
# one WORDS - sets $one to a word of them; false: there is none
one() {
    # shellcheck disable=SC2086  # words
    set -- $1
    [ $# -gt 0 ] || return 1
    draw $#
    shift "$drawn"
    one=$1
}

# begin STUDY - a head in the background, with the words in $on
begin() {
    # shellcheck disable=SC2086  # words
    "$ABLATE" run "$1.yaml" --store st --retry all $on >>head.log 2>&1 </dev/null &
    head=$!
}
is_there() {
    kill -0 "$head" 2>/dev/null
}
# later SECONDS COMMAND... - mends by that command; a round is over when all is mended
later() {
    seconds=$1
    shift
    {
        sleep "$seconds"
        "$@"
    } >/dev/null 2>&1 </dev/null &
    sleepers="$sleepers $!"
}
# said - what the last head said to be done: now it is bound to
said() {
    "$ABLATE" query "select key || ' ' || attempt from stage where state = 'done'" --store st --format csv 2>/dev/null |
        sed -n 's/^"*\([0-9a-f]\{16,\} [0-9]*\)"*$/\1/p' | sort -u >>acks
}
# settled STUDY - waits for the head, and judges the store
settled() {
    wait "$head"
    ended=$?
    head=''
    # shellcheck disable=SC2086  # a list
    [ -z "$sleepers" ] || wait $sleepers
    sleepers=''
    tries=100
    while [ -n "$(workers)" ] && [ $tries -gt 0 ]; do # who was woken has his last words
        tries=$((tries - 1))
        sleep .1
    done
    if [ -n "$(ls st/work)" ]; then # of workers that were lost, who may have written on: what clears it up is gc
        sleep "$lease"
        "$ABLATE" gc --store st >>head.log 2>&1
    fi
    "$ABLATE_CHECK_STORE" st "calm-$1" acks >checked 2>&1
    found=$?
    for kind in lost doubled wrong; do
        count=$(sed -n "s/.* $kind \([0-9]*\).*/\1/p" checked | tail -n 1)
        eval "$kind=\$(($kind + ${count:-1000}))"
    done
    if [ $ended -ne 0 ] || [ $found -ne 0 ]; then
        tail -n 25 checked
        tail -n 15 head.log
    fi | sed 's/^/# /'
    [ $ended -eq 0 ] && [ $found -eq 0 ]
    report $? "$1: code $ended; $(tail -n 1 checked)"
}

# storm_of NUMBER PACE FAULT - that many faults: FAULT is called after each nap, and true where it has happened
storm_of() {
    wanted=$1 fault=$3
    happened=0 round=0
    while [ $happened -lt "$wanted" ] && [ $round -lt 40 ]; do
        for study in program engine; do
            [ $study = program ] && pace=$2 || pace=$(($2 / 4)) # the engine's trials are over sooner
            round=$((round + 1))
            rm -rf st acks head.log
            : >acks
            begin $study
            while is_there && [ $happened -lt "$wanted" ]; do
                ${callers:-:}
                nap "$pace"
                ! $fault $study || happened=$((happened + 1))
            done
            while is_there; do
                ${callers:-:}
                sleep .5
            done
            settled $study
        done
    done
    [ $happened -ge "$wanted" ]
    report $? "$fault: $happened in $round rounds: lost $lost, doubled $doubled, wrong $wrong; seed $seed"
}
