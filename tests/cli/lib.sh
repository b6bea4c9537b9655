# SPDX-License-Identifier: Apache-2.0
# lib.sh - the frame of the command-line tests. A script test_<what>.sh reads
#
#     . "${0%/*}/lib.sh"
#     check_exit 2 "$ABLATE" plan missing.yaml
#     check_error "cannot open 'missing.yaml'"
#     finish
#
# and starts in an empty scratch folder of its own, removed at the end. Every check is one TAP case;
# the first failing ones show what they saw. $ABLATE is the binary, $source the tree, $shared the
# folder of real data (ask with need_shared). For another place to work: TMPDIR.
set -u
: "${ABLATE:?run by meson test}" "${ABLATE_SOURCE:?run by meson test}"
# shellcheck disable=SC2034  # for the scripts
source=$ABLATE_SOURCE
shared=${ABLATE_SHARED:-$ABLATE_SOURCE/../shared}
unset ABLATE_STORE ABLATE_DATA
PATH=${ABLATE%/*}:$PATH # so messages call it 'ablate'
export LC_ALL=C.UTF-8 NO_COLOR=1
cases=0 failures=0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/ablate-cli-XXXXXX") || exit 1
trap 'cd / && rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cd "$scratch" || exit 1
: >out
: >err

# sanitizer_option WORD - adds it to ASAN_OPTIONS
sanitizer_option() {
    export ASAN_OPTIONS="${ASAN_OPTIONS:-}${ASAN_OPTIONS:+:}$1"
}
# For what is preloaded: a library before the sanitizer's own is no fault here.
preloads() {
    sanitizer_option verify_asan_link_order=0
}
# For tests that kill what they find below a run. The search for leaks is a process of its own, below the one that
# ends; if it is killed, the other waits for it without end.
kills_below() {
    sanitizer_option detect_leaks=0
}

# report RESULT NAME - one case; a failure shows the ends of the last command's output
report() {
    cases=$((cases + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $cases - $2"
    else
        failures=$((failures + 1))
        echo "not ok $cases - $2"
        for file in out err; do
            tail -n 20 "$scratch/$file" | sed "s/^/# $file: /"
        done
    fi
}

# run COMMAND... - standard output to ./out, errors to ./err (in the scratch folder), code in $code
run() {
    "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
    code=$?
}

# check_exit CODE COMMAND... - runs it; the exit code must be CODE
check_exit() {
    expected=$1
    shift
    run "$@"
    [ "$code" -eq "$expected" ]
    report $? "exit $expected: $(echo "$*" | sed "s|$ABLATE|ablate|; s|$scratch/||g" | tr '\n#' '  ')"
    [ "$code" -eq "$expected" ] || echo "# exit code $code"
}

# check NAME COMMAND... - the command must succeed (its output is not kept)
check() {
    case_name=$1
    shift
    "$@" >/dev/null 2>&1
    report $? "$case_name"
}

# check_output TEXT - the last command printed exactly TEXT (and a line end, unless TEXT is empty)
check_output() {
    { [ -z "$1" ] || printf '%s\n' "$1"; } >expected
    cmp -s expected out
    same=$?
    report $same "prints: $(printf %s "$1" | head -n 1 | tr '#' ' ')"
    [ $same -eq 0 ] || diff expected out | sed 's/^/# /'
}

# check_match PATTERN, check_no_match PATTERN - standard output has (no) line that grep -E finds
check_match() {
    grep -Eq -e "$1" out
    report $? "prints /$(printf %s "$1" | tr '#' ' ')/"
}
check_no_match() {
    ! grep -Eq -e "$1" out
    report $? "does not print /$(printf %s "$1" | tr '#' ' ')/"
}

# check_error TEXT - the last command's errors contain TEXT as it stands, and nothing has crashed
check_error() {
    grep -Fq -e "$1" err && ! grep -q -e 'runtime error' -e Sanitizer err
    report $? "says: $(printf %s "$1" | tr '#' ' ')"
}

# skip NAME WHY - a case that cannot be run here; skip_all WHY - none of them can
skip() {
    cases=$((cases + 1))
    echo "ok $cases - $1 # SKIP $2"
}
skip_all() {
    echo "1..0 # SKIP $1"
    exit 0
}

# need_shared FILE... - skips the whole script where these files of real data are not at hand
need_shared() {
    for file in "$@"; do
        [ -e "$shared/$file" ] || skip_all "no $file in the folder of real data (ABLATE_SHARED)"
    done
}

# finish - the last line of every script
finish() {
    echo "1..$cases"
    [ "$failures" -eq 0 ]
    exit
}
