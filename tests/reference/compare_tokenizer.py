#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `ablate tokenize` with BertTokenizer of the Python package transformers (5.23) on every line
of every text file of a folder, uncased and cased. Needs transformers.

    compare_tokenizer.py build/experiments/cli/ablate ../shared/data ../shared/data/bert-vocab/*.gz

Files may be plain, .gz or .xz, of any layout: a row of a table is a line of text like any other. Prints
one line per file and case; ends with the totals and exit code 1 when a line differs."""
import gzip
import lzma
import pathlib
import subprocess
import sys
import tempfile

import transformers
from transformers import BertTokenizer

BLOCK = 20000
OPENERS = {".gz": gzip.open, ".xz": lzma.open}


def unpacked(path):
    with OPENERS.get(path.suffix, open)(path, "rb") as file:
        return file.read()


def reference_lines(tokenizer, lines):
    for at in range(0, len(lines), BLOCK):
        for ids in tokenizer(lines[at:at + BLOCK], add_special_tokens=False)["input_ids"]:
            yield " ".join(map(str, ids))


def compare(ablate, vocab, tokenizer, text, cased):
    """Returns how many lines and pieces there are, and the numbers of the lines that differ."""
    lines = text.decode("utf-8").removeprefix("\ufeff").split("\n")
    if not lines[-1]:
        lines.pop()
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        command = [ablate, "tokenize", "--vocab", vocab, "--ids", file.name] + ["--cased"] * cased
        ours = subprocess.run(command, check=True, capture_output=True).stdout.decode().split("\n")[:-1]
    theirs = list(reference_lines(tokenizer, lines))
    if len(ours) != len(theirs):
        sys.exit(f"{len(ours)} lines came out of {len(theirs)}")
    different = [i + 1 for i, (a, b) in enumerate(zip(ours, theirs)) if a != b]
    return len(lines), sum(len(line.split()) for line in theirs), different


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    ablate, data, vocab = sys.argv[1:]
    pieces = unpacked(pathlib.Path(vocab)).decode("utf-8").rstrip("\n").split("\n")
    files = sorted(path for path in pathlib.Path(data).rglob("*") if path.is_file())
    print(f"transformers {transformers.__version__}, {len(files)} files")
    total = {False: [0, 0, 0], True: [0, 0, 0]}
    for cased in (False, True):
        tokenizer = BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)},
                                  do_lower_case=not cased)
        for path in files:
            lines, tokens, different = compare(ablate, vocab, tokenizer, unpacked(path), cased)
            print("cased  " if cased else "uncased", path.relative_to(data), lines, "lines",
                  f"{len(different)} different {different[:5] if different else ''}", flush=True)
            for i, value in enumerate((lines, tokens, len(different))):
                total[cased][i] += value
    for cased, (lines, tokens, different) in total.items():
        print(f"{'cased' if cased else 'uncased'}: {lines} lines, {tokens} pieces:"
              f" {lines - different} lines equal, {different} different")
    return any(different for _, _, different in total.values())


if __name__ == "__main__":
    sys.exit(main())
