#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tools.sh - what clang-format, cppcheck and shellcheck find in the sources, one TAP case each. A tool that
# is not installed is a skipped case: `./setup.sh tools` installs all of them.
# usage: tests/tools.sh [FOLDER [CACHE]]
set -u
cd "${1:-${ABLATE_SOURCE:-.}}" || exit 1
cache=${2:-${ABLATE_BUILD:-}}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cases=0 failures=0

find . \( -name .git -o -type d -name 'build*' -o -name ablate-store \) -prune -o -type f -print |
    sed 's|^\./||' | sort >"$work/files"
grep '\.[ch]$' "$work/files" >"$work/c"
grep '\.c$' "$work/c" | grep -v '^tests/' >"$work/product"
sed -n 's|/[^/]*\.h$||p' "$work/c" | sort -u | sed 's/^/-I/' >"$work/include"
tr '\n' '\0' <"$work/files" | xargs -0 grep -lE '^#!/bin/sh|^# shellcheck shell=sh' >"$work/scripts"

# tool NAME - is it there? If not, its case is skipped.
tool() {
    cases=$((cases + 1))
    command -v "$1" >/dev/null && return 0
    echo "ok $cases - $1 # SKIP $1 is not installed: it has checked nothing (./setup.sh tools)"
    return 1
}

# judge NAME EXIT-CODE - fails the case if the tool failed or said anything
judge() {
    if [ "$2" -ne 0 ] || [ -s "$work/found" ]; then
        failures=$((failures + 1))
        echo "not ok $cases - $1"
        head -n 60 "$work/found" | sed 's/^/# /'
    else
        echo "ok $cases - $1"
    fi
}

# over LIST COMMAND... - the command on the files of a list; what it says goes to found
over() {
    list=$work/$1
    shift
    tr '\n' '\0' <"$list" | xargs -0 "$@" >"$work/found" 2>&1
}

# Each version of clang-format breaks lines in its own way: the tree keeps to Debian 12's.
if tool clang-format; then
    case $(clang-format --version) in
    *'version 14.'*)
        over c clang-format --dry-run --Werror
        judge 'clang-format would change nothing' $?
        ;;
    *) echo "ok $cases - clang-format # SKIP it is not version 14, so it has checked nothing" ;;
    esac
fi

# Findings that are none stand in cppcheck.txt, with reasons.
if tool cppcheck; then
    if [ -n "$cache" ]; then
        mkdir -p "$cache/cppcheck"
        cache=--cppcheck-build-dir=$cache/cppcheck
    fi
    # shellcheck disable=SC2046,SC2086  # lists of words
    over product cppcheck -q -j2 --std=c11 -D_GNU_SOURCE --enable=warning,performance,portability \
        --suppress=missingInclude --suppressions-list=tests/cppcheck.txt --error-exitcode=1 \
        --template='{file}:{line}: {id}: {message}' $cache $(cat "$work/include")
    judge 'cppcheck finds nothing new' $?
fi

if tool shellcheck; then
    over scripts shellcheck -f gcc
    judge 'shellcheck finds nothing' $?
fi

echo "1..$cases"
[ "$failures" -eq 0 ]
