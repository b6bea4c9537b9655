# SPDX-License-Identifier: Apache-2.0
"""Fine-tuning on RTE here and the reference's own steps: what compare_finetune.py and replay_finetune.py share. The
recipe is fine-tuning's of peers/quality.yaml: batches of 16, AdamW on all parameters, linear warm-up over a tenth."""
import csv
import io
import subprocess

import torch
from transformers import BertForSequenceClassification, BertTokenizer

BATCH, RATE, WARM_UP, LONGEST = 16, 5e-5, 0.1, 192
STUDY = """study: {name}
data: {data}
tasks: [rte]
baseline: {{init: {init}, max_length: 192, batch_size: 16, {length}, learning_rate: {rate}, adam_eps: 1e-8,
           decay_norm_bias: true, dropout: {dropout}, attention_dropout: {dropout}, precision: {precision},
           init_seed: {seed}, order_seed: {seed}, dropout_seed: {seed}}}
seeds: 1
"""


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def table(text):
    return list(csv.DictReader(io.StringIO(text)))


def rows_of(lines):
    """an RTE file's lines, with its header -> its rows"""
    return [line.rstrip("\n").split("\t") for line in lines[1:]]


def fine_tune(ablate, folder, name, seed=1, precision="fp32", **keys):
    """one fine-tuning on FOLDER/data -> (its loss curve as (step, mean since the last), its result); the trained model
    as a Hugging Face folder is FOLDER/NAME"""
    study, store = folder / f"{name}.yaml", str(folder / f"store-{name}")
    study.write_text(STUDY.format(name=name, data=folder / "data", seed=seed, precision=precision, **keys))
    run(ablate, "run", str(study), "--store", store, "-j", "1")

    def query(sql):
        return table(run(ablate, "query", sql, "--store", store, "--format", "csv"))

    (stage,) = query("select key from stage where kind = 'finetune'")
    run(ablate, "export", stage["key"], str(folder / name), "--store", store)
    points = query("select step, value from metric where name = 'loss' order by step")
    (trial,) = table(run(ablate, "results", name, "--trials", "--store", store, "--format", "csv"))
    return [(int(p["step"]), float(p["value"])) for p in points], trial


class Reference:
    """transformers' model of a folder, to train with the same recipe"""

    def __init__(self, folder, dropout, steps=0, precision="fp32"):
        self.cast = precision == "bf16"
        self.model = BertForSequenceClassification.from_pretrained(
            folder, hidden_dropout_prob=dropout, attention_probs_dropout_prob=dropout).train()
        self.tokenizer = BertTokenizer.from_pretrained(folder)
        warm_up = WARM_UP * steps
        self.optimizer = torch.optim.AdamW(self.model.parameters(), RATE, weight_decay=0.01)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda s: min((s + 1) / warm_up, (steps - s) / (steps - warm_up)) if steps else 1.0)

    def batch(self, rows):
        out = self.tokenizer([r[1] for r in rows], [r[2] for r in rows], truncation=True, max_length=LONGEST,
                             padding=True, return_tensors="pt")
        out["labels"] = torch.tensor([self.model.config.label2id[r[3]] for r in rows])
        return out

    def forward(self, batch):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.cast):
            return self.model(**batch)

    def step(self, batch):
        """-> the loss before it"""
        loss = self.forward(batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad()
        return loss.item()
