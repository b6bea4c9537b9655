#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The test bed of slurm.sh holds what the tests on it build on: arrays of which some run at a time, standard streams
# through srun, warnings, time limits, preemption, requeue, and each of its faults. Half a minute, nearly all of it
# waiting: slurmctld looks at time limits twice a minute.
. "${0%/*}/../cli/lib.sh"
slurm=${0%/*}/slurm.sh
case $slurm in /*) ;; *) slurm=$OLDPWD/$slurm ;; esac
step="${slurm%/*}/step.py"

soon() { # SECONDS NAME COMMAND...
    tries=$(($1 * 5)) case_name=$2
    shift 2
    until "$@" >out 2>err; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || break
        sleep .2
    done
    report $((tries == 0)) "$case_name"
}
state() { # JOB STATE
    scontrol -o show job "$1" | tr ' ' '\n' | grep -x "JobState=$2"
}
submit() { # OPTION... COMMAND: echoes the job
    sbatch --parsable --output=/dev/null "$@"
}
has() { # FILE LINE [TIMES]
    [ "$(grep -cx "$2" "$1")" -ge "${3:-1}" ]
}
none() { # PATTERN: of command lines
    ! pgrep -f "$1"
}
ticks() {
    grep -c tick "$1"
}
grows() { # FILE
    before=$(ticks "$1")
    sleep 1.5
    [ "$(ticks "$1")" -gt "$before" ]
}

mkdir no-tools
check_exit 77 env PATH="$scratch/no-tools" /bin/sh "$slurm" up bed 2>err
check_error "SKIP: slurm.sh: 'munge' is not installed"
run "$slurm" up bed
[ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
trap '"$slurm" down "$scratch/bed"; cd / && rm -rf "$scratch"' EXIT
report "$code" 'it starts'
# shellcheck source=/dev/null  # made just now
. bed/slurm/env

# First what slurmctld's half minutes decide; the rest meanwhile.
warned=$(submit --signal=USR1@110 --time=10 --wrap "exec srun $step $scratch/warned 100")
limited=$(submit --partition=short --wrap "exec srun $step $scratch/limited 100")
soon 5 'two jobs run' has warned 'begun .*'
check 'the end of a job can be moved' "$slurm" ends bed "$warned" 130
check 'and brought near' "$slurm" ends bed "$limited" 5

# shellcheck disable=SC2016  # for the job
submit --array=0-5%2 --wrap 'echo + $SLURM_ARRAY_TASK_ID >>array; sleep .5; echo - $SLURM_ARRAY_TASK_ID >>array' >job
soon 20 'an array runs, each element once' sh -c 'test "$(grep + array | sort -u | wc -l)" = 6 && test "$(wc -l <array)" = 12'
check 'and two at a time' awk '{ n += $1 == "+" ? 1 : -1; if (n > 2) exit 1 }' array

head -c 3000000 /dev/urandom >bytes
srun --unbuffered cat <bytes >same 2>err
check 'any bytes go through srun and back' cmp bytes same
check_exit 7 srun sh -c 'exit 7'
srun -N2 hostname | sort >hosts
if [ -d bed/net ]; then
    check 'nodes have names of their own' test "$(tr '\n' ' ' <hosts)" = 'n1 n2 '
else
    skip 'nodes have names of their own' 'not root'
fi

low=$(submit --partition=low --nodelist=n2 --cpus-per-task=8 --requeue --wrap "exec srun --cpus-per-task=8 $step $scratch/low 100")
again=$(submit --nodelist=n1 --requeue --wrap "exec srun $step $scratch/again 100")
soon 10 'a job of the partition low' has low 'begun .*'
soon 10 'a job to queue again' has again 'begun .*'
high=$(submit --nodelist=n2 --cpus-per-task=8 --wrap "sleep 2")
check 'scontrol requeue' scontrol requeue "$again"
soon 10 'main preempts low: its step is told' has low SIGTERM
soon 10 'and it waits' state "$low" PENDING
soon 15 'main has its turn' state "$high" COMPLETED
soon 40 'the preempted one begins again' has low 'begun .* 1'
soon 40 'so does the one that was queued again' has again 'begun .* 1'

soon 40 'the warning comes while there is time' has warned SIGUSR1
check 'and nothing else' sh -c '! grep -q TERM warned'
soon 40 'the limit ends a job' state "$limited" TIMEOUT
check 'which was told' has limited SIGTERM

"$slurm" kill-slurmd bed n1
check 'slurmd is killed: its processes run on' grows again
"$slurm" kill-ctld bed
check 'slurmctld too: they run on' grows again
check_exit 0 "$slurm" restart bed ctld
check_exit 0 "$slurm" restart bed n1
check 'the job is known again' state "$again" RUNNING

if [ -d bed/net ]; then
    "$slurm" cut bed n1
    # `timeout` of its own, since srun has more patience
    check 'a node is cut off' sh -c '! timeout 3 srun --nodelist=n1 true'
    check 'its processes run on' grows again
    "$slurm" mend bed n1
    soon 20 'it is back' timeout 5 srun --nodelist=n1 --overlap true
    "$slurm" kill-node bed n1
    check 'a node without power' none "$step $scratch/again"
    check_exit 0 "$slurm" restart bed n1
else
    skip 'a node is cut off, and killed' 'not root'
fi
check_exit 0 "$slurm" down bed
check 'no process is left' none "$scratch/"
check 'no file is left' sh -c '! ls bed/*'
finish
