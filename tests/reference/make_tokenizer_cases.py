#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tokenizer_vocab_uncased.txt, tokenizer_vocab_cased.txt and tokenizer_cases.json, the reference of
tests/unit/text/test_text.c, with the Python packages transformers 5.23 and tokenizers 0.23. No arguments.

- The vocabularies are learnt from tokenizer_text.txt until no pair is left that occurs twice. The rule is
  that of BertWordPieceTokenizer, which orders ties by chance, so it is written out here: see learn().
- "cases": texts with the ids of BertTokenizer and, flat, begin and end of each piece in code points
  (not where an accent that goes is sorted behind a mark that stays: clean.h gives each its own place).
- "points": for blocks of 4,096 code points (all up to 33FFF, beyond it the first of each plane) the CRC-32
  of the words that BertNormalizer and BertPreTokenizer make of probe() for each of them, words and code
  points each ended by a line feed."""
import collections
import json
import pathlib
import zlib

import tokenizers
import transformers
from tokenizers import normalizers, pre_tokenizers
from transformers import BertTokenizer

HERE = pathlib.Path(__file__).parent
BERT = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
GPT = ["<start>", "<delim>", "<extract>"]
BLOCKS = [*range(0, 0x34000, 0x1000), *range(0x40000, 0x110000, 0x10000)]

CASES = [
    "",
    " ",
    "The painter walked to the harbour.",
    "UNHAPPIEST Station-Masters, 07:45!",
    "tabs\tand\r\nline\nfeeds\vand\ffeeds   and many    blanks ",
    "caf\u00e9 cafe\u0301 CAFE\u0301 \u00c5ngstr\u00f6m A\u030angstro\u0308m",
    "Z\u0351\u0327\u0301o\u0328\u0304e\u0323\u0302",
    "\u0301accent before, and alone \u0301 here",
    "\u0130stanbul I\u0307 i\u0131 Stra\u00dfe STRASSE \u1e9e",
    "\u039f\u0394\u039f\u03a3 \u03bf\u03b4\u03cc\u03c2 \u03a3\u03a3 final sigma stays what it was",
    "\u01c4\u01c5\u01c6 \ufb01sh \ufb03 \u2126 \u212b \u1e69",
    "\u6e2f\u53e3 and \u6e2f\u53e3tug\u6e2f\u53e3boat\uf900\U0002f800\U00020000\U0002a700\U0002b820\U0002b920",
    "\u30ab\u30bf\u30ab\u30ca \u3072\u3089\u304c\u306a \ud55c\uad6d\uc5b4 \u304c\u304b\u3099",
    "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22 \u0939\u093f\u0928\u094d\u0926\u0940 \u05e9\u05c1\u05dc\u05d5\u05b9\u05dd \u0645\u064f\u062d\u064e\u0645\u064e\u0651\u062f",
    "\U0001f600 \U0001f469\u200d\U0001f52c \U0001f1e9\U0001f1ea \u2764\ufe0f 5\ufe0f\u20e3",
    "zero\u200bwidth soft\u00adhyphen bom\ufeff word\u2060joiner left\u200emark \u202eright",
    "bell\u0007 delete\u007f c1\u0085 nul\u0000 replaced\ufffd private\ue000 tag\U000e0041",
    "nbsp\u00a0ogham\u1680em\u2003thin\u2009line\u2028para\u2029narrow\u202fmath\u205fideographic\u3000end",
    "unassigned \u0378 \u0530x\u0530 \U000e1000 noncharacter \ufdd0 \uffff \U0010ffff",
    "$20 \u20ac18 \u00a35 50\u00b0 \u00bd x\u00b2 a+b=c a\u2260b a\u226fb ~ ^ ` | < > \\",
    "\u201cquoted\u201d \u2018single\u2019 \u2014 dash \u2013 \u2026 \u00a1hola! \u00bfqu\u00e9? \u00abbon\u00bb \u3001\u3002\uff01",
    "don't it's re-painted boat_house e-mail@harbour.example https://harbour.example/?a=b&c",
    "3.5 % 1,000,000 1e-5 0x1f \u0663\u0664 \u2167 \u2460",
    "a" * 100,
    "a" * 101,
    "painter" * 14 + "pa",
    "painter" * 15,
    "\u00e9" * 100 + " " + "\u00e9" * 101,
    "e\u0301" * 100 + " " + "e\u0301" * 101,
    "(" + "x" * 101 + ")" + "y" * 99,
    "\ud55c" * 33 + " " + "\ud55c" * 34,
    "[CLS] the painter [SEP] the [MASK] was painted [SEP]",
    "[cls] [Mask] [ MASK ] [MASK",
    "[[PAD]]the[UNK]painter[MASK][MASK]walks[CLS",
    "<start> the painter <delim> walks <extract> [unused0]",
    "##ing # ## ###painter",
    "harbour\u302e\U0001d165 \u302e\U0001d165x \U0001d165\u302e \u302e\u0345\U0001d165 \u0334\U0001d16d\u302e",
    "later marks \u08d4\u302e \u302e\u08d4 \u1df6\u302e \u0898 \U0001e001\U0001d165 \U0001e130\U0001d165",
    "changed \u166d\u1734x\U000111c9y \u2e43 \u061dz \U00010d22 \U0001fbf0",
    "new case \ua7cb \ua7dc \U00010d50 \U00016ea0 \U0001e900 \u10a0 \u13a0 \u1c90 \uab70",
]


REORDERED = "\u302e\u0345\U0001d165"


def probe(point):
    """A code point between letters, and among marks that uncased text keeps and puts in order."""
    return f"a{chr(point)}B \u302e{chr(point)}\U0001d165{chr(point)}"


def most_frequent_pair(words):
    """The pair of neighbours that occurs most often; of equals the one with the smaller numbers."""
    counts = collections.Counter()
    for symbols, count in words:
        for pair in zip(symbols, symbols[1:]):
            counts[pair] += count
    pair = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
    return pair if pair and counts[pair] > 1 else None


def join(symbols, pair, joined):
    out, at = [], 0
    while at < len(symbols):
        found = tuple(symbols[at:at + 2]) == pair
        out.append(joined if found else symbols[at])
        at += 1 + found
    return out


def learn(normalizer, pre_tokenizer, name):
    """Byte pair encoding written down plainly: all pairs are counted anew for every join."""
    text = (HERE / "tokenizer_text.txt").read_text("utf-8")
    found = pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(text))
    counts = collections.Counter(word for word, _ in found)
    pieces = BERT + GPT + sorted(set("".join(counts)))
    pieces += sorted({"##" + letter for word in counts for letter in word[1:]})
    ids = {piece: i for i, piece in enumerate(pieces)}
    words = [([ids["##" * (i > 0) + letter] for i, letter in enumerate(word)], count)
             for word, count in counts.items()]
    while pair := most_frequent_pair(words):
        piece = pieces[pair[0]] + pieces[pair[1]].removeprefix("##")
        if piece not in ids:
            ids[piece] = len(pieces)
            pieces.append(piece)
        words = [(join(symbols, pair, ids[piece]), count) for symbols, count in words]
    (HERE / f"tokenizer_vocab_{name}.txt").write_text("".join(p + "\n" for p in pieces), "utf-8")
    return ids


def checksum(normalizer, pre_tokenizer, block):
    out = []
    for point in range(block, block + 0x1000):
        if not 0xD800 <= point < 0xE000:
            words = pre_tokenizer.pre_tokenize_str(normalizer.normalize_str(probe(point)))
            out += [word + "\n" for word, _ in words] + ["\n"]
    return zlib.crc32("".join(out).encode("utf-8"))


def main():
    result = {"made with": f"transformers {transformers.__version__},"
                           f" tokenizers {tokenizers.__version__}",
              "cases": [{"text": text} for text in CASES], "points": {}}
    pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    for name in ("uncased", "cased"):
        cased = name == "cased"
        normalizer = normalizers.BertNormalizer(lowercase=not cased)
        tokenizer = BertTokenizer(vocab=learn(normalizer, pre_tokenizer, name),
                                  do_lower_case=not cased)
        for case in result["cases"]:
            made = tokenizer(case["text"], add_special_tokens=False, return_offsets_mapping=True)
            case[name] = made["input_ids"]
            if REORDERED in case["text"]:
                continue
            case[name + " places"] = [place for pair in made["offset_mapping"] for place in pair]
        result["points"][name] = [checksum(normalizer, pre_tokenizer, block)
                                  for block in BLOCKS]
    text = json.dumps(result, separators=(",", ":")).replace('{"text"', '\n{"text"')
    (HERE / "tokenizer_cases.json").write_text(text.replace('"points"', '\n"points"') + "\n")


if __name__ == "__main__":
    main()
