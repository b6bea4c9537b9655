#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A program of -Dstatic=true runs a study where there is nothing but itself: no libc, no shell. Builds
# it first, which takes minutes.
. "${0%/*}/lib.sh"

command -v meson >/dev/null || { echo '1..0 # SKIP no meson'; exit 0; }
unshare -m true 2>/dev/null || { echo '1..0 # SKIP chroot needs root'; exit 0; }
# built somewhere already: $ABLATE_STATIC
program=${ABLATE_STATIC:-static/experiments/cli/ablate}
if [ "$program" = static/experiments/cli/ablate ]; then
    check_exit 0 meson setup static "$source" --buildtype=release -Dstatic=true -Dtests=false
    check_exit 0 ninja -C static experiments/cli/ablate
    check 'no name service would be loaded into it' sh -c "! grep 'in function .abl_' out"
fi
check 'it needs no library' sh -c "readelf -d $program | grep -q 'no dynamic section'"
mkdir empty empty/proc empty/tmp empty/dev
strip -o empty/ablate "$program"
check "it has $(($(wc -c <empty/ablate) >> 20)) MiB, of 25 at most" test "$(wc -c <empty/ablate)" -lt 26214400
: >empty/dev/null
check_exit 1 meson setup both "$source" -Dstatic=true -Donednn=enabled -Dtests=false
cat >empty/study.yaml <<'EOF'
study: empty
data: world
vocab: 300
pretraining: {texts: world}
tasks: [sentiment: {train_examples: 60, epochs: 1}]
baseline: {layers: 1, hidden: 16, heads: 2, max_length: 16, pretrain_steps: 5}
design: {leave-one-out: [segments, placebo]}
seeds: 2
EOF
cp empty/study.yaml .
check_exit 0 unshare -m sh -c 'mount -t proc proc empty/proc && mount --bind /dev/null empty/dev/null &&
    exec chroot empty /ablate run /study.yaml --store /store'
check_exit 0 "$ABLATE" results empty --store empty/store --trials --format csv
cut -d, -f1-5,7- out >there
check_exit 0 "$ABLATE" verify --store empty/store
check_exit 0 "$ABLATE" run study.yaml --store here --quiet
check_exit 0 "$ABLATE" results empty --store here --trials --format csv
cut -d, -f1-5,7- out >here.csv
check 'it has the numbers of the other program' cmp there here.csv
finish
