#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_commands.sh - studies of a user's own program, from the file to the table. The programs are shell
# scripts; examples/ has those in Python.
. "${0%/*}/lib.sh"

# One that learns nothing, but by its options: accuracy = .8 + .05 (norm) + .02 (dropout) + seed / 1000.
cat >train.sh <<'EOF'
#!/bin/sh
for word; do
    case $word in
    --lr=*) lr=${word#*=} ;;
    --dropout=*) dropout=${word#*=} ;;
    --no-augment) augment=no ;;
    --norm=*) norm=${word#*=} ;;
    --seed=*) seed=${word#*=} ;;
    --out=*) out=${word#*=} ;;
    *) echo "unknown word '$word'" >&2; exit 2 ;;
    esac
done
[ "$norm" = layer ] && a=50 || a=0
[ "$dropout" = 0 ] || a=$((a + 20))
echo "loss: 0.5" "step: 1"
echo "{\"eval_accuracy\": 0.$((800 + a + seed % 1000 % 7)), \"lr\": $lr}" >"$out/all_results.json"
echo "$augment" >"$out/rubbish"
EOF
chmod +x train.sh
cat >study.yaml <<'EOF'
study: recipe
command: [./train.sh, "{flags}", "--out={out}"]
options:
  lr:      {type: real, default: 1e-3, min: 0, help: "peak learning rate"}
  dropout: {type: real, default: 0.1, none: 0}
  augment: {type: bool, default: true, on: [], off: [--no-augment]}
  norm:    {type: choice, values: [layer, rms, none], default: layer, none: none}
seed: {flag: --seed}
metrics:
  accuracy: {goal: max, main: true, split: dev, from: "{out}/all_results.json: eval_accuracy"}
design: {leave-one-out: [dropout, augment, norm, placebo]}
seeds: 5
plots: []
EOF
check_exit 0 "$ABLATE" plan study.yaml
check_match '5 variants x 1 task x 5 seeds = 25 trials'
check_exit 0 "$ABLATE" plan study.yaml --commands
check_match './train.sh --lr=0.001 --dropout=0.1 --norm=layer --seed=1 --out='
check_match './train.sh --lr=0.001 --dropout=0 --norm=layer --seed=2 --out='
check_match './train.sh --lr=0.001 --dropout=0.1 --no-augment --norm=layer --seed=3'
# the baseline's second arm has other seeds than the placebo; margins are of the program's metrics
(cat study.yaml && echo 'baseline_arms: 2') >arms.yaml
check_exit 0 "$ABLATE" plan arms.yaml --commands
check 'each arm and the placebo has its own seed' test "$(grep -o 'seed=[0-9]*00001 ' out | sort -u | tr -d '\n')" = \
    'seed=1000001 seed=2000001 '
sed 's/accuracy: {goal/score: {goal/; $a margins: {accuracy: 1}' study.yaml >margins.yaml
check_exit 2 "$ABLATE" plan margins.yaml
check_error "no task has the metric 'accuracy'; there are score"
check 'no store is made for a plan' test ! -e ablate-store

check_exit 0 "$ABLATE" run study.yaml --quiet
check_match "norm +-.0500 .*cannot say: no spread between seeds"
check_match 'what was changed does nothing'
check_match "'no augment'"
check_exit 0 "$ABLATE" query --format csv "select variant, round(mean, 3) as mean from variants where metric = 'accuracy' order by mean"
printf 'variant,mean\nno norm,0.823\nno dropout,0.853\nbaseline,0.873\nno augment,0.873\nplacebo,0.873\n' >wanted
check 'every number is the program s own' cmp wanted out
check 'what no metric names is gone' test -z "$(find ablate-store -name rubbish)"
check 'what a metric names stays' test "$(find ablate-store -name all_results.json | wc -l)" = 25
check_exit 0 "$ABLATE" run study.yaml
check_match 'nothing: everything is done'

# Other code: nobody guesses whether it matters.
sed 's/0.5/0.6/' train.sh >other && cat other >train.sh
check_exit 2 "$ABLATE" run study.yaml
check_error "the code differs from that of 25 finished runs"
check 'the difference is shown' grep -q '^+echo "loss: 0.6"' err
check 'which is no change of settings' sh -c '! grep -q "other settings" err'
check_exit 0 "$ABLATE" run study.yaml --code same --quiet
check_match '25 of 25 trials are of other code'
sed 's/0.6/0.7/' train.sh >other && cat other >train.sh
check_exit 0 "$ABLATE" run study.yaml --code new --quiet
check 'now all are of this code' sh -c '! grep -q "other code" out'

