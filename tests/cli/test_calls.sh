#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# test_calls.sh - workers that call the head, `--on calls` and `ablate worker --connect`: they run a study, find
# the next head when theirs is killed, and those who are none are dropped. ABLATE_SLOW: what takes
# its time, too.
. "${0%/*}/lib.sh"

if "$ABLATE" --version | grep -q 'built without OpenSSL'; then
    check_exit 1 "$ABLATE" worker --connect store/head.json
    check_error "this 'ablate' is built without OpenSSL"
    skip 'workers that call the head' 'built without OpenSSL: no worker can connect'
    finish
fi
trap 'kill $(jobs -p) 2>/dev/null; cd / && rm -rf "$scratch"' EXIT

cat >train.sh <<'EOS'
#!/bin/sh
trap 'sleep "${LAST:-0}"; exit 143' TERM
echo "$(hostname) $$" >>"$STARTS"
sleep "${SLEEP:-.1}" &
wait
echo '{"loss": 0.5}' >"$1/r.json"
EOS
chmod +x train.sh
# study NAME SEEDS SLEEP [LINE] - NAME.yaml: so many trials of each of two variants
study() {
    cat >"$1.yaml" <<EOS
study: $1
command: [./train.sh, "{out}", "{flags}"]
options:
  dropout: {type: real, default: 0.1, none: 0}
environment: {SLEEP: "$3", STARTS: "$scratch/$1.starts", LAST: "${last:-0}"}
metrics:
  loss: {goal: min, main: true, from: "{out}/r.json: loss"}
design: {leave-one-out: [dropout]}
seeds: $2
plots: []
${4-}
EOS
    : >"$1.starts"
}

# until COMMAND... - at most half a minute
until_true() {
    for _ in $(seq 300); do
        ! "$@" 2>/dev/null || return 0
        sleep .1
    done
    return 1
}

# head STUDY - a run in the background, $head, which listens
head() {
    "$ABLATE" run "$1.yaml" --store store --on calls >"$1.out" 2>"$1.err" &
    head=$!
    check 'the head listens' until_true grep -q "\"pid\": $head," store/head.json
}

# worker NAME [MORE...] - in the background, $worker
worker() {
    name=$1
    shift
    "$ABLATE" worker --connect store/head.json --name "$name" "$@" 2>"$name.log" &
    worker=$!
}

# ends PID - its exit code is 0
ends() {
    wait "$1" 2>/dev/null
    [ $? -eq "${2:-0}" ]
}

port() {
    sed -n 's/.*"port": \([0-9]*\).*/\1/p' store/head.json
}

ask() {
    "$ABLATE" query --store store --format csv "$1" | tail -n +2
}

study plain 3 .1
head plain
check 'head.json is for its owner alone' test "$(stat -c %a store/head.json)" = 600
worker w1 --workers 2
w1=$worker
worker w2 --workers 1
w2=$worker
check 'the run is done' ends "$head"
check 'its first worker ends' ends "$w1"
check 'its second worker ends' ends "$w2"
check 'head.json is gone' test ! -e store/head.json
check 'every trial ran once' test "$(wc -l <plain.starts)" -eq 6
cp w1.log out
check_match 'nothing is left to do'
check_exit 0 "$ABLATE" results plain --store store --trials --format csv
check_exit 0 "$ABLATE" status plain --store store
check 'its workers have the names that they were given' test "$(grep -c '^worker: w[12] ' out)" -eq 2
check_exit 0 "$ABLATE" results plain --store store --trials --format csv
check 'six results' test "$(grep -c ',0.5' out)" -eq 6


# Who knows no token is dropped, is told of once, and stops nothing.
[ -n "${ABLATE_SLOW-}" ] && long=1.8 || long=.2 # for so long that those who hold on are dropped
study hostile 4 "$long"
head hostile
port=$(port)
if command -v python3 >/dev/null; then
    python3 - "$port" >hostile.seen <<'EOS' &
import socket, sys, time
def call():
    return socket.create_connection(("127.0.0.1", int(sys.argv[1])))
def closed(s, seconds):
    s.settimeout(seconds)
    try:
        while s.recv(4096):
            pass
    except socket.timeout:
        return False
    except OSError:
        pass
    return True
half = [call() for _ in range(200)]
begun = time.monotonic()
for name, data in (("plain", b'@ablate {"say":"hello"}\n' * 9), ("garbage", bytes(range(256)) * 9),
                   ("large", b"\x16\x03\x01" + b"x" * (1 << 22))):
    s = call()
    try:
        s.sendall(data)
    except OSError:
        pass
    print(name, closed(s, 5))
