#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How check.sh counts: failures, crashes and skips must all show in its last line; and that what finds
# faults does find them.
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
check_exit 2 "$source/setup.sh" everything
check_error 'usage: ./setup.sh'

# Functions without callers.
mkdir -p core tests
cat >core/a.h <<'END'
int abl_dead(void); /* abl_used() is not */
int abl_own(int a);
int abl_tried(int a);
int abl_used(void);
END
cat >core/a.c <<'END'
int abl_dead(void)
{
	return abl_own(1) + abl_tried(1);
}
END
for name in own tried used; do printf 'int abl_%s(int a)\n{\n\treturn a;\n}\n' $name >>core/a.c; done
printf 'int main(void)\n{\n\treturn abl_used();\n}\n' >core/b.c
printf 'int main(void)\n{\n\treturn abl_tried(2) + abl_dead();\n}\n' >tests/c.c
printf 'abl_used  for fun\nabl_gone  for good\n' >accepted
check_exit 0 awk -f "$source/tests/unused.awk" accepted core/a.h core/a.c core/b.c tests/c.c
sort -o out out
check_output 'accepted:1: abl_used has callers: take it off the list
accepted:2: there is no abl_gone
core/a.h:1: abl_dead has no caller
core/a.h:2: abl_own is used in its own file only'

# Tools that are not there are skipped cases, not passed ones.
mkdir bin
for name in sh find sed sort grep tr xargs mktemp rm head; do ln -s "$(command -v $name)" bin; done
check_exit 0 env PATH="$scratch/bin" "$source/tests/tools.sh" .
check_match '^ok 1 - clang-format # SKIP'
check_match '^ok 2 - cppcheck # SKIP'
check_match '^ok 3 - shellcheck # SKIP'
if command -v shellcheck >/dev/null; then
    printf '#!/bin/sh\nset -u\nrm $1\n' >core/bad.sh
    ln -s "$(command -v shellcheck)" bin
    check_exit 1 env PATH="$scratch/bin" "$source/tests/tools.sh" .
    check_match '^not ok 3'
fi
finish
