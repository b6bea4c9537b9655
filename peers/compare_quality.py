#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tuning quality beside a reference implementation, as the table of docs/quality.md.

usage: compare_quality.py REFERENCE.jsonl ABLATE.csv...

REFERENCE.jsonl: one object a run, {"task": ..., "seed": ..., "scores": {FILE: {METRIC: VALUE}}}.
ABLATE.csv: what `ablate results STUDY --format csv` prints, one row a trial.
Welch's t test for each task, two-sided; Holm over the tasks. Scores x 100. Needs SciPy."""
import csv
import json
import sys
from collections import defaultdict
from statistics import mean, stdev

from scipy.stats import ttest_ind

# the reference's task and metric -> the study's task and metric
TASKS = {
    "sst2": ("accuracy", "sst2", "accuracy"),
    "cola": ("matthews", "cola", "matthews"),
    "rte": ("accuracy", "rte", "accuracy"),
    "stsb": ("pearson", "stsb", "pearson"),
    "conjnli": ("accuracy", "conjnli", "accuracy"),
    "pos": ("accuracy", "pos", "accuracy"),
    "ner": ("f1", "wnut17", "entity_f1"),
    "codah": ("accuracy", "codah", "accuracy"),
    "babi": ("accuracy", "qa1", "accuracy"),
    "squad": ("f1", "squad", "f1"),
}
LOSS_ALLOWED = 1.5  # points that a mean may be lower


def read_reference(path):
    """task -> {seed: score}; a squad score is in points already."""
    runs = defaultdict(dict)
    for line in open(path, encoding="utf-8"):
        if line.startswith("{"):
            run = json.loads(line)
            (scores,) = run["scores"].values()
            value = scores[TASKS[run["task"]][0]]
            runs[run["task"]][run["seed"]] = value if run["task"] == "squad" else 100 * value
    return runs


def read_ablate(paths):
    """task of the study -> [row]"""
    rows = defaultdict(list)
    for path in paths:
        with open(path, encoding="utf-8", newline="") as f:
            for row in csv.DictReader(f):
                rows[row["task"]].append(row)
    return rows


def holm(p):
    order, worst, out = sorted(p, key=p.get), 0.0, {}
    for i, task in enumerate(order):
        worst = max(worst, min(1.0, (len(order) - i) * p[task]))
        out[task] = worst
    return out


def spread(values):
    return f"{stdev(values):.2f}" if len(values) > 1 else "-"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    reference, ours = read_reference(sys.argv[1]), read_ablate(sys.argv[2:])
    found, p = {}, {}
    for task, (_, name, metric) in TASKS.items():
        a = list(reference[task].values())
        # a study keeps shares of 1
        b = [100 * float(row[metric]) for row in ours[name] if row.get(metric)]
        if a and b:
            found[task] = a, b
        if len(a) > 1 and len(b) > 1 and stdev(a) + stdev(b) > 0:
            p[task] = float(ttest_ind(b, a, equal_var=False).pvalue)
    corrected = holm(p)
    print("| task | metric | reference: mean (sd), n | ablate: mean (sd), n | difference | p (Welch) | p (Holm) | |")
    print("|---|---|---|---|---|---|---|---|")
    for task, (a, b) in found.items():
        gap = mean(b) - mean(a)
        lost = gap < -LOSS_ALLOWED or (gap < 0 and corrected.get(task, 1) < 0.05)
        print(f"| {task} | {TASKS[task][2]} | {mean(a):.2f} ({spread(a)}), {len(a)} | {mean(b):.2f} ({spread(b)}), {len(b)} "
              f"| {gap:+.2f} | {p[task]:.3f} | {corrected[task]:.3f} |" if task in p else
              f"| {task} | {TASKS[task][2]} | {mean(a):.2f} ({spread(a)}), {len(a)} | {mean(b):.2f} ({spread(b)}), {len(b)} "
              f"| {gap:+.2f} | - | - |", "**lower**" if lost else "no loss found", "|")
    for task in TASKS:
        if task not in found:
            print(f"{task}: not run on both sides", file=sys.stderr)


if __name__ == "__main__":
    main()
