# SPDX-License-Identifier: Apache-2.0
"""A bag of words and pairs of words on several processes: DistributedDataParallel, started by torchrun."""

import argparse
import csv
import json
import os
import zlib

import torch
import torch.distributed as dist
from torch import nn

BUCKETS = 4096


def read(path):
    """Rows as (bucket numbers of words and pairs, class)."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = row["text"].split()
            features = words + [" ".join(pair) for pair in zip(words, words[1:])]
            yield [zlib.crc32(feature.encode()) % BUCKETS for feature in features], int(row["label"] == "positive")


def pack(rows):
    starts = torch.tensor([0] + [len(text) for text, _ in rows[:-1]]).cumsum(0)
    return torch.tensor([b for text, _ in rows for b in text]), starts, torch.tensor([c for _, c in rows])


def tell(step=None, **metrics):
    """A line of JSON for `ablate`, from one process; elsewhere it is printed."""
    if dist.get_rank() == 0:
        event = {"metrics": metrics} if step is None else {"step": step, "metrics": metrics}
        with open(os.environ.get("ABLATE_EVENTS", "/dev/stdout"), "a") as file:
            file.write(json.dumps(event) + "\n")


class Classifier(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.words = nn.EmbeddingBag(BUCKETS, options.hidden, mode="sum")
        nn.init.normal_(self.words.weight, std=0.1)
        self.head = nn.Sequential(nn.Tanh(), nn.Dropout(options.dropout), nn.Linear(options.hidden, 2))

    def forward(self, buckets, starts):
        return self.head(self.words(buckets, starts))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder of train.tsv and dev.tsv")
    parser.add_argument("--seed", type=int, default=1, help="of weights, order and dropout")
    parser.add_argument("--epochs", type=int, default=8, help="passes over the training set")
    parser.add_argument("--hidden", type=int, default=32, help="width")
    parser.add_argument("--lr", type=float, default=0.02, help="learning rate of AdamW")
    parser.add_argument("--dropout", type=float, default=0.3, help="before the last layer")
    parser.add_argument("--weight_decay", type=float, default=0.1, help="of AdamW")
    options = parser.parse_args()

    dist.init_process_group("gloo")
    rank, ranks = dist.get_rank(), dist.get_world_size()
    torch.manual_seed(options.seed)
    model = nn.parallel.DistributedDataParallel(Classifier(options))
    torch.manual_seed(options.seed * ranks + rank)  # each process leaves out other units
    order = torch.Generator().manual_seed(options.seed)
    train = list(read(os.path.join(options.data, "train.tsv")))
    buckets, starts, classes = pack(list(read(os.path.join(options.data, "dev.tsv")))[rank::ranks])
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.lr, weight_decay=options.weight_decay)
    for epoch in range(1, options.epochs + 1):
        model.train()
        for some in torch.randperm(len(train), generator=order).split(16):
            batch = [train[i] for i in some[rank::ranks]]
            if len(some) < ranks:
                continue
            *texts, targets = pack(batch)
            loss = nn.functional.cross_entropy(model(*texts), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        tell(step=epoch, loss=loss.item())
    model.eval()
    with torch.no_grad():
        right = (model.module(buckets, starts).argmax(1) == classes).sum().double()
    counts = torch.stack([right, torch.tensor(float(len(classes)), dtype=torch.double)])
    dist.all_reduce(counts)
    tell(accuracy=(counts[0] / counts[1]).item())
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
