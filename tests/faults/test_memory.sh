#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An allocation that fails, the first or the n-th, once or for good from there on: a command ends with a
# message that says so, or as if nothing had happened; never by a signal, never with another answer.
#
# usage: test_memory.sh [long]	ABLATE_SHIM: shim.c, built; long: every STRIDE'th allocation (61) of each command
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
: "${ABLATE_SHIM:?run by meson test}"
if ldd "$ABLATE" | grep -q 'libasan'; then
    skip 'failing allocations' 'the sanitizer takes them itself'
    finish
fi

study 2 >faults.yaml
check_exit 0 "$ABLATE" run faults.yaml --store st --quiet
made() { "$ABLATE" query "select artifact from stage where kind = '$1'" --store st --format csv | sed -n 2p; }
tuned=st/$(made finetune)

# fails AT ALWAYS COMMAND... - false: it has fewer allocations. Counts in $wrong.
fails() {
    at=$1 always=$2
    shift 2
    rm -rf fired new
    (
        [ "$always" = once ] || export FAULT_ALWAYS=1
        FAULT_CALL=malloc FAULT_AT=$at FAULT_IN=all FAULT_LOG=$scratch/fired LD_PRELOAD=$ABLATE_SHIM \
            timeout 60 "$@" >out 2>err </dev/null
    )
    code=$?
    [ -e fired ] || return 1
    tried=$((tried + 1))
    case $code in
    "$good") cmp -s good.out out ;;
    1 | 2) grep -q -i 'memory' err ;;
    *) false ;;
    esac && return
    wrong=$((wrong + 1))
    echo "# allocation $at fails $always: exit $code, $(tail -n 1 err)"
}

# memory NAME STRIDE COMMAND... - in the short form five places
memory() {
    name=$1 stride=$2 tried=0 wrong=0
    shift 2
    rm -rf new
    "$@" >good.out 2>/dev/null </dev/null
    good=$?
    for always in once always; do
        if [ "$long" = no ]; then
            for at in 1 40 900; do fails "$at" "$always" "$@"; done
        else
            at=1
            while fails "$at" "$always" "$@"; do at=$((at + stride)); done
        fi
    done
    check "$name: $tried allocations fail and nothing else does" test "$wrong" -eq 0
}

long=no
[ "${1-}" != long ] || long=yes
stride=${STRIDE-61}
memory plan "$stride" "$ABLATE" plan faults.yaml --store st
memory compare "$stride" "$ABLATE" compare faults --store st
memory 'a checkpoint opened' "$stride" "$ABLATE" predict "$tuned" --text 'a good cat'
if [ $long = yes ]; then
    printf 'variant,task,seed,accuracy\nbaseline,a,1,.5\nbaseline,a,2,.6\nno x,a,1,.4\nno x,a,2,.7\n' >runs.csv
    memory 'a store made' $((stride * 8)) "$ABLATE" load runs.csv --study t --store new
    memory 'a plan refused' "$stride" "$ABLATE" run faults.yaml --store new --only nobody
    memory results "$stride" "$ABLATE" results faults --store st
    memory status "$stride" "$ABLATE" status --store st
    memory query "$stride" "$ABLATE" query 'select * from trials' --store st
    memory report $((stride * 40)) "$ABLATE" report faults --store st --out page.html
fi
check_exit 0 "$ABLATE" verify --store st
finish