# An option more, which the finished trials had at its default: they still count.
sed 's/^seed: .*/  clip: {type: int, default: 0}\n&/; s/, placebo/, {clip: 5}, placebo/; s/seeds: 5/seeds: 2/' study.yaml >more.yaml
sed 's/--dropout=/--clip=*) ;;\n    --dropout=/' train.sh >other && cat other >train.sh
check_exit 2 "$ABLATE" run more.yaml
check_error "the code differs from that of 10 finished runs, which do not have 'clip'"
check_exit 0 "$ABLATE" run more.yaml --code same
check_match 'done      10 runs'
check_match 'to run    2 runs'
check_match '10 of 12 trials are of other code'

# Lines that are pasted run one after the other, with steps, and with the file of the options.
cat >paste.yaml <<'EOF'
study: paste
steps:
  first: {command: [sh, -c, 'cp "$0" "$ABLATE_OUT/o.json"', "{options}"]}
  second: {command: [sh, -c, 'sed "s/name/$1/" "$0/o.json" >pasted', "{first}", "{seed}"], options: []}
flags: json
options: {name: {type: text, default: 'it''s "$x" {{'}}
metrics: accuracy
seeds: 1
plots: []
EOF
check_exit 0 "$ABLATE" plan paste.yaml --commands --store pasted-store
check 'they run in a shell' sh out
echo '{"1": "it'"'"'s \"$x\" {{"}' >wanted
check 'and do what a run does' cmp wanted pasted

# Metrics of two steps and of two splits, and one seed twice.
cat >sides.yaml <<'EOF'
study: sides
steps:
  first: {command: [sh, -c, 'echo "{{\"loss\": 0.5$1}}" >"$0/l.json"', "{out}", "{seed}"]}
  second: {command: [sh, -c, 'echo accuracy=0.70 test_accuracy=0.60 majority=0.9', "{first}", "{seed}"]}
metrics:
  accuracy: {main: true, pick: best}
  test_accuracy: {split: test}
  majority:
  loss: {goal: min, from: "{first}/l.json: loss"}
check: repeat
seeds: 2
plots: []
EOF
check_exit 0 "$ABLATE" run sides.yaml --store sides --quiet
check_match 'accuracy on dev, 2 seeds, baseline .700 .*, selected on dev'
check_exit 0 "$ABLATE" results sides --store sides --trials
check_match '^sides: selected on dev'
check_exit 0 "$ABLATE" results sides --store sides --format md
check_match 'finished seeds; sides: selected on dev'
check 'so does the report, beside the scores' grep -q 'sides</bdi>: selected on dev<' sides/plots/sides/report.html
check_exit 0 "$ABLATE" compare sides --store sides --split test
check_match 'accuracy on test, 2 seeds, baseline .600'
check_match 'the same seed once more gave the same'
check_no_match 'majority'
check_exit 0 "$ABLATE" query --store sides --format csv 'select * from trials limit 0'
check_output study,variant,task,seed,pretrain_seed,finetune_seed,state,seconds,cause,reason,trial,accuracy,loss,majority,test_accuracy

# More metrics than a view is to have: the main one is there, and all are in trial_metrics.
cat >many.yaml <<'EOF'
study: many
command: [sh, -c, 'echo "{{\"a\": 0.25}}" >"$0/r.json"', "{out}"]
seeds: 1
plots: []
metrics:
  zz: {main: true, from: "{out}/r.json: a"}
EOF
awk 'BEGIN { for (i = 0; i < 520; i++) printf "  m%d: \"{out}/r.json: a\"\n", i }' >>many.yaml
check_exit 0 "$ABLATE" run many.yaml --store many --quiet
check_exit 0 "$ABLATE" query --store many --format csv 'select * from trials'
check 'at most 500 columns' test "$(head -n 1 out | tr , '\n' | wc -l)" = 500
check_match ',zz$'
check_exit 0 "$ABLATE" query --store many --format csv 'select count(*) as n from trial_metrics'
check_output 'n
521'

check_exit 2 "$ABLATE" export recipe/baseline/recipe/1 model
check_error "study 'recipe' has no checkpoints of the built-in engine"

