#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing to build, run and check `ablate`, from Debian's own packages, and does
# nothing else. Needs root or sudo only if something is missing. `./setup.sh tools` also installs what
# developers run and check.sh leaves out where it is missing: the second compiler, the linters, coverage.
# `./setup.sh cluster` installs what the test beds of tests/cluster/ need: Slurm and sshd, whose services
# Debian's packages start where it runs services.
# usage: setup.sh [tools|cluster]
# shellcheck disable=SC2086,SC2116  # lists of words
set -eu

compile="gcc libc6-dev meson ninja-build pkg-config"
libraries="libblis-openmp-dev libcsv-dev libdnnl-dev libjansson-dev liblbfgs-dev liblzma-dev
           libsqlite3-dev libssl-dev libutf8proc-dev libxxhash-dev libyaml-dev zlib1g-dev"
run="gnuplot-nox fonts-dejavu-core" # fonts-noto-cjk is optional: names in Chinese, Japanese, Korean
tests="check gzip xz-utils"
tools="clang clang-format cppcheck shellcheck gcovr"
cluster="munge slurm-wlm openssh-client openssh-server iproute2 procps"

fail() {
    printf 'setup.sh: %s\n' "$1" >&2
    exit 1
}

case "${1-}" in
'') more= ;;
tools) more=$tools ;;
cluster) more=$cluster ;;
*) echo "usage: ./setup.sh [tools|cluster]" >&2; exit 2 ;;
esac
wanted=$(echo $compile $libraries $run $tests $more)

command -v dpkg-query >/dev/null ||
    fail "this is not a Debian system; install what these packages hold: $wanted"

installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' $wanted 2>/dev/null |
            sed -n 's/^ii *//p' | tr '\n' ' ')
missing=
for package in $wanted; do
    case " $installed" in
    *" $package "*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "not root and there is no sudo; as root, run: apt-get install --no-install-recommends$missing"
    as_root=sudo
fi
echo "setup.sh: installing$missing"
$as_root apt-get update -qq || fail "cannot read Debian's package lists; is the network there?"
log=$(mktemp)
terminal=
[ ! -t 1 ] || terminal=yes
count=$(apt-get install -s -qq --no-install-recommends $missing 2>/dev/null | grep -c '^Inst') || count=0
echo "setup.sh: $count packages to fetch and set up, some minutes the first time"
{
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing 2>&1 ||
        echo failed >"$log.failed"
} | tee "$log" | awk -v all="$count" -v terminal="$terminal" '
    /^Get:/ { fetched++ }
    /^Setting up / { set_up++ }
    function tell() {
        line = "setup.sh: " fetched + 0 " of " all " fetched, " set_up + 0 " set up"
        if (terminal) { printf "\r%s ", line; fflush() }
        else if (fetched + set_up >= next_told) { print line; fflush(); next_told += all / 2 }
    }
    /^(Get:|Setting up )/ { tell() }
    END { if (terminal) print "" }'
if [ -e "$log.failed" ]; then
    tail -n 5 "$log" >&2
    rm -f "$log.failed"
    fail "cannot install$missing; the whole story is in $log"
fi
rm -f "$log"