slow = call()
hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(99)
for byte in hello[:24]:
    try:
        slow.send(bytes([byte]))
    except OSError:
        break
    time.sleep(.5)
print("slow", 7 < time.monotonic() - begun < 11, time.monotonic() - begun)
print("half", all(closed(s, .1) for s in half), time.monotonic() - begun)
EOS
    attacker=$!
else
    skip 'hostile clients' 'python3 is not installed'
    attacker=
fi
mkdir false
(umask 077; sed 's/"token": "..../"token": "0000/' store/head.json >false/head.json)
"$ABLATE" worker --connect false/head.json --store store --name false 2>false.log &
false=$!
worker real --workers 1
check 'a run among hostile clients is done' ends "$head"
check 'and its worker ends' ends "$worker"
check 'every trial ran once' test "$(wc -l <hostile.starts)" -eq 8
cp hostile.err out
check_match 'dropped a connection from .*it does not know the token \(said once; the run goes on\)'
check 'each trouble is said once' test "$(grep -c 'does not know the token' out)" -eq 1
kill "$false"
wait "$false" 2>/dev/null
cp false.log out
check_match 'it does not know the token'
[ -z "$attacker" ] || {
    wait "$attacker"
    cp hostile.seen out
    for name in plain garbage large ${ABLATE_SLOW:+slow half}; do
        check_match "^$name True"
    done
}

# kill_head STUDY SECONDS - kills it while four trials run, and begins the next one so much later
kill_head() {
    head "$1"
    worker k1 --workers 2
    k1=$worker
    worker k2 --workers 2
    k2=$worker
    check 'four trials run' until_true sh -c "test \$(wc -l <$1.starts) -ge 4"
    kill -9 "$head"
    wait "$head" 2>/dev/null
    first=$(port)
    sleep "$2"
    check 'the workers are there' kill -0 "$k1" "$k2"
    head "$1"
    check 'the next head has another port' test "$(port)" != "$first"
    check 'the next run is done' ends "$head"
    check 'its first worker ends' ends "$k1"
    check 'its second worker ends' ends "$k2"
    check 'no trial ran twice' test "$(wc -l <"$1.starts")" -eq 6
    check_exit 0 "$ABLATE" results "$1" --store store --trials --format csv
    check 'six results' test "$(grep -c ',0.5' out)" -eq 6
    check_exit 0 "$ABLATE" verify "$1" --store store
}

# The head is killed: its workers run on, and the next one keeps what runs,
study kept 3 2
kill_head kept 0
# Several studies, one worker: it stays until the last is done.
study first 2 .1
study second 2 .1
"$ABLATE" run first.yaml second.yaml --store store --on calls >two.out 2>two.err &
head=$!
check 'a head of two studies listens' until_true grep -q "\"pid\": $head," store/head.json
worker stays
check 'both are run' timeout 60 tail --pid=$head -f /dev/null
check 'and end well' ends $head
check 'by the one worker' ends $worker
check_exit 0 "$ABLATE" query --store store --format csv \
    "select count(*) from trials where study in ('first', 'second') and state = 'done'"
check_match '^8$'

[ -n "${ABLATE_SLOW-}" ] || finish
# and takes what was sealed meanwhile.
study sealed 3 2
kill_head sealed 3

# No head comes again: what runs is saved, and the worker ends by itself.
study alone 1 60 'cluster: {linger: 1}'
head alone
worker a1 --workers 2
check 'two trials run' until_true sh -c 'test $(wc -l <alone.starts) -ge 2'
kill -9 "$head"
wait "$head" 2>/dev/null
check 'the worker ends' ends "$worker"
cp a1.log out
check_match 'no head came back: what runs is asked to save its state'
check 'nothing of it runs any more' sh -c "! pgrep -f '[t]rain.sh $scratch/'"
check 'a dead head has left its file' test -e store/head.json
check_exit 0 "$ABLATE" run plain.yaml --store store
check 'which the next head removes' test ! -e store/head.json

# A worker whose time is up while there is no head tells the next one what it gives back.
last=4
study leaving 1 60
head leaving
worker l1 --workers 2
check 'two trials run' until_true sh -c 'test $(wc -l <leaving.starts) -ge 2'
kill -9 "$head"
wait "$head" 2>/dev/null
kill -TERM "$worker"
head leaving
check 'the worker ends' ends "$worker"
cp l1.log out
check_match 'worker [0-9]+, again'
kill -TERM "$head"
check 'the next run stops at once: nothing runs any more' ends "$head" 3
finish
