#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# native_wrapper.sh OUT SEED KEY=VALUE... - the built-in engine as somebody's own program: trains and scores one
# trial of the world's task `similarity` in a store below OUT, and writes OUT/result.json.
set -eu
out=$1 seed=$2
shift 2
{
    echo "study: one"
    echo "data: world"
    echo "tasks: [similarity]"
    echo "baseline: {layers: 1, hidden: 16, epochs: 2, learning_rate: 3e-3}"
    echo "design: {list: [{label: this, activation: relu"
    for word; do
        printf ', %s: %s' "${word%%=*}" "${word#*=}"
    done
    echo "}]}"
    echo "seeds: $seed"
    echo "plots: []"
} >"$out/one.yaml"
"$ABLATE" run "$out/one.yaml" --store "$out/store" --only this --seed "$seed" --workers 1 --quiet
"$ABLATE" query --store "$out/store" --format json \
    "select pearson, spearman, examples from trials where state = 'done'" >"$out/result.json"
