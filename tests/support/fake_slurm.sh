#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# fake_slurm.sh - Slurm's programs where there is no Slurm: jobs run at once, on this machine, each in a session of its
# own. It is called by their names, links to it. All it knows is in the folder $FAKE_SLURM: `calls`, a line for each;
# `refuse`, what sbatch says instead of taking a job; JOB.pids, the sessions of a job; JOB.token, its --comment.
set -u
cd "$FAKE_SLURM" || exit 1
name=${0##*/}
echo "$name $*" >>calls

# Its session is known before it runs, so that scancel ends one that has only just begun, too.
start() { # JOB ELEMENT LOG SCRIPT; no element: ""
    # shellcheck disable=SC2016  # for the shell that is started
    SLURM_JOB_ID=$1${2:+00$2} SLURM_JOB_NODELIST=n1 SLURMD_NODENAME=n1 \
        setsid sh -c '[ -z "$1" ] || export SLURM_ARRAY_JOB_ID="$0" SLURM_ARRAY_TASK_ID="$1"
            cd / && exec sh "$2"' "$1" "$2" "$4" >>"$3" 2>&1 </dev/null &
    echo $! >>"$1.pids"
}

case $name in
sbatch)
    if [ -e refuse ]; then
        cat refuse >&2
        exit 1
    fi
    last='' log='' token=''
    for word; do
        case $word in
        --array=*) last=${word#*-}; last=${last#*-}; last=${last%%\%*}; last=${last##*-} ;;
        --output=*) log=${word#*=} ;;
        --comment=*) token=${word#*=} ;;
        esac
        script=$word
    done
    job=$(($(cat last-job 2>/dev/null || echo 100) + 1))
    echo $job >last-job
    echo "$token" >$job.token
    if [ -z "$last" ]; then
        start $job '' "$(echo "$log" | sed "s/%j/$job/")" "$script"
    else
        for element in $(seq 0 "$last"); do
            start $job "$element" "$(echo "$log" | sed "s/%A/$job/; s/%a/$element/")" "$script"
        done
    fi
    echo $job
    ;;
srun)
    while [ "${1#-}" != "$1" ]; do shift; done
    exec "$@"
    ;;
scancel)
    [ "$1" = --state=PENDING ] || while read -r session; do kill -TERM -- "-$session" || kill -TERM "$session"; done <"$1.pids"
    ;;
squeue)
    for file in *.token; do
        [ ! -e "$file" ] || echo "${file%.token}|$(cat "$file")|x"
    done
    ;;
scontrol)
    case $* in
    'show hostnames n1') echo n1 ;;
    *) exit 1 ;;
    esac
    ;;
esac
exit 0
