# SPDX-License-Identifier: Apache-2.0
"""A network with one hidden layer on words and pairs of words, with the standard library only."""

import argparse
import csv
import json
import math
import os
import pickle
import random


def read(path, pairs):
    """Rows as (features, label); labels are 0 and 1."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            words = row["text"].split()
            if pairs:
                words += [" ".join(pair) for pair in zip(words, words[1:])]
            yield words, int(row["label"] == "positive")


class Network:
    """The mean of the features' vectors, a tanh, one logit. Vectors begin at random when first seen."""

    def __init__(self, hidden, rng):
        self.rng, self.hidden = rng, hidden
        self.vectors = {}
        self.out = [rng.gauss(0, 1 / math.sqrt(hidden)) for _ in range(hidden)]
        self.bias = 0.0

    def vector(self, word):
        if word not in self.vectors:
            self.vectors[word] = [self.rng.gauss(0, 0.1) for _ in range(self.hidden)]
        return self.vectors[word]

    def forward(self, words, kept=None):
        known = [self.vectors[w] for w in words if w in self.vectors]
        sums = map(sum, zip(*known)) if known else [0.0] * self.hidden
        state = [math.tanh(s / math.sqrt(max(1, len(known)))) for s in sums]
        if kept:
            state = [s * k for s, k in zip(state, kept)]
        return state, self.bias + sum(s * w for s, w in zip(state, self.out))

    def step(self, words, target, options):
        """One step of gradient descent on one example; returns its loss."""
        for word in words:
            self.vector(word)
        keep = 1 - options.dropout
        kept = [(self.rng.random() < keep) / keep for _ in range(self.hidden)] if keep < 1 else None
        state, logit = self.forward(words, kept)
        target = target * (1 - options.label_smoothing) + options.label_smoothing / 2
        p = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        error, rate, shrink = p - target, options.lr, 1 - options.lr * options.weight_decay
        inner = []
        for i, s in enumerate(state):
            scale = kept[i] if kept else 1.0
            plain = s / scale if scale else 0.0
            inner.append(error * self.out[i] * scale * (1 - plain * plain) / math.sqrt(len(words)))
        self.out = [shrink * w - rate * error * s for w, s in zip(self.out, state)]
        self.bias -= rate * error
        for word in words:
            self.vectors[word] = [shrink * v - rate * g for v, g in zip(self.vectors[word], inner)]
        return -target * math.log(max(p, 1e-12)) - (1 - target) * math.log(max(1 - p, 1e-12))


def save(path, what):
    with open(path + ".new", "wb") as file:
        pickle.dump(what, file)
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder of train.tsv and dev.tsv")
    parser.add_argument("--out", default="runs", help="folder for what it writes")
    parser.add_argument("--seed", type=int, default=1, help="of weights, order and dropout")
    parser.add_argument("--epochs", type=int, default=8, help="passes over the training set")
    parser.add_argument("--hidden", type=int, default=16, help="width of the hidden layer")
    parser.add_argument("--lr", type=float, default=0.3, help="learning rate")
    parser.add_argument("--dropout", type=float, default=0.3, help="share of the hidden units left out")
    parser.add_argument("--label_smoothing", type=float, default=0.1, help="towards both classes")
    parser.add_argument("--weight_decay", type=float, default=0.003, help="decoupled, of all weights")
    parser.add_argument("--no_pairs", action="store_true", help="words alone, without pairs of neighbours")
    options = parser.parse_args()

    os.makedirs(options.out, exist_ok=True)
    train = list(read(os.path.join(options.data, "train.tsv"), not options.no_pairs))
    dev = list(read(os.path.join(options.data, "dev.tsv"), not options.no_pairs))
    state = os.path.join(options.out, "state.pickle")
    if os.path.exists(state):  # of an attempt that was stopped
        with open(state, "rb") as file:
            network, done, history = pickle.load(file)
    else:
        network, done, history = Network(options.hidden, random.Random(options.seed)), 0, []

    for epoch in range(done + 1, options.epochs + 1):
        order = random.Random("%d %d" % (options.seed, epoch)).sample(train, len(train))
        loss = sum(network.step(words, label, options) for words, label in order) / len(order)
        history.append({"epoch": epoch, "loss": loss})
        save(state, (network, epoch, history))
        print("epoch %d of %d: loss %.6f" % (epoch, options.epochs, loss), flush=True)

    right = []
    with open(os.path.join(options.out, "predictions.jsonl"), "w") as file:
        for number, (words, label) in enumerate(dev):
            right.append((network.forward(words)[1] > 0) == bool(label))
            file.write(json.dumps({"id": number, "correct": right[-1]}) + "\n")
    with open(os.path.join(options.out, "results.json"), "w") as file:
        json.dump({"accuracy": sum(right) / len(right), "history": history}, file)


if __name__ == "__main__":
    main()
