# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# bed.sh - what net.sh, slurm.sh and ssh.sh share. A test bed lives in one scratch folder, which may not have a
# blank in its path; each process of it is started by hand and known by a file FOLDER/<part>/<name>.pid.
set -u
me=${0##*/}
PATH=$PATH:/usr/sbin:/sbin # where Debian has the daemons

# skip WHY - nothing of this kind can be tested here
skip() {
    echo "SKIP: $me: $1" >&2
    exit 77
}

die() {
    echo "$me: $1" >&2
    exit 1
}

usage() {
    # shellcheck disable=SC2154  # of the scripts
    sed -n "s/^# usage: /usage: /p; s/^#        $me/       $me/p" "$here/$me" >&2
    exit 2
}

# need COMMAND PACKAGE
need() {
    command -v "$1" >/dev/null || skip "'$1' is not installed (package $2; ./setup.sh cluster)"
}

# bed FOLDER PART - makes and enters FOLDER/PART; $folder and $bed are absolute
bed() {
    mkdir -p "$1/$2" || exit 1
    folder=$(cd "$1" && pwd -P)
    case $folder in *[[:space:]]*) die "a blank in '$folder'" ;; esac
    bed=$folder/$2
    cd "$bed" || exit 1
}

# alive FILE - the process that a .pid file names is there, and more than a zombie that nobody has waited for
alive() {
    [ -s "$1" ] && running "$(cat "$1")"
}
running() {
    { read -r _ _ state _ <"/proc/$1/stat"; } 2>/dev/null && [ "$state" != Z ]
}

# wait_until SECONDS WHAT COMMAND...
wait_until() {
    tries=$(($1 * 10)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || die "$what: not in time"
        sleep .1
    done
}

# kill_while LIST-COMMAND... - SIGKILL for what it lists, until no fork has got away
kill_while() {
    rounds=0
    while list=$("$@") && [ -n "$list" ] && [ $rounds -lt 20 ]; do
        # shellcheck disable=SC2086  # a list
        kill -s KILL $list 2>/dev/null
        rounds=$((rounds + 1))
        sleep .05
    done
}

# stop SIGNAL FILE... - ends the processes of .pid files and waits; what does not go is killed
stop() {
    signal=$1
    shift
    for file in "$@"; do
        alive "$file" || { rm -f "$file"; continue; }
        process=$(cat "$file")
        kill -s "$signal" "$process" 2>/dev/null
        tries=50
        while running "$process"; do
            tries=$((tries - 1))
            [ $tries -ne 25 ] || kill -s KILL "$process" 2>/dev/null
            [ $tries -gt 0 ] || die "process $process of $file does not end"
            sleep .1
        done
        rm -f "$file"
    done
}

# free_port - one at which nobody listens now
free_port() {
    need python3 python3
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
