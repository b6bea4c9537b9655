#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds with the address and undefined-behaviour sanitizers, warnings being errors, and runs every fast
# test, the house rules and, where they are there, clang-format, cppcheck and shellcheck;
# `./check.sh slow` runs the slow tests too. The last line counts test cases:
#
#     812 passed, 0 failed, 3 skipped
#
# Exit code 0 only if none failed. Needs what setup.sh installs; clang and the linters are used where they
# are there (`./setup.sh tools` installs them).
set -eu
cd "$(dirname "$0")"
suites="--suite fast --suite lint"
case "${1-}" in
'') ;;
slow) suites="$suites --suite slow" ;;
*) echo "usage: ./check.sh [slow]" >&2; exit 2 ;;
esac

fail() {
    echo "check.sh: $1" >&2
    echo "0 passed, 1 failed"
    exit 1
}

./setup.sh || fail "packages are missing"
build="build-check"
[ -f $build/build.ninja ] || meson setup $build --buildtype=debugoptimized -Dwerror=true \
    -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fno-sanitize-recover=all >/dev/null ||
    fail "meson could not set $build up"
ninja -C $build --quiet || fail "gcc could not build it"
if command -v clang >/dev/null; then
    [ -f build-clang/build.ninja ] || CC=clang meson setup build-clang -Dwerror=true >/dev/null ||
        fail "meson could not set build-clang up"
    ninja -C build-clang --quiet || fail "clang could not build it"
else
    echo "SKIP: clang is not installed, so only gcc has compiled this (./setup.sh tools)"
fi

if [ "${1-}" = slow ]; then # the program must not rest on what stands in assertions
    [ -f build-ndebug/build.ninja ] || meson setup build-ndebug -Dwerror=true -Db_ndebug=true >/dev/null ||
        fail "meson could not set build-ndebug up"
    ninja -C build-ndebug --quiet || fail "gcc could not build it without assertions"
    meson test -C build-ndebug --no-rebuild --print-errorlogs --suite fast ||
        fail "it fails without assertions; the log is build-ndebug/meson-logs/testlog.txt"
fi

log=$build/meson-logs/testlog.json
rm -f $log
# shellcheck disable=SC2086  # a list of words
meson test -C $build --no-rebuild --print-errorlogs $suites || echo "check.sh: the log is $build/meson-logs/testlog.txt"
[ -s $log ] || fail "no test has run"
awk -f tests/count.awk $log
