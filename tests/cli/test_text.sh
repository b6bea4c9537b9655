#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ablate vocab and ablate tokenize.
. "${0%/*}/lib.sh"
reference=$source/tests/reference

# a vocabulary learnt from text, whatever the order and packing of the files
head -n 9 "$reference/tokenizer_text.txt" >one.txt
tail -n +10 "$reference/tokenizer_text.txt" >two.txt
xz -k two.txt
gzip -k one.txt
check_exit 0 "$ABLATE" vocab one.txt two.txt --size 250 --out first.txt
check_output ''
check_error 'first.txt: 250 tokens from 451 words (223 distinct, 48 characters) in'
check_exit 0 "$ABLATE" vocab --size 250 --out second.txt two.txt.xz one.txt.gz
check 'the order of the files does not matter' cmp first.txt second.txt
check_exit 0 "$ABLATE" vocab --size 9000 --out all.txt one.txt two.txt
check_error 'fewer than the requested 9,000'
check 'the vocabulary of the reference' cmp all.txt "$reference/tokenizer_vocab_uncased.txt"
check_exit 0 "$ABLATE" vocab --size 9000 --cased --out cased.txt one.txt two.txt
check 'the cased vocabulary of the reference' cmp cased.txt "$reference/tokenizer_vocab_cased.txt"

# pieces and numbers, one line per line
printf '%s\n' 'The PAINTER, repainted!' '' '[CLS] <start> Zoë' >text.txt
check_exit 0 "$ABLATE" tokenize --vocab all.txt text.txt
check_output 'the painter , re ##p ##aint ##ed [UNK]

[CLS] [UNK] st ##ar ##t [UNK] zoe'
check_exit 0 "$ABLATE" tokenize --vocab cased.txt --cased text.txt
check_output 'The [UNK] , re ##p ##aint ##ed [UNK]

[CLS] [UNK] st ##ar ##t [UNK] Zoë'
check_exit 0 "$ABLATE" tokenize --vocab all.txt --ids text.txt
check_output '87 252 14 211 76 104 90 1

2 1 103 114 79 1 278'
gzip -k all.txt
printf 'bees' >bees
check 'standard input' sh -c '"$ABLATE" tokenize --vocab all.txt.gz - <bees | grep -qx bees'
check 'a text packed by xz' sh -c '"$ABLATE" tokenize --vocab all.txt two.txt.xz | grep -q painting'

# bad input: one line, exit code 2, nothing half-written
check_exit 2 "$ABLATE" tokenize text.txt
check_error "no vocabulary: give one with --vocab FILE; 'ablate vocab' learns one"
check_exit 2 "$ABLATE" tokenize --vocab missing.txt text.txt
check_error "missing.txt"
check_exit 2 "$ABLATE" tokenize --vocab all.txt missing.txt
check_error "missing.txt"
check_exit 2 "$ABLATE" tokenize --vocab . text.txt
check_exit 2 "$ABLATE" tokenize --vocab text.txt text.txt
check_error "text.txt: no token '[PAD]' in the vocabulary"
printf 'a\na\n' >twice.txt
check_exit 2 "$ABLATE" tokenize --vocab twice.txt text.txt
check_error "twice.txt: no token '[PAD]' in the vocabulary"
printf '{\n  "version": "1.0"\n}\n' >json.txt
check_exit 2 "$ABLATE" tokenize --vocab json.txt text.txt
check_error 'json.txt:1: this is JSON; a vocab.txt is wanted'
# blank and doubled lines, as transformers counts them: the last one is the token
printf '[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n\nb\na\n##b\n\n\n' >odd.txt
printf 'a b ab [blank5]\n' >ab.txt
check_exit 0 "$ABLATE" tokenize --vocab odd.txt --ids ab.txt
check_output '8 7 8 9 1 1 1'
check_error 'odd.txt: 1 blank line in the middle (line 7): kept as a number that no text has'
check_error "odd.txt: 1 token is there twice ('a', lines 6 and 9): the last line counts"
check_error 'odd.txt: 2 blank lines at the end: left out'
grep -v MASK all.txt >maskless.txt
check_exit 2 "$ABLATE" tokenize --vocab maskless.txt text.txt
check_error "maskless.txt: no token '[MASK]' in the vocabulary"
printf 'fine\nbad \377\n' >bad.txt
check_exit 2 "$ABLATE" tokenize --vocab all.txt bad.txt
check_error 'bad.txt:2:5: invalid UTF-8'
head -c 200 two.txt.xz >cut.xz
check_exit 2 "$ABLATE" tokenize --vocab all.txt cut.xz
check_error 'truncated'
check_exit 2 "$ABLATE" vocab --size 250 --out never.txt one.txt bad.txt
check_error 'bad.txt:2:5: invalid UTF-8'
check_exit 2 "$ABLATE" vocab --size 250 --out never.txt missing.txt
: >empty
check_exit 2 "$ABLATE" vocab --size 250 --out never.txt empty
check_error 'no words to learn a vocabulary from'
check_exit 2 "$ABLATE" vocab --size 20 --out never.txt one.txt
check_error 'a vocabulary of 20 tokens is too small'
check_exit 2 "$ABLATE" vocab --size 0 --out never.txt one.txt
check_error '--size N is missing or out of range'
check_exit 2 "$ABLATE" vocab --size 250 one.txt
check_error '--out FILE is missing: name the file to write'
check 'no vocabulary was written' test ! -e never.txt

# with BERT's own vocabulary
bert=$shared/bert-vocab/bert-base-uncased-vocab.txt.gz
[ -e "$bert" ] || bert=$shared/data/bert-vocab/bert-base-uncased-vocab.txt.gz
if [ -e "$bert" ]; then
    printf 'Unaffable harbours\n' >text.txt
    check_exit 0 "$ABLATE" tokenize --ids --vocab "$bert" text.txt
    check_output '14477 20961 3468 7440 2015'
else
    skip "BERT's own vocabulary" 'no bert-vocab in the folder of real data (ABLATE_SHARED)'
fi
finish
