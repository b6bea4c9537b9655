#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How check.sh counts: failures, crashes and skips must all show in its last line.
. "${0%/*}/lib.sh"

cat >testlog.json <<'END'
{"name": "good", "stdout": "ok 1 - a\nok 2 - b\n1..2\n", "result": "OK", "starttime": 1}
{"name": "plain", "result": "OK", "starttime": 1}
END
check_exit 0 awk -f "$source/tests/count.awk" testlog.json
check_output '3 passed, 0 failed'

cat >>testlog.json <<'END'
{"name": "bad", "stdout": "ok 1 - a # SKIP no data\nnot ok 2 - b \"q\"\nok 3 - c\n", "result": "FAIL", "starttime": 1}
{"name": "crashed", "stdout": "ok 1 - a\n", "result": "ERROR", "starttime": 1}
{"name": "late", "stdout": "it prints \"result\": \"OK\"", "result": "TIMEOUT", "starttime": 1}
{"name": "nothing", "stdout": "1..0 # SKIP no data\n", "result": "SKIP", "starttime": 1}
END
check_exit 1 awk -f "$source/tests/count.awk" testlog.json
check_match '^FAIL: bad: 2 - b "q"$'
check_match '^FAIL: crashed: ended with ERROR$'
check_match '^SKIP: nothing: SKIP no data$'
check_match '^5 passed, 3 failed, 2 skipped$'
: >testlog.json
check_exit 1 awk -f "$source/tests/count.awk" testlog.json
check_output '0 passed, 0 failed'

check_exit 2 "$source/check.sh" fast
check_error 'usage: ./check.sh'
finish
