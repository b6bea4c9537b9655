#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# net.sh - hosts on one machine: network and host name of their own (namespaces), files and process ids of all. Each is
# joined by a virtual cable to a bridge, at which the machine itself ("head") is, too. Cables can be cut and made
# long. Needs root. Nothing leaves the machine; a namespace ends with its last process.
# usage: net.sh up FOLDER HOST...          head is FOLDER/net/head.address, a host FOLDER/net/HOST.address
#        net.sh in FOLDER HOST COMMAND...  runs it on that host
#        net.sh cut FOLDER HOST            from now on its frames are lost, without a word to either side
#        net.sh mend FOLDER HOST
#        net.sh delay FOLDER HOST MS       that much later, each way; 0: no more
#        net.sh kill FOLDER HOST           a power failure: cut, all processes killed; `mend` is its new beginning
#        net.sh down FOLDER
here=$(cd "${0%/*}" && pwd -P)
. "$here/bed.sh"
[ $# -ge 2 ] || usage
verb=$1 given=$2
shift 2

enter() { # HOST COMMAND...
    host=$1
    shift
    alive "$bed/$host.pid" || die "no host '$host' in $folder"
    nsenter -t "$(cat "$bed/$host.pid")" -n -u -- "$@"
}

own_network() { # PROCESS
    [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

cable() { # HOST: the name of the head's end
    echo "$(cat "$bed/bridge").$(cat "$bed/$1.number")"
}

add_host() { # HOST NUMBER: the holder outlives a test that forgets it by hours, not for ever
    setsid unshare -n -u sleep 14400 </dev/null >/dev/null 2>&1 &
    echo $! >"$1.pid"
    echo "$2" >"$1.number"
    echo "$net.$2" >"$1.address"
    wait_until 5 "the network of $1" own_network $!
    ip link add "$(cable "$1")" type veth peer name eth0 netns $! &&
        ip link set "$(cable "$1")" master "$(cat bridge)" up &&
        enter "$1" ip addr add "$net.$2/24" dev eth0 && enter "$1" ip link set lo up &&
        enter "$1" ip link set eth0 up && enter "$1" hostname "$1" || return 1
}

# all_of HOST: the processes whose network is that of the host, but for its holder and for what has ended
all_of() {
    holder=$(cat "$bed/$1.pid")
    space=$(readlink "/proc/$holder/ns/net" | tr -dc 0-9) || return 1
    find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/ns/net' -lname "net:\\[$space\\]" 2>/dev/null |
        cut -d / -f 3 | grep -vx "$holder"
}

down() {
    for file in "$bed"/*.pid; do
        [ ! -e "$file" ] || ! alive "$file" || kill_while all_of "$(basename "$file" .pid)"
    done
    sleep .2 # who was connected hears of it before the cables go
    for file in "$bed"/*.pid; do
        [ -e "$file" ] || continue
        host=$(basename "$file" .pid)
        [ ! -e "$bed/$host.wire" ] || stop TERM "$bed/$host.wire"
        [ ! -e "$bed/$host.number" ] || ip link del "$(cable "$host")" 2>/dev/null
        stop KILL "$file"
    done
    [ ! -s "$bed/bridge" ] || ip link del "$(cat "$bed/bridge")" 2>/dev/null
    ls -d /sys/class/net/abl[0-9]* >/dev/null 2>&1 || ip route del unreachable 198.18.0.0/15 metric 4096 2>/dev/null
    rm -rf "$bed"
}

up() {
    [ $# -gt 0 ] || usage
    [ "$(id -u)" -eq 0 ] || skip 'networks of their own need root'
    need ip iproute2
    need bridge iproute2
    unshare -n -u true 2>/dev/null || skip 'no namespaces here (unshare -n -u)'
    bed "$given" net
    [ ! -e bridge ] || die "there is one in '$folder' already"
    # 198.18.0.0/15 is kept for tests (RFC 2544). The first network that is free, by who can name the bridge.
    third=1
    while [ -e "/sys/class/net/abl$third.1" ] || ! ip link add "abl$third" type bridge 2>/dev/null; do
        third=$((third + 1))
        [ $third -lt 250 ] || { rmdir "$bed"; skip 'no bridge can be made here (ip link add type bridge)'; }
    done
    echo "abl$third" >bridge
    net=198.18.$third
    echo "$net.254" >head.address
    # What is sent to a host that is no more must not look for another way out.
    ip route replace unreachable 198.18.0.0/15 metric 4096
    if ! { ip addr add "$net.254/24" dev "abl$third" && ip link set "abl$third" up; }; then
        down
        die 'the bridge fails'
    fi
    number=0
    for host in "$@"; do
        number=$((number + 1))
        add_host "$host" $number || { down; die "host '$host' fails"; }
    done
}

delay() { # HOST MS: netem where the kernel has it, else a wire of our own
    end=$(cable "$1")
    [ ! -e "$1.wire" ] || stop TERM "$1.wire"
    tc qdisc del dev "$end" root 2>/dev/null
    enter "$1" tc qdisc del dev eth0 root 2>/dev/null
    ip link set "$end" master "$(cat bridge)" || return 1
    [ "$2" -gt 0 ] || return 0
    if tc qdisc add dev "$end" root netem delay "$2ms" 2>/dev/null; then
        enter "$1" tc qdisc add dev eth0 root netem delay "$2ms"
        return
    fi
    need python3 python3
    setsid python3 "$here/wire.py" "$end" "$(cat bridge)" "$2" </dev/null >"$1.wire.log" 2>&1 &
    echo $! >"$1.wire"
    wait_until 5 "the wire of $1" grep -q begun "$1.wire.log"
}

set_cable() { # HOST STATE: of the bridge's port, 0 for disabled, 3 for forwarding
    port=$(cable "$1")
    [ ! -e "$bed/$1.wire" ] || port=$(echo "$port" | tr . w) # wire.py has put its own there
    bridge link set dev "$port" state "$2"
}

case $verb in
up) up "$@"; exit ;;
in | cut | mend | delay | kill | down) ;;
*) usage ;;
esac
[ -d "$given/net" ] || { [ "$verb" = down ] && exit 0; die "no network in '$given'"; }
if [ "$verb" = in ]; then # where the caller is
    folder=$given bed=$given/net
    enter "$@"
    exit
fi
bed "$given" net
[ $# -eq 0 ] || [ -e "$1.number" ] || die "no host '$1' in '$folder'"
case $verb-$# in
down-0) down ;;
cut-1) set_cable "$1" 0 ;;
mend-1) set_cable "$1" 3 ;;
delay-2) delay "$1" "$2" ;;
kill-1) set_cable "$1" 0 && kill_while all_of "$1" ;;
*) usage ;;
esac
