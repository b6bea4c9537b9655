#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `ablate pack` and `ablate unpack`: a study in another store is what it was, its commands run when somebody
# says so, and a kill leaves no half of it. `ablate rerun`: a trial again, to the bit, or what differs.
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
check_match "nothing of it runs before 'ablate unpack FILE --trust"
for command in "compare carried" "results carried --trials --format csv" 'query "select variant, task, seed, accuracy from trials"'; do
    eval "'$ABLATE' $command --store mine" >here 2>&1
    eval "'$ABLATE' $command --store yours" | sed 's/ --store yours//' >there 2>&1
    check "the same from the other store: $command" cmp here there
done
check_exit 2 "$ABLATE" run yours/unpacked/carried/study/code/study.yaml --store yours
check_error "nobody has trusted its commands"
check_error "  command: [sh, train.sh, "
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
cp -r mine other
python3 - <<'END' 2>/dev/null || skip "another result of the same stage" "no python3"
import sqlite3
c = sqlite3.connect("other/results.db")
c.execute("update result set value = .5 where stage_id = (select min(id) from stage)")
c.commit()
END
check_exit 2 "$ABLATE" unpack carried.ablate --store other
check_error "has another study 'carried': give this one another name, '--as NAME'"
check_exit 0 "$ABLATE" unpack carried.ablate --store other --as third
check_error "1 of them have other results there than here"

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

# a file that is cut off, or is none
head -c 3000 carried.ablate >cut.ablate
check_exit 2 "$ABLATE" unpack cut.ablate --store none
check_error "cut.ablate: "
check_exit 2 "$ABLATE" unpack home/code/table.csv --store none
check_error "it is no study that was packed"
check "no store is made for it" test ! -e none

finish
