#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Workers that call the head, on hosts of net.sh: their network is cut for half a minute, for longer than a lease, and is
# slow; a worker stands still for three leases. Two minutes.
. "${0%/*}/../cli/lib.sh"
net=${0%/*}/net.sh
case $net in /*) ;; *) net=$OLDPWD/$net ;; esac
"$ABLATE" --version | grep -qv 'built without OpenSSL' || skip_all 'built without OpenSSL: no worker can connect'
run "$net" up bed n1 n2
[ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
trap '"$net" down "$scratch/bed"; cd / && rm -rf "$scratch"' EXIT
report "$code" 'the hosts start'

cat >train.sh <<'EOS'
#!/bin/sh
trap 'exit 143' TERM
echo "$(hostname)" >>"$STARTS"
sleep 3 &
wait
echo '{"loss": 0.5}' >"$1/r.json"
EOS
chmod +x train.sh

# begin NAME SEEDS - a run of so many trials of two variants, with a worker on each host
begin() {
    cat >"$1.yaml" <<EOF
study: $1
command: [./train.sh, "{out}", "{flags}"]
options:
  dropout: {type: real, default: 0.1, none: 0}
environment: {STARTS: "$scratch/$1.starts"}
metrics:
  loss: {goal: min, main: true, from: "{out}/r.json: loss"}
design: {leave-one-out: [dropout]}
seeds: $2
plots: []
EOF
    : >"$1.starts"
    "$ABLATE" run "$1.yaml" --store store --on calls >"$1.out" 2>"$1.err" &
    head=$!
    for _ in $(seq 200); do
        ! grep -q "\"pid\": $head," store/head.json 2>/dev/null || break
        sleep .1
    done
    for host in n1 n2; do
        "$net" in bed $host "$ABLATE" worker --connect "$scratch/store/head.json" --workers 2 --name $host 2>"$1.$host" &
    done
    for _ in $(seq 200); do
        ! grep -q n1 "$1.starts" || ! grep -q n2 "$1.starts" || break
        sleep .1
    done
}

# end NAME TRIALS - the run and its workers end well, with each result once
end() {
    wait "$head"
    report $? "the run '$1' is done"
    wait
    cp "$1.err" out
    check_exit 0 "$ABLATE" results "$1" --store store --trials --format csv
    check "$2 results" test "$(grep -c ',0.5' out)" -eq "$2"
    check_exit 0 "$ABLATE" verify "$1" --store store
    for host in n1 n2; do
        check "the worker of $host ended when nothing was left" grep -q 'nothing is left to do' "$1.$host"
    done
}

begin short 12
"$net" cut bed n1
sleep 30
"$net" mend bed n1
end short 24
check 'its worker came back' grep -q 'worker 1, again\|worker 2, again' short.n1
check 'and no trial ran twice' test "$(wc -l <short.starts)" -eq 24

export ABLATE_LEASE_SECONDS=5
begin long 16
"$net" cut bed n1
sleep 40
"$net" mend bed n1
end long 32
cp long.err out
check_match 'worker .* is lost: no sign of life'

begin asleep 10
pid=$(pgrep -f "^$ABLATE worker --connect $scratch/store/head.json .*--name n1")
check 'the worker is one process' test "$(echo "$pid" | wc -w)" -eq 1
kill -STOP "$pid"
sleep 15
kill -CONT "$pid"
end asleep 20
cp asleep.err out
check_match 'worker .* is lost: no sign of life'
unset ABLATE_LEASE_SECONDS

"$net" delay bed n1 300
begin slow 4
end slow 8
check 'no trial ran twice' test "$(wc -l <slow.starts)" -eq 8
finish
