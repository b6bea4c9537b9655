#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Studies of short trials on workers elsewhere, disturbed: what is said to be done is done and stays so, once, and all
# numbers and files are those of a calm run on this machine alone. ABLATE_TEST_SEED drives all moments, and
# ABLATE_TEST_TRIALS says how many trials (60; 300 in the long run).
# usage: test_matrix.sh SCENARIO
. "${0%/*}/../cli/lib.sh"
here=$(cd "$OLDPWD" && cd "${0%/*}" && pwd -P)
. "$here/matrix.sh"
trap 'leave' EXIT
leave() {
    # shellcheck disable=SC2046  # a list
    kill -s KILL ${head:-} $(workers) 2>/dev/null
    for bed in ssh slurm net; do
        [ ! -d "$scratch/bed/$bed" ] || "$beds/$bed.sh" down "$scratch/bed"
    done
    cd / && rm -rf "$scratch"
}

# Four workers of this machine, by words that start them.
by_command() {
    printf "w%d slots=2 command: \"$ABLATE\"\n" 1 2 3 4 >four.hosts
    on='--on four.hosts'
}
# Four hosts, by ssh.
by_ssh() {
    run "$beds/ssh.sh" up bed hostA hostB hostC hostD
    [ "$code" -ne 77 ] || skip_all "$(tail -n 1 err)"
    report "$code" 'hosts to reach by ssh'
    export ABLATE_SSH_CONFIG="$scratch/bed/ssh/config"
    on='--on ssh:hostA:2,hostB:2,hostC:2,hostD:2'
}

kill_worker() {
    one "$(workers)" && kill -s KILL "$one" 2>/dev/null
}
kills_command() {
    by_command
    storm_of "${ABLATE_TEST_FAULTS:-25}" 1500 kill_worker
}
kills_ssh() {
    by_ssh
    storm_of "${ABLATE_TEST_FAULTS:-25}" 1500 kill_worker
}

# The next head begins at once, while workers of the one before still run what they have.
kill_head() {
    [ -n "$(workers)" ] && is_there || return 1
    kill -s KILL "$head"
    wait "$head" 2>/dev/null
    said
    begin "$1"
}
heads_command() {
    by_command
    storm_of "${ABLATE_TEST_FAULTS:-10}" 4000 kill_head
}
heads_ssh() {
    by_ssh
    storm_of "${ABLATE_TEST_FAULTS:-10}" 4000 kill_head
}

case ${1-} in
kills-command | kills-ssh | heads-command | heads-ssh) ;;
*)
    echo "usage: test_matrix.sh SCENARIO" >&2
    exit 2 ;;
esac
studies
"$(echo "$1" | tr - _)"
finish
