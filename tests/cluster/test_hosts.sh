#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate run --on ssh:...` on the hosts of ssh.sh: a whole study to its report, what cannot be reached, what is refused,
# and a worker that is killed. Half a minute.
. "${0%/*}/../cli/lib.sh"
ssh=${0%/*}/ssh.sh
case $ssh in /*) ;; *) ssh=$OLDPWD/$ssh ;; esac
run "$ssh" up bed hostA hostB
[ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
trap '"$ssh" down "$scratch/bed"; cd / && rm -rf "$scratch"' EXIT
report "$code" 'the hosts start'
export ABLATE_SSH_CONFIG="$scratch/bed/ssh/config"
if [ -d bed/net ]; then own=yes; else own=''; fi

cat >study.yaml <<'END'
study: hosts
data: world
vocab: 300
pretraining: {texts: world}
tasks: [sentiment: {train_examples: 60, epochs: 1}]
baseline: {layers: 1, hidden: 16, heads: 2, max_length: 16, pretrain_steps: 5}
design: {leave-one-out: [segments, positions, placebo]}
seeds: 2
END
store="my store's \$x !"
check_exit 0 "$ABLATE" run study.yaml --on ssh:hostA,hostB:1 --store "$store"
check 'there is a report' test -s "$store/plots/hosts/report.html"
check_exit 0 "$ABLATE" query --store "$store" --format csv \
    'select count(*) = (select count(*) from stage) as each, count(distinct worker) as workers,
     sum(worker is null) as here, count(distinct host) as hosts from attempt'
check_match "^1,2,0,$([ $own ] && echo 2 || echo 1)$"
[ ! $own ] || {
    check_exit 0 "$ABLATE" results hosts --trials --columns trial,worker_host --store "$store"
    check_match 'host[AB] *$'
}
check_exit 0 "$ABLATE" run study.yaml --store alone --quiet
for folder in "$store" alone; do
    "$ABLATE" query --store "$folder" --format csv \
        "select t.* from trial_metrics t order by variant, seed, metric" >"$folder.csv"
    (cd "$folder/artifacts" && find . -name '*.safetensors' -exec sha256sum {} + | sort) >"$folder.sums"
done
check 'the numbers are those of a run on one machine' cmp "$store.csv" alone.csv
check 'and so are the weights, bit for bit' cmp "$store.sums" alone.sums
check_exit 0 "$ABLATE" verify --store "$store"

cat >program.yaml <<'END'
study: p
command: [sh, -c, "sleep 1; echo accuracy=0.$1$2", x, "{a}", "{seed}"]
options: {a: {type: int, default: 1}}
metrics: {accuracy: {}}
design: {grid: {a: [1, 2, 3]}}
seeds: 3
END
# a host that is not there, one without the program, one with another store: the rest goes on
cat >mixed.hosts <<END
hostX                                     # no such host
hostA program=/nowhere/ablate
hostA store=$scratch/alone
hostB slots=2
END
check_exit 0 "$ABLATE" run program.yaml --on mixed.hosts --store p
check_error 'worker hostX cannot be reached: '
check_error 'worker hostA is left out: '
check_error 'worker hostA-2 is left out: '
check_error '/nowhere/ablate'
check 'each is said once' test "$(grep -c 'worker host' err)" -eq 3

# killed, it is lost, and started again; nothing is lost with it
killed() { # the worker of hostA
    pgrep -f "[a]blate worker .*--store $scratch/k .*--name hostA" | tail -n 1
}
"$ABLATE" run program.yaml --on ssh:hostA:2 --store k >out 2>err &
head=$!
tries=100
until "$ABLATE" query --store k "select 'yes' as there from attempt where worker" 2>/dev/null | grep -q yes || [ $((tries -= 1)) -eq 0 ]; do sleep .1; done
kill -s KILL "$(killed)"
wait $head
check 'a killed worker does not end the run' test $? -eq 0
check_error 'worker hostA is lost: '
check_error 'worker hostA is there again'
check_exit 0 "$ABLATE" query --store k --format csv \
    "select sum(state = 'done') as done, count(distinct stage_id) as stages, sum(cause is 'lost') > 0 as lost from attempt"
check_match '^9,9,1$'
check_exit 0 "$ABLATE" status p --store k
check_match '^worker: hostA: left, .* lost 1 time before'
finish
