#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# slurm.sh - a real Slurm on one machine: munged, slurmctld and two nodes of 8 CPUs, n1 and n2, with their own
# configuration, key, spools and logs in one scratch folder, nothing in /etc. As root each node has a network and a
# host name of its own (net.sh); else all is on the loopback interface and a node cannot be cut off. Partitions:
# main; short, at most 1 minute; low, whose jobs main preempts and Slurm queues again; grace, the same after 10 s.
# A node that was away for longer than SlurmdTimeout (30 s, ABLATE_SLURMD_TIMEOUT) comes back by `restart`. A slurmctld
# killed within seconds of a job's start forgets that it runs, starts it again and drains its node: afterwards
# scontrol update NodeName=n1 State=RESUME.
# usage: slurm.sh up FOLDER                    then: . FOLDER/slurm/env; sbatch ...
#        slurm.sh kill-ctld FOLDER             -9
#        slurm.sh kill-slurmd FOLDER n1        -9; the processes of its jobs run on
#        slurm.sh kill-node FOLDER n1          a power failure: silence, and all processes on it killed
#        slurm.sh restart FOLDER ctld|n1       stops it if it runs, mends the node's network, and starts it
#        slurm.sh cut|mend FOLDER n1           the node's network; net.sh delay FOLDER n1 MS makes it slow
#        slurm.sh ends FOLDER JOB SECONDS      its time limit is that far away (Slurm knows only minutes)
#        slurm.sh down FOLDER                  and all jobs with it
here=$(cd "${0%/*}" && pwd -P)
. "$here/bed.sh"
[ $# -ge 2 ] || usage
verb=$1 given=$2
shift 2
nodes='n1 n2'

write_conf() { # CONTROL-ADDRESS
    cat >slurm.conf <<END
ClusterName=ablate
SlurmctldHost=$(hostname -s)($1)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
AuthInfo=socket=$bed/munge.sock,cred_expire=5
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
MailProg=/bin/true
KillWait=5
SlurmctldTimeout=30
SlurmdTimeout=${ABLATE_SLURMD_TIMEOUT:-30}
SlurmctldPort=$(free_port)
SlurmctldPidFile=$bed/ctld.pid
SlurmdPidFile=$bed/%n.pid
StateSaveLocation=$bed/state
SlurmdSpoolDir=$bed/spool.%n
SlurmctldLogFile=$bed/ctld.log
SlurmdLogFile=$bed/%n.log
END
    for node in $nodes; do
        at=127.0.0.1
        [ ! -e "$folder/net/$node.address" ] || at=$(cat "$folder/net/$node.address")
        echo "NodeName=$node NodeHostname=$(hostname -s) NodeAddr=$at Port=$(free_port) CPUs=8 RealMemory=4000"
    done >>slurm.conf
    cat >>slurm.conf <<END
PartitionName=main Nodes=ALL Default=YES State=UP PriorityTier=2 PreemptMode=off
PartitionName=short Nodes=ALL MaxTime=1 State=UP PriorityTier=2 PreemptMode=off
PartitionName=low Nodes=ALL State=UP PriorityTier=1 PreemptMode=requeue
PartitionName=grace Nodes=ALL State=UP PriorityTier=1 PreemptMode=requeue GraceTime=10
END
}

on_node() { # NODE COMMAND...
    if [ -d "$folder/net" ]; then
        "$here/net.sh" in "$folder" "$@"
    else
        shift
        "$@"
    fi
}

start() { # ctld|NODE
    if [ "$1" = ctld ]; then
        slurmctld >>ctld.log 2>&1 </dev/null || return 1
    else
        on_node "$1" slurmd -N "$1" >>"$1.log" 2>&1 </dev/null || return 1
    fi
    wait_until 10 "the start of $1 (see $bed/$1.log)" alive "$bed/$1.pid"
}

all_idle() {
    [ "$(sinfo -hNo '%N %T' | sort -u)" = "$(printf 'n1 idle\nn2 idle')" ]
}

# of_jobs: what has our SLURM_CONF and is of a job, or keeps one (slurmstepd)
of_jobs() {
    grep -lzxF "SLURM_CONF=$bed/slurm.conf" /proc/[0-9]*/environ 2>/dev/null | while read -r file; do
        process=${file#/proc/} process=${process%/environ}
        if grep -qz '^SLURM_JOB_ID=' "$file" || grep -q '^slurmstepd:' "/proc/$process/cmdline"; then
            ! running "$process" || echo "$process"
        fi
    done 2>/dev/null
}

down() {
    if alive "$bed/ctld.pid" && [ -e "$bed/slurm.conf" ]; then
        timeout 10 scancel --full --signal=KILL --user="$(id -un)" 2>/dev/null
        timeout 10 scancel --user="$(id -un)" 2>/dev/null
    fi
    kill_while of_jobs
    stop TERM "$bed/n1.pid" "$bed/n2.pid" "$bed/ctld.pid" "$bed/munged.pid"
    "$here/net.sh" down "$folder"
    cd "$folder" && rm -rf "$bed"
}

up() {
    need munged munge
    need munge munge
    need slurmctld slurm-wlm
    need slurmd slurm-wlm
    need srun slurm-wlm
    getent hosts "$(hostname -s)" >/dev/null || skip "the name of this host, '$(hostname -s)', has no address"
    bed "$given" slurm
    export SLURM_CONF="$bed/slurm.conf"
    [ ! -e slurm.conf ] || die "there is one in '$folder' already"
    control=127.0.0.1
    # shellcheck disable=SC2086  # a list of words
    "$here/net.sh" up "$folder" $nodes
    case $? in
    0) control=$(cat "$folder/net/head.address") ;;
    77) echo "$me: so the nodes share this machine's network" >&2 ;;
    *) exit 1 ;;
    esac
    trap '[ -e up ] || { tail -n 5 "$bed"/*.log >&2; down; }' EXIT
    mkdir state spool.n1 spool.n2
    (umask 077 && head -c 1024 /dev/urandom >munge.key)
    munged --force --key-file="$bed/munge.key" --socket="$bed/munge.sock" --pid-file="$bed/munged.pid" \
        --log-file="$bed/munged.log" --seed-file="$bed/munge.seed" 2>>munged.log || die 'munged does not start'
    write_conf "$control"
    echo "export SLURM_CONF='$bed/slurm.conf'" >"$bed/env"
    for name in ctld $nodes; do
        start "$name" || die "$name does not start"
    done
    wait_until 30 'idle nodes' all_idle
    : >up
}

