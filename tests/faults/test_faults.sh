#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A system call that fails, or does half of what it was asked, at one place of a run: either the run ends with
# an error, or all is there; and the run after it ends like one that was never disturbed.
#
# usage: test_faults.sh [long]		ABLATE_SHIM: shim.c, built; long: many places, and strace's injection
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"
: "${ABLATE_SHIM:?run by meson test}"

study 1 >faults.yaml

# content STORE - names and sums of all artefacts, the results, every point of the curves
content() {
    (cd "$1/artifacts" && find . -type f | sort | xargs cksum)
    "$ABLATE" query "select s.kind, r.name, r.value from result r join stage s on s.id = r.stage_id
        order by 1, 2" --store "$1" --format csv
    "$ABLATE" query "select s.kind, m.name, m.step, m.value from metric m join stage s
        on s.id = m.stage_id join attempt a on a.stage_id = s.id and a.number = m.attempt
        and a.state = 'done' order by 1, 2, 3" --store "$1" --format csv
}

sanitized=no
if ldd "$ABLATE" | grep -q 'libasan'; then
    sanitized=yes
    preloads
fi

check_exit 0 "$ABLATE" run faults.yaml --store whole --quiet
content whole >expected.content
file=faults.yaml

# The same for a study of a program, of two steps.
cat >prog <<'EOF'
#!/bin/sh
echo "step: 1 loss: 0.523456"
case $2 in
prepare) head -c 30000 /dev/zero >"$1/data" ;;
train) head -c 3000 "$3/data" >"$1/model" && echo '{"acc": 0.5}' >"$1/r.json" ;;
esac
EOF
chmod +x prog
cat >program.yaml <<'EOF'
study: program
steps:
  prepare: {command: [./prog, "{out}", prepare], seed: none}
  train: {command: [./prog, "{out}", train, "{prepare}"]}
metrics:
  acc: {main: true, from: "{out}/r.json: acc"}
  loss: {goal: min, series: true, from: stdout, step: step}
resume: {if: "{state}/model", flags: [--resume]}
keep: [model]
seeds: 2
plots: []
EOF
check_exit 0 "$ABLATE" run program.yaml --store whole-program --quiet
content whole-program >program.content
# of_program - from here on it is that study
of_program() {
    file=program.yaml
    mv program.content expected.content
}

# after NAME - what must hold after a run that was disturbed, whose code is in $code
after() {
    rm -f first.content
    [ "$code" -ne 0 ] || content st >first.content 2>&1
    for _ in 1 2; do # what has failed by then is tried again by the next run
        timeout 60 "$ABLATE" run "$file" --store st --quiet >out 2>err </dev/null
        again=$?
        [ "$again" -ne 0 ] || break
    done
    content st >second.content 2>&1
    [ "$code" -ne 124 ] && [ "$again" -eq 0 ] && cmp -s expected.content second.content &&
        { [ ! -e first.content ] || cmp -s expected.content first.content; } &&
        [ -z "$(find st -name '*.tmp-*' -o -name '*.part')" ]
    report $? "${file%.yaml}: $1 (exit $code, then $again)"
    rm -rf st
}

# fault CALL AT ERRNO IN [FILE] - a run during which that happens; false: it did not
fault() {
    rm -rf st fired
    FAULT_CALL=$1 FAULT_AT=$2 FAULT_ERRNO=$3 FAULT_IN=$4 FAULT_LOG=$scratch/fired
    export FAULT_CALL FAULT_AT FAULT_ERRNO FAULT_IN FAULT_LOG
    unset FAULT_FILE
    [ -z "${5-}" ] || export FAULT_FILE="$5"
    timeout 60 env LD_PRELOAD="$ABLATE_SHIM" "$ABLATE" run "$file" --store st --quiet >out 2>err </dev/null
    code=$?
    unset FAULT_CALL FAULT_FILE
    [ -e fired ] || return 1
    after "$1 number $2 fails with errno $3 in $4${5:+ on $5}"
}

if [ "${1-}" != long ]; then
    # must CALL AT ERRNO IN [FILE]
    must() {
        fault "$@" || report 1 "$* has not happened"
    }
    must write 1 28 child corpus.bin # a full disk under a corpus: it was committed as done
    must write 1 0 child model.safetensors # a short one
    must fsync 1 5 child
    must open 2 24 child corpus.bin # reading it back
    must rename 1 28 child vocab.txt
    must write 2 28 child # a line on descriptor 3
    [ $sanitized = yes ] || must malloc 2000 12 child
    [ $sanitized = yes ] || must malloc 9000 12 parent
    of_program
    must write 1 28 child printed.txt
    must write 1 28 child sealed.json
    must rename 1 28 child sealed.json
    must write 1 0 child options.json
    must rename 1 28 parent artifacts
    finish
fi

calls="write pwrite read fsync rename mkdir open unlink truncate pipe fork openat unlinkat opendir link"
[ $sanitized = yes ] || calls="malloc $calls"
[ $sanitized = no ] || echo "# SKIP: failing allocations, which the sanitizer takes itself"
everywhere() {
    for in in child parent; do
        for call in $calls; do
            case $call in
            malloc) errors=12 step=97 ;;
            write | pwrite) errors='28 5 4 0' step=7 ;; # 4: interrupted, 0: a short one
            read) errors='5 4 0' step=7 ;;
            fork | pipe) errors='11 24' step=1 ;;
            open | openat) errors='24 5' step=5 ;;
            opendir) errors='24 13' step=3 ;;
            *) errors='28 5' step=1 ;;
            esac
            for error in $errors; do
                at=1
                while [ "$at" -lt 4000 ] && fault "$call" "$at" "$error" "$in"; do at=$((at + step)); done
            done
        done
    done
}
everywhere

if command -v strace >/dev/null && strace -f -o /dev/null true 2>/dev/null && [ $sanitized = no ]; then
    for call in write pwrite64 fsync fdatasync rename openat mkdir; do
        for at in 1 3 10 40; do
            for error in ENOSPC EIO; do
                rm -rf st
                timeout 60 strace -f -o trace -e "trace=$call" -e "inject=$call:error=$error:when=$at" \
                    "$ABLATE" run "$file" --store st --quiet >out 2>err </dev/null
                code=$?
                grep -q INJECTED trace || continue
                after "strace: $call number $at fails with $error in each process"
            done
        done
    done
else
    echo "# SKIP: strace cannot inject faults here"
fi
of_program
everywhere
finish
