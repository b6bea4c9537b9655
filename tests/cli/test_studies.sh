#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The shipped studies: each says what it asks and what it costs, and each runs to
# its end at toy size on the built-in world (tests/studies/): two here, with ABLATE_SLOW set all of them.
. "${0%/*}/lib.sh"

shipped=$ABLATE_SOURCE/ablations/studies
toys=$ABLATE_SOURCE/tests/studies

# number SQL - what a query on the store gives
number() {
    "$ABLATE" query "$1" --store store --format csv | tail -n 1
}

# Every study with a toy opens with its question, the basis of the comparison and the planned hours.
for toy in "$toys"/toy-*.yaml; do
    name=$(basename "$toy" .yaml | sed 's/^toy-//')
    check "$name: a study is shipped" test -f "$shipped/$name.yaml"
    for part in '^# [A-Z].*[?]' '^# Published' '^# Basis' 'Planned: .* hours* on two cores'; do
        check "$name says '$part'" grep -q "$part" "$shipped/$name.yaml"
    done
done

# At toy size: all trials end, and every variant has a score.
for toy in "$toys"/toy-*.yaml; do
    name=$(basename "$toy" .yaml | sed 's/^toy-//')
    case $name in
    gpt-vs-bert | learning-rate) ;;
    *) [ -n "${ABLATE_SLOW-}" ] || continue ;;
    esac
    check_exit 0 "$ABLATE" run "$toy" --store store --workers 2 --quiet
    check "$name: all trials are done" test \
        "$(number "select count(*) from trials where study = 'toy-$name' and state <> 'done'")" -eq 0
    check "$name: there are trials" test \
        "$(number "select count(*) from trials where study = 'toy-$name'")" -gt 3
done

# The query of docs/studies.md: a mean over tasks for each variant, without the one that is named.
sed -n '/^```sql$/,/^```$/p' "$source/docs/studies.md" | sed '/^```/d; s/gpt-vs-bert/toy-gpt-vs-bert/; s/stsb/entailment/' >mean.sql
check_exit 0 "$ABLATE" query "$(cat mean.sql)" --store store --format csv
check 'the mean without one of two tasks is the other' test "$(grep '^BERT,' out | cut -d, -f2)" = \
    "$(number "select mean from variants where study = 'toy-gpt-vs-bert' and task = 'sentiment'
        and metric = 'accuracy' and variant = 'BERT'")"

# The statements of docs/analysis.md are the database's, and lead to one prediction for each example.
grep -o 'SELECT [^"]*' "$source/docs/analysis.md" | sed 's/quickstart/toy-gpt-vs-bert/' >statements
check 'the page of pandas has statements' test "$(wc -l <statements)" -ge 3
while read -r statement; do
    check_exit 0 "$ABLATE" query "$statement" --store store --format csv
    check 'it gives rows' test "$(wc -l <out)" -gt 1
done <statements
file=$(number "select file from predictions where study = 'toy-gpt-vs-bert' and task = 'sentiment' limit 1")
check 'gold and prediction of each example' test "$(head -n 1 "store/$file" | cut -f 1-3)" = 'line	gold	prediction'
check 'an example a line' test "$(wc -l <"store/$file")" -gt 20

# Rates: each arm of 'learning-rate' trained with what it may choose from.
check 'the fixed rate stayed fixed' test "$(number "select count(*) from trials
    where study = 'toy-learning-rate' and variant = 'baseline' and learning_rate = 5e-5")" -eq 4
check 'one rate serves all tasks' test "$(number "select count(distinct learning_rate) from trials
    where study = 'toy-learning-rate' and variant = 'one rate'")" -eq 1
finish
