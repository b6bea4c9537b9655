#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Studies of short trials on workers elsewhere, disturbed: what is said to be done is done and stays so, once, and all
# numbers and files are those of a calm run on this machine alone. ABLATE_TEST_SEED drives all moments, and
# ABLATE_TEST_TRIALS says how many trials (60; 300 in the long run).
# usage: test_matrix.sh SCENARIO
. "${0%/*}/../cli/lib.sh"
here=$(cd "$OLDPWD" && cd "${0%/*}" && pwd -P)
. "$here/matrix.sh"
trap 'leave' EXIT
leave() {
    # shellcheck disable=SC2046,SC2086  # a list
    kill -s KILL ${head:-} $(workers) 2>/dev/null
    for bed in ssh slurm net; do
        [ ! -d "$scratch/bed/$bed" ] || "$beds/$bed.sh" down "$scratch/bed"
    done
    umount "$scratch/disk" 2>/dev/null
    cd / && rm -rf "$scratch"
}

# Four workers of this machine, by words that start them.
by_command() {
    printf "w%d slots=2 command: \"$ABLATE\"\n" 1 2 3 4 >four.hosts
    on='--on four.hosts'
}
# Four hosts, by ssh.
by_ssh() {
    run "$beds/ssh.sh" up bed hostA hostB hostC hostD
    [ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
    report "$code" 'hosts to reach by ssh'
    export ABLATE_SSH_CONFIG="$scratch/bed/ssh/config"
    on='--on ssh:hostA:2,hostB:2,hostC:2,hostD:2'
}

# Four hosts, whose workers call the head; who ends is begun again.
by_calls() {
    "$ABLATE" --version | grep -qv 'built without OpenSSL' || skip_all 'built without OpenSSL: no worker can connect'
    run "$beds/net.sh" up bed n1 n2 n3 n4
    [ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
    report "$code" 'hosts with networks of their own'
    on='--on calls' callers=call
}
call() {
    [ -e "$store/head.json" ] || return 0
    for host in n1 n2 n3 n4; do
        [ -z "$(beats_on "$host")" ] || continue
        "$beds/net.sh" in bed "$host" setsid "$ABLATE" worker --connect "$store/head.json" --store "$store" --workers 2 \
            --name "$host" >>"$host.log" 2>&1 </dev/null &
        echo $! >"$host.caller"
    done
}
beats_on() { # HOST: its worker
    running_caller=$(cat "$1.caller" 2>/dev/null) && kill -0 "$running_caller" 2>/dev/null && echo "$running_caller"
}

# Workers that were lost; not those whose head has ended.
felt_by_workers() {
    felt_by "select name, left_at from worker where state = 'lost' and reason not like '%program%ended'"
}

# 1 kill -9 of workers, of any; those count that run a stage
kill_worker() {
    one "$(busy)" || return 1
    name=$(name_of "$one")
    kill -s KILL "$one" 2>/dev/null && befell 'a worker killed, and lost' "$name" $((2 * lease + 10))
}
kills() {
    storm_of "${ABLATE_TEST_FAULTS:-25}" 1500 kill_worker 6 felt_by_workers
    of_each_kind 1 'a worker killed, and lost'
}

# 2 kill -9 of the head. The next one begins at once, while workers still run what they have: stages that the killed one
# had begun end under it, as done or as lost.
kill_head() {
    [ -n "$(busy)" ] && is_there || return 1
    kill -s KILL "$head"
    wait "$head" 2>/dev/null
    said
    begin "$1"
}
felt_by_stages() {
    ask "select a.run_id, count(*), sum(a.state = 'done') from attempt a where a.worker is not null and
        a.ended > (select min(r.started) from run r where r.id > a.run_id) group by 1" |
        sed -n 's/^[0-9]*,\([0-9]*\),\([0-9]*\)$/a head killed, and stages of it went on/p' >>took
}
heads() {
    storm_of "${ABLATE_TEST_FAULTS:-10}" 4000 kill_head 3 felt_by_stages
    of_each_kind 1 'a head killed, and stages of it went on'
}

# 3 Workers that are stopped for three leases, by turns alone and with all that they run. Who is stopped already is
# no second fault.
below() { # PROCESS...
    for parent; do
        echo "$parent"
        # shellcheck disable=SC2046  # a list
        below $(pgrep -P "$parent")
    done
}
stop_worker() {
    one "$(busy)" || return 1
    [ "$(sed 's/.*) //' "/proc/$one/stat" 2>/dev/null | cut -c 1)" != T ] || return 1
    with=$one what='a worker stopped alone, and lost'
    [ $((happened % 2)) -eq 1 ] || with=$(below "$one") what='a worker stopped with its stages, and lost'
    name=$(name_of "$one")
    kill -s STOP "$one" 2>/dev/null || return 1
    befell "$what" "$name" $((2 * lease)) # it wakes later
    # shellcheck disable=SC2086  # a list, of which some may have ended
    kill -s STOP $with 2>/dev/null
    # shellcheck disable=SC2086  # a list
    later $((3 * lease)) kill -s CONT $with
}
stops() {
    storm_of "${ABLATE_TEST_FAULTS:-6}" 3000 stop_worker 2 felt_by_workers
    of_each_kind 1 'a worker stopped alone, and lost' 'a worker stopped with its stages, and lost'
}

# 4 Hosts that are cut off, for half a lease and for five: 30 s and 5 minutes of a lease of 60 s. Each has a worker that
# runs a stage. For longer than a lease costs it, and since its programs are slow then, what they do begins again
# elsewhere; for less is felt by its host, which sends again what was lost.
sent_again() { # HOST
    "$beds/net.sh" in bed "$1" awk '$1 == "Tcp:" && $13 ~ /^[0-9]+$/ { print $13 }' /proc/net/snmp
}
mend_host() { # HOST SECONDS TIMES: it had sent again as often before
    [ "$2" -gt "$lease" ] || [ "$(sent_again "$1")" -le "$3" ] || echo "a host cut off for half a lease, and felt" >>took
    "$beds/$bed.sh" mend bed "$1"
    rm -f "cut.$1" "pause.$1"
}
cut_host() {
    one "$(busy)" || return 1
    one=$(name_of "$one")
    [ "$one" ] && [ ! -e "cut.$one" ] || return 1
    : >"cut.$one"
    [ $((happened % 2)) -eq 1 ] && seconds=$((lease / 2)) || seconds=$((5 * lease))
    [ "$seconds" -lt "$lease" ] || {
        befell 'a host cut off for five leases, and lost' "$one" "$seconds"
        echo $((lease + lease / 5)) >"pause.$one"
    }
    times=$(sent_again "$one")
    "$beds/$bed.sh" cut bed "$one"
    later "$seconds" mend_host "$one" "$seconds" "$times"
}
felt_by_cuts() {
    felt_by_workers
    again=$((again + $(ask "select count(*) from attempt where cause = 'lost'" | tail -n 1)))
}
cuts() {
    again=0
    case $on in
    *calls) bed=net ;;
    *) bed=ssh ;;
    esac
    storm_of "${ABLATE_TEST_FAULTS:-6}" 4000 cut_host 2 felt_by_cuts
    of_each_kind 2 'a host cut off for half a lease, and felt' 'a host cut off for five leases, and lost'
    check "stages that were lost with their host and began again: $again" test "$again" -gt 0
}

