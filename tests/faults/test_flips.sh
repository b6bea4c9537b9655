#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bits that flip and files that are cut, in every kind of file that is read: never a crash, never other numbers
# with exit code 0, and what cannot go on names the file. check_store.c compares with a run of whole files.
# usage: test_flips.sh [long]		ABLATE_TEST_SEED drives all places
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
. "${0%/*}/storm.sh"
case ${1-} in
long) each=${ABLATE_TEST_FLIPS:-40} ;;
*) each=${ABLATE_TEST_FLIPS:-0} ;;
esac

# random BELOW - into $number
state=$seed
random() {
    state=$(((state * 1103515245 + 12345) % 2147483648))
    number=$((state / 8 % $1))
}

# damage FILE - in one of four ways, said in $how; false: it is empty already
damage() {
    size=$(wc -c <"$1")
    [ "$size" -gt 0 ] || return 1
    random "$size"
    at=$number
    random 8
    case $number in
    0) how="cut at $at" && truncate -s "$at" "$1" ;;
    1) how="16 zeroes at $at" && dd if=/dev/zero of="$1" bs=1 seek="$at" count=16 conv=notrunc 2>/dev/null ;;
    2) how="8 bytes more" && echo 0123456 >>"$1" ;;
    *)
        how="bit $number at $at"
        byte=$(od -An -tu1 -j "$at" -N 1 "$1")
        # shellcheck disable=SC2059  # an octal number
        printf "\\$(printf %o $((byte ^ (1 << (number - 1)))))" | dd of="$1" bs=1 seek="$at" conv=notrunc 2>/dev/null
        ;;
    esac
}

# sound FILE - what a command has said of it: no crash, no sanitizer; and where it gave up, which file it is
sound() {
    ! grep -Eq 'runtime error|Sanitizer|Assertion' err && [ "$code" -lt 124 ] &&
        { [ "$code" -eq 0 ] || grep -Fq "${1##*/}" err || grep -Fq "${1##*/}" out; }
}

# kinds: a name for files of one kind
kind_of() {
    case $1 in
    *[/]work[/]*) echo "in work: ${1##*/}" ;;
    */artifacts/*) echo "artefact: ${1##*/}, $(dirname "$1" | sed 's|.*artifacts/\(......\).*|\1|')" ;;
    */code/*) echo "code: ${1##*/}" ;;
    */logs/* | */plots/*) echo "" ;; # nobody reads these
    *) echo "${1##*/}" ;;
    esac
}

# flips BEGUN STUDY CALM OLD - every file of the store BEGUN in turn: OLD is done there, STUDY is run on it then
flips() {
    find "$1" -type f | sort >files
    while read -r whole; do
        kind=$(kind_of "$whole")
        [ "$kind" ] || continue
        ! grep -Fqx "$kind" seen || continue
        echo "$kind" | grep -q "${ABLATE_TEST_ONLY-}" || continue
        echo "$kind" >>seen
        bad=0 tried=0 refused=0
        while [ $tried -lt "$each" ]; do
            tried=$((tried + 1))
            rm -rf st && cp -rp "$1" st
            damage "st/${whole#*/}" || continue
            run timeout 60 "$ABLATE" results "$4" --format csv --store st
            sound "$whole" || { bad=$((bad + 1)) && echo "# $kind, $how: results, exit code $code: $(tail -n 1 err)"; }
            # that a trial is not seen is damage, too, but no other number
            if [ $code -eq 0 ] && grep ',done,' out | grep -Fqvxf results-begun; then
                bad=$((bad + 1)) && echo "# $kind, $how: other results"
                diff results-begun out | head -n 8 | cut -c 1-200 | sed 's/^/# /'
            fi
            run timeout 60 "$ABLATE" run "$2.yaml" --store st
            sound "$whole" || { bad=$((bad + 1)) && echo "# $kind, $how: run, exit code $code: $(tail -n 1 err)"; }
            [ $code -eq 0 ] || refused=$((refused + 1))
            # what nobody has read is as damaged as it was
            [ $code -eq 0 ] && "$ABLATE_CHECK_STORE" st "$3" >checked 2>&1
            if [ $code -eq 0 ] && grep -E '^(lost|wrong): ' checked | grep -v '^wrong: the database' | grep -Fv "'st/${whole#*/}'" >faults; then
                bad=$((bad + 1)) && echo "# $kind, $how: exit code 0, but" && head -n 3 faults | sed 's/^/# /'
            fi
        done
        [ $bad -eq 0 ]
        report $? "$kind: $tried damaged, $refused refused, $bad silent or unclear"
    done <files
}

# A store with work to do: one seed is there, a second and other fine-tunings are wanted, and the second's
# pre-training was stopped in its middle.
: >seen
long='s/study: faults/study: one/; s/pretrain_steps: 8/pretrain_steps: 3000/'
study 1 | sed "$long" >one.yaml
study 2 1e-3 | sed "$long; s/study: one/study: two/" >two.yaml
check_exit 0 "$ABLATE" run one.yaml --store calm-two --quiet
cp -r calm-two begun
check_exit 0 "$ABLATE" run two.yaml --store calm-two --quiet
"$ABLATE" run two.yaml --store begun --quiet >out 2>err &
pid=$!
tries=0
until [ "$("$ABLATE" query "select count(*) from stage where state = 'running' and kind = 'pretrain'" \
    --store begun --format csv 2>/dev/null | tail -n 1)" = 1 ] || [ $tries -gt 100 ]; do
    tries=$((tries + 1))
done
sleep .05
kill -TERM $pid
wait $pid
code=$?
check "stopped with a state, code $code" test "$(find begun/work -name '*.safetensors' | wc -l)" -gt 0
"$ABLATE" results one --format csv --store begun >results-begun 2>/dev/null
flips begun two calm-two one

# The same of a study of programs.
programs 2 >program.yaml
check_exit 0 "$ABLATE" run program.yaml --store begun-program --quiet
"$ABLATE" results program --format csv --store begun-program >results-begun 2>/dev/null
programs 2 | sed 's/study: program/study: more/; s/depth: \[1, 3\]/depth: [1, 3, 4]/' >more.yaml
cp -r begun-program calm-more
check_exit 0 "$ABLATE" run more.yaml --store calm-more --quiet
: >seen
flips begun-program more calm-more program

# What is read beside the store: what is left of it is another study, or told of with the file's name.
mkdir whole && cp two.yaml rows.csv texts.txt whole/
for file in two.yaml rows.csv texts.txt; do
    bad=0 tried=0 refused=0
    while [ $tried -lt $((4 * each)) ]; do
        tried=$((tried + 1))
        cp "whole/$file" "$file"
        damage "$file"
        run timeout 60 "$ABLATE" plan two.yaml --store none
        [ $code -eq 0 ] || refused=$((refused + 1))
        { sound "$file" && [ $code -ne 1 ]; } || { bad=$((bad + 1)) && echo "# $file, $how: exit code $code: $(tail -n 1 err)"; }
    done
    cp "whole/$file" "$file"
    [ $bad -eq 0 ]
    report $? "$file: $tried damaged, $refused refused, $bad unclear"
done
finish
