#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The report in a browser: it asks nobody, says nothing on its console, fits a phone, and shows names of any kind as
# they are (tests/support/read_pages.py does the reading). ABLATE_SLOW: three widths, dark and paper too, and 10,000
# trials that sort and filter.
. "${0%/*}/lib.sh"

command -v gnuplot >/dev/null || skip_all "gnuplot is not installed"
command -v python3 >/dev/null || skip_all "python3 is not installed: no page is read"
command -v chromium >/dev/null || command -v google-chrome >/dev/null ||
    skip_all "no Chromium is installed: no page is read in a browser"
check "makes the store" "$ABLATE_BUILD/tests/test_plots" --make "$scratch/store"
export ABLATE_STORE="$scratch/store"

check "names of any kind are put in" python3 "$source/tests/support/change_store.py" store names
check_exit 0 "$ABLATE" report names --out names.html
if [ -n "${ABLATE_SLOW-}" ]; then
    check_exit 0 "$ABLATE" report removals --out removals.html
    check_exit 0 "$ABLATE" report waiting --out waiting.html
    check "10,000 trials are put in" python3 "$source/tests/support/change_store.py" store many
    check_exit 0 "$ABLATE" report waiting --out many.html
fi

python3 "$source/tests/support/read_pages.py" . ${ABLATE_SLOW:+all} >pages 2>pages.err
code=$?
while read -r result name; do
    [ "$result" = ok ]
    report $? "$name"
done <pages
cp pages.err err
[ $code -eq 0 ]
report $? "the browser reads them all"
finish
