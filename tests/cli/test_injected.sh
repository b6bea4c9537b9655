#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# System calls that fail, one after the other, in the supervisor and in its children: exit 0 is said of what
# is whole only, and the next run makes the same numbers of what is left. By strace, where it is there.
. "${0%/*}/lib.sh"
command -v strace >/dev/null || skip_all 'no strace'

cat >one.yaml <<END
study: one
data: world
vocab: 400
pretraining: {texts: world}
tasks: [sentiment]
baseline: {layers: 1, hidden: 32, max_length: 32, pretrain_steps: 10, pretrain_batch_size: 8, steps: 10, batch_size: 8}
seeds: 1
plots: []
END

# numbers STORE - all results and all points of the curves of attempts that are done
numbers() {
    "$ABLATE" query "select name, value from result order by stage_id, name" --store "$1" --format csv
    "$ABLATE" query "select m.name, m.step, m.value from metric m join stage s on s.id = m.stage_id and m.attempt = s.attempt
        order by s.id, m.name, m.step" --store "$1" --format csv
}
"$ABLATE" run one.yaml --store calm --quiet >log 2>&1
numbers calm | grep -v seconds >calm.txt

# inject WHO CALL ERROR WHEN - WHO is 'supervisor' or 'all'
inject() {
    follow=
    [ "$1" = all ] && follow=-f
    rm -rf st
    timeout 120 strace $follow -o calls -e trace="$2" -e inject="$2:error=$3:when=$4" \
        "$ABLATE" run one.yaml --store st --quiet >out 2>err
    first=$?
    [ $first -eq 0 ] || "$ABLATE" run one.yaml --store st --quiet >out 2>err
    second=$?
    numbers st | grep -v seconds >seen
    [ $first -ne 124 ] && [ $second -eq 0 ] && cmp -s calm.txt seen
    report $? "$2 $3 at $4 in $1: code $first, then the same numbers"
}

for at in 30 60 90 120 160 200 300; do
    inject supervisor read EIO $at
    inject supervisor pwrite64 EIO $at
    inject supervisor pwrite64 ENOSPC $at..$((at + 5))
done
for at in 1 2 3 4 5 8; do
    inject supervisor clone EAGAIN $at
    inject supervisor wait4 ECHILD $at
    inject supervisor fdatasync EIO $at
    inject supervisor pipe2 EMFILE $at
    inject all rename EIO $at
    inject all fsync EIO $at
done
for at in 2 5 9 14 20; do
    inject all write EPIPE $at
    inject all write EIO $at
    inject all openat EMFILE $((at * 8))
done
finish
