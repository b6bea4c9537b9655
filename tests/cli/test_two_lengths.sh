#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_two_lengths.sh - pre-training in two parts: at a smaller length, then at max_length.
. "${0%/*}/lib.sh"
kills_below

# study NAME OPTIONS [MORE] - on the built-in world
study() {
    cat >"$1.yaml" <<EOF
study: $1
data: world
vocab: 512
pretraining: {texts: world}
tasks: [sentiment]
baseline: {layers: 1, hidden: 32, pretrain_steps: 60, pretrain_batch_size: 16, learning_rate: 1e-3, $2}
design: {leave-one-out: [segments]}
seeds: 2
plots: []
${3:-}
EOF
}
# told STORE - every number of every trial, and of what it was pre-trained by
told() {
    "$ABLATE" query --store "$1" --format csv "select study, variant, metric, value from trial_metrics where
        study = 'long' and metric not like '%seconds' union all select study, variant, metric, mean from pretrainings
        where study = 'long' order by 1, 2, 3, 4"
}

study long 'max_length: 24, pretrain_max_length: 12, pretrain_long_steps: 900'
study short 'max_length: 12'
check_exit 0 "$ABLATE" plan long.yaml --verbose
check_match '^pretrain .* baseline, seed 1 '
check_match '^pretrain .* baseline, seed 1, longer '
check_exit 0 "$ABLATE" run short.yaml --quiet --workers 1
check_exit 0 "$ABLATE" plan long.yaml
check_match "done      4 pre-trainings \(same content as in 'short'\)"
check_match 'to run    4 pre-trainings, 4 fine-tunings'
check_exit 0 "$ABLATE" run long.yaml --quiet --workers 1
told ablate-store >here
check 'pre-trainings are told once, by their end' test "$(grep -c '^long,baseline,mlm_loss,' here)" -eq 1
check 'and differ from the first part' test \
    "$("$ABLATE" query "select count(distinct mean) from pretrainings where metric = 'mlm_loss' and variant = 'baseline'" \
        --format csv | tail -n 1)" -eq 2
check_exit 0 "$ABLATE" query "select sum(l.role = 'pretrain_first') as first, sum(l.role = 'pretrain') as last
    from trial_states t join trial_stage l on l.trial_id = t.trial_id where t.study = 'long'" --format csv
check_match '^4,4$'
# both parts count as what a trial took, and as operations
check_exit 0 "$ABLATE" query "select count(*) from trial_states t where t.study = 'long' and t.seconds >=
    (select sum(s.seconds) from trial_stage l join stage s on s.id = l.stage_id and s.kind = 'pretrain'
        where l.trial_id = t.trial_id)" --format csv
check_match '^4$'

# the same where it is killed within the second part
cat >kill.sh <<'EOF'
sleep_until() { for _ in $(seq 600); do "$@" && return; sleep .05; done; return 1; }
second() { "$ABLATE" query --store killed "select 'hit' from stage s join stage_input i on i.stage_id = s.id and
    i.name = 'parent' where s.kind = 'pretrain' and s.state = 'running'" --format csv 2>/dev/null | grep -q '^hit'; }
"$ABLATE" run long.yaml --store killed --quiet --workers 1 &
sleep_until second; kill -KILL $!; wait $! 2>/dev/null; pkill -KILL -P $! 2>/dev/null
EOF
run sh kill.sh
check_exit 0 "$ABLATE" run long.yaml --store killed --quiet --workers 1
check_exit 0 "$ABLATE" query --store killed "select max(s.attempt) from stage s join stage_input i on i.stage_id = s.id
    and i.name = 'parent' where s.kind = 'pretrain'" --format csv
check_match '^2$'
told killed >there
check 'a kill changes no number' cmp here there
# without tasks the second part is what is scored
study alone 'max_length: 24, pretrain_max_length: 12, pretrain_long_steps: 900'
sed -i '/^tasks/s/\[.*/[]/; s/, learning_rate: 1e-3//' alone.yaml
check_exit 0 "$ABLATE" run alone.yaml --quiet --workers 1
check_exit 0 "$ABLATE" status alone
check_match '^baseline +pretraining +2 +2 +0'
check 'the same pre-trainings, scored' test "$("$ABLATE" query "select count(distinct mean) from pretrainings
    where metric = 'mlm_loss' and variant = 'baseline' and study <> 'short'" --format csv | tail -n 1)" -eq 1

# what cannot be combined
study bad 'max_length: 24, pretrain_max_length: 12'
check_exit 2 "$ABLATE" plan bad.yaml
check_error "pretrain_max_length leaves positions untrained: set 'pretrain_long_steps'"
study bad 'max_length: 24, pretrain_long_steps: 12'
check_exit 2 "$ABLATE" plan bad.yaml
check_error "set 'pretrain_max_length', below max_length 24"
study bad 'max_length: 24, pretrain_max_length: 24, pretrain_long_steps: 12'
check_exit 2 "$ABLATE" plan bad.yaml
check_error 'pretrain_max_length 24 must be 8 or more and below max_length 24'
study bad 'max_length: 24, pretrain_max_length: 4, pretrain_long_steps: 12'
check_exit 2 "$ABLATE" plan bad.yaml
check_error 'pretrain_max_length 4 must be 8 or more and below max_length 24'
# fixed positions and none have no rows to copy
study other 'max_length: 24, pretrain_max_length: 12, pretrain_long_steps: 3, positions: sinusoidal'
sed -i 's/\[segments\]/[positions]/' other.yaml
check_exit 0 "$ABLATE" run other.yaml --quiet
finish
