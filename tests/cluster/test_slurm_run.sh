#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_slurm_run.sh - `ablate run --on slurm` on the test bed's Slurm (slurm.sh), from nothing to a report: by itself,
# with its head here, within a job; with the signals of a queue, time limits, preemption, nodes that lose workers, and
# allocations that never connect. Three minutes, nearly all of it waiting.
. "${0%/*}/../cli/lib.sh"
slurm=${0%/*}/slurm.sh
case $slurm in /*) ;; *) slurm=$OLDPWD/$slurm ;; esac

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
ask() { # STORE SQL TEXT: the answer is that text
    run "$ABLATE" query "$2" --store "$1" --format csv
    sed 1d out >answer
    [ "$(cat answer)" = "$3" ]
    report $? "$1: $2: $(echo "$3" | tr '\n' ' ')"
}
study() { # NAME SECONDS LINE...: a program that counts tenths of a second, and goes on from where it was
    name=$1 tenths=$(($2 * 10))
    shift 2
    mkdir "$name"
    cat >"$name/train.sh" <<'END'
#!/bin/sh
trap 'exit 143' TERM
at=$(cat "$2/at" 2>/dev/null || echo 0)
while [ "$at" -lt "$1" ]; do
    sleep .1
    at=$((at + 1))
    echo $at >"$2/new" && mv "$2/new" "$2/at"
done
echo "loss: 0.${SEED}12345"
END
    chmod +x "$name/train.sh"
    {
        echo "study: $name"
        echo "command: [./train.sh, '$tenths', '{state}', '{flags}']"
        cat <<'END'
code: in-place
options:
  a: {type: int, default: 1, none: 0}
  b: {type: int, default: 2, none: 0}
seed: {environment: SEED}
resume: {if: "{state}/at"}
metrics:
  loss: {goal: min, main: true, from: "stdout: loss"}
design: {leave-one-out: [a, b]}
END
        printf '%s\n' "$@"
    } >"$name/study.yaml"
}
count() { # FILE... NUMBER
    for number; do :; done
    [ $(($# - 1)) -eq "$number" ] && [ -e "$1" ]
}
last_job() { # STORE
    grep -ho 'job [0-9]* asks' "$1.out" | tail -n 1 | tr -dc 0-9
}

"$ABLATE" --version >out
! grep -q 'built without OpenSSL' out || skip_all 'built without OpenSSL'
run "$slurm" up bed
[ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
trap '"$slurm" down "$scratch/bed"; cd / && rm -rf "$scratch"' EXIT
report "$code" 'Slurm starts'
# shellcheck source=/dev/null  # made just now
. bed/slurm/env

# what takes minutes goes on beside the rest
study never 1 'seeds: 1' "cluster: {workers: 3, program: $scratch/none, slurm: [--partition=main]}"
(cd never && exec "$ABLATE" run study.yaml --on slurm --here) >never.out 2>&1 &
never=$!
study short 130 'seeds: 1' 'cluster: {workers: 1, slurm: [--time=4]}'
(cd short && exec "$ABLATE" run study.yaml --on slurm:4 --here) >short.out 2>&1 &
short=$!
study lost 400 'seeds: 1' 'cluster: {workers: 1, slurm: [--nodelist=n1]}'
(cd lost && exec "$ABLATE" run study.yaml --on slurm:4 --here) >lost.out 2>&1 &
lost=$!
for n in 1 2; do
    until count lost/ablate-store/work/*/"$n" 3; do sleep .5; done
    sleep 1
    pkill -KILL -f "worker --connect $scratch/lost/"
done &
killer=$!

study self 1 'seeds: 4' 'cluster: {workers: 2, slurm: [--partition=main, --time=10]}'
check_exit 0 "$ABLATE" run self/study.yaml --on slurm --store self/st
check_match '^submitted job [0-9]+: the run itself'
job=$(grep -o 'submitted job [0-9]*' out | tr -dc 0-9)
soon 60 'the run submits itself, and ends' grep -q '^store ' "self/st/logs/slurm-$job.log"
check 'with a report' test -s self/st/plots/self/report.html
ask self/st 'select count(*), count(distinct stage_id), max(number) from attempt where worker is not null' 12,12,1
ask self/st 'select count(distinct job), count(*) > 0 from worker where array_index is not null' 1,1
soon 10 'none of its jobs is left' sh -c "! squeue -ho %j | grep self"

study within 1 'seeds: 4'
(cd within && exec salloc -N2 "$ABLATE" run study.yaml --on slurm --store st) >out 2>err
report $? 'within a job'
ask within/st 'select count(*), count(distinct stage_id), max(number) from attempt' 12,12,1
ask within/st 'select distinct node from worker order by 1' "$(printf 'n1\nn2')"

# signals that go to every process of a job: stages are given back, and none has failed
study signals 4 'seeds: 2' 'cluster: {workers: 2}'
(cd signals && exec "$ABLATE" run study.yaml --on slurm:2 --here --store st) >signals.out 2>&1 &
run=$!
soon 20 'workers run stages' sh -c 'test "$(ls -d signals/st/work/*/1.json signals/st/work/*/1 | wc -l)" -ge 4'
sleep 1
job=$(last_job signals)
scancel --signal=USR1 "${job}_0"
scancel --signal=TERM "${job}_1"
wait $run
report $? 'USR1 and TERM: the run goes on with other workers'
ask signals/st "select count(*) from attempt where state in ('failed', 'timed out')" 0
ask signals/st "select count(distinct stage_id) from attempt where state = 'done'" 6
ask signals/st "select count(*) > 0 from attempt where number > 1" 1

# a head whose own time is up is queued again, and finds its workers
study again 8 'seeds: 1' 'cluster: {workers: 1}'
check_exit 0 "$ABLATE" run again/study.yaml --on slurm:3 --store again/st --quiet
job=$(cat out)
soon 20 'its worker runs stages' sh -c 'test "$(ls -d again/st/work/*/1 | wc -l)" -eq 3'
scancel --batch --signal=USR1 "$job"
soon 90 'the head is queued again, and ends' grep -q '^store ' "again/st/logs/slurm-$job.log"
ask again/st 'select count(*), max(number) from attempt' 3,1
check 'no more workers were asked for' test "$(grep -c 'asks for' "again/st/logs/slurm-$job.log")" -eq 1

# preempted: it is queued again, or another one is asked for
study low 6 'seeds: 1' 'cluster: {workers: 1, slurm: [--partition=low, --nodelist=n2, --cpus-per-task=8]}'
(cd low && exec "$ABLATE" run study.yaml --on slurm:3 --here --store st) >low.out 2>&1 &
run=$!
soon 40 'a worker of low priority runs stages' sh -c 'test "$(ls -d low/st/work/*/1 | wc -l)" -eq 3'
sbatch --parsable --output=/dev/null --nodelist=n2 --cpus-per-task=8 --wrap 'sleep 3' >out
wait $run
report $? 'preempted: the run goes on'
ask low/st "select count(*) from attempt where state in ('failed', 'timed out')" 0

# stages of two minutes on allocations of four that are warned after two at most
wait $short
report $? 'time limits: the run goes on with other workers'
ask short/ablate-store "select count(*) from attempt where state in ('failed', 'timed out')" 0
ask short/ablate-store "select count(*) > 1 from worker" 1

# Slurm takes no job of a study that asks for n1 without n1
soon 200 'a node on which two workers were lost is left out' grep -q 'on node n1: it is left out from now on' lost.out
soon 100 'until Slurm takes no job without it' grep -q 'no node is left out any more' lost.out
kill $killer 2>/dev/null
kill -TERM $lost
wait $lost
check 'a run that is stopped' test $? -eq 3
soon 20 'cancels its jobs' sh -c "! squeue -ho %j | grep lost"

wait $never
check 'allocations that never connect end the run' test $? -eq 1
cp never.out out
check_match '3 allocations in a row have begun and none has connected, so no more are asked for'
check_match 'No such file or directory|execve'
check 'only those were asked for' test "$(grep -c 'asks for' never.out)" -eq 1
finish
