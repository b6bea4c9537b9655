#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The outermost layer: help, version, unknown commands and options.
. "${0%/*}/lib.sh"

check_exit 2 "$ABLATE"
check_error 'usage: ablate COMMAND'
check_exit 0 "$ABLATE" --help
check_match '^usage: ablate COMMAND'
check_exit 0 "$ABLATE" --version
check_match '^ablate [0-9]+\.[0-9]+\.[0-9]+$'
check_match '^workers that connect: (OpenSSL [0-9]|no, built without OpenSSL$)'
check_exit 2 "$ABLATE" frobnicate
check_error "unknown command 'frobnicate'"

"$ABLATE" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >commands
while read -r command; do
    check_exit 0 "$ABLATE" "$command" --help
    check_match "^usage: ablate $command"
    check 'it fits into 80 columns' test -z "$(awk 'length > 80' out)"
    check_exit 2 "$ABLATE" "$command" --no-such-option
    check_error "has no option '--no-such-option'"
done <commands

# words that people type first
while read -r word hint; do
    check_exit 2 "$ABLATE" "$word"
    check_error "$hint"
done <<END
delete 'ablate rm STUDY' takes a study out of a store
list 'ablate ls' lists the studies of a store
log 'ablate logs TRIAL' shows what a trial wrote
resume 'ablate run STUDY.yaml' goes on where it was stopped
plann did you mean 'plan'?
END
while read -r option hint; do
    check_exit 2 "$ABLATE" run study.yaml "$option" 3
    check_error "$hint"
done <<END
--dry-run 'ablate plan STUDY.yaml' shows what would be run
--resume the same command goes on where it was stopped
--jobs did you mean '--workers'?
--lr settings stand in the study file, under 'baseline:'
END
check_exit 2 "$ABLATE" components num_hidden_layers
check_error "did you mean 'layers'?"
check_exit 2 "$ABLATE" run study.yaml --workers 99999999999999999999
check_error '--workers is out of range: 99999999999999999999'
check_exit 2 "$ABLATE" run study.yaml --workers 1.5
check_error "--workers needs a whole number, not '1.5'"

# what cannot be written is told, whatever is printed
full() {
    "$ABLATE" "$@" >/dev/full 2>err </dev/null
    code=$?
    [ $code -eq 1 ] && grep -q 'cannot write to standard output' err
    report $? "a full disk ends it with 1: ablate $*"
}
sed -n 's/^COMMAND(\(.*\))$/\1/p' "$source/experiments/cli/commands.def" >rows
while read -r command; do
    full "$command" --help
    full help "$command"
done <rows
full help
full --help
full --version
for format in table csv json md tex; do
    full components --format $format
done
check 'nothing was written' test ! -e ablate-store
finish
