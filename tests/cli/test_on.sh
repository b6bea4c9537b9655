#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate run --on`: workers that any words start, on this machine. Hosts by ssh: tests/cluster/test_hosts.sh.
. "${0%/*}/lib.sh"

cat >study.yaml <<'END'
study: s
command: [sh, -c, "sleep .1; echo accuracy=0.$1$2", x, "{a}", "{seed}"]
options: {a: {type: int, default: 1}}
metrics: {accuracy: {}}
design: {grid: {a: [1, 2, 3]}}
seeds: 2
END

check_exit 2 "$ABLATE" run study.yaml --on nowhere
check_error "--on does not know the place 'nowhere'; --on takes local, ssh:HOST,HOST, FILE.hosts"
check_exit 2 "$ABLATE" run study.yaml --on ssh:-oProxyCommand=reboot
check_error "'-oProxyCommand=reboot' is no host"
check_exit 2 "$ABLATE" run study.yaml --on my.hosts
check_error "my.hosts"
check 'nothing was begun' test ! -e ablate-store

check_exit 0 "$ABLATE" plan study.yaml --on local:3
check_match '^  to run    6 runs on 3 workers x 1 thread$'

# a host file: this machine itself, and a command whose store lies elsewhere
ln -s "$scratch/here" there
printf '# mine\nlocal slots=1\nbox slots=1 store=%s/there command: "%s"\n' "$scratch" "$ABLATE" >my.hosts
check_exit 0 "$ABLATE" plan study.yaml --on my.hosts --on ssh:far:6 --store here
check_match '^  to run    6 runs, 8 stages at a time$'
check_match '^  on        this machine 1, box 1, far 6$'
check_exit 0 "$ABLATE" run study.yaml --on my.hosts --store here
check 'there is a report' test -s here/plots/s/report.html
check 'it has the worker' grep -q 'Workers' here/plots/s/report.html
check_exit 0 "$ABLATE" query --store here --format csv \
    'select w.name, w.slots, w.state, w.reason, count(*) > 0 as ran from worker w join attempt a on a.worker = w.id'
check_match '^box,1,left,the run ended,1$'
check_exit 0 "$ABLATE" query --store here --format csv \
    'select count(*) as n, count(distinct stage_id) as stages, sum(worker is null) > 0 as own from attempt'
