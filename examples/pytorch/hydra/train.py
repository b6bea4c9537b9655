# SPDX-License-Identifier: Apache-2.0
"""A bag of words and pairs of words in PyTorch, configured by Hydra."""

import csv
import json
import os
import zlib

import hydra
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig
from torch import nn

BUCKETS = 4096


def read(path, pairs):
    """All texts as one list of bucket numbers with their starts, and the classes."""
    buckets, starts, classes = [], [], []
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = row["text"].split()
            features = words + ([" ".join(pair) for pair in zip(words, words[1:])] if pairs else [])
            starts.append(len(buckets))
            buckets += [zlib.crc32(feature.encode()) % BUCKETS for feature in features]
            classes.append(int(row["label"] == "positive"))
    return torch.tensor(buckets), torch.tensor(starts), torch.tensor(classes)


class Classifier(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.words = nn.EmbeddingBag(BUCKETS, config.hidden, mode="sum")
        nn.init.normal_(self.words.weight, std=0.1)
        self.head = nn.Sequential(nn.Tanh(), nn.Dropout(config.dropout), nn.Linear(config.hidden, 2))

    def forward(self, buckets, starts):
        return self.head(self.words(buckets, starts))


def batches(rows, size, generator):
    buckets, starts, classes = rows
    ends = torch.cat([starts[1:], torch.tensor([len(buckets)])])
    for some in torch.randperm(len(classes), generator=generator).split(size):
        texts = [buckets[starts[i] : ends[i]] for i in some]
        lengths = torch.tensor([0] + [len(text) for text in texts[:-1]])
        yield torch.cat(texts), lengths.cumsum(0), classes[some]


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config: DictConfig):
    torch.manual_seed(config.seed)
    generator = torch.Generator().manual_seed(config.seed)
    train = read(os.path.join(config.data, "train.tsv"), config.model.pairs)
    *dev, classes = read(os.path.join(config.data, "dev.tsv"), config.model.pairs)
    model = Classifier(config.model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.optim.lr, weight_decay=config.optim.weight_decay)
    out = HydraConfig.get().runtime.output_dir
    with open(os.path.join(out, "log.jsonl"), "w") as log:
        for epoch in range(1, config.epochs + 1):
            model.train()
            for buckets, starts, targets in batches(train, 16, generator):
                loss = nn.functional.cross_entropy(
                    model(buckets, starts), targets, label_smoothing=config.loss.label_smoothing
                )
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                right = (model(*dev).argmax(1) == classes).double().mean().item()
            log.write(json.dumps({"epoch": epoch, "loss": loss.item(), "eval": {"accuracy": right}}) + "\n")
            log.flush()


if __name__ == "__main__":
    main()
