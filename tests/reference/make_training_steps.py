#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes training_steps.json for tests/unit/model/test_reference.c: ten steps of BERT pre-training (MLM + NSP) and of
classification in float64 by PyTorch and transformers 5.23, padded, without dropout; AdamW, clipping at 1, linear
schedule. The test trains the same ragged batches in float32. usage: make_training_steps.py > training_steps.json"""
import json
import math

import torch
from transformers import BertConfig, BertForPreTraining, BertForSequenceClassification

torch.set_default_dtype(torch.float64)
STEPS, RATE, WARMUP, DECAY, EPS, CLIP = 10, 3e-3, .2, .1, 1e-6, 1.
SIZE = dict(vocab_size=32, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12,
            max_position_embeddings=12, hidden_dropout_prob=0, attention_probs_dropout_prob=0, layer_norm_eps=1e-12)


def start(model):
    """Weights that the test can make as well: sines by the place of the name among all sorted names."""
    for t, (name, p) in enumerate(sorted(model.named_parameters())):
        i = torch.arange(p.numel())
        base = 1. if name.endswith("LayerNorm.weight") else 0.
        p.data = (base + .3 * torch.sin(1.7 * t + .61 * i)).float().double().reshape(p.shape)


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


def run(pretrain):
    torch.manual_seed(0)
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
        if pretrain:
            labels = torch.full((4, longest), -100)
            for s, x in enumerate(batch):
                for k, piece in x["targets"]:
                    labels[s, k] = piece
            loss = model(**inputs, labels=labels, next_sentence_label=torch.tensor([x["label"] for x in batch])).loss
        else:
            loss = model(**inputs, labels=torch.tensor([x["label"] for x in batch])).loss
        loss.backward()
        losses.append(loss.item())
        if step in (0, STEPS - 1):
            gradients.append({n: [float("%.8g" % v) for v in p.grad.flatten().tolist()] for n, p in model.named_parameters()})
        torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    assert all(math.isfinite(x) for x in losses)
    return dict(losses=losses, first=gradients[0], last=gradients[1])


print(json.dumps(dict(torch=torch.__version__, batches=[sequences(s) for s in range(STEPS)], pretrain=run(True),
                      classify=run(False)), separators=(",", ":")))
