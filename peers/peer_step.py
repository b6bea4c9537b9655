#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A peer's training step, timed: prints one JSON object as `ablate bench train --format json` does.

usage: peer_step.py hf|tuned [--task pretrain|classify] [--size tiny|mini|small|medium|base] [--precision fp32|bf16]
                    [--threads N] [--vocab V] [--batch B] [--seq T] [--lengths FILE] [--steps S]
                    [--compile]

hf     Hugging Face's BERT as users write it: a batch padded to its longest sequence, logits at every position.
tuned  PyTorch tuned by hand (pre-training only, sequences of one length): nothing is padded, one product makes
       queries, keys and values, the MLM head runs at masked positions only.
Both: AdamW in its fused form, gradients clipped at norm 1, dropout .1, bf16 by autocast; with --compile by
torch.compile. Medians of the steps after three that do not count; making the batch is not timed."""
import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

SIZES = {"tiny": (2, 128, 2), "mini": (4, 256, 4), "small": (4, 512, 8), "medium": (8, 512, 8), "base": (12, 768, 12)}
DROPOUT = 0.1
MASKED = 0.15
UNTIMED = 3
FIRST_PIECE = 8  # behind the special ones


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("peer", choices=("hf", "tuned"))
    p.add_argument("--task", choices=("pretrain", "classify"), default="pretrain")
    p.add_argument("--size", choices=SIZES, default="tiny")
    p.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--vocab", type=int, default=8192)
    p.add_argument("--batch", type=int, default=32)
    p.add_argument("--seq", type=int, default=128)
    p.add_argument("--lengths", help="real lengths, one a line")
    p.add_argument("--steps", type=int, default=8)
    p.add_argument("--compile", action="store_true")
    a = p.parse_args()
    if a.peer == "tuned" and (a.task != "pretrain" or a.lengths):
        p.error("the tuned step is one of pre-training with sequences of one length")
    return a


class HuggingFace:
    """BertForPreTraining or BertForSequenceClassification on padded batches."""

    def __init__(self, a):
        import transformers

        self.version = "transformers " + transformers.__version__
        layers, hidden, heads = SIZES[a.size]
        config = transformers.BertConfig(
            vocab_size=a.vocab, hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads,
            intermediate_size=4 * hidden, hidden_dropout_prob=DROPOUT, attention_probs_dropout_prob=DROPOUT)
        kinds = {"pretrain": transformers.BertForPreTraining, "classify": transformers.BertForSequenceClassification}
        self.a, self.model = a, kinds[a.task](config).train()
        self.lengths = [a.seq]
        if a.lengths:
            with open(a.lengths, encoding="ascii") as f:
                self.lengths = [min(a.seq, int(line)) for line in f]

    def batch(self, step):
        """Inputs of the model and the number of real tokens."""
        a, n = self.a, len(self.lengths)
        lengths = torch.tensor([self.lengths[(step * a.batch + i) % n] for i in range(a.batch)])
        place = torch.arange(int(lengths.max())).expand(a.batch, -1)
        real = place < lengths[:, None]
        pieces = torch.randint(FIRST_PIECE, a.vocab, place.shape) * real
        inputs = {"input_ids": pieces, "attention_mask": real.long()}
        classes = torch.arange(a.batch) % 2
        if a.task == "pretrain":
            masked = (torch.rand(place.shape) < MASKED) & real
            inputs["token_type_ids"] = (place >= lengths[:, None] // 2).long()
            inputs["labels"] = pieces.masked_fill(~masked, -100)
            inputs["next_sentence_label"] = classes
        else:
            inputs["labels"] = classes
        return inputs, int(lengths.sum())

    def loss(self, inputs):
        return self.model(**inputs).loss


class TunedLayer(nn.Module):
    def __init__(self, hidden, heads):
        super().__init__()
        self.heads = heads
        self.into, self.out = nn.Linear(hidden, 3 * hidden), nn.Linear(hidden, hidden)
        self.wide, self.narrow = nn.Linear(hidden, 4 * hidden), nn.Linear(4 * hidden, hidden)
        self.norm = nn.ModuleList([nn.LayerNorm(hidden), nn.LayerNorm(hidden)])

    def forward(self, x, sequences):
        tokens, hidden = x.shape
        split = self.into(x).view(sequences, -1, 3, self.heads, hidden // self.heads)
        q, k, v = split.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(q, k, v, dropout_p=DROPOUT)
        mixed = self.out(mixed.transpose(1, 2).reshape(tokens, hidden))
        x = self.norm[0](x + F.dropout(mixed, DROPOUT))
        return self.norm[1](x + F.dropout(self.narrow(F.gelu(self.wide(x))), DROPOUT))


class TunedModel(nn.Module):
    def __init__(self, a):
        super().__init__()
        layers, hidden, heads = SIZES[a.size]
        self.embeddings = nn.ModuleList(nn.Embedding(n, hidden) for n in (a.vocab, a.seq, 2))
        self.norm = nn.LayerNorm(hidden)
        self.layers = nn.ModuleList(TunedLayer(hidden, heads) for _ in range(layers))
        self.head, self.head_norm = nn.Linear(hidden, hidden), nn.LayerNorm(hidden)
        self.bias = nn.Parameter(torch.zeros(a.vocab))
        self.pooler, self.next = nn.Linear(hidden, hidden), nn.Linear(hidden, 2)
        self.seq = a.seq
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, std=0.02)

    def forward(self, pieces, places, segments, masked, targets, classes):
        embedded = sum(e(i) for e, i in zip(self.embeddings, (pieces, places, segments)))
        x = F.dropout(self.norm(embedded), DROPOUT)
        for layer in self.layers:
            x = layer(x, len(classes))
        rows = self.head_norm(F.gelu(self.head(x[masked])))
        logits = F.linear(rows, self.embeddings[0].weight, self.bias)
        follows = self.next(torch.tanh(self.pooler(x[:: self.seq])))
        return F.cross_entropy(logits.float(), targets) + F.cross_entropy(follows.float(), classes)


class Tuned:
    version = ""

    def __init__(self, a):
        self.a, self.model = a, TunedModel(a).train()

    def batch(self, step):
        a = self.a
        tokens = a.batch * a.seq
        pieces = torch.randint(FIRST_PIECE, a.vocab, (tokens,))
        places = torch.arange(tokens) % a.seq
        chosen = torch.rand(a.batch, a.seq).argsort(1)[:, : int(MASKED * a.seq)].sort(1).values
        masked = (chosen + a.seq * torch.arange(a.batch)[:, None]).flatten()
        segments = (places >= a.seq // 2).long()
        return (pieces, places, segments, masked, pieces[masked], torch.arange(a.batch) % 2), tokens

    def loss(self, inputs):
        return self.model(*inputs)


def measure(peer, a):
    """(seconds, real tokens) of each timed step, and the last loss."""
    optimizer = torch.optim.AdamW(peer.model.parameters(), lr=1e-4, fused=True)
    taken = []
    for step in range(UNTIMED + a.steps):
        inputs, tokens = peer.batch(step)
        start = time.perf_counter()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision == "bf16"):
            loss = peer.loss(inputs)
        loss.backward()
        nn.utils.clip_grad_norm_(peer.model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        taken.append((time.perf_counter() - start, tokens))
    return taken[UNTIMED:], loss.item()


def resident_mb():
    """Largest memory of this process, MiB. ru_maxrss would begin with the parent's."""
    with open("/proc/self/status", encoding="ascii") as f:
        return next(int(line.split()[1]) // 1024 for line in f if line.startswith("VmHWM"))


def main():
    a = arguments()
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    peer = {"hf": HuggingFace, "tuned": Tuned}[a.peer](a)
    if a.compile:
        peer.model = torch.compile(peer.model)
    steps, loss = measure(peer, a)
    print(json.dumps({
        "peer": " ".join(filter(None, [peer.version, "torch " + torch.__version__])),
        "task": a.task, "size": a.size, "precision": a.precision, "threads": a.threads,
        "compiled": a.compile,
        "tok_s": round(statistics.median(n / t for t, n in steps)),
        "step_ms": round(1000 * statistics.median(t for t, _ in steps), 2),
        "rss_mb": resident_mb(), "loss": round(loss, 4)}))


if __name__ == "__main__":
    main()