# 5 What a Slurm does, and what is done to it, by turns. Moments that matter to it are seconds apart.
by_slurm() {
    run "$beds/slurm.sh" up bed
    [ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
    report "$code" 'a Slurm of two nodes'
    # shellcheck source=/dev/null  # made just now
    . bed/slurm/env
    on='--on slurm:2 --here'
}
an_element() { # [NODE]: sets $one to one that runs, there
    one "$(squeue -hrt R -w "${1:-n1,n2}" -o %i 2>/dev/null | grep _)"
}
back() { # ctld|NODE: and what it had mistaken
    "$beds/slurm.sh" restart bed "$1"
    sleep 3
    for node in n1 n2; do scontrol update nodename="$node" state=resume; done
}
# took WHAT SECONDS COMMAND... - notes WHAT when the command is true, within so many seconds: it has had its effect
took() {
    what=$1 left=$2
    shift 2
    {
        until "$@" >/dev/null 2>&1; do
            left=$((left - 1))
            [ "$left" -gt 0 ] || exit
            sleep 1
        done
        echo "$what" >>took
    } </dev/null &
    sleepers="$sleepers $!"
}
is_silent() { scontrol ping | grep -q DOWN; }
is_without() { ! kill -0 "$(cat "bed/slurm/$1.pid")"; } # NODE: its slurmd is gone
is_over() { ! squeue -hrt R -o %i | grep -qx "$1"; } # ELEMENT: it runs no more
is_again() { scontrol show job "$1" | grep -q 'Restarts=[1-9]'; } # ELEMENT: it was put back into the queue
# ELEMENT PROCESS: it was begun again, and the process of the first time still runs
is_twice() { is_again "$1" && kill -0 "$2"; }
worker_of() { # ELEMENT: the process of its worker
    for process in $(workers); do
        tr '\0' '\n' 2>/dev/null <"/proc/$process/environ" >env.txt
        grep -qx "SLURM_ARRAY_JOB_ID=${1%_*}" env.txt && grep -qx "SLURM_ARRAY_TASK_ID=${1#*_}" env.txt && echo "$process"
    done
}
disturb_slurm() {
    case $((happened % 9)) in [567]) an_element n2 ;; *) an_element ;; esac && [ -n "$(workers)" ] || return 1
    case $((happened % 9)) in
    0) kill_worker && echo 'a worker killed' >>took ;;
    1) "$beds/slurm.sh" kill-ctld bed; took 'slurmctld killed' 7 is_silent; later 8 back ctld ;;
    2) scancel "$one"; took scancel 20 is_over "$one" ;;
    3) "$beds/slurm.sh" kill-slurmd bed n1; took 'slurmd killed' 5 is_without n1; later 8 back n1 ;;
    4) scontrol requeue "$one"; took requeue 20 is_again "$one" ;;
    5)
        sbatch --partition=main --nodelist=n2 --cpus-per-task=8 --output=/dev/null --wrap 'sleep 5'
        took preemption 40 is_again "$one" ;;
    6) "$beds/slurm.sh" cut bed n2 && echo 'a node cut off' >>took; later 15 "$beds/slurm.sh" mend bed n2 ;;
    7) # a second copy begins while the first runs on
        first=$(worker_of "$one")
        [ "$first" ] || return 1
        "$beds/slurm.sh" kill-slurmd bed n2
        took 'a second copy' 80 is_twice "$one" "$first"
        later 80 back n2 ;;
    8) scontrol update jobid="$one" timelimit=1; took 'time limit' 90 is_over "$one" ;;
    esac >>slurm.log 2>&1
}
slurms() {
    storm_of "${ABLATE_TEST_FAULTS:-9}" 10000 disturb_slurm
    sort took | uniq -c | sed 's/^/# /'
    kinds=$(sort -u took | wc -l) few=$((${ABLATE_TEST_FAULTS:-9} < 9 ? ${ABLATE_TEST_FAULTS:-9} : 9))
    check "each kind has had its effect: $kinds of $few" test "$kinds" -eq "$few"
}

