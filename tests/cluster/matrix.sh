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
steps=8                  # of a pre-training: milliseconds
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
    # the same file of code however long it takes, and on a host that is to be slow
    sed -i "s|^    step=.*|    sleep \$(cat $PWD/pause.\$(uname -n) 2>/dev/null \|\| cat $PWD/pause)\n&|" train.sh
    echo 0 >pause
    { programs "$trials"; echo "cluster: {lease: $lease, linger: 60$(printf ', %s' "$@")}"; } >program.yaml
    { study $(((trials + 9) / 10)) 5e-4 "$steps"; echo "cluster: {lease: $lease, linger: 60$(printf ', %s' "$@")}"; } >engine.yaml
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
# busy - those of them that run a stage: they have joined
busy() {
    for process in $(workers); do
        [ -z "$(pgrep -P "$process")" ] || echo "$process"
    done
}
# name_of PROCESS - what a worker is called; nothing where its words do not say
name_of() {
    tr '\0' '\n' 2>/dev/null <"/proc/$1/cmdline" | sed -n '/^--name$/{n;p;}'
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
    "$ABLATE" run "$1.yaml" --store "$store" --retry all $on >>head.log 2>&1 </dev/null &
    head=$!
}
# fresh - no store, and nothing else of the round before
fresh() {
    rm -rf "$store" 2>/dev/null
    [ ! -e "$store" ] || {
        find "$store" | sed 's/^/# written after the end: /'
        report 1 'nobody writes in a store when its round is over'
        sleep 5
        rm -rf "$store"
    }
    rm -f head.log faults
    : >acks
    : >faults
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
# ask SQL - rows of the store, of this moment, behind a line of names
ask() {
    "$ABLATE" query "$1" --store "$store" --format csv 2>/dev/null
}
# said - what the last head said to be done: now it is bound to
said() {
    ask "select key || ' ' || attempt from stage where state = 'done'" |
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
    if [ -n "$(ls "$store/work")" ]; then # of workers that were lost, who may have written on: what clears it up is gc
        sleep "$lease"
        "$ABLATE" gc --store "$store" >>head.log 2>&1
    fi
    "$ABLATE_CHECK_STORE" "$store" "calm-$1" acks >checked 2>&1
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

# A fault counts once it has had its effect: a line of the file `took`, which says what kind it was.
# befell WHAT NAME SECONDS - a fault that leaves a trace of that name in the store, within so many seconds
befell() {
    moment=$(date +%s)
    echo "$2,$moment,$((moment + $3)),$1" >>faults
}
# felt_by SQL - of such faults those that have: the rows, of a name and a moment, each of them for one fault
felt_by() {
    ask "$1 order by 2" >traces.csv
    awk -F , 'NR == FNR { name[FNR] = $1; at[FNR] = $2; rows = FNR; next }
        { for (i = 2; i <= rows; i++)
            if (!used[i] && name[i] == $1 && at[i] + 1 >= $2 && at[i] <= $3 + 0) {
                used[i] = 1
                sub(/^[^,]*,[^,]*,[^,]*,/, "")
                print
                break
            } }' traces.csv faults >>took
}

# storm_of NUMBER PACE FAULT [NUMBER-OF-ENGINE [FELT]] - that many faults in studies of a program, and so many in
# those of the engine: FAULT is called after each nap, and true where it has happened; FELT after each round writes down
# which have had their effect, where they do not do so by themselves.
storm_of() {
    fault=$3 felt=${5:-:} begun=$(date +%s)
    happened=0 round=0 goal=0
    : >took
    for study in program engine; do
        case $study in
        program) goal=$1 pace=$2 ;;
        engine) goal=$(($1 + ${4:-0})) pace=$(($2 / 4)) ;; # the engine's trials are over sooner
        esac
        rounds=0
        while [ $rounds -eq 0 ] || { [ "$(wc -l <took)" -lt "$goal" ] && [ $rounds -lt 25 ]; }; do
            rounds=$((rounds + 1)) round=$((round + 1))
            wanted=$((goal - $(wc -l <took)))
            fresh
            begin $study
            while is_there && [ $wanted -gt 0 ]; do
                ${callers:-:}
                nap "$pace"
                if $fault $study; then
                    happened=$((happened + 1)) wanted=$((wanted - 1))
                    said
                fi
            done
            while is_there; do
                ${callers:-:}
                sleep .5
            done
            settled $study
            $felt
        done
    done
    effects=$(wc -l <took)
    [ "$effects" -ge "$goal" ]
    report $? "$fault: $happened in $round rounds, $effects of $goal wanted had their effect: lost $lost, doubled $doubled,\
 wrong $wrong; $trials trials, lease $lease s, $((($(date +%s) - begun + 59) / 60)) min; seed $seed"
}
# of_each_kind NUMBER KIND... - has had its effect as often as that
of_each_kind() {
    least=$1
    shift
    for kind; do
        times=$(grep -cxF "$kind" took)
        check "$kind: $times times, $least or more" test "$times" -ge "$least"
    done
}
