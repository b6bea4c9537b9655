#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What stored predictions add to a comparison, on a store that make_predicted.c makes, and what is said of files
# that are not as they were written.
. "${0%/*}/lib.sh"

check 'a store is made' "$ABLATE_BUILD/tests/make_predicted" store 3 5 400
export ABLATE_STORE=store
check_exit 0 "$ABLATE" compare predicted
check_match '^on this dev set only: 400 examples alone give effects a standard error of \.0'
check_no_match 'another'
check_exit 0 "$ABLATE" compare predicted --examples
check_match '^with another dev set and another seed: 5 seeds x 400 examples; two-way mean$'
check_match "^variant +effect +examples' error +95 % of both +in words\$"
check_match '^part2 .*\[-\.[0-9]+, \+\.[0-9]+\] +not resolved there$'
cp out before
OMP_NUM_THREADS=1 "$ABLATE" compare predicted --examples >out
check 'the same with one thread' cmp before out
check_exit 0 "$ABLATE" compare predicted 'no part1' 'no part2' --examples
check_match '^no part1 '
check_exit 0 "$ABLATE" compare predicted --format csv
# column NAME - of the first row
column() {
    awk -F, -v name="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == name) at = i} NR == 2 {print $at}' out
}
check 'exports have the error' test -n "$(column examples_error)" -a -n "$(column examples_low)"

# one file at a time: the pair is left out, and everything else stays
folder=store/artifacts/predicted-inference-1
damage() {
    cp "$folder-$1/predictions.tsv" kept
    "$2" "$folder-$1/predictions.tsv"
    check_exit 0 "$ABLATE" compare predicted --examples
    tr -s '\n ' '  ' <out >line
    check "says: $3" grep -Eq -e "'part1' without 1 of 5 pairs: (cannot read )?'?$folder-$1/predictions.tsv$3" line
    check_match '^part2 .* there$'
    rm -rf "$folder-$1/predictions.tsv"
    cp kept "$folder-$1/predictions.tsv"
}
cut() { head -c 5000 kept >"$1"; }
shorter() { head -n 300 kept >"$1"; }
another() { sed '7s/^7/7000/' kept >"$1"; }
edited() { awk -F '\t' -v OFS='\t' 'NR > 1 && NR < 99 {$3 = $2} {print}' kept >"$1"; }
columns() { sed '1s/gold/silver/' kept >"$1"; }
pipe() { rm "$1" && mkfifo "$1"; }
folder() { rm "$1" && mkdir "$1"; }
zeros() { head -c 5000 /dev/zero >"$1"; }
damage 0 cut ':[0-9]+: the file is cut off here'
damage 1 shorter ': 299 examples, where .* has 400'
damage 2 another ":7: the example '7000 [a-z]+' is not in "
damage 3 edited ': its predictions give accuracy [0-9.]+, the trial told '
damage 4 columns ':1: these are no columns of predictions'
damage 0 pipe "' is no file"
damage 0 folder "' is no file"
damage 0 zeros ':1: the file is cut off here'
damage 0 rm "': No such file"
# an editor's line ends change nothing
sed 's/$/\r/' kept >"$folder-0/predictions.tsv"
check_exit 0 "$ABLATE" compare predicted --examples
check 'line ends do not matter' cmp before out
rm -rf store/artifacts
check_exit 0 "$ABLATE" compare predicted --examples
check_match '^with another dev set: cannot say$'
check_match "^  'part1'"
finish
