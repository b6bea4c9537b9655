#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a bare Debian to a table of effects: installs what is missing, builds a release, and runs the
# small study ablations/studies/quickstart.yaml on the built-in data. Minutes the first time; a second
# start reuses all that is done. Words after it go to `ablate run` (./demo.sh --store DIR).
set -eu
cd "$(dirname "$0")"
./setup.sh
[ -f build-release/build.ninja ] || meson setup build-release --buildtype=release -Dtests=false >/dev/null
ninja -C build-release --quiet
exec build-release/experiments/cli/ablate run ablations/studies/quickstart.yaml "$@"
