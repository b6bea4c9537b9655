#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every fuzz target for a while, one after the other, from its corpus; what is found goes to FOLDER.
#
#     CC=clang meson setup build-fuzz -Dfuzz=true && ninja -C build-fuzz
#     tests/fuzz/run_all.sh build-fuzz 600 found
#
# usage: run_all.sh BUILD SECONDS FOLDER [TARGET...]		exit code 1: something was found; 2: not built
set -u
[ $# -ge 3 ] || { sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; }
build=$1/tests/fuzz seconds=$2 found=$3
source=$(cd "$(dirname "$0")" && pwd)
shift 3
# shellcheck disable=SC2046  # a list of words
[ $# -gt 0 ] || set -- $(cd "$source" && for f in fuzz_*.c; do f=${f#fuzz_}; echo "${f%.c}"; done)
mkdir -p "$found"
failed=0 missing=0
for target; do
    if [ ! -x "$build/fuzz_$target" ]; then
        missing=$((missing + 1))
        echo "$target: not built: ninja -C ${build%/tests/fuzz} tests/fuzz/fuzz_$target" >&2
        continue
    fi
    corpus=$(mktemp -d)
    if "$build/fuzz_$target" -max_total_time="$seconds" -max_len=65536 -timeout=30 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="$found/$target-" "$corpus" "$source/corpus/$target" >"$found/$target.log" 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$found/$target.log")
        echo "$target: $runs inputs in $seconds s, nothing found"
    else
        failed=$((failed + 1))
        echo "$target: FOUND; see $found/$target.log"
    fi
    rm -rf "$corpus"
done
[ $failed -eq 0 ] || exit 1
[ $missing -eq 0 ] || exit 2
