#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_queue.sh - `ablate run --on slurm` with programs that pretend to be Slurm's (tests/support/fake_slurm.sh): the
# run submits itself, an array of workers connects back, and nothing is left behind. The real one: tests/cluster/.
. "${0%/*}/lib.sh"

cat >train.sh <<'EOS'
#!/bin/sh
[ ! -e hold ] || sleep 60
echo "loss: 0.$SEED"
EOS
chmod +x train.sh
cat >study.yaml <<'EOS'
study: small
command: [./train.sh, "{flags}"]
code: in-place
options:
  dropout: {type: real, default: 0.1, none: 0}
  layers: {type: int, default: 2, none: 0}
seed: {environment: SEED}
metrics:
  loss: {goal: min, main: true, from: "stdout: loss"}
design: {leave-one-out: [dropout, layers]}
seeds: 2
plots: []
cluster: {slurm: [--partition=cpu, --gres=gpu:1, -A, me], head: [--mem=1G], workers: 2}
EOS
# what sbatch is not to be told is said before anything is submitted
for words in --array=1 '"--time 4:00:00"'; do
    sed "s/slurm: \[[^]]*\]/slurm: [$words]/" study.yaml >bad.yaml
    check_exit 2 "$ABLATE" plan bad.yaml --on slurm
    check_error 'of sbatch: '
done
jobs() { # the calls of a program
    grep -c "^$1 " slurm/calls
}
no_worker() {
    ! pgrep -f "worker --connect $scratch/held/"
}
soon() { # NAME COMMAND...
    tries=600 case_name=$1
    shift
    until "$@" >out 2>err; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || break
        sleep .05
    done
    report $((tries == 0)) "$case_name"
}

check_exit 2 "$ABLATE" run study.yaml --here
check_error "'--on slurm --here'"
check_exit 1 env PATH=/nowhere "$ABLATE" run study.yaml --on slurm
check_error "the run was not submitted: 'sbatch' was not found"

mkdir slurm bin
FAKE_SLURM=$scratch/slurm PATH=$scratch/bin:$PATH
export FAKE_SLURM PATH
for program in sbatch srun scancel squeue scontrol; do
    ln -s "$source/tests/support/fake_slurm.sh" "bin/$program"
done
echo 'sbatch: error: invalid partition specified: cpu' >slurm/refuse
check_exit 1 "$ABLATE" run study.yaml --on slurm
check_error "the run was not submitted: sbatch: error: invalid partition specified: cpu; see 'cluster: slurm:'"
check 'it was asked once' [ "$(jobs sbatch)" = 1 ]
rm slurm/refuse
sed 's/seeds: 2/seed: 2/' study.yaml >bad.yaml
check_exit 2 "$ABLATE" run bad.yaml --on slurm
check 'a study that is wrong is not submitted' [ "$(jobs sbatch)" = 1 ]

# workers of an array connect to the run
"$ABLATE" --version >out
if grep -q 'built without OpenSSL' out; then
    skip 'the run submits itself' 'built without OpenSSL'
    finish
fi

# the run submits itself
check_exit 0 "$ABLATE" run study.yaml --on slurm --store st
check_match '^submitted job 101: the run itself'
check_match "^watch +'ablate status small --watch --store st'"
check_match "'scancel 101'"
grep '^sbatch' slurm/calls | tail -n +2 | head -n 1 >out
check_match ' --requeue --signal=B:USR1@90 --ntasks=1 --partition=cpu -A me --mem=1G /.*/st/logs/slurm-ablate-[0-9a-f]*.sh$'
soon 'it ends' grep -q '^store ' st/logs/slurm-101.log
cp st/logs/slurm-101.log out
check_match 'job 102 asks for 2 workers'
grep '^sbatch.*--array' slurm/calls >out
check_match '^sbatch --parsable --job-name=ablate-small --comment=ablate-[0-9a-f]{16} --open-mode=append '
check_match ' --output=/.*/st/logs/slurm-%A_%a.log --array=0-1%2 --signal=USR1@1[0-9]+ --partition=cpu --gres=gpu:1 -A me /'
check_exit 0 "$ABLATE" query 'select count(*), count(distinct stage_id), max(number) from attempt' --store st --format csv
check_match '^6,6,1$'
check_exit 0 "$ABLATE" query 'select job, array_index from worker order by 2' --store st --format csv
check_match '^102,0$'
check_match '^102,1$'
soon 'its jobs are cancelled' grep -q '^scancel 102' slurm/calls
check_exit 0 "$ABLATE" gc --store st
check_match 'nothing goes'
check_no_match 'left '

# within a job: a worker by srun, and nothing is submitted
before=$(jobs sbatch)
check_exit 0 env SLURM_JOB_ID=7 SLURM_JOB_NODELIST=n1 "$ABLATE" run study.yaml --on slurm --store within
check 'nothing was submitted' [ "$(jobs sbatch)" = "$before" ]
grep '^srun' slurm/calls >out
check_match '^srun --nodes=1 --ntasks=1 --overlap --cpu-bind=none --kill-on-bad-exit=1 --nodelist=n1 /.*ablate worker '
check_exit 0 "$ABLATE" query 'select count(*) from attempt where worker is not null' --store within --format csv
check_match '^6$'

# stopped: what runs is saved, and the jobs are cancelled
: >hold
"$ABLATE" run study.yaml --on slurm --here --store held >held.out 2>&1 &
run=$!
soon 'workers run' grep -q ' run ' held/running.json held.out
soon 'all of them' sh -c 'test "$(ls held/logs/program-*.log | wc -l)" -ge 2'
kill -TERM $run
wait $run
check 'exit 3: stopped' [ $? -eq 3 ]
cp held.out out
check_match "run study.yaml --store held --on slurm --here' continues from here"
soon 'and its jobs are cancelled' grep -q "^scancel $(cat slurm/last-job)" slurm/calls
soon 'no worker is left' no_worker
finish
