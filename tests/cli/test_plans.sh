#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shipped studies on the real data: the plan is made, and is over in a night of two cores. Reading all
# the texts takes seconds for each: one study here, with ABLATE_SLOW set all of them.
. "${0%/*}/lib.sh"

shipped=$ABLATE_SOURCE/ablations/studies
if [ ! -d "$shared/data" ]; then
    skip 'the plans on real data' "there is no folder $shared/data"
    finish
    exit
fi
# shellcheck disable=SC2013  # no blanks in our file names
for study in $(grep -l '^data: ~/data' "$shipped"/*.yaml); do
    if [ -z "${ABLATE_SLOW-}" ] && [ "$(basename "$study")" != first-real.yaml ]; then
        continue
    fi
    check_exit 0 "$ABLATE" plan "$study" --data "$shared/data" --workers 2 --store none
    if ldd "$ABLATE" | grep -q libasan; then # the rate is measured, and this is not the program's
        skip "$(basename "$study"): at most 10 hours" 'with sanitizers training is several times as slow'
        continue
    fi
    hours=$(sed -n 's/^  estimate .* \([0-9]*\) h .*/\1/p' out)
    check "$(basename "$study"): at most 10 hours" test "${hours:-0}" -lt 10
done
finish