check_match '^6,6,1$'
sed 's/^seeds: 2/seeds: 3/' study.yaml >more.yaml
check_exit 0 "$ABLATE" plan more.yaml --on "command:$ABLATE" --on 'command:box' --store here
check_match 'ablate [0-9]+ \(not known yet: as here\), box 1$'
check_exit 2 env ABLATE_SITE=my.hosts "$ABLATE" plan study.yaml --on ssh:far --store here
check_exit 0 env ABLATE_SITE=my.hosts "$ABLATE" plan study.yaml --store here
check_exit 0 "$ABLATE" status s --store here
check_match '^1 worker: 1 left$'
check_match '^worker: box .*: left, [0-9]+ done, .* ago: the run ended'
check_exit 0 "$ABLATE" status s --store here --json
check_match '"name": "box"'
check_exit 0 "$ABLATE" results s --store here --trials
check_match 'worker_host'
trial=$("$ABLATE" query --store here --format csv "select min(l.trial_id) from attempt a join trial_stage l
    on l.stage_id = a.stage_id where a.worker is not null" | tail -n 1)
check_exit 0 "$ABLATE" show "$trial" --store here
check_match '\(worker box\)'
check_exit 0 "$ABLATE" run study.yaml --on "command:env PBS_JOBID=4711 PBS_ARRAY_INDEX=3 $ABLATE" --store queue
check_exit 0 "$ABLATE" show 1 --store queue
check 'it has the job and its index' sh -c 'tr -s "\n " " " <out | grep -q "(worker env, job 4711_3)"'
check_exit 0 "$ABLATE" results s --trials --store queue --format csv
check_match '^study,.*,worker_host,worker_job,worker_array_index$'
check_match ',4711,3$'
check_exit 0 "$ABLATE" status s --store queue
check 'so has status' sh -c 'tr -s "\n " " " <out | grep -q "job 4711_3"'
check 'and the report' grep -q 4711 queue/plots/s/report.html
check_exit 0 "$ABLATE" verify --store here
check_exit 0 "$ABLATE" gc --store here
check 'what launchers said stays' test -e here/logs/worker-box.log

# the numbers are those of this machine alone
check_exit 0 "$ABLATE" run study.yaml --store alone --quiet
for store in here alone; do
    "$ABLATE" query --store $store --format csv 'select variant, seed, accuracy from trials order by 1, 2' >$store.csv
done
check 'the numbers are those of a run without workers' cmp here.csv alone.csv

# a worker begins in another folder than the head: paths of the study are not relative there
. "$source/tests/faults/study.sh"
study 1 >engine.yaml
printf '#!/bin/sh\ncd / && exec "$ABLATE" "$@"\n' >elsewhere
chmod +x elsewhere
check_exit 0 env ABLATE="$ABLATE" "$ABLATE" run engine.yaml --on "command:$scratch/elsewhere" --store rel
# its data may lie elsewhere, too, and must be the same
mkdir data
cp texts.txt rows.csv data
printf 'far data=%s/data command: "%s/elsewhere"\n' "$scratch" "$scratch" >far.hosts
check_exit 0 env ABLATE="$ABLATE" "$ABLATE" run engine.yaml --data ./ --on far.hosts --store far
for store in rel far; do
    "$ABLATE" query --store $store --format csv 'select s.key, r.name, r.value from result r join stage s on s.id = r.stage_id
        where r.name not like "%seconds%" order by 1, 2' >$store.csv
done
check 'with the same numbers' cmp rel.csv far.csv
echo 'a good cat,1' >>data/rows.csv
check_exit 1 env ABLATE="$ABLATE" "$ABLATE" run engine.yaml --on far.hosts --store other
check_error "data/rows.csv' is not the file that the run was planned with"

# another store at that path, none, or another version: refused by name
printf 'box store=%s/queue command: "%s"\nshed store=%s/none command: "%s"\n' "$scratch" "$ABLATE" "$scratch" "$ABLATE" >other.hosts
check_exit 1 "$ABLATE" run study.yaml --on other.hosts --store new
check_error 'worker box is left out: the store that it sees is not ours: '
check_error "(it was given '$scratch/queue')"
check_error 'worker shed is left out: it does not see our store there: '
check_error "(it was given '$scratch/none')"
check_error 'no worker is left that could go on: box: '
check_exit 0 "$ABLATE" status s --store new
check_match '^2 workers: 2 refused$'
check_match '^worker: box \(host .*\): refused, 0 done, .* ago: the store that it sees is not$'
check_match '^worker: shed .*: refused, 0 done, .*: it does not see our store$'
check_exit 0 "$ABLATE" status s --store new --json
check_match '"state": *"refused"'
check_exit 0 "$ABLATE" report s --store new
check 'the report says why' grep -q 'refused: the store that it sees is not ours' new/plots/s/report.html
cat >older <<'END'
#!/bin/sh
"$ABLATE" "$@" | sed -u 's/"version": *"[^"]*"/"version":"0.0.7"/'
END
chmod +x older
check_exit 1 env ABLATE="$ABLATE" "$ABLATE" run study.yaml --on "command:$scratch/older" --store new
check_error 'worker older is left out: its ablate is version 0.0.7, ours is '
check_exit 1 "$ABLATE" run study.yaml --on "command:$scratch/nowhere" --store new
check_error 'worker nowhere is left out: '
check_exit 0 "$ABLATE" query --store new --format csv \
    "select name, state, reason from worker where name in ('older', 'nowhere') order by id"
check_match '^older,refused,.its ablate is version 0.0.7, ours is '
check_match '^nowhere,refused,cannot start '

# machines of other types: their facts are those of the worker, and 'compare' warns
cat >other-cpu <<'END'
#!/bin/sh
"$ABLATE" "$@" | sed -u 's/"cpu": *"[^"]*"/"cpu":"Another CPU"/; s/"kernels": *"[^"]*"/"kernels":"plain"/'
END
chmod +x other-cpu
check_exit 0 env ABLATE="$ABLATE" "$ABLATE" run study.yaml --on local:1 --on "command:$scratch/other-cpu" --store mixed
check_exit 0 "$ABLATE" query --store mixed --format csv \
    "select count(*) > 0 as n from attempt where cpu = 'Another CPU' and kernels = 'plain' and worker"
check_match '^1$'
check_exit 0 "$ABLATE" compare s --store mixed
check_match '^warning: the trials were not all run on the same machine and build: .*'

# one that never comes is said once, and the others do the work
check_exit 0 "$ABLATE" run study.yaml --on "command:sh -c 'echo no way >&2; exit 255'" --on "command:$ABLATE" --store new
check_error 'worker sh cannot be reached: '
check_error 'no way; it is tried again in 15 s'
check 'that is said once' test "$(grep -c 'worker sh' err)" -eq 1

# cards that no worker has are said, and waited for
sed 's/^seeds: 2/gpus: 1/' study.yaml >cards.yaml
run timeout 2 "$ABLATE" run cards.yaml --on "command:$ABLATE" --store cards
check_error 'the next stage wants 1 GPU, and worker ablate has 0: it waits for one with more'

# asked to stop, workers save; the same command goes on
sed 's/sleep .1/sleep 2/' study.yaml >slow.yaml
"$ABLATE" run slow.yaml --on "command:$ABLATE" --store slow >out 2>err &
pid=$!
tries=100
until "$ABLATE" query --store slow "select 'yes' as there from attempt" 2>/dev/null | grep -q yes || [ $((tries -= 1)) -eq 0 ]; do sleep .1; done
kill $pid
wait $pid
check 'asked to stop, it ends with code 3' test $? -eq 3
check 'nothing of it runs on' sh -c "! pgrep -f '[a]blate worker.*$scratch/slow'"

# data by a path of here alone: workers in other folders read theirs, and one whose data differ gets no stage
mkdir data same other
for n in 60 30; do
    { printf 'text\tlabel\n' && seq -f 'word%.0f good' $((n / 2)) | sed 's/$/\t1/' && seq -f 'word%.0f bad' $((n / 2)) |
        sed 's/$/\t0/'; } >data/$n.tsv
done
cp data/* same
cp data/* other
printf 'one more\t1\n' >>other/60.tsv
cat >files.yaml <<'END'
study: f
data: data
vocab: 100
tasks: [mine: {type: classify, train: 60.tsv, dev: 30.tsv, text: text, label: label}]
baseline: {layers: 1, hidden: 16, heads: 1, max_length: 16, pretraining: none, epochs: 1, batch_size: 16}
design: {list: [{positions: none, label: np}]}
seeds: 2
plots: []
END
printf '#!/bin/sh\ncd /\nexec "%s" "$@"\n' "$ABLATE" >away.sh
chmod +x away.sh
for name in same other; do
    echo "$name slots=1 data=$scratch/$name command: $scratch/away.sh"
done >two.hosts
check_exit 0 "$ABLATE" run files.yaml --on two.hosts --store files
check_error "other/60.tsv' is not the file that the run was planned with"
check_exit 0 "$ABLATE" query --store files --format csv 'select name, state from worker order by name desc'
check_match '^same,left$'
check_match '^other,refused$'

# the same for a program: $ABLATE_DATA is the folder of wherever it runs
cat >where.yaml <<'END'
study: w
command: [sh, -c, 'cat "$ABLATE_DATA/name" >&2; echo accuracy=0.1$1', x, "{seed}"]
metrics: {accuracy: {}}
seeds: 2
END
for name in data same other; do echo "$name" >$name/name; done
printf 'same slots=1 data=%s/same command: "%s"\n' "$scratch" "$scratch/away.sh" >one.hosts
check_exit 0 "$ABLATE" run where.yaml --on one.hosts --store w1
check 'a worker has its own' grep -rqx same w1/logs
check_exit 0 "$ABLATE" run where.yaml --data data --on one.hosts --store w2
check 'whatever is given here' grep -rqx same w2/logs
check 'and not ours' sh -c '! grep -rqx data w2/logs'
check_exit 0 "$ABLATE" run where.yaml --data data --on "command:$scratch/away.sh" --store w3
check 'one without has ours' grep -rqx data w3/logs
check_exit 0 "$ABLATE" run where.yaml --data data --store w4
check 'so have those here' grep -rqx data w4/logs

# with one variant there is no table of effects; what failed is tried again by the words that chose it
cp w4/plots/w/report.html out
check_match 'no variant beside the baseline: there is nothing to compare'
check_no_match '<caption>Effects: w</caption>'
sed 's/accuracy=/other=/' where.yaml >fails.yaml
check_exit 1 "$ABLATE" run fails.yaml --data data --only baseline --seed 1 --store w6 --quiet
check_match "run fails.yaml --retry .* --data data --only baseline --seed 1' tries"
check_no_match '^variant '

# a store that is used: which command waits for it
sed 's/echo acc/sleep 3; echo acc/; s/^study: w/study: v/' where.yaml >used.yaml
"$ABLATE" run used.yaml --data data --store w7 >used.out 2>&1 &
tries=100
until [ -e w7/running.json ] || [ $((tries -= 1)) -eq 0 ]; do sleep .1; done
check_exit 1 "$ABLATE" run where.yaml --data data --store w7
check_error "run where.yaml --wait --store w7 --data data' waits for it; or give another --store"
wait

# --workers is for this machine
check_exit 0 "$ABLATE" plan study.yaml --workers 2 --on "command:$ABLATE" --store w5
check_error "note: --workers is for this machine, which '--on' does not name"
check_exit 0 "$ABLATE" plan study.yaml --workers 2 --on local --on "command:$ABLATE" --store w5
check 'where that takes part, nothing is said' test ! -s err

finish
