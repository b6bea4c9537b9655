#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes training_steps.json for tests/unit/model/test_reference.c: ten steps of BERT pre-training (MLM + NSP) and of
classification in float64 by PyTorch and transformers 5.23, padded, without dropout; AdamW, clipping at 1, linear
schedule. The test trains the same ragged batches in float32.

With `wide` it makes training_steps_wide.json: a model whose layers are wide enough to be rounded in bf16, of whose
gradients it keeps the length and eight sums by tensor. There, `autocast` says how far PyTorch's own bf16 is from its
float64: the largest distance of a loss, as a share of it, and of the first and last gradient, as a share of its length.

usage: make_training_steps.py > training_steps.json
       make_training_steps.py wide > training_steps_wide.json"""
import json
import math
import sys

import torch
from transformers import BertConfig, BertForPreTraining, BertForSequenceClassification

STEPS, RATE, WARMUP, DECAY, EPS, CLIP = 10, 3e-3, .2, .1, 1e-6, 1.
WIDE, SUMS = sys.argv[1:] == ["wide"], 8
HIDDEN, FFN = (64, 128) if WIDE else (8, 12)
SIZE = dict(vocab_size=32, hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=2, intermediate_size=FFN,
            max_position_embeddings=12, hidden_dropout_prob=0, attention_probs_dropout_prob=0, layer_norm_eps=1e-12)


def start(model):
    """Weights that the test can make as well: sines by the place of the name among all sorted names."""
    for t, (name, p) in enumerate(sorted(model.named_parameters())):
        i = torch.arange(p.numel(), dtype=torch.float64)
        base = 1. if name.endswith("LayerNorm.weight") else 0.
        drawn = .12 * torch.sin(1.7 * t + .61 * i * i) if WIDE else .3 * torch.sin(1.7 * t + .61 * i)
        p.data = (base + drawn).float().to(p.dtype).reshape(p.shape)


def sequences(step):
    """Four sequences of unequal length: pieces, segments, masked places with their targets, a label."""
    out = []
    for s in range(4):
        n = 5 + (3 * s + step) % 8
        ids = [2] + [8 + (7 * step + 5 * s + 3 * k) % 24 for k in range(n - 2)] + [3]
        cut = 2 + (s + step) % 3
        targets = [[k, 8 + (k + s + step) % 24] for k in range(1, n - 1) if (k + s) % 3 == 0]
        out.append(dict(ids=ids, segments=[int(k >= cut) for k in range(n)], targets=targets, label=(s + step) % 2))
    return out


def sums(g):
    """The length, and sums weighted by sines, which change by about as much as the gradient does."""
    i = torch.arange(g.numel(), dtype=torch.float64)
    return [g.norm().item()] + [(g * torch.sin((k + 1) * .37 * i + 1.3 * k)).sum().item() for k in range(SUMS)]


def run(pretrain, bf16=False):
    """Losses, and the gradients of the first and the last step as {name: flat tensor}."""
    torch.set_default_dtype(torch.float32 if bf16 else torch.float64)
    model = BertForPreTraining(BertConfig(**SIZE)) if pretrain else BertForSequenceClassification(BertConfig(**SIZE, num_labels=3))
    model.train()
    start(model)
    plain = [p for n, p in model.named_parameters() if p.dim() < 2]
    decayed = [p for n, p in model.named_parameters() if p.dim() >= 2]
    optimizer = torch.optim.AdamW([dict(params=decayed, weight_decay=DECAY), dict(params=plain, weight_decay=0.)],
                                  RATE, betas=(.9, .999), eps=EPS)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / (WARMUP * STEPS), (STEPS - s) / (STEPS - WARMUP * STEPS)))
    losses, gradients = [], []
    for step in range(STEPS):
        batch = sequences(step)
        longest = max(len(x["ids"]) for x in batch)
        pad = lambda rows, fill: torch.tensor([r + [fill] * (longest - len(r)) for r in rows])
        inputs = dict(input_ids=pad([x["ids"] for x in batch], 0), token_type_ids=pad([x["segments"] for x in batch], 0),
                      attention_mask=pad([[1] * len(x["ids"]) for x in batch], 0))
        labels = torch.tensor([x["label"] for x in batch])
        if pretrain:
            inputs.update(labels=torch.full((4, longest), -100), next_sentence_label=labels)
            for s, x in enumerate(batch):
                for k, piece in x["targets"]:
                    inputs["labels"][s, k] = piece
        else:
            inputs["labels"] = labels
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            loss = model(**inputs).loss
        loss.backward()
        losses.append(loss.item())
        if step in (0, STEPS - 1):
            gradients.append({n: p.grad.flatten().clone().double() for n, p in model.named_parameters()})
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    assert all(math.isfinite(x) for x in losses)
    return losses, gradients


def distance(exact, rounded):
    """What bf16 changes: see `autocast` above."""
    def length(gradients):
        return math.sqrt(sum(g.square().sum().item() for g in gradients))

    share = [length(b[n] - a[n] for n in a) / length(a.values()) for a, b in zip(exact[1], rounded[1])]
    return dict(losses=max(abs(b / a - 1) for a, b in zip(exact[0], rounded[0])), first=share[0], last=share[1])


def kept(pretrain):
    losses, gradients = exact = run(pretrain)
    first, last = ({n: [float("%.8g" % v) for v in (sums(g) if WIDE else g.tolist())] for n, g in step.items()}
                   for step in gradients)
    row = dict(losses=losses, first=first, last=last)
    if WIDE:
        row["autocast"] = distance(exact, run(pretrain, bf16=True))
    return row


print(json.dumps(dict(torch=torch.__version__, batches=[sequences(s) for s in range(STEPS)], pretrain=kept(True),
                      classify=kept(False)), separators=(",", ":")))
