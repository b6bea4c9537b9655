#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# SIGKILL at every level of a study of programs, at random moments: the supervisor, the stage, its keeper,
# the program, what the program has started, all at once. What is run after it ends like a run that was
# never disturbed, and nothing is left: no process, no folder. One number drives the moments
# (ABLATE_TEST_SEED) and is printed. ABLATE_SLOW: many more.
. "${0%/*}/lib.sh"
seed=${ABLATE_TEST_SEED:-$(date +%s)}
trials=4 rounds=1 most=8
[ -z "${ABLATE_SLOW-}" ] || trials=12 rounds=10 most=60
echo "# ABLATE_TEST_SEED=$seed"

# A chain of numbers, a checkpoint for each of its steps. Some leave daemons behind.
cat >train.sh <<'EOF'
#!/bin/sh
for word; do
    case $word in
    --seed=*) seed=${word#*=} ;;
    --out=*) out=${word#*=} ;;
    --saves=*) saves=${word#*=} ;;
    --resume) resume=yes ;;
    esac
done
state=$seed step=0
if [ "${resume-}" ]; then
    last=$(find "$out" -name 'checkpoint-*' | sed 's/.*-//' | sort -n | tail -n 1)
    read -r step state <"$out/checkpoint-$last" || exit 9
fi
echo "$saves-$seed $step ${resume:-no} $out" >>"$SEEN"
if [ $((seed % 5)) = 1 ]; then
    setsid "$NAP" 1000 &
    (setsid sh -c '"$NAP" 1000 & "$NAP" 1000' &)
fi
while [ "$step" -lt 8 ]; do
    step=$((step + 1)) state=$(((state * 31 + step) % 99991))
    echo "step: $step loss: 0.$((100000 + state))"
    "$NAP" .03
    [ "$saves" = false ] || { echo "$step $state" >"$out/part" && mv "$out/part" "$out/checkpoint-$step"; }
done
echo "{\"accuracy\": 0.$((100000 + state))}" >"$out/r.json"
EOF
chmod +x train.sh
cp "$(command -v sleep)" nap
cat >study.yaml <<EOF
study: killed
command: [./train.sh, "{flags}", "--out={out}"]
pass: {SEEN: $scratch/seen, NAP: $scratch/nap}
options: {saves: {type: bool, default: true}}
seed: {flag: --seed}
metrics:
  accuracy: {main: true, from: "{out}/r.json: accuracy"}
  loss: {goal: min, series: true, from: stdout, step: step}
resume: {if: "{state}/checkpoint-*", flags: [--resume]}
design: {grid: {saves: [true, false]}}
seeds: $((trials / 2))
plots: []
EOF

# numbers STORE - the results, and the points of the curves
numbers() {
    "$ABLATE" query "select variant, seed, state, accuracy from trials order by 1, 2" --store "$1" --format csv
    "$ABLATE" query "select s.key, m.step, m.value from metric m join stage s on s.id = m.stage_id and m.attempt = s.attempt
        where m.name = 'loss' order by 1, 2" --store "$1" --format csv
}
check_exit 0 "$ABLATE" run study.yaml --store calm --quiet
numbers calm >calm.txt
check 'all are done' test "$(grep -c ',done,0' calm.txt)" = $trials

# random BELOW - into $number
random() {
    seed=$(((seed * 1103515245 + 12345) % 2147483648))
    number=$((seed / 65536 % $1))
}
# below PID - its children, a line each
below() { tr ' ' '\n' 2>/dev/null <"/proc/$1/task/$1/children" | grep .; }
# pick - one of the lines that come in
pick() {
    lines=$(cat)
    [ "$lines" ] || return 1
    random "$(echo "$lines" | wc -l)"
    echo "$lines" | sed -n "$((number + 1))p"
}
# victims LEVEL - the processes to kill, of the run $run
victims() {
    stage=$(below "$run" | pick) || return 1
    keeper=$(below "$stage" | head -n 1)
    case $1 in
    stage) echo "$stage" ;;
    keeper) echo "$keeper" ;;
    stage+keeper) echo "$stage $keeper" ;;
    program) below "$keeper" | head -n 1 ;;
    daemon) below "$keeper" | tail -n 1 ;;
    run+stage) echo "$run $stage" ;;
    run+stage+keeper) echo "$run $stage $keeper" ;;
    esac
}
start() {
    "$ABLATE" run study.yaml --store st --quiet >log 2>&1 </dev/null &
    run=$!
}
# left - who of this test's programs still runs
left() {
    for exe in /proc/[0-9]*/exe; do
        case $(readlink "$exe") in "$scratch"/nap*) echo "$exe" ;; esac
    done
}
is_done() { [ "$("$ABLATE" query "select count(*) from stage where state = 'done'" --store st --format csv 2>/dev/null | tail -n 1)" = $trials ]; }

