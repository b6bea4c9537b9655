#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What sleeps and wakes, and clocks that go wrong. Processes are stopped for long and go on when another may
# have done their work; runs are stopped while another is tried, and killed while what they started sleeps;
# several begin at one moment; the time of day goes back and ahead. No stale write lands: check_store.c finds
# what a run has made that nothing has disturbed.
# usage: test_storms.sh [long]		ABLATE_TEST_SEED drives all moments
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
. "${0%/*}/storm.sh"
case ${1-} in
long) trials=60 many=50 rounds=6 pace=150 ;;
*) trials=2 many=1 rounds=1 pace=20 ;;
esac

study "$trials" >engine.yaml
programs "$trials" >program.yaml
for study in engine program; do
    calm $study
    for kind in stopped stopped-run orphaned; do
        storm "$study" "$pace" "$kind" "$many"
    done
done

# Several begin on a store that is not there yet: one does it, the others say why not.
round=0
while [ $round -lt $rounds ]; do
    round=$((round + 1))
    rm -rf st ./*.code
    for i in 1 2 3 4; do
        {
            "$ABLATE" run engine.yaml --store st --quiet >"$i.log" 2>&1
            echo $? >"$i.code"
        } &
    done
    wait
    check 'several at once: some do it' grep -qx 0 1.code 2.code 3.code 4.code
    check 'others are told of them' sh -c 'for i in 1 2 3 4; do grep -qx 0 $i.code ||
        { grep -qx 1 $i.code && grep -Eq "another ablate process \(pid [0-9]+\) is using" $i.log; } || exit 1; done'
    "$ABLATE_CHECK_STORE" st calm-engine >checked 2>&1
    report $? "four at once: $(tail -n 1 checked)"
done

# The clock: by 1 h, 1 day, 10 s, back and ahead, while it runs. check_store.c sees a time below 0.
export STORM_PRELOAD="$ABLATE_CLOCK" FAULT_CLOCK="$scratch/clock"
preloads
for study in engine program; do
    rm -f clock
    storm $study $((2 * pace)) clock $((3 * many))
    check "$study: no stage took an hour" test "$("$ABLATE" query "select count(*) from attempt
        where seconds > 60 or cpu_seconds > 60" --store st --format csv | tail -n 1)" = 0
    check "$study: no time that is left is told in hours" sh -c '! grep -Eq "about [0-9.:]+ (h|min|d)" storm.log'
done
finish
