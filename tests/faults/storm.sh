# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# storm.sh - storms, for the scripts of this folder: storm.c makes one, check_store.c looks at what it has left.
: "${ABLATE_STORM:?run by meson test}" "${ABLATE_CHECK_STORE:?run by meson test}"
kills_below
seed=${ABLATE_TEST_SEED:-$(date +%s)}
echo "# ABLATE_TEST_SEED=$seed"

# programs SEEDS - a study of a small program, of two variants: SEEDS trials in all
cat >train.sh <<'EOF'
#!/bin/sh
for word; do
    case $word in
    --seed=*) seed=${word#*=} ;;
    --out=*) out=${word#*=} ;;
    --depth=*) depth=${word#*=} ;;
    esac
done
state=$((seed * depth)) step=0
[ ! -e "$out/state" ] || read -r step state <"$out/state"
while [ "$step" -lt 4 ]; do
    step=$((step + 1)) state=$(((state * 31 + step) % 99991))
    echo "step: $step loss: 0.$((100000 + state))"
    tries=0 # what is printed is read before the checkpoint says so; where nobody reads, both are killed
    until grep -q "^step: $step " "${out%/*}/printed.txt" 2>/dev/null || [ $tries -gt 250 ]; do
        tries=$((tries + 1))
        sleep .02
    done
    echo "$step $state" >"$out/part" && mv "$out/part" "$out/state"
done
echo "{\"accuracy\": 0.$((100000 + state))}" >"$out/r.json"
EOF
chmod +x train.sh
programs() {
    cat <<END
study: program
command: [./train.sh, "{flags}", "--out={out}"]
options: {depth: {type: int, default: 1, min: 1}}
seed: {flag: --seed}
metrics:
  accuracy: {main: true, from: "{out}/r.json: accuracy"}
  loss: {goal: min, series: true, from: stdout, step: step}
resume: {if: "{state}/state", flags: []}
design: {grid: {depth: [1, 3]}}
seeds: $(($1 / 2))
plots: []
END
}

# calm STUDY - runs it, undisturbed, into calm-STUDY
calm() {
    check_exit 0 "$ABLATE" run "$1.yaml" --store "calm-$1" --quiet
}

# storm STUDY PACE KIND NUMBER [WORD...] - that many faults, on as many stores as it takes; the words go to the run
storm() {
    study=$1 pace=$2 kind=$3 left=$4 round=0 total=0
    shift 4
    while [ "$left" -gt 0 ] && [ $round -lt 40 ]; do
        round=$((round + 1))
        rm -rf st acks storm.log
        : >acks
        "$ABLATE_STORM" $((seed + round)) st acks "$pace" "$kind=$left" -- \
            "$ABLATE" run "$study.yaml" --store st --retry all "$@" >out 2>err </dev/null
        ended=$?
        sed 's/^/# /' out
        happened=$(sed -n "s/.*, $kind \([0-9]*\).*/\1/p" out)
        left=$((left - ${happened:-0})) total=$((total + ${happened:-0}))
        # what a lost worker could still write to, when the run ended, is removed by the next one
        [ $# -eq 0 ] || "$ABLATE" run "$study.yaml" --store st --quiet >again 2>&1
        "$ABLATE_CHECK_STORE" st "calm-$study" acks >checked 2>&1
        found=$?
        if [ $ended -ne 0 ] || [ $found -ne 0 ]; then
            tail -n 25 checked
            tail -n 5 storm.log
        fi | sed 's/^/# /'
        [ $ended -eq 0 ] && [ $found -eq 0 ]
        report $? "$study, $kind: $(tail -n 1 checked); again by ABLATE_TEST_SEED=$seed"
    done
    [ "$left" -le 0 ]
    report $? "$study: $total faults of the kind '$kind'"
}