# What would only be found out when it runs is said by the plan.
sed 's/train.sh/trian.sh/; s/^study: .*/study: slips/; s/accuracy: {goal/"true": {goal/' study.yaml >slips.yaml
echo 'tasks: [a, b]' >>slips.yaml
check_exit 0 "$ABLATE" plan slips.yaml
check_match "note .*names './trian.sh', and there is no such"
check_match "warning +tasks 'a' and 'b' run the same"
echo 'predictions: {from: p.jsonl, id: i, correct: c}' >>slips.yaml
check_exit 2 "$ABLATE" plan slips.yaml
check_error "slips.yaml:15:21: error: from 'p.jsonl': a file is below the folder"
sed 's/^predictions.*/files: ["*.sh", "*.py"]/' slips.yaml >nothing.yaml
check_exit 2 "$ABLATE" plan nothing.yaml
check_error "nothing.yaml:15:17: error: files: '*.py' matches no file"
sed 's/^predictions.*/include: [{norm: layer}]/; s/trian/train/; s/^tasks.*//; s/seeds: 5/seeds: 1/' slips.yaml >true.yaml
check_exit 0 "$ABLATE" run true.yaml --quiet
check_exit 0 "$ABLATE" query --format csv "select true_result from trials where study = 'slips' and variant = 'baseline'"
printf 'true_result\n0.871\n' >wanted
check 'a metric can be called as a truth value' cmp wanted out

# One of many.
sed 's/^study: .*/study: one/; s/default: 1e-3/default: 2e-3/' study.yaml >one.yaml
check_exit 0 "$ABLATE" run one.yaml --only 'no norm' --seed 2 --quiet
check_exit 0 "$ABLATE" query --format csv "select variant, seed from trials where study = 'one' and state = 'done'"
printf 'variant,seed\nno norm,2\n' >wanted
check 'only that one was run' cmp wanted out

# A secret reaches the program, and no file of ours.
cat >secret.yaml <<'EOF'
study: secret
command: [sh, -c, 'echo "{{\"n\": ${{#HF_TOKEN}}, \"m\": ${{#API_KEY}}}}" >"$0/r.json"', "{out}"]
environment: {HF_TOKEN: "hunter2-{study}"}
pass: {API_KEY: swordfish}
metrics: {n: {main: true, from: "{out}/r.json: n"}, m: "{out}/r.json: m"}
seeds: 1
plots: []
EOF
check_exit 0 "$ABLATE" run secret.yaml --quiet
check_exit 0 "$ABLATE" query --format csv "select n, m from trials where study = 'secret'"
printf 'n,m\n14,9\n' >wanted
check 'the program has it' cmp wanted out
check 'nothing of ours does' sh -c '! grep -rqE "hunter2|swordfish" ablate-store'
check_exit 0 "$ABLATE" status secret.yaml
check 'and the file is still the study that was run' sh -c '! grep -q differs out err'

# Cards are lent by name, two to nobody at once; one that has run out of memory is tried again, alone.
cat >cards.sh <<'EOF'
#!/bin/sh
mkdir "$SEEN/card $CUDA_VISIBLE_DEVICES" || exit 7
if [ "$1" = 2 ] && mkdir "$SEEN/failed"; then
    echo 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB'
    code=1
fi
sleep .1
rmdir "$SEEN/card $CUDA_VISIBLE_DEVICES"
echo "accuracy=0.$1"
exit ${code:-0}
EOF
chmod +x cards.sh
mkdir seen
cat >cards.yaml <<'EOF'
study: cards
command: [./cards.sh, "{seed}"]
pass: {SEEN: SCRATCH/seen}
metrics: {accuracy: stdout}
gpus: 1
seeds: 4
plots: []
EOF
sed -i "s|SCRATCH|$scratch|" cards.yaml
unset CUDA_VISIBLE_DEVICES
if [ -e /proc/driver/nvidia ]; then
    skip 'a machine without cards' 'this one has some'
else
    check_exit 2 "$ABLATE" run cards.yaml
fi
# shellcheck disable=SC2031
check_exit 0 env CUDA_VISIBLE_DEVICES=3,5 "$ABLATE" run cards.yaml
check_match 'on 2 workers'
check 'all trials have found a card' test "$(ls seen)" = failed
check 'the one without memory is told of, and tried again' grep -q 'out of memory.*tried again' err
check 'few digits are told of once' test "$(grep -c 'fewer than 6 digits' err)" = 1
check_exit 0 "$ABLATE" query --format csv "select s.attempt, a.cause from stage s join attempt a on a.stage_id = s.id
    and a.number = 1 where s.attempt = 2"
printf 'attempt,cause\n2,memory\n' >wanted
check 'its cause is memory' cmp wanted out
finish
