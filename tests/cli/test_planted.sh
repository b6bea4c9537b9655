#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The planted effects of the built-in world are found again (docs/world.md): a study of its six tasks that are no
# classes of texts, with one seed, so only effects far above the spread of seeds are asked for.
. "${0%/*}/lib.sh"

sed 's/^seeds: 3$/seeds: 1/' "$source/ablations/studies/world-tasks.yaml" >world-tasks.yaml
check_exit 0 "$ABLATE" run world-tasks.yaml --store store --workers 2 --quiet

# effect TASK VARIANT - its main metric's mean less the baseline's
effect() {
    "$ABLATE" query "select v.mean - b.mean from variants v join variants b on b.study = v.study and b.task = v.task
        and b.metric = v.metric and b.variant = 'baseline' join study y on y.name = v.study join task t
        on t.study_id = y.id and t.name = v.task and t.metric = v.metric
        where v.task = '$1' and v.variant = '$2'" --store store --format csv | tail -n 1
}

# lowers TASK VARIANT BY - the variant scores lower by at least so much
lowers() {
    found=$(effect "$1" "$2")
    check "$1, $2: $found is below -$3" awk "BEGIN { exit !(\"$found\" != \"\" && $found < -$3) }"
}

lowers tags 'no positions' .1
lowers stories 'no positions' .3
lowers spans 'no positions' .3
lowers spans2 'no positions' .2
lowers endings 'no pretraining' .1
lowers similarity 'no pretraining' .3
lowers spans 'no pretraining' .1
# and what was not planted is not found
check 'endings do not need positions' awk "BEGIN { e = $(effect endings 'no positions'); exit !(e > -.1 && e < .1) }"
finish
