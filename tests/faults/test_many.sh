#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Many trials and bad ones: one that always crashes, one that hangs and one that eats memory end by their limits
# while all others finish; a run of thousands takes no more memory nor descriptors with time, and does with 32
# descriptors; pollers and a reader that is stuck hold up nobody.
# usage: test_many.sh [long]
. "${0%/*}/../cli/lib.sh"
long=no trials=6
[ "${1-}" != long ] || long=yes trials=${ABLATE_TEST_TRIALS:-10000}

# count SQL - of the store st
count() { "$ABLATE" query "$1" --store st --format csv 2>/dev/null | tail -n 1; }

cat >bad.sh <<'EOP'
#!/bin/sh
seed=${1#*=} out=${2#*=}
case $seed in
2) exit 7 ;;
3) exec sleep 1000 ;;
4) ulimit -v 60000 && exec awk 'BEGIN { s = "x"; while (1) s = s s }' ;; # it is refused more
esac
echo '{"accuracy": 0.5}' >"$out/r.json"
EOP
chmod +x bad.sh
# bad SEEDS
bad() {
    cat <<END
study: bad
command: [./bad.sh, "--seed={seed}", "--out={out}"]
metrics: {accuracy: {main: true, from: "{out}/r.json: accuracy"}}
limits: {trial_minutes: 0.05}
seeds: $1
plots: []
END
}
[ $long = yes ] && seeds=100 || seeds=6
bad "$seeds" >bad.yaml
(
    # shellcheck disable=SC3045  # every shell of ours has it
    ulimit -n 32
    exec "$ABLATE" run bad.yaml --store st
) >out 2>err </dev/null
check 'a run with bad trials: exit code 1' test $? -eq 1
check 'all others are done' test "$(count "select count(*) from trials where state = 'done'")" = $((seeds - 3))
check 'the one that hangs has timed out' test "$(count "select count(*) from trials where state = 'timed out' and seed = 3")" = 1
check 'the other two have failed' test "$(count "select count(*) from trials where state = 'failed' and seed in (2, 4)")" = 2
check 'after few tries' test "$(count 'select max(attempt) from stage')" -le 5

# measure - memory of the run in KiB and its open descriptors
measure() {
    memory=$(sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$run/status")
    descriptors=$(find "/proc/$run/fd" -mindepth 1 | wc -l)
}
printf '#!/bin/sh\necho "acc: 0.5"\n' >quick.sh
chmod +x quick.sh
arms=1
[ $long = no ] || arms=10
cat >many.yaml <<END
study: many
command: [./quick.sh, "--seed={seed}", "{flags}"]
options: {x: {type: int, default: 1}}
metrics: {acc: {main: true, from: stdout}}
design: {grid: {x: [$(seq -s ', ' $arms)]}}
seeds: $((trials / arms))
plots: []
END
rm -rf st
# shellcheck disable=SC3045
(ulimit -n 32 && exec "$ABLATE" run many.yaml --store st) >out 2>err </dev/null &
run=$!
pollers=
if [ $long = yes ]; then
    for _ in 1 2 3 4; do
        while kill -0 $run 2>/dev/null; do
            "$ABLATE" status --store st >/dev/null 2>&1
            sleep .1
        done &
        pollers="$pollers $!"
    done
    python3 -c 'import sqlite3, time
time.sleep(5)
db = sqlite3.connect("file:st/results.db?mode=ro", uri=True, isolation_level=None)
db.execute("begin")
db.execute("select count(*) from stage").fetchall()
time.sleep(60)' &
    pollers="$pollers $!"
    wal=0 from=
    while kill -0 $run 2>/dev/null; do
        sleep 1
        done=$(count "select count(*) from stage where state = 'done'")
        size=$(stat -c %s st/results.db-wal 2>/dev/null || echo 0)
        [ "$size" -le "$wal" ] || wal=$size
        [ "${done:-0}" -ge $((trials / 10)) ] || continue
        [ "$done" -lt "$trials" ] || continue # it draws
        kill -0 $run 2>/dev/null && measure
        [ "$memory" ] || continue
        [ "$from" ] || from=$memory few=$descriptors
        to=$memory most=$descriptors
    done
fi
wait $run
check 'thousands with 32 descriptors: exit code 0' test $? -eq 0
check 'all are done, at the first attempt' test "$(count "select count(*) * (max(attempt) = 1) from stage where state = 'done'")" = "$trials"
if [ $long = yes ]; then
    # shellcheck disable=SC2086  # a list
    wait $pollers
    echo "# memory $from to $to KiB, descriptors $few to $most, the log of the database $wal bytes at most"
    check "memory grew by $((to - from)) KiB" test $((to - from)) -lt 1024
    check "descriptors: $few, then $most" test "$most" -le $((few + 4)) # a trial that just begins has some
    check "the log of the database had $wal bytes" test "$wal" -lt 67108864
fi
finish
