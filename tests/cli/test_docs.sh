#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the documents say is what the program does: the references printed from its tables, the commands
# and files that the pages name.
. "${0%/*}/lib.sh"

check_exit 0 "$ABLATE" components --format md
check 'docs/components.md is what ablate components --format md prints' cmp out "$source/docs/components.md"

# docs/study-file.md: its end is printed from the table, and its examples are studies that plan well
check_exit 0 "$ABLATE" components study-file --format md
sed '1,/^## All keys$/d' "$source/docs/study-file.md" >keys
check 'docs/study-file.md ends with what ablate components study-file --format md prints' cmp out keys
awk '/^```yaml/ { n++; on = 1; next } /^```/ { on = 0 } on { print >"example" n ".yaml" }' \
    "$source/docs/study-file.md"
for example in example*.yaml; do
    check_exit 0 "$ABLATE" plan "$example" --store "$scratch/store"
    check_no_match '^  warning   learning_rate'
done
awk '/^```yaml/ { n++; on = 1; next } /^```/ { on = 0 } on { print >"readme" n ".yaml" }' "$source/README.md"
grep -v '^#' "$source/ablations/studies/quickstart.yaml" >quickstart.yaml
check 'README.md shows quickstart.yaml as it is' cmp quickstart.yaml readme1.yaml
awk 'BEGIN { print "text,label"; for (i = 1; i <= 40; i++) print "this text has number " i "," i % 2 }' >reviews.csv
printf 'One sentence. Another one.\n\nA second document. It ends.\n' >reviews-texts.txt
check_exit 0 "$ABLATE" plan readme2.yaml --store "$scratch/store"
check_no_match '^  warning   learning_rate'
for study in "$source"/ablations/studies/*.yaml; do
    if grep -q '^data: world' "$study"; then
        check_exit 0 "$ABLATE" plan "$study" --store "$scratch/store"
    fi
done

"$ABLATE" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >commands
for page in "$source"/*.md "$source"/docs/*.md; do
    page_name=${page#"$source"/}
    # `ablate WORD` in code must be a command
    grep -oE '`(\./)?ablate [a-z]+' "$page" | sed 's/.* //' | sort -u | grep -vxF -f commands -e help -e stage -e worker >unknown
    check "$page_name names only commands that exist$(sed 's/^/ /' unknown | tr '\n' ',')" test ! -s unknown
    # links to files of the tree
    grep -oE '\]\([^)#]+' "$page" | sed 's/^](//' | grep -v '^https*:' | while read -r target; do
        [ -e "${page%/*}/$target" ] || echo "$target"
    done >missing
    check "$page_name links only to files that exist$(sed 's/^/ /' missing | tr '\n' ',')" test ! -s missing
done
finish