kills_below
round=0 killed=0
: >seen
while [ $round -lt $rounds ]; do
    round=$((round + 1))
    rm -rf st
    : >seen
    start
    while kill -0 $run 2>/dev/null || ! is_done; do
        kill -0 $run 2>/dev/null || { wait $run; start; }
        [ $killed -lt $((round * most)) ] || { wait $run; continue; }
        random 40
        sleep ".$((number / 10))$((number % 10))"
        random 8
        level=$(echo run stage keeper stage+keeper program daemon run+stage run+stage+keeper | cut -d ' ' -f $((number + 1)))
        [ "$level" = run ] && who=$run || who=$(victims "$level")
        [ "$who" ] || continue
        # shellcheck disable=SC2086  # a list
        kill -9 $who 2>/dev/null && killed=$((killed + 1)) && echo "# $level"
        case $level in run*) wait $run 2>/dev/null ;; esac
    done
    wait $run 2>/dev/null
    check_exit 0 "$ABLATE" run study.yaml --store st --quiet
    numbers st >numbers.txt
    diff calm.txt numbers.txt | sed 's/^/# /'
    check 'the same numbers' cmp calm.txt numbers.txt
    check 'each trial has one folder' test "$(cut -d ' ' -f 1,4 seen | sort -u | wc -l)" = $trials
    check 'who goes on goes on from somewhere' sh -c '! grep -qE " 0 yes " seen'
    check 'who saves nothing does not' sh -c '! grep -q "^false.* yes" seen'
    check 'no work is left over' test -z "$(ls st/work)"
    check 'no process is left over' test -z "$(left)"
done
echo "# $killed killed, $(grep -c yes seen) went on"
check 'somebody was killed' test $killed -gt 0

# What keeps a program's processes was stopped when all above it were killed: it wakes, and ends them.
"$ABLATE" run study.yaml --store stopped >log 2>&1 &
run=$!
keeper='' tries=0
until [ "$keeper" ] || [ $tries -eq 100 ]; do
    tries=$((tries + 1))
    sleep .05
    stage=$(below $run 2>/dev/null | head -n 1)
    [ -z "$stage" ] || keeper=$(below "$stage" 2>/dev/null | head -n 1)
done
check 'a keeper is there' test "$keeper"
kill -STOP "$keeper"
kill -9 $run
wait $run 2>/dev/null
tries=0
while [ "$(left)" ] && [ $tries -lt 100 ]; do
    tries=$((tries + 1))
    sleep .1
done
check 'one that was stopped leaves no process' test -z "$(left)"
[ "${ABLATE_SLOW-}" ] || finish

# It crashes, and what it had saved makes it crash again: that is given up, and it begins anew, once more
# than it is tried else.
cat >torn.sh <<'EOF'
#!/bin/sh
echo "$#" >>"$SEEN"
[ $# -eq 1 ] || exit 4
[ "$(wc -l <"$SEEN")" -gt 1 ] || { : >"$1/checkpoint-1"; exit 3; }
echo accuracy=1
EOF
chmod +x torn.sh
cat >torn.yaml <<EOF
study: torn
command: [./torn.sh, "{out}"]
pass: {SEEN: $scratch/torn}
metrics: {accuracy: stdout}
resume: {if: "{state}/checkpoint-*", flags: [--resume]}
seeds: 1
plots: []
EOF
check_exit 0 "$ABLATE" run torn.yaml --store torn-st --quiet
check 'anew, on from it, anew' test "$(tr '\n' ' ' <torn)" = '1 2 1 '
check 'no work is left over' test -z "$(ls torn-st/work)"
finish
