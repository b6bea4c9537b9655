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
check_exit 2 "$ABLATE" frobnicate
check_error "unknown command 'frobnicate'"

"$ABLATE" help | sed -n 's/^  \([a-z]*\)  .*/\1/p' >commands
while read -r command; do
    check_exit 0 "$ABLATE" "$command" --help
    check_match "^usage: ablate $command"
    check_exit 2 "$ABLATE" "$command" --no-such-option
    check_error "has no option '--no-such-option'"
done <commands
check 'nothing was written' test ! -e ablate-store
finish
