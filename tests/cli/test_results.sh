#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# results, compare and query on a store with known numbers (make_store.c); and on none.
. "${0%/*}/lib.sh"

for command in 'results first' 'compare first' 'query select-1'; do
    # shellcheck disable=SC2086  # words
    check_exit 2 "$ABLATE" $command
    check_error "no store at './ablate-store': run a study first or give --store"
done
check 'nothing was created' test ! -e ablate-store
check 'a store is made' "$ABLATE_BUILD/tests/make_store" ablate-store

check_exit 0 "$ABLATE" results special-tokens
check_match '^task +variant +metric +trials +done +failed +mean +sd +min +max$'
check_match '^rte +baseline +accuracy +8 +8 +0 +\.605 +\.014 +\.578 +\.621$'
check_match '^rte +no positions +accuracy +8 +7 +1 +\.544 ' # as compare counts it
check_match '^mean, sd, min and max are over seeds, diverged runs as the majority predictor$'
check_exit 0 "$ABLATE" results special-tokens --sort mean --top 2
check_output 'task  variant         metric    trials  done  failed  mean    sd   min   max
rte   baseline        accuracy       8     8       0  .605  .014  .578  .621
rte   placebo salted  accuracy       8     8       0  .603  .022  .556  .628
mean, sd, min and max are over seeds, diverged runs as the majority predictor
effects with tests: '"'"'ablate compare special-tokens'"'"'; one row per trial: --trials'
check_exit 0 "$ABLATE" results special-tokens --sort -failed --top 1 --task RTE --format md
check_match '^\| rte \| baseline \|'
check_exit 0 "$ABLATE" results small --trials --sort seconds --top 2 --format csv
check_match '^small,layers=4,intents,1,done,40,'
check_exit 0 "$ABLATE" results small --sort accuracy --columns variant,seed --format csv
check_match '^layers=4,3,$' # what is not there comes last
check 'in the order asked for' test "$(sed -n '2p;$p' out)" = "baseline,3,0.7
layers=4,3,"
for wrong in '--sort men' '--trials --sort variants' '--cost --sort accuracie' '--task rta' '--top 0' '--cost --variance'; do
    # shellcheck disable=SC2086  # words
    check_exit 2 "$ABLATE" results special-tokens $wrong
done
check_error '--cost and --variance are two tables: ask for one'
check_exit 2 "$ABLATE" results special-tokens --sort men
check_error "no column 'men' to sort by; did you mean 'mean'?"
check_exit 0 "$ABLATE" results special-tokens --cost
check_match '^no positions +8 +\.544 ±\.010 +198\.0 +- +- +- +no$'
check_match '^time is that of the clock'
check 'no line is wider than 80' awk 'length($0) > 80 { exit 1 }' out
check_exit 0 "$ABLATE" results special-tokens --by-option
check_match '^segments +none +\.579 ±\.017 +-\.026 \[-\.035, -\.018\] +26 %$'
check_match '^best of 4 equal configurations gains 1\.03 sd by noise'
check_exit 0 "$ABLATE" results special-tokens --by-option --format md
check_match 'the mean of each level over the combinations of the other keys'
check_no_match '^- *$'
check_exit 2 "$ABLATE" results small --by-option
check_error "no key varies in study 'small'"
check_exit 2 "$ABLATE" results small --variance
check_error "nothing is crossed in study 'small'"
check_exit 2 "$ABLATE" results small --expected
check_error "study 'small' was planned by an earlier program, or has no design"
check_exit 0 "$ABLATE" results small --format csv
check_output 'study,variant,task,seed,state,seconds,cause,reason,trial,segments,accuracy,examples,majority
small,baseline,intents,1,done,20,,,41,on,0.5,100,0.5
small,baseline,intents,2,done,20,,,42,on,0.6,100,0.5
small,baseline,intents,3,done,20,,,43,on,0.7,100,0.5
small,layers=1,intents,1,done,12,,,44,,0.5,100,0.5
small,layers=1,intents,2,done,12,,,45,,0.5,100,0.5
small,layers=1,intents,3,done,12,,,46,,0.65,100,0.5
small,layers=4,intents,1,done,40,,,47,,0.4,100,0.5
small,layers=4,intents,2,failed,20,crash,killed by signal 11,48,,,,
small,layers=4,intents,3,waiting,0,,,49,,,,'
check_exit 0 "$ABLATE" results special-tokens --trials --format md
check_match '^\| special-tokens \| no positions \| rte \| 3 \| failed \|'
check_exit 0 "$ABLATE" results special-tokens --format json
check 'the rows are JSON' python3 -c 'import json; assert len(json.load(open("out"))) == 40'

check_exit 0 "$ABLATE" compare special-tokens --task rte
check_output "rte: accuracy on dev (277 examples), 8 seeds, baseline .605 (sd .014)
effect = variant - baseline, higher is better; paired t, Holm over 3 comparisons
removed        effect 95 % interval  p Holm verdict
positions       -.061 [-.069, -.054] <.0001 removal hurts
segments        -.026 [-.035, -.018]  .0004 removal hurts
special_tokens  -.004 [-.020, +.012]    .56 not resolved, could see .037
placebo         -.002 [-.011, +.007]      - no difference seen, could see .017
sign-flip p, uncorrected, as a check: positions .008, segments .008,
  special_tokens .56, placebo .75
on this dev set only
1 of 8 'no positions' runs diverged (counted as majority); without it -.059
1 of 8 'no positions' runs collapsed to a single class (majority: .527)
rates of failure by unit, with 95 % intervals: baseline 0 of 8 [.000, .324],
  'no positions' 1 of 8 [.022, .471], p 1.00 uncorrected