need_network() {
    [ -d "$folder/net" ] || skip "a node can be cut off as root only"
}

if [ "$verb-$#" = up-0 ]; then
    up
    exit 0
fi
[ -d "$given/slurm" ] || { [ "$verb" = down ] && exit 0; die "no Slurm in '$given'"; }
bed "$given" slurm
export SLURM_CONF="$bed/slurm.conf"
case "$verb $*" in
*' n1' | *' n2' | 'restart ctld' | ends* | 'down ' | 'kill-ctld ') ;;
*) usage ;;
esac
case $verb-$# in
down-0) down ;;
kill-ctld-0) stop KILL "$bed/ctld.pid" ;;
kill-slurmd-1) stop KILL "$bed/$1.pid" ;;
kill-node-1) need_network; "$here/net.sh" kill "$folder" "$1" ;;
restart-1)
    stop TERM "$1.pid"
    [ "$1" = ctld ] || [ ! -d "$folder/net" ] || "$here/net.sh" mend "$folder" "$1"
    start "$1" ;;
cut-1 | mend-1) need_network; "$here/net.sh" "$verb" "$folder" "$1" ;;
ends-2) # a limit of its own first: the end of an unlimited job cannot be moved
    scontrol update "JobId=$1" TimeLimit=$((2 + $2 / 60)) && scontrol update "JobId=$1" "EndTime=now+$2" ;;
*) usage ;;
esac
