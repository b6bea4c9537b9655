#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a stage made and what is gone or damaged since: it is made again for whoever reads it, is said so, and
# old numbers stand meanwhile.
. "${0%/*}/../cli/lib.sh"
. "${0%/*}/study.sh"

# made KIND - the folder of the first stage of that kind
made() {
    printf 'st/'
    "$ABLATE" query "select artifact from stage where kind = '$1' order by id" --store st --format csv | sed -n 2p
}

# flip FILE - one bit in its middle
flip() {
    at=$(($(wc -c <"$1") / 2))
    byte=$(od -An -tu1 -j $at -N 1 "$1")
    # shellcheck disable=SC2059  # an octal number
    printf "\\$(printf %o $((byte ^ 4)))" | dd of="$1" bs=1 seek=$at conv=notrunc 2>/dev/null
}

numbers() {
    "$ABLATE" query 'select state, accuracy, loss from trials where seed = 1' --store st --format csv
}

study 1 >one.yaml
check_exit 0 "$ABLATE" run one.yaml --store st --quiet
cp -r st whole
before=$(numbers)

# again KIND FILE HOW STUDY SAID - a copy of the store in which FILE of KIND's artefact is changed; the study
# that wants it is run
again() {
    rm -rf st
    cp -r whole st
    file=$(made "$1")/$2
    weights=$(made "$1")/${6-$2}
    kept=$(cksum <"$weights")
    case $3 in gone) rm "$file" ;; cut) truncate -s -1 "$file" ;; flipped) flip "$file" ;; esac
    check_exit 0 "$ABLATE" plan "$4" --store st
    [ "$3" = flipped ] || check_match "again +.*$5"
    [ "$before" = "$(numbers)" ]
    report $? "$2 $3: its numbers stand"
    check_exit 0 "$ABLATE" run "$4" --store st
    grep -Eq "$5" out err # the progress goes to standard error
    report $? "$2 $3: it is said why"
    [ "$(cksum <"$weights")" = "$kept" ]
    report $? "$2 $3: made again, bit for bit"
}

study 2 >more.yaml
study 1 1e-3 >other.yaml
again tokenize corpus.bin gone more.yaml 'tokenized corpus.*corpus.bin is missing'
again tokenize corpus.bin flipped more.yaml 'corpus.bin is damaged'
again vocab vocab.txt cut more.yaml 'vocab.txt has another size'
again pretrain model.safetensors flipped other.yaml 'model.safetensors is damaged'
again pretrain sealed.json flipped other.yaml 'damaged sealed.json' model.safetensors

# What dead runs have left goes at the next start: half-drawn files of programs that are gone, saved states of
# stages that no study has, or that are done. A study's own stay.
mkdir -p st/work/0123456789abcdef/1 st/plots/faults
: >st/work/0123456789abcdef/1/state.safetensors
mkdir -p "st/work/$(made tokenize | sed 's|.*/||')/1"
: >st/plots/faults/effects.png.tmp-4194304
: >"st/plots/faults/effects.png.tmp-$$"
check_exit 0 "$ABLATE" run other.yaml --store st
[ -z "$(ls st/work)" ] && [ "$(cd st/plots/faults && echo ./*.tmp-*)" = "./effects.png.tmp-$$" ]
report $? 'what dead runs have left is removed'

# While it is made again, the numbers of those who had read it stand.
sqlite3 st/results.db "update stage set state = 'running', lost = 'gone' where kind = 'pretrain'" 2>/dev/null && {
    run "$ABLATE" query "select count(*) from trials where state <> 'done'" --store st --format csv
    check_match '^0$'
}

# Nobody needs it: nothing is made again.
rm -rf st
cp -r whole st
rm "$(made tokenize)/corpus.bin"
check_exit 0 "$ABLATE" run one.yaml --store st
check_no_match 'again|done in'

# Where a command opens it, it says so, too.
flip "$(made finetune)/model.safetensors"
check_exit 1 "$ABLATE" predict "$(made finetune)" --text 'a good cat'
check_error 'model.safetensors is damaged'

# Folders that a program without seals has left are taken as they are.
rm -rf st
cp -r whole st
find st -name sealed.json -delete
sqlite3 st/results.db 'update stage set seal = null' 2>/dev/null && {
    check_exit 0 "$ABLATE" run more.yaml --store st
    check_no_match 'again'
}
finish
