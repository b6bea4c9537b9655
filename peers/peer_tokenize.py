#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Rust tokenizer behind BertTokenizerFast, timed on a text's lines; prints one JSON object as
`ablate bench tokenize --format json` does.

usage: peer_tokenize.py TEXT VOCAB_TXT

Uncased, without [CLS] and [SEP], on one thread, in batches of 1,000 lines, by the call that leaves out the
places in the text where the package has it: one pass, in which making Python's lists of ids is not timed."""
import json
import os
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import tokenizers  # noqa: E402

LINES = 1000


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    tokenizer = tokenizers.BertWordPieceTokenizer(sys.argv[2], lowercase=True)._tokenizer
    encode = getattr(tokenizer, "encode_batch_fast", tokenizer.encode_batch)
    with open(sys.argv[1], encoding="utf-8", newline="\n") as file:
        text = file.read()
    lines = text.removesuffix("\n").split("\n")
    megabytes = len(text.encode()) / 1e6
    seconds, pieces = 0, 0
    for at in range(0, len(lines), LINES):
        start = time.perf_counter()
        encodings = encode(lines[at:at + LINES], add_special_tokens=False)
        seconds += time.perf_counter() - start
        pieces += sum(map(len, encodings))
    print(json.dumps({
        "peer": "tokenizers " + tokenizers.__version__, "text_mb": round(megabytes, 3), "lines": len(lines),
        "pieces": pieces, "tok_s": round(pieces / seconds), "mb_s": round(megabytes / seconds, 2)}))


if __name__ == "__main__":
    main()
