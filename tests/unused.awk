# SPDX-License-Identifier: Apache-2.0
# unused.awk - public functions without a caller. Reads a list of accepted ones (NAME REASON a line), then
# all C files, tests included, and prints what a header declares and
#   - no product file but the one that defines it uses, nor that one itself: it is dead, or only tests call it;
#   - only the file that defines it uses, and no test: it should be static.
# A function that its own file uses and a test calls by itself is fine.
FILENAME == ARGV[1] {
    if ($0 !~ /^#/ && NF)
        accepted[$1] = FILENAME ":" FNR
    if ($0 !~ /^#/ && NF == 1)
        print FILENAME ":" FNR ": no reason for " $1
    next
}
FNR == 1 {
    comment = 0
    header = FILENAME ~ /\.h$/
    test = FILENAME ~ /^tests\//
}
{
    gsub(/"([^"\\]|\\.)*"/, "\"\"")
    if (comment && !sub(/^.*\*\//, ""))
        next
    gsub(/\/\*([^*]|\*+[^*\/])*\*+\//, "")
    comment = sub(/\/\*.*/, "")
    outside = /^[a-z]/ # a declaration or the head of a definition
    rest = $0
    while (match(rest, /abl_[a-z0-9_]+/)) {
        name = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (outside && rest ~ /^\(/ && $0 !~ /^(typedef|struct [a-z_]+ \{)/) {
            if (!test && header)
                declared[name] = FILENAME ":" FNR
            else if (!test)
                home[name] = FILENAME
        } else if (test) {
            tested[name] = 1
        } else {
            used[name] = used[name] " " FILENAME
        }
    }
}
END {
    for (name in declared) {
        elsewhere = own = 0
        n = split(used[name], files, " ")
        for (i = 1; i <= n; i++)
            if (files[i] == home[name])
                own = 1
            else
                elsewhere = 1
        bad = !elsewhere && !(own && (name in tested))
        if (bad && !(name in accepted))
            print declared[name] ": " name (own ? " is used in its own file only" : " has no caller")
        if (!bad && (name in accepted))
            print accepted[name] ": " name " has callers: take it off the list"
        seen[name] = 1
    }
    for (name in accepted)
        if (!(name in seen))
            print accepted[name] ": there is no " name
}
