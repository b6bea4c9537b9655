#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A store on a network file system: no log, one writer that keeps the database, snapshots for readers, and a
# lock that other hosts can judge. A preloaded library makes this disk one (support/network_shim.c).
#
# With ABLATE_SLOW: what another host's dead run leaves, which takes half a minute to be sure of.
. "${0%/*}/lib.sh"
: "${ABLATE_NETWORK_SHIM:?run by meson test}"
preloads

# on COMMAND... - as it goes on the network file system
on() {
    env NETWORK_PATH="$scratch" LD_PRELOAD="$ABLATE_NETWORK_SHIM" "$@"
}
# other COMMAND... - the same on another host
echo 11111111-2222-3333-4444-555555555555 >boot.other
other() {
    on env NETWORK_HOST=node7 NETWORK_BOOT="$scratch/boot.other" "$@"
}
journal_of() { # "01 01": a rollback journal; "02 02": a log
    od -An -tx1 -j 18 -N 2 "$1/results.db" | tr -d ' \n'
}

cat >prog <<END
#!/bin/sh
while [ -e "$scratch/slow" ]; do sleep .1; done
echo "step: 1 loss: 0.5"
echo '{"acc": 0.5}' >"\$1/r.json"
END
chmod +x prog
study() {
    cat <<END
study: shared
command: [$scratch/prog, "{out}", "{flags}"]
options:
  x: {type: real, default: 0.1, none: 0}
seed: {flag: --seed}
metrics:
  acc: {main: true, from: "{out}/r.json: acc"}
  loss: {goal: min, series: true, from: stdout, step: step}
design: {leave-one-out: [x]}
seeds: $1
plots: []
END
}
study 1 >one.yaml
study 2 >two.yaml

# A store with a log that was copied there is read without one, and has none once a run wrote to it.
check_exit 0 "$ABLATE" run one.yaml --store st --quiet
[ "$(journal_of st)" = 0202 ]
report $? 'on a disk of this machine there is a log'
check_exit 0 on "$ABLATE" status --store st
check_match '^shared +2 +2 '
[ ! -e st/results.db-shm ] && [ ! -e st/results.db-wal ]
report $? 'and reading it on NFS makes no shared memory'
sqlite3 st/results.db 'update study set about = 1; select 1' >/dev/null 2>&1 && # a log that was left
    check_exit 0 on "$ABLATE" status --store st
check_exit 0 on "$ABLATE" run two.yaml --store st --quiet
[ "$(journal_of st)" = 0101 ] && [ ! -e st/results.db-wal ] && [ ! -e st/lock.claim ] && [ ! -s st/lock ]
report $? 'a run on NFS keeps no log, and leaves no lock'
cmp -s st/results.db st/results.snapshot.db
report $? 'at its end the snapshot is the database'
check_exit 0 on "$ABLATE" query "select count(*) from trials where state = 'done'" --store st --format csv
check_match '^4$'

# wait_for TEST... - until it holds, ten seconds at most
wait_for() {
    tries=0
    until "$@" || [ $tries -gt 100 ]; do
        sleep .1
        tries=$((tries + 1))
    done
}
process() {
    sed 's/.*"pid": \([0-9]*\).*/\1/' st/lock
}
pid=''
begun() {
    grep -q '"beat": [1-9]' st/lock 2>/dev/null && [ "$(process)" != "$pid" ] && [ -n "$(ls st/work)" ]
}
# run_slowly ENV... - a run that does not end: its process id in $pid, the shell's in $runner
run_slowly() {
    : >slow
    on env "$@" "$ABLATE" run three.yaml --store st --quiet >run.out 2>&1 &
    runner=$!
    wait_for begun
    pid=$(process)
}
study 3 >three.yaml
run_slowly A=1
grep -Eq '"host": "[^"]+", "boot": "[-0-9a-f]+", "pid": '"$pid, " st/lock
report $? 'the lock names host, boot id and process'
check_exit 0 on "$ABLATE" status shared --store st
check_match '^baseline +shared +3 +2'
grep -q "'ablate run' (pid $pid) writes to the store 'st', on NFS: this is as of [0-9]* s ago" err
report $? 'readers get a snapshot, and are told of when it is'
check_exit 1 on "$ABLATE" run three.yaml --store st
check_error "another ablate process (pid $pid) is using the store 'st', on NFS"
for locks in '' none alone; do
    check_exit 1 other env NETWORK_LOCKS=$locks "$ABLATE" run three.yaml --store st
    check_error "another ablate process (pid $pid on host '$(uname -n)') is using the store 'st', on NFS"
done
check_exit 0 other env NETWORK_LOCKS=none "$ABLATE" status --store st
grep -q "(pid $pid on host '.*') writes to the store 'st', on NFS: this is as of [0-9]* s ago" err
report $? 'on another host without locks, too'
for type in bd00bd0=Lustre 47504653=GPFS 19830326=BeeGFS ff534d42=CIFS fe534d42=SMB2 65735546=FUSE; do
    check_exit 1 on env NETWORK_TYPE="${type%=*}" "$ABLATE" run three.yaml --store st
    check_error "is using the store 'st', on ${type#*=};"
done

# A run that was killed is over at once, for its own host; with locks and without.
kill -9 "$pid"
wait "$runner" 2>/dev/null
rm slow
[ -e st/lock.claim ]
report $? 'a killed run leaves its claim'
check_exit 0 on "$ABLATE" status shared --store st
check_no_match '^running'
run_slowly NETWORK_LOCKS=none
kill -9 "$pid"
wait "$runner" 2>/dev/null
rm slow
touch -d '1 hour ago' st/lock.claim-12-34 st/lock.claim-over-12-34 # of others that were killed
check_exit 0 on env NETWORK_LOCKS=none "$ABLATE" run three.yaml --store st --quiet
check_exit 0 on "$ABLATE" query "select count(*) from trials where state = 'done'" --store st --format csv
check_match '^6$'
[ -z "$(find st -name 'lock.claim*')" ]
report $? 'and the next one takes it over'

# A run that stood still while another host took its store over writes nothing more.
if [ -n "${ABLATE_SLOW:-}" ]; then
    rm -rf st
    run_slowly NETWORK_LOCKS=alone
    check_exit 0 other env NETWORK_LOCKS=alone "$ABLATE" status --store st
    kill -STOP "$pid"
    rm slow
    check_exit 0 other env NETWORK_LOCKS=alone "$ABLATE" run three.yaml --store st --quiet
    grep -q "cannot be seen from here; looking for its beat for 18 s" err
    report $? 'it is said what is waited for'
    made() { find st -type f ! -path 'st/logs/*' -exec cksum {} + | sort -k 3; }
    made >before
    kill -CONT "$pid"
    wait "$runner"
    code=$?
    cp run.out err
    [ $code -eq 1 ] && grep -q "lock of the store '.*' is gone\|was taken over by" run.out
    report $? 'who was taken over is told so'
    made | cmp - before
    report $? 'and has written nothing'
    echo "{\"host\": \"$(uname -n)\", \"boot\": \"1-2\", \"pid\": 1, \"token\": \"x\"}" >st/lock.claim
    before=$(date +%s)
    check_exit 0 on env NETWORK_LOCKS=alone "$ABLATE" run three.yaml --store st --quiet
    [ $(($(date +%s) - before)) -lt 10 ]
    report $? 'a run of before this host was started again is over sooner'
fi
finish
