#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate pack` and `ablate unpack`: a study in another store is what it was, its commands run when somebody
# says so, and a kill leaves no half of it. `ablate rerun`: a trial again, to the bit, or what differs. ABLATE_SLOW:
# also of the built-in engine, names that are taken, and kills.
. "${0%/*}/lib.sh"

mkdir -p home/code home/base
cat >home/code/train.sh <<'END'
out=$3
awk -v d="${1#*=}" -v s="$SEED" 'BEGIN { s %= 10; printf "{\"accuracy\": %.4f}\n", .8 - d / 10 + s / 1000 }' >"$out/results.json"
cat "${TABLE:-table.csv}" >"$out/model.bin"
echo trained
END
echo 'a,b' >home/code/table.csv
cat >home/base/options.yaml <<'END'
options: {dropout: {type: real, default: 0.1, none: 0}}
END
cat >home/code/study.yaml <<'END'
include: ../base/options.yaml
study: carried
command: [sh, train.sh, "{flags}", --out, "{out}"]
inputs: [table.csv]
environment: {TABLE: table.csv}
seed: {environment: SEED}
metrics: {accuracy: "{out}/results.json: accuracy"}
design: {leave-one-out: [dropout, placebo]}
keep: ["*.bin"]
seeds: 2
plots: []
END
export ABLATE_STORE=mine
check_exit 0 "$ABLATE" run home/code/study.yaml -q
check_exit 0 "$ABLATE" pack carried --data
check_match '^packed +carried.ablate: '
check_match '^without +6 files of weights'
check_exit 0 "$ABLATE" pack carried --data -o again.ablate
check "packed twice it has the same bytes" cmp carried.ablate again.ablate
check "the study file, its include, code and data are in it" \
    sh -c 'tar tf carried.ablate | grep -c "^carried/study/\(base/options.yaml\|code/study.yaml\|code/train.sh\|code/table.csv\)$" | grep -qx 4'
check "nothing is left beside it" sh -c '! ls -d ./*.tmp-*'

# elsewhere: the same tables to the byte, nothing runs before it is trusted
check_exit 0 "$ABLATE" unpack carried.ablate --store yours
check_match '^  command: \[sh, train.sh, '
check_match "nothing of it runs before 'ablate unpack [^ ]* --trust"
for command in "compare carried" "results carried --trials --format csv" 'query "select variant, task, seed, accuracy from trials"'; do
    eval "'$ABLATE' $command --store mine" >here 2>&1
    eval "'$ABLATE' $command --store yours" | sed 's/ --store yours//' >there 2>&1
    check "the same from the other store: $command" cmp here there
done
check_exit 2 "$ABLATE" run yours/unpacked/carried/study/code/study.yaml --store yours
check_error "nobody has trusted its commands"
check_error "  command: [sh, train.sh, "
check_exit 2 "$ABLATE" confirm carried --store yours -q
check_error "nobody has trusted its commands"
check_exit 2 "$ABLATE" run yours/unpacked/carried/study/code/study.yaml --store elsewhere -q
check_error "nobody has trusted its commands"
check_exit 0 "$ABLATE" unpack carried.ablate --store yours --trust
check_match "^same +study 'carried': it is in the store already, with the same content"
check_exit 0 "$ABLATE" run yours/unpacked/carried/study/code/study.yaml --store yours -q
check_exit 0 "$ABLATE" query "select count(*) as n from stage" --store yours --format csv
check_match '^6$' # nothing ran again: the same code, data and options
check_exit 0 "$ABLATE" report carried --store yours

# into the store that it is from, under another name: its stages are shared, and compared
check_exit 0 "$ABLATE" unpack carried.ablate --as second
check_match '^shared +6 of its stages were in the store'
check "its file has the name" grep -qx 'study: second' mine/unpacked/second/study/code/study.yaml
check_exit 2 "$ABLATE" unpack carried.ablate --as 'a/b'
# a trial again: with the store's copy of the code that was run, beside the store, which stays as it is
sed 's/.8 - d/.7 - d/' home/code/train.sh >edited && cp home/code/train.sh kept.sh && cp edited home/code/train.sh
"$ABLATE" query "select * from stage" --format csv >before
check_exit 0 "$ABLATE" rerun carried/baseline/2 -q
check_match '^equal +to the bit: 1 result, 0 points of curves, 2 files$'
"$ABLATE" query "select * from stage" --format csv >after
check "the stages of the store are what they were" cmp before after
check "nothing is left of the folder" sh -c '! ls -d mine.rerun*'
check_exit 0 "$ABLATE" query "select equal, differs is null as same from rerun" --format csv
check_match '^1,1$'
cp kept.sh home/code/train.sh
echo c >>home/code/table.csv
check_exit 2 "$ABLATE" rerun carried/baseline/2 -q
check_error "trial 4 cannot be run again as it was: the data file 'table.csv' (input/table.csv) is another one now: its hash was "
rm home/code/table.csv
check_exit 2 "$ABLATE" rerun carried/baseline/2 -q
check_error "'table.csv' matches no file"
echo 'a,b' >home/code/table.csv
check_exit 2 "$ABLATE" rerun second/baseline/1 -q
check_error "nobody has trusted its commands"
# without its data: which they were
check_exit 0 "$ABLATE" pack carried -o bare.ablate
check_exit 0 "$ABLATE" unpack bare.ablate --store bare --trust
check_exit 2 "$ABLATE" plan bare/unpacked/carried/study/code/study.yaml --store bare
check_error "  table.csv, hash "

