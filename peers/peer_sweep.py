#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The sweep of sst2-sweep.yaml as it is written with Optuna and Hugging Face: a grid on SQLite, worker processes,
a plain PyTorch loop with padding to the longest sequence of a batch. Prints one JSON object.

usage: peer_sweep.py DATA_FOLDER [--workers N] [--precision fp32|bf16]
DATA_FOLDER has glue-sst2/train.tsv.gz, glue-sst2/dev.tsv and bert-vocab/bert-base-uncased-vocab.txt.gz."""
import argparse
import csv
import gzip
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GRID = {"learning_rate": [3e-4, 1e-4, 5e-5, 3e-5], "seed": [1, 2, 3]}
EPOCHS, BATCH, MAX_LENGTH, WARMUP = 3, 32, 128, 0.1
STUDY = "sst2-sweep"


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=Path)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    p.add_argument("--storage", help=argparse.SUPPRESS)  # a worker of that study
    return p.parse_args()


def manage(a):
    """Starts the workers and sums up."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        storage = f"sqlite:///{folder}/optuna.db"
        start = time.time()
        optuna.create_study(study_name=STUDY, storage=storage, direction="maximize")
        worker = [sys.executable, __file__, str(a.data), "--precision", a.precision, "--storage", storage]
        workers = [subprocess.Popen(worker) for _ in range(a.workers)]
        codes = [w.wait() for w in workers]
        seconds = time.time() - start
        trials = optuna.load_study(study_name=STUDY, storage=storage).trials
    if any(codes):
        sys.exit("a worker failed")
    scores = {}
    for t in trials:
        if t.value is not None:
            scores.setdefault(f"{t.params['learning_rate']:g}", []).append(round(t.value, 4))
    print(json.dumps({"peer": "optuna " + optuna.__version__, "seconds": round(seconds, 1), "trials": len(trials),
                      "points": len({tuple(t.params.values()) for t in trials}), "accuracy": scores}))


def read(path, tokenizer):
    """[(pieces, label)] of a file of SST-2."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))
    pieces = tokenizer([r["sentence"] for r in rows], truncation=True, max_length=MAX_LENGTH)["input_ids"]
    return [(p, int(r["label"])) for p, r in zip(pieces, rows)]


class Worker:
    def __init__(self, a):
        import torch
        from transformers import BertTokenizer

        torch.set_num_threads(1)
        self.torch, self.bf16 = torch, a.precision == "bf16"
        with tempfile.TemporaryDirectory() as folder:
            vocab = Path(folder, "vocab.txt")
            vocab.write_bytes(gzip.open(a.data / "bert-vocab/bert-base-uncased-vocab.txt.gz").read())
            tokenizer = BertTokenizer(str(vocab), do_lower_case=True)
            self.train = read(a.data / "glue-sst2/train.tsv.gz", tokenizer)
            self.dev = read(a.data / "glue-sst2/dev.tsv", tokenizer)
            self.pieces = tokenizer.vocab_size

    def inputs(self, examples):
        torch, longest = self.torch, max(len(p) for p, _ in examples)
        pieces = torch.tensor([p + [0] * (longest - len(p)) for p, _ in examples])
        return {"input_ids": pieces, "attention_mask": (pieces != 0).long(),
                "labels": torch.tensor([label for _, label in examples])}

    def model(self):
        from transformers import BertConfig, BertForSequenceClassification

        return BertForSequenceClassification(BertConfig(
            vocab_size=self.pieces, hidden_size=128, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=512, num_labels=2))

    def fit(self, model, rate, order):
        torch = self.torch
        optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.01, fused=True)
        steps = EPOCHS * -(-len(self.train) // BATCH)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda s: min((s + 1) / (WARMUP * steps), (steps - s) / ((1 - WARMUP) * steps)))
        model.train()
        for _ in range(EPOCHS):
            order.shuffle(self.train)
            for i in range(0, len(self.train), BATCH):
                with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
                    loss = model(**self.inputs(self.train[i:i + BATCH])).loss
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                optimizer.zero_grad(set_to_none=True)

    def score(self, model):
        model.eval()
        right = 0
        with self.torch.no_grad():
            for i in range(0, len(self.dev), 64):
                inputs = self.inputs(self.dev[i:i + 64])
                right += int((model(**inputs).logits.argmax(-1) == inputs["labels"]).sum())
        return right / len(self.dev)

    def objective(self, trial):
        rate, seed = (trial.suggest_categorical(name, values) for name, values in GRID.items())
        self.torch.manual_seed(seed)
        model = self.model()
        self.fit(model, rate, random.Random(seed))
        return self.score(model)


def main():
    a = arguments()
    if not a.storage:
        manage(a)
        return
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name=STUDY, storage=a.storage, sampler=optuna.samplers.GridSampler(GRID, seed=0))
    study.optimize(Worker(a).objective)


if __name__ == "__main__":
    main()
