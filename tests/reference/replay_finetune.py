#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a real checkpoint on RTE here, then with transformers from the same head over the same batches in the same
order, and prints the training loss of both epoch by epoch and what both reach on the dev file.

    ABLATE_MINILM=DIR replay_finetune.py build/experiments/cli/ablate DATA [--dropout P] [--rows N] [--seeds N]
                                         [--precision fp32|bf16]

DIR and DATA as in compare_finetune.py, whose few steps this extends to a whole run: every row of the embeddings comes
and goes, batches differ in length and are divided, epochs end in short batches. Without dropout (the default) nothing
is left to chance: exit code 1 when a mean of an epoch's losses or the dev loss differs by more than 1e-3. With dropout
the masks differ, so the numbers are only near; with --seeds the script repeats all with other heads and orders, 1 to N,
and ends with the mean of the differences in dev accuracy and its 95 % interval. --rows takes the first rows of the
train file alone, 112 or more: a warm-up of two steps, since within one the reference's schedule passes 1. The order is
computed from its definition (core/base/rng.h). A whole run takes about 20 minutes on one core, in bf16 about 12. Needs
torch, transformers 5, SciPy and libxxhash."""
import argparse
import ctypes
import gzip
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

import torch
from scipy import stats

from rte_finetuning import BATCH, RATE, Reference, fine_tune, rows_of

EPOCHS, TOLERANCE = 3, 1e-3
MASK = 2**64 - 1


def draw(key, a, b):
    """abl_rng_u64: Philox4x32-10"""
    c = [a & 0xFFFFFFFF, a >> 32, b & 0xFFFFFFFF, b >> 32]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [q >> 32 ^ c[1] ^ k[0], q & 0xFFFFFFFF, p >> 32 ^ c[3] ^ k[1], p & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return (c[1] << 32 | c[0]) & MASK


def orders(items, seed):
    """the order of each epoch, as core/train/loop.c shuffles"""
    xxh3 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
    xxh3.restype, xxh3.argtypes = ctypes.c_uint64, [ctypes.c_char_p, ctypes.c_size_t]
    stream = draw(seed, xxh3(b"order", 5), 0)
    for epoch in range(EPOCHS):
        key = draw(stream, epoch, int.from_bytes(b"derived", "big"))
        yield sorted(range(items), key=lambda i: (draw(key, i, 0), i))


def replay(folder, train, dev, seed, a):
    torch.manual_seed(seed)
    reference = Reference(folder, a.dropout, (len(train) + BATCH - 1) // BATCH * EPOCHS, a.precision)
    losses = [reference.step(reference.batch([train[i] for i in order[at:at + BATCH]]))
              for order in orders(len(train), seed) for at in range(0, len(train), BATCH)]
    reference.model.eval()
    right = total = 0
    with torch.no_grad():
        for at in range(0, len(dev), BATCH):
            batch = reference.batch(dev[at:at + BATCH])
            out = reference.forward(batch)
            right += (out.logits.argmax(-1) == batch["labels"]).sum().item()
            total += out.loss.item() * len(batch["labels"])
    return losses, {"accuracy": right / len(dev), "loss": total / len(dev)}


def by_epoch(points, steps):
    """means of the curve's points that end in each epoch"""
    each = steps // EPOCHS
    return [statistics.mean(v for s, v in points if each * e < s <= each * (e + 1)) for e in range(EPOCHS)]


def curve(losses, points):
    """the reference's losses, averaged as the curve's points are"""
    out, before = [], 0
    for step, _ in points:
        out.append((step, statistics.mean(losses[before:step])))
        before = step
    return out


def both(folder, train, dev, seed, a):
    """one run on each side, printed -> (dev accuracy here, there, largest distance of the losses)"""
    options = {"seed": seed, "precision": a.precision, "init": os.path.abspath(os.environ["ABLATE_MINILM"]),
               "dropout": a.dropout}
    fine_tune(a.ablate, folder, f"start{seed}", length="steps: 1", rate=1e-30, **options)
    points, trial = fine_tune(a.ablate, folder, f"whole{seed}", length=f"epochs: {EPOCHS}", rate=RATE, **options)
    here = {metric: float(trial[metric]) for metric in ("accuracy", "loss")}
    losses, there = replay(folder / f"start{seed}", train, dev, seed, a)
    ours, theirs = by_epoch(points, len(losses)), by_epoch(curve(losses, points), len(losses))
    for epoch, (x, y) in enumerate(zip(ours, theirs, strict=True), 1):
        print(f"seed {seed}, epoch {epoch}: mean training loss {x:.5f}, transformers {y:.5f}")
    print(f"seed {seed}: dev accuracy {here['accuracy']:.4f}, transformers {there['accuracy']:.4f}")
    print(f"seed {seed}: dev loss {here['loss']:.5f}, transformers {there['loss']:.5f}", flush=True)
    apart = [abs(x - y) for x, y in zip([*ours, here["loss"]], [*theirs, there["loss"]], strict=True)]
    return here["accuracy"], there["accuracy"], max(apart)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("ablate")
    p.add_argument("data", type=pathlib.Path)
    p.add_argument("--dropout", type=float, default=0.0)
    p.add_argument("--rows", type=int)
    p.add_argument("--seeds", type=int, default=1)
    p.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    a = p.parse_args()
    if "ABLATE_MINILM" not in os.environ:
        sys.exit(__doc__)
    if a.rows is not None and a.rows < 112:
        p.error("--rows must be 112 or more")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "data/glue-rte").mkdir(parents=True)
        with gzip.open(a.data / "glue-rte/train.tsv.gz", "rt", encoding="utf-8-sig") as f:
            lines = f.readlines()[:a.rows + 1 if a.rows else None]
        (folder / "data/glue-rte/train.tsv").write_text("".join(lines), encoding="utf-8")
        shutil.copy(a.data / "glue-rte/dev.tsv", folder / "data/glue-rte/dev.tsv")
        with open(folder / "data/glue-rte/dev.tsv", encoding="utf-8-sig") as f:
            train, dev = rows_of(lines), rows_of(f.readlines())
        runs = [both(folder, train, dev, seed, a) for seed in range(1, a.seeds + 1)]
    differences = [here - there for here, there, _ in runs]
    if len(runs) > 1:
        half = stats.t.ppf(0.975, len(runs) - 1) * statistics.stdev(differences) / len(runs) ** 0.5
        mean = statistics.mean(differences)
        print(f"dev accuracy, here - transformers: {mean:+.4f} [{mean - half:+.4f}, {mean + half:+.4f}]")
    sys.exit(a.dropout == 0 and a.precision == "fp32" and max(apart for _, _, apart in runs) > TOLERANCE)


if __name__ == "__main__":
    main()
