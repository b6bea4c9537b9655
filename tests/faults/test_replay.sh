#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Power cuts: the file operations of a run that is stopped and goes on, of a pack and an unpack, of a program with
# a copy of its code are replayed (replay.py) up to every one of them, without some that had not been made last.
# usage: test_replay.sh [STRIDE]: every STRIDE-th operation, from 1
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
: "${ABLATE_TRACE:?run by meson test}" "${ABLATE_CHECK_STORE:?run by meson test}"
preloads
python3 -c 'import sqlite3' 2>/dev/null || {
    echo '1..0 # SKIP there is no python3 with sqlite3'
    exit 0
}
stride=${1:-1} goes_on=60
[ "$stride" -eq 1 ] || goes_on=10
seed=${ABLATE_TEST_SEED:-$(date +%s)}
echo "# ABLATE_TEST_SEED=$seed"

traced() { # COMMAND... - what it does below this folder is noted
    env TRACE_ROOT="$(pwd -P)" TRACE_LOG="$scratch.trace" LD_PRELOAD="$ABLATE_TRACE" "$@"
}
replay() { # STORE NAME - no cut leaves it otherwise than it may be
    rm -rf cuts
    python3 "${0%/*}/replay.py" "$scratch.trace" "$1" --seed "$seed" --stride "$stride" \
        --keep $goes_on >out 2>&1
    found=$?
    sed 's/^/# /' out
    report $found "$2: $(tail -n 1 out)"
}
# goes_on FILE STORE CALM - the same command goes on in what a sample of the cuts has left, to the same end
goes_on() {
    wrong=0
    for cut in cuts/*; do
        if ! "$ABLATE" run "$1" --store "$cut" --quiet >out 2>&1 || ! "$ABLATE_CHECK_STORE" "$cut" "$3" >checked 2>&1; then
            wrong=$((wrong + 1))
            tail -n 3 out checked | sed 's/^/# /'
        fi
    done
    report $wrong "$1 goes on after $goes_on cuts and has the same numbers; again by ABLATE_TEST_SEED=$seed"
}

study 1 >faults.yaml
check_exit 0 traced "$ABLATE" run faults.yaml --store a/st --quiet
cp -R a/st calm
replay a/st 'a run'
goes_on faults.yaml a/st calm
rm "$scratch.trace"
check_exit 0 traced "$ABLATE" pack faults --store a/st
check_exit 0 traced "$ABLATE" unpack faults.ablate --store other
replay other 'pack and unpack'

# A program with a copy of its code, and artefacts that are removed when nothing needs them.
cat >train.sh <<'END'
#!/bin/sh
for word; do
    case $word in
    --seed=*) seed=${word#*=} ;;
    --out=*) out=${word#*=} ;;
    --depth=*) depth=${word#*=} ;;
    esac
done
echo "{\"accuracy\": 0.$((100000 + seed * depth))}" >"$out/r.json"
END
chmod +x train.sh
cat >program.yaml <<'END'
study: program
command: [./train.sh, "{flags}", "--out={out}"]
options: {depth: {type: int, default: 1, min: 1}}
seed: {flag: --seed}
metrics: {accuracy: {main: true, from: "{out}/r.json: accuracy"}}
design: {grid: {depth: [1, 3]}}
seeds: 1
plots: []
END
study 1 | sed 's/^study: .*/study: kept\nkeep: none/' >kept.yaml
rm "$scratch.trace"
check_exit 0 traced "$ABLATE" run program.yaml kept.yaml --store both --quiet
replay both 'a program, and keep: none'

# Long enough to be stopped between two saved states.
study 1 | sed 's/pretrain_steps: 8/pretrain_steps: 3000/; s/^study: .*/study: stopped/' >stopped.yaml
rm "$scratch.trace"
check_exit 3 traced timeout --preserve-status -s INT 1.5 "$ABLATE" run stopped.yaml --store st --quiet
check_exit 0 traced "$ABLATE" run stopped.yaml --store st --quiet
cp -R st calm-stopped
replay st 'a run that was stopped'
goes_on stopped.yaml st calm-stopped
rm -f "$scratch.trace"
finish
