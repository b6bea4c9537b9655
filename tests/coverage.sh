#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# coverage.sh - how much of the program the fast tests run: lines and branches, a row a folder, then the total.
# A build of its own (build-coverage), without optimisation; `ninja -C build measure-coverage` calls this.
# usage: tests/coverage.sh
set -eu
cd "${MESON_SOURCE_ROOT:-$(dirname "$0")/..}"
command -v gcovr >/dev/null || { echo "coverage.sh: gcovr is not installed (./setup.sh tools)" >&2; exit 1; }
build="build-coverage"
[ -f $build/build.ninja ] || meson setup $build --buildtype=debug -Db_coverage=true >/dev/null
ninja -C $build --quiet
find $build -name '*.gcda' -delete
meson test -C $build --no-rebuild --suite fast --timeout-multiplier 4 >/dev/null ||
    echo "coverage.sh: some tests failed; the log is $build/meson-logs/testlog.txt" >&2
gcovr -j 2 --root . --object-directory $build --filter 'core/' --filter 'results/' --filter 'ablations/' \
    --filter 'plots/' --filter 'experiments/' --exclude-unreachable-branches --gcov-ignore-parse-errors \
    --csv $build/coverage.csv --print-summary >/dev/null
awk -F, 'NR > 1 {
    split($1, part, "/")
    folder = part[1] (part[1] == "core" || part[1] == "experiments" ? "/" part[2] : "")
    for (i = 2; i <= 6; i++) { sum[folder, i] += $i; sum["total", i] += $i }
    seen[folder] = 1
}
function row(name)
{
    printf "%-24s %5.1f %% of %6d lines  %5.1f %% of %6d branches\n", name,
        100 * sum[name, 3] / sum[name, 2], sum[name, 2], 100 * sum[name, 6] / sum[name, 5], sum[name, 5]
}
END { for (name in seen) row(name); row("total") }' $build/coverage.csv | sort
