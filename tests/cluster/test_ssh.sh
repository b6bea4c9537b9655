#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The test bed of ssh.sh holds what the tests on it build on: hosts by name, bytes both ways, exit codes, networks that
# are cut, mended and made slow, a host that goes without a word. A quarter of a minute.
. "${0%/*}/../cli/lib.sh"
ssh=${0%/*}/ssh.sh
case $ssh in /*) ;; *) ssh=$OLDPWD/$ssh ;; esac
on() { # HOST COMMAND...
    command ssh -F "$scratch/bed/ssh/config" "$@"
}
begun() { # FILE: within 20 s
    tries=100
    until [ -s "$1" ]; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep .2
    done
}
beats() { # FILE: is it still written to?
    before=$(wc -l <"$1")
    sleep 1.5
    [ "$(wc -l <"$1")" -gt "$before" ]
}
none() { # PATTERN: of command lines
    ! pgrep -f "$1"
}
milliseconds() { # COMMAND...
    from=$(date +%s%3N)
    "$@" >/dev/null 2>&1
    echo $(($(date +%s%3N) - from))
}

mkdir no-tools
check_exit 77 env PATH="$scratch/no-tools" /bin/sh "$ssh" up bed
check_error "SKIP: ssh.sh: 'ssh' is not installed"
run "$ssh" up bed hostA hostB
[ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
trap '"$ssh" down "$scratch/bed"; cd / && rm -rf "$scratch"' EXIT
report "$code" 'it starts'
if [ -d bed/net ]; then own=yes; else own=''; fi

for host in hostA hostB; do
    run on $host uname -n
    if [ $own ]; then check_output $host; else check_output "$(uname -n)"; fi
done
head -c 3000000 /dev/urandom >bytes
on hostA cat <bytes >same
check 'any bytes go there and back' cmp bytes same
check_exit 7 on hostB 'exit 7'
check_exit 255 on hostC true

# shellcheck disable=SC2016  # for the host
beat='while echo beat; do sleep .5; done'
on -o ServerAliveInterval=1 -o ServerAliveCountMax=3 hostA "$beat" >silent </dev/null 2>silent.err &
client=$!
on hostB "$beat" >whole </dev/null 2>whole.err &
clients=$!
on hostA "echo here; exec sleep 7$$" </dev/null >asleep 2>asleep.err &
clients="$clients $!"
for file in silent whole asleep; do check 'one of three sessions' begun $file; done
check 'a host speaks' beats silent
"$ssh" cut bed hostA
sleep .5
check 'cut off it is silent' sh -c '! (a=$(wc -l <silent); sleep 1; test "$(wc -l <silent)" -gt "$a")'
check 'not the other' beats whole
wait $client
check 'the client gives up, with 255' test $? -eq 255
check 'what it has started runs on' pgrep -f "^[^ ]*sleep 7$$"
check_exit 255 on -o ConnectTimeout=1 hostA true
"$ssh" mend bed hostA
check_exit 0 on hostA true
check_exit 0 "$ssh" restart bed hostB
check 'sessions outlive their sshd' beats whole

if [ $own ]; then
    quick=$(milliseconds on hostA true)
    check_exit 0 "$ssh" delay bed hostA 100
    slow=$(milliseconds on hostA true)
    echo "# true by ssh: $quick ms, with 100 ms more each way $slow ms"
    check 'a long way: ten times there and back' test "$slow" -gt 2000
    on hostA cat <bytes >same
    check 'loses nothing' cmp bytes same
    "$ssh" cut bed hostA
    check_exit 255 on -o ConnectTimeout=1 hostA true
    "$ssh" mend bed hostA
    check_exit 0 "$ssh" delay bed hostA 0
    check_exit 0 on hostA true
    "$ssh" kill bed hostA
    check 'a host without power' none "^[^ ]*sleep 7$$"
    check_exit 255 on -o ConnectTimeout=1 hostA true
    "$ssh" restart bed hostA
    check_exit 0 on hostA true
else
    skip 'a long way, a host without power' 'not root'
fi
check_exit 0 "$ssh" down bed
# shellcheck disable=SC2086  # a list
kill $clients 2>/dev/null
check 'no process is left' none "$scratch/bed/|^[^ ]*sleep 7$$|$beat"
check 'no file is left' sh -c '! ls bed/*'
finish
