#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian to a table of effects: installs what is missing, builds a release, and runs the
# small study ablations/studies/quickstart.yaml on the built-in data. Minutes the first time; a second
# start reuses all that is done. Words after it go to `ablate run` (./demo.sh --store DIR). Leaves a link
# ./ablate to the program.
set -eu
here=$PWD
cd "$(dirname "$0")"
echo "demo.sh: 1 of 3: Debian packages (a minute or two where they are missing)"
./setup.sh
echo "demo.sh: 2 of 3: building the program (a minute or two the first time)"
[ -f build-release/build.ninja ] || meson setup build-release --buildtype=release -Dtests=false >/dev/null
if [ -t 1 ]; then
    ninja -C build-release # shows how far it is
else
    ninja -C build-release --quiet
fi
ln -sf build-release/experiments/cli/ablate ablate
echo "demo.sh: 3 of 3: the quickstart study, 60 trials (some minutes on two cores; ^C stops, ./demo.sh goes on)"
[ "$here" = "$PWD" ] && exec ./ablate run ablations/studies/quickstart.yaml "$@"
# started from another folder: what it prints works there, too
root=$PWD
cd "$here"
exec "$root/ablate" run "$root/ablations/studies/quickstart.yaml" --store "$root/ablate-store" "$@"
