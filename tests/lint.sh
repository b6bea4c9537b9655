#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lint.sh - the house rules that a machine can check (CONTRIBUTING.md has them all), one TAP case each.
# usage: tests/lint.sh [FOLDER]
set -u
cd "${1:-${ABLATE_SOURCE:-.}}" || exit 1
export LC_ALL=C.UTF-8
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cases=0 failures=0

# Everything that is ours: no build folders and stores, nothing of git's, no data of the examples.
find . \( -name .git -o -type d -name 'build*' -o -name ablate-store -o -name __pycache__ \
    -o -path ./examples/world -o -path ./examples/pytorch/trainer/model \) -prune \
    -o -type f -print | sed 's|^\./||' | grep -v '^tests/lint\.sh$' | sort >"$work/files"
grep -E '\.[ch]$' "$work/files" >"$work/c"
grep -E '\.(sh|py|awk|sql|gp|yaml|def)$|meson|^\.ci/' "$work/files" |
    grep -vE '^tests/(fuzz/corpus|reference/hf)/' >"$work/scripts"
grep -E '^(core|ablations|experiments|results|plots)/.*\.[ch]$' "$work/files" |
    grep -v "^experiments/cli/\|/file_to_c" >"$work/library"
grep -Ev '\.(png|gz|xz|safetensors|bin)$|^tests/(fuzz/corpus|reference)/' "$work/files" >"$work/text"

# all LIST COMMAND... - runs the command on the files of a list; what it prints are findings
all() {
    list=$work/$1
    shift
    [ ! -s "$list" ] || tr '\n' '\0' <"$list" | xargs -0 "$@" >"$work/found"
}

# rule NAME - a case that fails when there are findings
rule() {
    cases=$((cases + 1))
    if [ -s "$work/found" ]; then
        failures=$((failures + 1))
        echo "not ok $cases - $1"
        head -n 40 "$work/found" | sed 's/^/# /'
    else
        echo "ok $cases - $1"
    fi
    : >"$work/found"
}

all c awk 'FNR == 1 && $0 != "/* SPDX-License-Identifier: Apache-2.0 */" { print FILENAME ":1" }'
rule 'C files begin with the licence line'

all scripts grep -L 'SPDX-License-Identifier: Apache-2.0'
rule 'scripts, tables and studies carry the licence line'

all c awk 'FNR == 501 { print FILENAME ": more than 500 lines" }'
rule 'no C file is above 500 lines'

all c awk '{
    width = 0
    for (i = 1; i <= length($0); i++) {
        character = substr($0, i, 1)
        if (character == "\t")
            width += 8 - width % 8
        else if (character < "\200" || character >= "\300") # not the rest of a UTF-8 sequence
            width++
    }
    if (width > 100)
        print FILENAME ":" FNR ": " width " columns"
}'
rule 'no line of C is above 100 columns'

all c awk '/^\{/ { start = FNR }
/^\}/ && start {
    if (FNR - start > 71)
        print FILENAME ":" start ": " FNR - start - 1 " lines"
    start = 0
}'
rule 'no function is far above 60 lines'

all c grep -nE '^ {8}|^ +	'
rule 'C is indented by tabs'

all text grep -nE '[ 	]+$'
rule 'no blanks at line ends'

all text grep -l "$(printf '\r')"
rule 'line ends are LF'

all c awk '{
    sub(/\/\*.*/, "")
    gsub(/"([^"\\]|\\.)*"/, "\"\"")
}
/(^|[^a-z_.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|strncpy|atoi|atof|atol|tmpnam|mktemp|rand|srand|alloca)\(/ {
    print FILENAME ":" FNR ": " $0
}'
rule 'no banned functions'

all library grep -nE '(^|[^a-z_>.])(printf|puts|putchar|exit|perror)\('
rule 'only experiments/cli prints and exits'

grep -vE '^(results/(read|store)/|tests/)' "$work/c" >"$work/askers"
all askers grep -nE 'sqlite3_|abl_(sql|query)_|abl_store_sql|"sql\.h"|[^\\]"(SELECT|INSERT|UPDATE|DELETE) '
rule 'SQL is in the store and results/read only'

grep -vxE 'results/store/sql(_turn|_connection)?\.[ch]|tests/(faults/[a-z_]*|support/power_vfs)\.c' "$work/c" >"$work/others" # a judge knows nothing of ours
all others grep -n '<sqlite3\.h>'
rule 'results/store/sql*.c alone of the program include sqlite3.h'

grep -vE '^(core/|tests/|experiments/plan/native_|experiments/cli/cmd_bench)' "$work/c" >"$work/generic"
all generic grep -nE '#include "(config|hooks|component|native_config)\.h"'
rule 'only core and what builds the native stages know its configuration'

# An example is a folder to copy, and a package has a page of its own.
grep -vE '^(tests/(fuzz/corpus|reference/hf)|examples)/|^python/README\.md$' "$work/files" |
    sed 's|.*/||' | grep -vx 'meson\.build' | sort | uniq -d >"$work/found"
rule 'file names are unique in the tree'

grep '\.h$' "$work/c" | sed 's|.*/||' | while read -r name; do
    for folder in /usr/include /usr/include/*-linux-gnu; do
        [ ! -e "$folder/$name" ] || echo "$name is $folder/$name, too"
    done
done >"$work/found"
rule 'no header has the name of one of the system'

# Named here: the program that makes sources, the log a child inherits and the locks. What goes nowhere
# is no file.
grep -vE '^(core/base/(writer|file_to_c)|experiments/exec/child|results/store/(store_lock|lock_claim))\.c$' \
    "$work/c" | grep -v '^tests/' >"$work/writers"
all writers grep -nE 'fopen\(.*"[wa]|O_CREAT|[^a-z_]creat\(|mkstemp|O_WRONLY|O_RDWR|freopen\(|fdopen\('
sed -i '/"\/dev\/null"/d' "$work/found"
rule 'core/base/writer.c alone opens files to write'

grep -vE '^core/(base/json|use/predict|checkpoint/hf_(config|folder))\.c$' "$work/writers" >"$work/builders"
all builders grep -nE 'json_(object|array)_(set|append|insert)[a-z_]*\(|json_(dumps|dumpf|dump_file)\('
rule 'JSON is made by core/base/json.h, which looks at every step'

all c awk -f tests/unused.awk tests/unused.txt
rule 'public functions have callers, or a line in tests/unused.txt'

grep '\.c$' "$work/c" | grep -vx 'core/base/errors\.c' >"$work/callers"
all callers grep -n 'err->code'
rule 'the code of a failure is what the call returned (errors.h)'

grep '^\(core\|ablations\|results\|plots\|experiments\)/.*\.c$' "$work/c" >"$work/product"
all product grep -nE '(^|[^a-z_.>])(code|ret|error|res|result|status) = ([a-z]+ [?] [a-z]+ : )?(abl_|stage_)[a-z_0-9]+\(.*err\)'
rule "the code of a failure is called 'rc'"

all text grep -nwE 'TODO|FIXME|XXX'
rule 'nothing is left to do'

all text grep -nE '(^|[^a-z.~])/(root|home|var/tmp|work)/'
rule 'no path of one machine'

echo "1..$cases"
[ "$failures" -eq 0 ]
