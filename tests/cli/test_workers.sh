#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_workers.sh - a real study on two workers of this machine: workers that are killed, one that
# stands still for three leases and wakes, a head that is killed. Every stage is done once, and what
# was made is what a run without workers makes, bit for bit. The clock runs five times as fast.
. "${0%/*}/lib.sh"

cat >study.yaml <<'EOS'
study: apart
data: world
vocab: 300
pretraining: {texts: world}
tasks:
  - sentiment: {train_examples: 400, epochs: 25}
baseline: {layers: 1, hidden: 32, heads: 2, max_length: 24, pretrain_steps: 300, pretrain_batch_size: 16}
design:
  leave-one-out: [positions, segments, placebo]
seeds: 6
plots: []
EOS
check_exit 0 "$ABLATE" run study.yaml --store here

export FAST_CLOCK=5
# As by ssh, what starts a worker can be killed without the worker.
cat >far.sh <<'EOS'
#!/bin/sh
exec 3<&0
setsid "$ABLATE" "$@" <&3 3<&- &
exec 3<&- </dev/null
wait
EOS
chmod +x far.sh
begin() {
    env LD_PRELOAD="$ABLATE_FAST_CLOCK" "$ABLATE" run study.yaml --store there \
        --on "command:$scratch/far.sh" --on "command:$scratch/far.sh" >out 2>err &
    head=$!
}
# Workers of our store.
workers() {
    pgrep -f "^$ABLATE worker --stdio .*$scratch/there"
}
ask() {
    "$ABLATE" query --store there "$1" --format csv 2>query.err | tail -n 1
}
# until_true COMMAND... - waits for it, half a minute at most, and never longer than the run
until_true() {
    for _ in $(seq 300); do
        ! "$@" 2>until.err || return 0
        kill -0 "$head" 2>until.err || return 1
        sleep .1
    done
    return 1
}
done_stages() {
    [ "$(ask "select count(*) from stage where state = 'done'")" -ge "$1" ] 2>ask.err
}
running_by_workers() {
    [ "$(ask "select count(*) from attempt where worker is not null and ended is null")" -ge 1 ]
}

begin
for n in 3 6 9; do
    check "$n stages are done" until_true done_stages "$n"
    until_true running_by_workers
    kill -9 "$(workers | tail -n 1)"
    report $? 'a worker is killed'
done
check '12 stages are done' until_true done_stages 12
until_true running_by_workers
kill -9 "$head"
wait "$head" 2>wait.err
report 0 'the head is killed'
begin
check '16 stages are done' until_true done_stages 16
until_true running_by_workers
asleep=$(workers | tail -n 1)
kill -STOP "$asleep"
report $? 'a worker stands still'
is_lost() {
    [ "$(ask "select count(*) from worker where state = 'lost' and reason like '%sign of life%'")" -ge 1 ]
}
check 'it is lost after a lease' until_true is_lost
sleep 24 # two more leases
kill -CONT "$asleep"
report $? 'it wakes'
wait "$head"
report $? 'the run ends well'
[ "$(ask "select count(*) from trials where state <> 'done'")" = 0 ]
report $? 'every trial is done'
[ "$(ask "select count(*) from (select stage_id from attempt where state = 'done' group by stage_id having count(*) > 1)")" = 0 ]
report $? 'no stage is done twice'
[ "$(ask "select count(*) from attempt where state = 'done' and worker is null")" = 0 ]
report $? 'workers have done it all'
[ "$(ask "select count(*) from attempt where cause = 'lost'")" -ge 1 ]
report $? 'what was lost is in the store'
diff -r here/artifacts there/artifacts >out 2>err
report $? 'the artefacts are those of a run without workers, bit for bit'
gone() {
    ! workers >pids
}
check 'no worker is left' until_true gone
# what a lost worker could still write to when the run ended is removed by the next one
check_exit 0 "$ABLATE" run study.yaml --store there --quiet
ls there/work >out
check 'nothing is left in work/' test ! -s out
finish
