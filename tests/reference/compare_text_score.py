#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what `ablate eval --checkpoint` says of a text with the losses of the Python package transformers.
Needs torch and transformers 5.

    compare_text_score.py build/experiments/cli/ablate CHECKPOINT TEXT [OPTION...]

CHECKPOINT is a folder that was pre-trained on masked words and next sentences, or on the next token, or what else
`eval` takes with the options behind it (--store DIR). It is exported, and BertForPreTraining or BertLMHeadModel scores
the sequences that `eval --write` wrote. Prints both numbers for loss and accuracy of mlm and nsp, or of lm; exit code
1 when they differ by more than 1e-5."""
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
import transformers

SEQUENCES, TOLERANCE = 1000, 1e-5


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


# what a class is scored on: the task, where its logits are
HEADS = {"BertForPreTraining": {"mlm": "prediction_logits", "nsp": "seq_relationship_logits"},
         "BertLMHeadModel": {"lm": "logits"}}


def theirs(model, path):
    """Mean loss and accuracy of each head, each sequence alone."""
    heads = HEADS[type(model).__name__]
    sums = {head: [0, 0, 0] for head in heads}
    for line in open(path, encoding="utf-8"):
        row = json.loads(line)
        out = model(input_ids=torch.tensor([row["input_ids"]]),
                    token_type_ids=torch.tensor([row["token_type_ids"]]))
        labels = torch.tensor(row["labels"])
        chosen = labels >= 0
        for head, name in heads.items():
            logits, gold = (out[name], torch.tensor([row["next_sentence_label"]])) if head == "nsp" else \
                (out[name][0][chosen], labels[chosen])
            loss = torch.nn.functional.cross_entropy(logits.double(), gold, reduction="sum")
            hits = (logits.argmax(-1) == gold).sum()
            sums[head] = [a + b for a, b in zip(sums[head], (loss.item(), hits.item(), len(gold)))]
    return {f"{head}_{what}": x / n for head, (loss, hits, n) in sums.items()
            for what, x in (("loss", loss), ("accuracy", hits))}


def main():
    ablate, checkpoint, text, *options = sys.argv[1:]
    store = [o for i, o in enumerate(options) if o == "--store" or i and options[i - 1] == "--store"]
    failed = False
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        scratch = pathlib.Path(folder)
        run(ablate, "export", checkpoint, scratch / "exported", *store)
        kind = json.loads((scratch / "exported/config.json").read_text())["architectures"][0]
        model = getattr(transformers, kind).from_pretrained(scratch / "exported").eval()
        ours, tasks = {}, list(HEADS[kind])
        for task in tasks:
            ours |= json.loads(run(ablate, "eval", "--task", task, "--checkpoint", checkpoint, text, "--sequences",
                                   SEQUENCES, "--write", scratch / task, "--format", "json", *options))
        if any((scratch / task).read_bytes() != (scratch / tasks[0]).read_bytes() for task in tasks):
            sys.exit("mlm and nsp were scored on other sequences")
        for name, value in theirs(model, scratch / tasks[0]).items():
            bad = not abs(ours[name] - value) < TOLERANCE
            failed |= bad
            print(f"{name}: {ours[name]:.7f}, transformers {value:.7f}{' DIFFERENT' if bad else ''}", flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
