#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_program_code.sh - the code and inputs of a user's program while studies of it run: what people and
# the program itself change meanwhile, what is recorded, and no secret.
. "${0%/*}/lib.sh"

# Its number is that of its code (1) and its input; $DOES is what else it does.
mkdir project project/data || exit 1
store=project/ablate-store
cat >project/train.sh <<'EOS'
#!/bin/sh
code=1
case $DOES in
edit) echo 'exit 9' >"$HOME_FOLDER/train.sh" ;;
spoil) chmod u+w train.sh && echo 'exit 9' >train.sh ;;
data) echo 7 >"$HOME_FOLDER/data/x" ;;
esac
for word; do
    case $word in
    --seed=*) seed=${word#*=} ;;
    esac
done
printf 'accuracy: %d.%d%03d001\n' "$code" "$(cat data/x)" "$seed"
exit 0
EOS
chmod +x project/train.sh
cp project/train.sh first
echo 5 >project/data/x
cat >study.yaml <<'EOS'
study: s
directory: project
command: [./train.sh, "{flags}"]
inputs: [data/x]
environment: {HOME_FOLDER: "{directory}", SOME_API_KEY: s3cr3t-one}
pass: {DOES: none, MY_TOKEN: s3cr3t-two}
options:
  lr: {type: real, default: 1, none: 2}
seed: {flag: --seed}
metrics:
  accuracy: {goal: max, main: true, split: dev}
design: {leave-one-out: [lr]}
seeds: 2
plots: []
limits: {workers: 1}
EOS

does() { sed "s/DOES: [a-z]*/DOES: $1/; s/^study: .*/study: $1/; s/default: [0-9]*/default: $2/" study.yaml >"$1.yaml"; }
check_exit 0 "$ABLATE" run study.yaml --store "$store" --quiet
check 'no secret is anywhere in the store' sh -c '! grep -rq s3cr3t project/ablate-store'
check_exit 0 "$ABLATE" results study.yaml --store "$store"
check_no_match 'differs from study'
touch project/train.sh project/data/x
check_exit 0 "$ABLATE" run study.yaml --store "$store"
check_match 'nothing: everything is done'

# Somebody edits during the night: all trials are of the code that was there when they began.
does edit 3
check_exit 0 "$ABLATE" run edit.yaml --store "$store" --quiet
check 'the edited file is another one now' grep -q 'exit 9' project/train.sh
cp first project/train.sh

# The program itself changes the copy: the next one runs what was hashed.
does spoil 4
check_exit 0 "$ABLATE" run spoil.yaml --store "$store" --quiet

# The input changes: what read it, or would, is no result.
does data 5
check_exit 1 "$ABLATE" run data.yaml --store "$store" --quiet
check_match "data/x' has changed since the plan was made: run again"
check_exit 0 "$ABLATE" query --store "$store" --format csv "select count(*) as n from trials where study = 'data' and variant = 'baseline' and state = 'done'"
check_output 'n
0'
echo 5 >project/data/x

# Copies in the store are not code of the study.
sed 's/^study: .*/study: all/; s/default: 1/default: 6/' study.yaml >all.yaml
echo 'files: ["**/*.sh"]' >>all.yaml
check_exit 0 "$ABLATE" run all.yaml --store "$store" --quiet
check_exit 0 "$ABLATE" run all.yaml --store "$store"
check_match 'nothing: everything is done'
check 'nor when runs have failed' sh -c '! grep -rq s3cr3t project/ablate-store'
finish