# a file that is cut off, or is none
head -c 3000 carried.ablate >cut.ablate
check_exit 2 "$ABLATE" unpack cut.ablate --store none
check_error "cut.ablate: "
check_exit 2 "$ABLATE" unpack home/code/table.csv --store none
check_error "it is no study that was packed"
check "no store is made for it" test ! -e none

[ -n "${ABLATE_SLOW-}" ] || finish

# another study of that name, and another number
cp -r mine other
python3 - <<'END' 2>/dev/null || skip "another result of the same stage" "no python3"
import sqlite3
c = sqlite3.connect("other/results.db")
c.execute("update result set value = .5 where stage_id = (select min(id) from stage)")
c.execute("update stage set sum = null") # as it was put there, so no damage
c.commit()
END
check_exit 2 "$ABLATE" unpack carried.ablate --store other
check_error "has another study 'carried': give this one another name, '--as NAME'"
check_exit 0 "$ABLATE" unpack carried.ablate --store other --as third
check_error "1 of them have other results there than here"
check_exit 0 "$ABLATE" unpack carried.ablate --store other --as third --trust
check_match '^same '
check_exit 0 "$ABLATE" rerun third/baseline/2 -q --store other
check_exit 0 "$ABLATE" run other/unpacked/third/study/code/study.yaml -q --store other
check_exit 0 "$ABLATE" query "select count(*) as n from stage" --store other --format csv
check_match '^6$'
# of the built-in engine, from a pack without weights; a number that is another
cat >world.yaml <<'END'
study: little
data: world
vocab: 300
pretraining: {texts: world}
tasks: [{sentiment: {train_examples: 40, epochs: 1}}]
baseline: {layers: 1, hidden: 16, heads: 2, max_length: 24, pretrain_steps: 5, batch_size: 16}
design: {leave-one-out: [placebo]}
seeds: 1
plots: []
END
check_exit 0 "$ABLATE" run world.yaml -q --only baseline
check_exit 0 "$ABLATE" pack little
check_exit 0 "$ABLATE" unpack little.ablate --store yours
check_exit 0 sh -c 'cd yours && "$ABLATE" rerun little/baseline -q --store .'
check_match '^equal +to the bit: '
# what the store has not kept comes from a pack that has it
check_exit 0 "$ABLATE" pack little --weights -o weights.ablate
check_exit 0 "$ABLATE" unpack weights.ablate --store yours
check_match '^weights  of [2-9] stages that the store had not kept$'
check_exit 0 "$ABLATE" verify --store yours
if python3 -c 'import sqlite3
c = sqlite3.connect("yours/results.db")
c.execute("update result set value = value + .5 where name = \"accuracy\"")
c.execute("update stage set sum = null") # as it was put there, so no damage
c.commit()' 2>/dev/null; then
    check_exit 1 "$ABLATE" rerun little/baseline -q --store yours
    check_match '^differs +evaluate: accuracy is .* and was '
else
    skip "a number that is another" "no python3"
fi
check_exit 2 "$ABLATE" rerun little/placebo --store yours
check_error "is not done"
check_exit 0 "$ABLATE" verify --store yours

# killed anywhere, it is in the store with all of it or not at all, and the next time completes it
for wait in 0 .005 .01 .02 .04; do
    rm -rf killed
    "$ABLATE" unpack carried.ablate --store killed >/dev/null 2>&1 &
    pid=$!
    sleep $wait
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ -e killed/results.db ] && "$ABLATE" query "select count(*) from trials" --store killed --format csv >trials 2>/dev/null &&
        ! grep -qx -e 0 -e 6 -e 'count(\*)' trials && break
done
check_exit 0 "$ABLATE" unpack carried.ablate --store killed
check_exit 0 "$ABLATE" query "select count(*) as n from trials where state = 'done'" --store killed --format csv
check_match '^6$'
finish
