#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_pages.sh ABLATE DIR COMMAND... - the man pages and completions of the program, into a folder.
set -eu
ablate=$1 dir=$2
shift 2
"$ablate" help --man >"$dir/ablate.1"
for command; do
    "$ablate" help --man "$command" >"$dir/ablate-$command.1"
done
"$ablate" help --completion bash >"$dir/ablate"
"$ablate" help --completion zsh >"$dir/_ablate"
"$ablate" help --completion fish >"$dir/ablate.fish"
