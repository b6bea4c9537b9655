#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk of one MiB and less that fills up at every place of a run; when there is room again the study goes on,
# by itself or by the same command, and ends like one that had room from the start. Then the same with a limit
# on the size of files. Needs to mount a tmpfs: as root, or in a user namespace of its own.
# usage: test_full.sh [long]
if [ -z "${ABLATE_TEST_MOUNTS-}" ]; then
    export ABLATE_TEST_MOUNTS=yes
    if unshare -m true 2>/dev/null; then exec unshare -m "$0" "$@"; fi
    if unshare -rm true 2>/dev/null; then exec unshare -rm "$0" "$@"; fi
    echo "1..0 # SKIP neither root nor user namespaces here: a small disk cannot be mounted"
    exit 0
fi
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
. "${0%/*}/storm.sh"
mkdir disk
mount -t tmpfs -o size=64m none disk 2>/dev/null || skip_all 'a tmpfs cannot be mounted here'
trap 'umount "$scratch/disk"; cd / && rm -rf "$scratch"' EXIT
if [ "${1-}" = long ]; then points=${ABLATE_TEST_POINTS:-50} kinds='engine program'; else points=1 kinds=engine; fi

study 2 >engine.yaml
programs 4 >program.yaml
for study in $kinds; do
    calm "$study"
    most=$(du -sk "calm-$study" | cut -f 1)
    # what a disk too small for the first byte does is one case, the rest is spread to what it takes
    point=0
    while [ $point -lt "$points" ]; do
        size=$((16 + (most + 300) * (2 * point + 1) / (2 * points))) point=$((point + 1))
        rm -rf disk/* st && mount -o "remount,size=${size}k" disk
        "$ABLATE" run "$study.yaml" --store disk/st >out 2>err </dev/null &
        run=$!
        tries=0
        while kill -0 $run 2>/dev/null && [ $tries -lt 40 ] && ! grep -q waiting err; do
            tries=$((tries + 1))
            sleep .05
        done
        mount -o remount,size=64m disk
        wait $run
        first=$?
        { [ $first -eq 0 ] || grep -Eq 'disk|space|full|room' err; } &&
            { [ $first -eq 0 ] || "$ABLATE" run "$study.yaml" --store disk/st >out 2>>err </dev/null; } &&
            "$ABLATE_CHECK_STORE" disk/st "calm-$study" >checked 2>&1
        report $? "$study, a disk of $size of $most KiB: exit code $first; then $(tail -n 1 checked)"
    done
    # no file above so many blocks of 512 bytes
    for blocks in 1 40 200; do
        [ "$points" -gt 1 ] || [ $blocks -eq 40 ] || continue
        rm -rf disk/*
        (ulimit -f $blocks && exec "$ABLATE" run "$study.yaml" --store disk/st) >out 2>err </dev/null
        first=$?
        [ $first -eq 0 ] || { [ $first -eq 1 ] && grep -Eq 'File too large|ulimit -f' err; }
        named=$?
        "$ABLATE" run "$study.yaml" --store disk/st >out 2>err </dev/null &&
            "$ABLATE_CHECK_STORE" disk/st "calm-$study" >checked 2>&1 && [ $named -eq 0 ]
        report $? "$study, files of $blocks blocks: exit code $first; then $(tail -n 1 checked)"
    done
done

# A disk that is full just when all programs write for the first time: they fail without a word, and are waited for.
cat >write.sh <<END
#!/bin/sh
for word; do
    case \$word in --out=*) out=\${word#*=} ;; esac
done
: >"$scratch/here.\$\$"
until [ -e "$scratch/filled" ]; do sleep .05; done
head -c 65536 /dev/zero >"\$out/made" 2>/dev/null || exit 1
echo '{"accuracy": 0.5}' >"\$out/r.json"
END
chmod +x write.sh
cat >write.yaml <<END
study: write
command: [./write.sh, "{flags}", "--out={out}"]
options: {depth: {type: int, default: 1, min: 1}}
seed: {flag: --seed}
metrics: {accuracy: {main: true, from: "{out}/r.json: accuracy"}}
design: {grid: {depth: [1, 3]}}
seeds: 4
plots: []
END
rm -rf disk/*
"$ABLATE" run write.yaml --store disk/st --workers 6 >out 2>err </dev/null &
run=$!
wait_while() { # COMMAND... - at most 20 s, while the run is there
    tries=400
    while kill -0 $run 2>/dev/null && [ $tries -gt 0 ] && "$@"; do
        tries=$((tries - 1))
        sleep .05
    done
}
are_few() { [ "$(find . -maxdepth 1 -name 'here.*' | wc -l)" -lt 6 ]; }
are_silent() { ! grep -q waiting err; }
wait_while are_few
dd if=/dev/zero of=disk/filler bs=4k 2>/dev/null
: >filled
wait_while are_silent
rm disk/filler
wait $run
first=$?
failed=$("$ABLATE" query "select count(*) from attempt where state = 'failed' and cause = 'disk'" --store disk/st --format csv | tail -n 1)
[ $first -eq 0 ] && [ "$failed" -ge 5 ]
report $? "a full disk, at which $failed programs in a row failed: exit code $first"
finish
