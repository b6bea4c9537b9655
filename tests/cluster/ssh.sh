#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ssh.sh - hosts to reach by ssh, all of them this machine: an sshd for each, run as the current user, with keys and
# configuration in one scratch folder. As root each has a network and a host name of its own (net.sh); else all are
# ports of the loopback interface, and `cut` stops the sshd and its sessions instead (what they have started runs on).
# usage: ssh.sh up FOLDER [HOST...]          hostA hostB; then: ssh -F FOLDER/ssh/config hostA 'command'
#        ssh.sh cut|mend FOLDER HOST         its network
#        ssh.sh delay FOLDER HOST MS         that much later, each way; 0: no more (root only)
#        ssh.sh kill FOLDER HOST             a power failure: silence, and all processes on it killed (root only)
#        ssh.sh restart FOLDER HOST          its sshd and its network; sessions go on
#        ssh.sh down FOLDER                  and what was begun there
here=$(cd "${0%/*}" && pwd -P)
. "$here/bed.sh"
[ $# -ge 2 ] || usage
verb=$1 given=$2
shift 2

on_host() { # HOST COMMAND...
    if [ -d "$folder/net" ]; then
        "$here/net.sh" in "$folder" "$@"
    else
        shift
        "$@"
    fi
}

write_files() { # HOST ADDRESS PORT
    cat >"$1.sshd_config" <<END
ListenAddress $2:$3
HostKey $bed/host_key
AuthorizedKeysFile $bed/authorized_keys
PidFile $bed/$1.pid
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 100
MaxSessions 100
PrintMotd no
END
    echo "[$2]:$3 $(cat host_key.pub)" | sed 's/^\[\([^]]*\)\]:22 /\1 /' >>known_hosts
    cat >>config <<END
Host $1
    HostName $2
    Port $3
END
}

start() { # HOST
    on_host "$1" "$(command -v sshd)" -f "$bed/$1.sshd_config" -E "$bed/$1.log" </dev/null || return 1
    wait_until 5 "the sshd of $1 (see $bed/$1.log)" alive "$bed/$1.pid"
}

# below HOST [COMMAND]: its sshd, the sessions of earlier ones, and all below them (of that command)
below() {
    wanted=$(cat "$1.pid" "$1.sessions" 2>/dev/null)
    while [ -n "$wanted" ]; do
        echo "$wanted"
        wanted=$(for parent in $wanted; do pgrep -P "$parent" ${2:+-x "$2"}; done)
    done
}

down() {
    for file in *.sshd_config; do
        # shellcheck disable=SC2046  # a list
        kill -s KILL $(below "${file%.sshd_config}") 2>/dev/null
    done
    "$here/net.sh" down "$folder"
    cd "$folder" && rm -rf "$bed"
}

up() {
    need ssh openssh-client
    need sshd openssh-server
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd # sshd of root insists on it
    bed "$given" ssh
    [ ! -e config ] || die "there is one in '$folder' already"
    [ $# -gt 0 ] || set -- hostA hostB
    "$here/net.sh" up "$folder" "$@"
    case $? in
    0 | 77) ;;
    *) exit 1 ;;
    esac
    trap '[ -e up ] || { tail -n 5 "$bed"/*.log >&2; down; }' EXIT
    for key in host_key key; do ssh-keygen -q -t ed25519 -N '' -C '' -f $key || die 'no key'; done
    cp key.pub authorized_keys
    for host in "$@"; do
        if [ -d "$folder/net" ]; then
            write_files "$host" "$(cat "$folder/net/$host.address")" 22
        else
            write_files "$host" 127.0.0.1 "$(free_port)"
        fi
    done
    cat >>config <<END
Host *
    User $(id -un)
    IdentityFile $bed/key
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile $bed/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    BatchMode yes
    ConnectTimeout 5
END
    for host in "$@"; do
        start "$host" || die "the sshd of $host does not start"
    done
    : >up
    ssh -F config "$1" true 2>login.log || {
        trap - EXIT
        why=$(tail -n 1 login.log)
        down
        skip "'$(id -un)' cannot log in by ssh ($why)"
    }
}

if [ "$verb" = up ]; then
    up "$@"
    exit 0
fi
[ -d "$given/ssh" ] || { [ "$verb" = down ] && exit 0; die "no ssh in '$given'"; }
bed "$given" ssh
[ $# -eq 0 ] || [ -e "$1.sshd_config" ] || die "no host '$1' in '$folder'"
case $verb-$# in
down-0) down ;;
cut-1 | mend-1)
    if [ -d "$folder/net" ]; then
        "$here/net.sh" "$verb" "$folder" "$1"
    else
        [ "$verb" = cut ] && signal=STOP || signal=CONT
        # shellcheck disable=SC2046  # a list
        kill -s "$signal" $(below "$1" sshd) 2>/dev/null
    fi ;;
delay-2 | kill-1)
    [ -d "$folder/net" ] || skip "'$verb' needs root"
    "$here/net.sh" "$verb" "$folder" "$@" ;;
restart-1)
    pgrep -P "$(cat "$1.pid")" -x sshd >>"$1.sessions"
    stop TERM "$1.pid"
    [ ! -d "$folder/net" ] || "$here/net.sh" mend "$folder" "$1"
    start "$1" ;;
*) usage ;;
esac
