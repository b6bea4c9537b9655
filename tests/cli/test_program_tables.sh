#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_program_tables.sh - what tables, views and the report say of a user's own program.
. "${0%/*}/lib.sh"

# Its loss depends on seed and dropout. Without decay it diverges with seed 2; its names are ours elsewhere.
cat >train.sh <<'EOS'
#!/bin/sh
for word; do
    case $word in
    --dropout=*) dropout=${word#*=} ;;
    --decay=*) decay=${word#*=} ;;
    --seed=*) seed=${word#*=} ;;
    esac
done
loss=0.5$((seed * 7919 % 997))123456789
[ "$dropout" = 0 ] && loss=0.9${loss#0.5}
[ "$decay" = 0 ] && [ "$seed" = 2 ] && loss=nan
echo "{\"loss\": $loss, \"examples\": 77, \"majority\": 0.5}" >"$1/r.json"
EOS
chmod +x train.sh
cat >study.yaml <<'EOS'
study: s
command: [./train.sh, "{out}", "{flags}"]
options:
  dropout: {type: real, default: 0.1, none: 0}
  decay: {type: real, default: 0.1, none: 0}
seed: {flag: --seed}
metrics:
  loss: {goal: min, main: true, from: "{out}/r.json: loss"}
  examples: "{out}/r.json: examples"
  majority: "{out}/r.json: majority"
design: {leave-one-out: [dropout, decay]}
seeds: 5
plots: []
EOS
sed -i 's/nan$/NaN/' train.sh
check_exit 1 "$ABLATE" run study.yaml --quiet
check_match 'lower is better'
check_match 'dropout +[+].400 .*cannot say: no spread between seeds'
check_match "1 of 5 'no decay' runs diverged and are left out"
check_no_match '77 examples'
check_no_match 'does nothing'
check_exit 0 "$ABLATE" plan study.yaml
check_match 'failed    1 trial, not run again: it diverged, with this code and these values'
check_exit 0 "$ABLATE" report study.yaml
report=$(cat out)
check "and does not count what it left out" sh -c "! grep -q 'Diverged runs count' \"$report\""
check 'the report says what ran' grep -qE 'code/[0-9a-f]{32}' "$report"
check 'and of no built-in data only' grep -q 'or names no inputs' "$report"
check_exit 0 "$ABLATE" query --schema
check_match "same_as +text +key of the stage of other code"

# What is said below a table is said of the tables for machines, too.
sed 's/^study: .*/study: idle/; s/, decay/, {decay: 0.2}/; s/seeds: 5/seeds: 1/' study.yaml >idle.yaml
check_exit 0 "$ABLATE" run idle.yaml --quiet
check_exit 0 "$ABLATE" compare idle --format csv
check 'warnings go beside them' grep -q "warning: what was changed does nothing" err

# What attempts took is measured, of the program and all that it started.
check_exit 0 "$ABLATE" query "select count(*) as measured from stage where cpu_seconds > 0 and cpu_seconds < 60 and peak_memory > 1e6 and state = 'done'"
check_no_match '^ *0$'
check_exit 0 "$ABLATE" compare idle
check_match ' cpu time '
check_exit 0 "$ABLATE" results idle --cost --format csv
check 'time and memory are there' awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    !($at["cpu_seconds"] > 0 && $at["peak_memory"] > 1e6 && $at["unbeaten_by"] == "cpu_seconds") { bad = 1 }
    END { exit bad || NR < 3 }' out

# A main metric of the test split is what '--split test' judges.
sed 's/^study: .*/study: on-test/; s/main: true/main: true, split: test/; s/, decay//; s/seeds: 5/seeds: 1/' study.yaml >on-test.yaml
check_exit 0 "$ABLATE" run on-test.yaml --quiet
check_exit 0 "$ABLATE" compare on-test --split test
check_match 'loss on test, 1 seed'
check_exit 0 "$ABLATE" results on-test --split test
check_match 'on-test +baseline +loss +1 +1 +0 +[.]5'

# What tuning has run is kept, too, when the code is said to be the same.
sed 's/^study: .*/study: tuned/; s/^design: .*/tune: {dropout: [0.1, 0.3], by: loss}/; s/seeds: 5/seeds: 1/' study.yaml >tuned.yaml
check_exit 0 "$ABLATE" run tuned.yaml --quiet
check_match 'selected on dev'
echo '# another line' >>train.sh
check_exit 0 "$ABLATE" run tuned.yaml --code same
check_match 'nothing: everything is done'
check_exit 0 "$ABLATE" compare tuned --format csv
check_match 'verdict,label,notes,other_code'
check_exit 0 "$ABLATE" query "select argv from run order by id desc limit 1"
check_match 'run tuned.yaml --code same'
check_exit 0 "$ABLATE" results tuned
check_match 'tuned: 1 of 1 trials are of other code'
check_match 'tuned: selected on dev'
check_exit 0 "$ABLATE" results tuned --format csv
check 'and beside a table for machines' grep -q 'of other code' err

# Steps are told by name, and the commit of all of them is looked at.
if command -v git >/dev/null; then
    mkdir repository
    printf '#!/bin/sh\necho 1 >"$1/x"\n' >repository/first.sh
    printf '#!/bin/sh\necho "accuracy=0.$(cat "$1/x")123456"\n' >repository/second.sh
    chmod +x repository/*.sh
    cat >repository/steps.yaml <<'EOS'
study: steps
steps:
  prepare: {command: [./first.sh, "{out}"], seed: none}
  score: {command: [./second.sh, "{prepare}", "{seed}"]}
metrics: {accuracy: stdout}
check: repeat
seeds: 1
EOS
    git init -q repository && git -C repository add . &&
        git -C repository -c user.name=n -c user.email=a@b commit -qm x
    echo '# edited' >>repository/second.sh
    check_exit 0 "$ABLATE" run repository/steps.yaml
    check 'a step is told by its name' grep -q 'steps, baseline, all seeds  prepare done' err
    check 'a repetition as such' grep -q 'steps, baseline, seed 1, once more  score done' err
    check_exit 0 "$ABLATE" query "select json_extract(environment, '$.git.modified') as modified from run"
    check_match 'second.sh'
    echo '# edited' >>repository/first.sh
    check_exit 0 "$ABLATE" run repository/steps.yaml --code same --quiet
    check_exit 0 "$ABLATE" plan repository/steps.yaml --commands
    folder=$(sed -n 's|.*second.sh \([^ ]*\) .*|\1|p' out | head -1)
    check 'what it reads is where earlier code has left it' test -s "$folder/x"
else
    skip 'the commit, with the files of all steps' 'there is no git'
fi

# What fails is tried again as often as its cause allows, over starts; then only on somebody's word.
cat >fail.sh <<'EOS'
#!/bin/sh
[ "$2" = --kind=crash ] && exit 7
[ "$2" = --kind=memory ] && echo MemoryError && exit 1
[ "$2" = --kind=slow ] && sleep 9
echo '{"loss": 0.5}' >"$1/r.json"
EOS
chmod +x fail.sh
cat >fails.yaml <<'EOS'
study: fails
command: [./fail.sh, "{out}", "{flags}"]
options:
  kind: {type: choice, values: [good, other, crash, memory, slow], default: good}
metrics: {loss: {goal: min, from: "{out}/r.json: loss"}}
design: {list: [{kind: crash, label: c}, {kind: memory, label: m}, {kind: slow, label: s}]}
limits: {trial_minutes: 0.01}
retry: {crash: 0}
seeds: 1
plots: []
EOS
attempts() { "$ABLATE" query --format csv "select count(*) from attempt a join failures f on f.attempt = a.id or f.trial in
    (select trial_id from trial_stage where stage_id = a.stage_id) where f.cause = '$1'" | tail -n 1; }
check_exit 1 "$ABLATE" run fails.yaml
check_match '^failed: fails, c, seed 1 .crash.: exit code 7'
check_match '^failed: fails, m, seed 1 .memory.: exit code 1, out of memory: MemoryError; it took .* free when it began, alone$'
check_match '^failed: fails, s, seed 1: timed out after 0.6 s'
check_match "'ablate run fails.yaml --retry all' tries it again$"
check 'the page says so, too' grep -q 'ablate run [^ ]*fails.yaml --retry all --store' ablate-store/plots/fails/report.html
check 'tries by cause: 1, 2, 1' test "$(attempts crash) $(attempts memory) $(attempts time)" = '1 2 1'
check_exit 1 "$ABLATE" run fails.yaml --store ablate-store
check_match "^3 failed trials stay as they are: 'ablate run fails.yaml --retry all --store ablate-store' tries them again"
check 'nothing was tried' test "$(attempts crash) $(attempts memory) $(attempts time)" = '1 2 1'
check_exit 0 "$ABLATE" status fails
check_match '^failures: 1 crash, 1 memory, 1 time$'
check_exit 1 "$ABLATE" run fails.yaml --only s
check_match "stays as it is: 'ablate run fails.yaml --retry timed-out --only s' tries it again$"
check_exit 1 "$ABLATE" run fails.yaml -q --retry crash,timed-out --only 'c,m'
check 'those of the word, and chosen' test "$(attempts crash) $(attempts memory) $(attempts time)" = '2 2 1'
check_exit 2 "$ABLATE" run fails.yaml --retry diverged
check_error 'would diverge again'
sed 's/retry: .*/retry: {data: 1}/' fails.yaml >data.yaml
check_exit 2 "$ABLATE" plan data.yaml
check_error "'data' is never tried again: "

# Where all fails at once, it pauses; the next run begins with one. Several studies run one after another.
sed 's/^study: .*/study: breaks/; s/default: good/default: crash/; s/design: .*/design: {list: [{kind: memory}]}/; s/seeds: 1/seeds: 9/
    s/^options:/seed: {flag: --seed}\noptions:/' fails.yaml >breaks.yaml
echo "notify: [sh, -c, 'cat >told; until [ -e go ]; do sleep .1; done']" >>breaks.yaml
sed 's/^study: .*/study: works/; s/design: .*/design: {list: [{kind: other}]}/' fails.yaml >works.yaml
check_exit 1 "$ABLATE" run breaks.yaml works.yaml --wait
check 'it is told' grep -qE '^paused: 5 stages in a row failed within 10 s .*exit code 7.* trials wait; .*ablate run breaks.yaml' err
check 'the other ran' grep -q '^works: loss' out
check 'those who are told know it' grep -q '"event": "paused"' told
check 'nothing waits for them' sh -c '! grep -q "notify" err'
: >go
sed 's/^study: .*/study: more/; s/values: \[/&new, /; s/kind: other/kind: new/' works.yaml >more.yaml
check_exit 0 "$ABLATE" plan more.yaml
check_match '^            by what such stages took here$'
check_match '^  each      run .* memory, [0-9.]+ [KM]iB disk$'
check_exit 0 "$ABLATE" status breaks
check_match '^paused: 5 stages in a row'
TERM=dumb timeout .5 "$ABLATE" status breaks --watch >out 2>&1
check_match '^paused: 5 stages in a row failed within 10 s of their start; last error: '
check_exit 1 "$ABLATE" run breaks.yaml --seed 7-9
check 'one was tried' grep -q 'paused: one stage was tried, and failed' err
echo 'study: [' >bad.yaml
check_exit 2 "$ABLATE" run works.yaml bad.yaml --store none
check 'nothing was begun' test ! -e none
finish
