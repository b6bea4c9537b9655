# SPDX-License-Identifier: Apache-2.0
# count.awk - counts test cases in meson's testlog.json (one test a line): its TAP cases where the test
# prints TAP, else the test itself. A test that ended badly without a failed case counts as one failure.
# Prints the failed and skipped cases, then "N passed, N failed[, N skipped]"; exit code 1 on failures.

function show(mark, text)
{
    gsub(/\\"/, "\"", text)
    print mark ": " name ": " text
}

{
    name = $0
    sub(/^\{"name": "/, "", name)
    sub(/", "stdout": .*/, "", name)
    # Behind the printed text: a result and no further free text before it.
    match($0, /", "result": "[A-Z]*", "starttime"/)
    result = substr($0, RSTART + 14, RLENGTH - 28)
    text = substr($0, 1, RSTART - 1)
    ok = bad = skipped = 0
    if (sub(/^\{"name": "[^"]*", "stdout": "/, "", text)) {
        lines = split(text, line, /\\n/)
        for (i = 1; i <= lines; i++) {
            if (line[i] ~ /^ok .* # SKIP/) {
                skipped++
                show("SKIP", substr(line[i], 4))
            } else if (line[i] ~ /^ok /) {
                ok++
            } else if (line[i] ~ /^not ok /) {
                bad++
                show("FAIL", substr(line[i], 8))
            } else if (line[i] ~ /^1\.\.0 # SKIP/) {
                show("SKIP", substr(line[i], 8))
            }
        }
    }
    if (result == "OK" && !ok && !skipped)
        ok = 1
    else if (result == "SKIP" && !skipped)
        skipped = 1
    else if (result != "OK" && result != "SKIP" && !bad) {
        bad = 1
        show("FAIL", "ended with " result)
    }
    all_ok += ok
    all_bad += bad
    all_skipped += skipped
}

END {
    printf "%d passed, %d failed", all_ok, all_bad
    if (all_skipped)
        printf ", %d skipped", all_skipped
    print ""
    exit all_bad > 0 || all_ok == 0
}
