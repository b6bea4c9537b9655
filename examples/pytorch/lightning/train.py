# SPDX-License-Identifier: Apache-2.0
"""A bag of words and pairs of words in Lightning, with its CSV logger and its checkpoints."""

import argparse
import csv
import os
import zlib

import lightning as L
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from torch import nn
from torch.utils.data import DataLoader

BUCKETS = 4096


def read(path):
    """Rows as (bucket numbers of words and pairs, class)."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = row["text"].split()
            features = words + [" ".join(pair) for pair in zip(words, words[1:])]
            buckets = [zlib.crc32(feature.encode()) % BUCKETS for feature in features]
            yield torch.tensor(buckets), int(row["label"] == "positive")


def collate(rows):
    texts, classes = zip(*rows)
    starts = torch.tensor([0] + [len(text) for text in texts[:-1]]).cumsum(0)
    return torch.cat(texts), starts, torch.tensor(classes)


class Classifier(L.LightningModule):
    def __init__(self, options):
        super().__init__()
        self.options = options
        self.words = nn.EmbeddingBag(BUCKETS, options.hidden, mode="sum")
        nn.init.normal_(self.words.weight, std=0.1)
        self.head = nn.Sequential(nn.Tanh(), nn.Dropout(options.dropout), nn.Linear(options.hidden, 2))

    def forward(self, texts, starts):
        return self.head(self.words(texts, starts))

    def training_step(self, batch, _):
        texts, starts, classes = batch
        smoothing = self.options.label_smoothing
        loss = nn.functional.cross_entropy(self(texts, starts), classes, label_smoothing=smoothing)
        self.log("train_loss", loss, on_step=False, on_epoch=True, batch_size=len(classes))
        return loss

    def validation_step(self, batch, _):
        texts, starts, classes = batch
        logits = self(texts, starts)
        self.log("val_loss", nn.functional.cross_entropy(logits, classes), batch_size=len(classes))
        self.log("val_acc", (logits.argmax(1) == classes).float().mean(), batch_size=len(classes))

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.options.lr, weight_decay=self.options.weight_decay)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder of train.tsv and dev.tsv")
    parser.add_argument("--root", default="runs", help="default_root_dir of the trainer")
    parser.add_argument("--seed", type=int, default=1, help="for seed_everything")
    parser.add_argument("--max_epochs", type=int, default=8, help="passes over the training set")
    parser.add_argument("--hidden", type=int, default=32, help="width")
    parser.add_argument("--lr", type=float, default=0.02, help="learning rate of AdamW")
    parser.add_argument("--dropout", type=float, default=0.3, help="before the last layer")
    parser.add_argument("--weight_decay", type=float, default=0.1, help="of AdamW")
    parser.add_argument("--label_smoothing", type=float, default=0.1, help="towards both classes")
    parser.add_argument("--ckpt_path", default=None, help="checkpoint to go on from; 'last' finds it")
    options = parser.parse_args()

    L.seed_everything(options.seed)
    train = list(read(os.path.join(options.data, "train.tsv")))
    dev = list(read(os.path.join(options.data, "dev.tsv")))
    trainer = L.Trainer(
        default_root_dir=options.root,
        max_epochs=options.max_epochs,
        accelerator="cpu",
        logger=CSVLogger(options.root, name="logs"),
        callbacks=[ModelCheckpoint(dirpath=os.path.join(options.root, "checkpoints"), save_last=True)],
        enable_progress_bar=False,
        enable_model_summary=False,
    )
    trainer.fit(
        Classifier(options),
        DataLoader(train, batch_size=16, shuffle=True, collate_fn=collate),
        DataLoader(dev, batch_size=250, collate_fn=collate),
        ckpt_path=options.ckpt_path,
    )


if __name__ == "__main__":
    main()
