#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_forecast.sh - what a run was expected to take, in CPU seconds, beside what it took: three sizes in one
# store, each twice. Minutes of training. Other programs' load slows even CPU seconds, so a size that misses
# is measured again with more seeds, twice at most.
. "${0%/*}/lib.sh"

# NAME HIDDEN LAYERS STEPS SEEDS
study() {
    cat >"$1.yaml" <<EOF
study: $1
data: world
vocab: 600
pretraining: {texts: world}
tasks: [sentiment: {train_examples: 150, epochs: 6}, entailment: {train_examples: 100, epochs: 4}]
baseline: {layers: $3, hidden: $2, heads: 2, max_length: 24, pretrain_steps: $4, sentences: lines, learning_rate: 1e-3}
design: {leave-one-out: [positions, pretraining, placebo]}
seeds: $5
plots: []
EOF
}

# The last run's "EXPECTED TOOK RATIO", in $measured.
measure() {
    check_exit 0 "$ABLATE" run "$1.yaml" --quiet
    measured=$("$ABLATE" query "select round(expected_cpu, 2), round(cpu_seconds, 2), round(cpu_seconds / expected_cpu, 3)
        from run order by id desc limit 1" --format csv | tail -n 1 | tr ',' ' ')
    echo "# $1, $2: CPU seconds expected, taken, ratio: $measured"
}

# within FACTOR - is the ratio?
within() {
    echo "$measured" | awk -v most="$1" '{ exit !($3 > 1 / most && $3 < most) }'
}

for size in 'narrow 32 2 150' 'wide 128 1 100' 'deep 64 3 80'; do
    # shellcheck disable=SC2086
    set -- $size
    study "$@" 1
    measure "$1" 'the first run'
    case $1 in
    narrow) most=2.5 ;; # by the measured rate alone
    *) most=2 ;;        # by what other sizes took, too
    esac
    check "$1: the first run within a factor of $most" within $most
done
for size in 'narrow 32 2 150' 'wide 128 1 100' 'deep 64 3 80'; do
    for seeds in 3 5 7; do
        # shellcheck disable=SC2086
        set -- $size
        study "$@" $seeds
        measure "$1" "$seeds seeds"
        ! echo "$measured" | awk '{ exit !($3 > .85 && $3 < 1.15) }' || break
    done
    check "$1: from the second run on within 15 %" sh -c "echo $measured | awk '{ exit !(\$3 > .85 && \$3 < 1.15) }'"
done

finish