rates of collapse by unit, with 95 % intervals: baseline 0 of 8 [.000, .324],
  'no positions' 1 of 8 [.022, .471]"
check 'no line is wider than 80' awk 'length($0) > 80 { exit 1 }' out
check_exit 0 "$ABLATE" compare special-tokens 'no special_tokens' --margin .03
check_match 'equivalent within ±\.030$'
check_no_match '^positions'
check_exit 0 "$ABLATE" compare special-tokens 'no positions' 'no segments'
check_match '^effect = variant - no segments, '
check_exit 0 "$ABLATE" compare small
check_match '^interim: planned trials are missing, so there are intervals and no verdicts$'
check_match '^layers=1 +-\.050 +\[-\.174, \+\.074\] +-40\.0 % +interim$'
check_no_match 'hurts|helps|resolved'
for format in table csv json md tex; do
    check_exit 0 "$ABLATE" compare special-tokens --format $format
done
check_match '^\\begin\{tabular\}\{lrrrlrrrrrl\}$'
check_match '^\\caption\{special-tokens: rte: accuracy on dev \(277 examples\), 8 seeds, baseline \.605 \(sd \.014\); '
check_match '^positions & 8 & \.544 & \$-\$\.061 & \[\$-\$\.069, \$-\$\.054\] & \.009 & '
check_exit 0 "$ABLATE" compare small --format md
check_match '^small: intents: accuracy on dev \(100 examples\), 3 seeds, baseline \.600 .*variant − baseline'
check_match '^- pairs that have finished: .layers=4. 1 of 3 \(baseline there \.500\)$'
check_exit 0 "$ABLATE" results special-tokens --format tex
check_match '^\\caption\{special-tokens: '

check_exit 0 "$ABLATE" query 'select variant, round(effect, 3) as effect from effects where n = 7 and metric = "accuracy"'
check_output 'variant        effect
no positions    -.059'
check_exit 0 "$ABLATE" query 'select count(*) as trials from trials' --format csv
check_output 'trials
85'
check_exit 2 "$ABLATE" query 'selec 1'
check_error 'near "selec": syntax error'
check_exit 2 "$ABLATE" query 'delete from study'
check_error 'the query returns no rows'
check_exit 2 "$ABLATE" query 'delete from study returning id'
check_error 'attempt to write a readonly database'
check_exit 2 "$ABLATE" query 'select 1; select 2'
check_error 'more than one statement'

# a study may be given by its file
printf '# which part?\nabout: x\nstudy:   "special-tokens"  # the name\n' >tokens.yaml
check_exit 0 "$ABLATE" results tokens.yaml
check_match '^rte +baseline '
printf 'studies: none\n' >tokens.yaml
check_exit 2 "$ABLATE" results tokens.yaml
check_error "'tokens.yaml' has no line 'study: NAME'"
check_exit 2 "$ABLATE" compare missing.yaml
check_error "missing.yaml: cannot open"

check_exit 2 "$ABLATE" results special-tokns
check_error "did you mean 'special-tokens'?"
check_exit 2 "$ABLATE" compare special-tokens --task rta
check_error "no task 'rta'; did you mean 'rte'?"
check_exit 2 "$ABLATE" compare special-tokens 'no segment'
check_error "no variant 'no segment'; did you mean 'no segments'?"
check_exit 2 "$ABLATE" compare special-tokens --margin -1
check_error '--margin must be 0 or more'

# stores that are none
mkdir -p damaged folder/results.db
echo 'certainly not a database' >damaged/results.db
check_exit 2 "$ABLATE" results small --store damaged
check_error 'damaged or not a results database'
check_exit 2 "$ABLATE" results small --store folder
check_error "'folder/results.db' is a folder"
check_exit 2 "$ABLATE" results small --store tokens.yaml
check_error "no store at 'tokens.yaml'"
: >damaged/results.db
check_exit 2 "$ABLATE" results small --store damaged
check_error "'damaged/results.db'"
# the lock file and the write-ahead log are not needed for reading
mkdir copy && cp ablate-store/results.db copy/ && chmod 555 copy && chmod 444 copy/results.db
check_exit 0 "$ABLATE" results small --store copy
chmod 755 copy

# a store that an earlier program wrote (tests/reference/store) keeps its numbers
mkdir before
gunzip -c "$source/tests/reference/store/before-0.1.db.gz" >before/results.db
check_exit 0 "$ABLATE" compare before-0.1 --store before --format csv
check_exit 0 "$ABLATE" results before-0.1 --store before --trials --format csv
check 'it has all its trials' test "$(grep -c ',done,' out)" -eq 20
check_exit 0 "$ABLATE" query --store before --format csv \
    "select variant, task, n, mean, effect from effects where metric = 'accuracy' and variant = 'too fast'"
cat >wanted <<'END'
variant,task,n,mean,effect
too fast,entailment,2,0.484,-0.03200000000000003
too fast,sentiment,2,0.5,0.036000000000000004
END
check 'its effects are what they were' cmp wanted out
gunzip -c "$source/tests/reference/store/before-0.1.db.gz" >unread.db
check_exit 0 "$ABLATE" results before-0.1 --store before --training
check_exit 0 "$ABLATE" status before-0.1 --store before
check 'reading has not changed it' cmp unread.db before/results.db
# the next run brings it up to date, after a copy
check_exit 0 "$ABLATE" run "$source/tests/reference/store/before-0.1.yaml" --store before
check 'nothing of it was run again' grep -q 'nothing: everything is done' out
check_exit 0 "$ABLATE" query --store before --format csv 'PRAGMA user_version'
printf 'user_version\n8\n' >wanted
check 'it has the tables of this program' cmp wanted out
check 'and the old file is kept' test -s before/results.db.version-2
finish