# 6 A disk that is full for some seconds, of all: the store's. What fails there says so.
fill_disk() {
    [ ! -e disk/filler ] && [ -n "$(busy)" ] || return 1
    dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null
    later 3 rm -f disk/filler
    [ "$(df --output=avail disk | tail -n 1)" -lt 8 ] && is_there && befell 'a full disk, and a write that failed' disk 6
}
felt_by_writes() { # what fails within three seconds fails by one fault
    failed="select ended from attempt where state = 'failed' and cause = 'disk'"
    felt_by "select 'disk', ended from ($failed) f where not exists (select 1 from ($failed) g where
        g.ended < f.ended and g.ended > f.ended - 3) group by ended"
}
disks() {
    mkdir disk
    mount -t tmpfs -o size=24m none disk 2>/dev/null || skip_all 'no file system of its own can be mounted here'
    store=$PWD/disk/st
    sed -i '$a retry: {disk: 20}' program.yaml engine.yaml # they are many, and may all hit the same stage
    storm_of "${ABLATE_TEST_FAULTS:-6}" 1200 fill_disk 2 felt_by_writes
    of_each_kind 1 'a full disk, and a write that failed'
}

# 7 Whoever else calls at the port of a head.
hostile_call() {
    [ -e "$store/head.json" ] && [ -n "$(workers)" ] || return 1
    timeout 60 python3 "$here/hostile.py" $((happened % 6)) "$store/head.json" >>hostile.log 2>&1 &
    sleepers="$sleepers $!"
}
felt_by_callers() { # each says its kind, and how the head took it
    sed 's/^\([0-5]\) dropped$/a caller of kind \1, dropped/' hostile.log >>took
    : >hostile.log
}
hostile() {
    command -v python3 >/dev/null || skip_all 'no python3 to call with'
    : >hostile.log
    storm_of "${ABLATE_TEST_FAULTS:-60}" 100 hostile_call 12 felt_by_callers
    for kind in 0 1 2 3 4 5; do
        of_each_kind 1 "a caller of kind $kind, dropped"
    done
    check 'none is heard' test "$(grep -vcx 'a caller of kind [0-5], dropped' took)" -eq 0
}

case ${1-} in
slurms-slurm) pause=2 lease=20 ;;
cuts-ssh | cuts-calls)
    unshare -n -u true 2>/dev/null || skip_all 'no networks of their own here (unshare -n -u): none can be cut'
    pause=.6 ;;
stops-command | stops-calls) pause=.6 ;;
disks-command | disks-calls) steps=6000 ;; # long enough to be under way when the disk fills up
kills-command | kills-ssh | kills-calls | heads-command | heads-ssh | heads-calls | hostile-calls) ;;
*)
    echo "usage: test_matrix.sh SCENARIO" >&2
    exit 2 ;;
esac
case $1 in
*-slurm) studies 'slurm: [--partition=low, --time=10, --cpus-per-task=4]' 'workers: 4' ;;
*) studies ;;
esac
"by_${1#*-}"
"${1%-*}"
finish
