#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes task_metrics.json: predictions, and what scikit-learn and SciPy say of them, for tests/unit/tasks/test_metrics.c.

usage: make_task_metrics.py > task_metrics.json     (needs numpy, scipy, scikit-learn, mpmath)

A value that is not defined (the correlation of a constant) is null. SciPy sums in double, so its correlations
are off in the last digit; `exact` is the same formula with 40 digits (mpmath), rounded once.
"""
import json
import sys
import warnings

import mpmath
import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn import metrics

mpmath.mp.dps = 40
rng = np.random.default_rng(7)
warnings.simplefilter("ignore")


def exact_pearson(x, y):
    x, y = [mpmath.mpf(float(v)) for v in x], [mpmath.mpf(float(v)) for v in y]
    mx, my = mpmath.fsum(x) / len(x), mpmath.fsum(y) / len(y)
    dx, dy = [v - mx for v in x], [v - my for v in y]
    root = mpmath.sqrt(mpmath.fsum(v * v for v in dx) * mpmath.fsum(v * v for v in dy))
    return float(mpmath.fdot(dx, dy) / root) if root else None


def defined(x):
    return None if np.isnan(x) else float(x)


def numbers(name, said, gold):
    said, gold = [float(v) for v in said], [float(v) for v in gold]
    exact_mse = mpmath.fsum((mpmath.mpf(a) - mpmath.mpf(b)) ** 2 for a, b in zip(said, gold)) / len(gold)
    return {"name": name, "said": said, "gold": gold,
            "pearson": defined(stats.pearsonr(said, gold).statistic),
            "spearman": defined(stats.spearmanr(said, gold).statistic),
            "mse": float(metrics.mean_squared_error(gold, said)),
            "mse_majority": float(np.var(gold)),
            "exact": {"pearson": exact_pearson(said, gold),
                      "spearman": exact_pearson(stats.rankdata(said), stats.rankdata(gold)),
                      "mse": float(exact_mse)}}


def classes(name, said, gold, count, positive):
    said, gold = [int(v) for v in said], [int(v) for v in gold]
    most = int(np.bincount(gold, minlength=count).argmax())
    return {"name": name, "said": said, "gold": gold, "classes": count, "positive": positive,
            "accuracy": float(metrics.accuracy_score(gold, said)),
            "f1": float(metrics.f1_score(gold, said, labels=[positive], average=None, zero_division=0)[0]),
            "f1_macro": float(metrics.f1_score(gold, said, average="macro", zero_division=0)),
            "f1_macro_majority": float(metrics.f1_score(gold, [most] * len(gold), average="macro", zero_division=0)),
            "matthews": float(metrics.matthews_corrcoef(gold, said)),
            "majority": float(metrics.accuracy_score(gold, [most] * len(gold)))}


def noisy(gold, share, count):
    return [int(rng.integers(count)) if rng.random() < share else g for g in gold]


def rounded(values, step):
    return [round(float(v) / step) * step for v in values]


gold_short = rng.normal(2.5, 1, 12)
gold_long = np.clip(rounded(rng.normal(2.6, 1.4, 400), 0.25), 0, 5)
said_long = gold_long + rng.normal(0, 0.9, 400)
two = rng.integers(2, size=50)
seventy_seven = rng.integers(77, size=600)
out = {
    "made_by": f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}",
    "numbers": [
        numbers("two pairs", [1, 2], [3, 5]),
        numbers("two pairs that fall", [1, 2], [3, -5]),
        numbers("no ties", gold_short + rng.normal(0, 0.4, 12), gold_short),
        numbers("ties in both", [1, 1, 2, 2, 2, 3, 0], [0, 1, 1, 1, 2, 2, 0]),
        numbers("all but one tied", [4, 4, 4, 4, 5], [1, 2, 3, 4, 5]),
        numbers("many, gold with ties", said_long, gold_long),
        numbers("many, as single precision", said_long.astype(np.float32), gold_long),
        numbers("near nothing", rng.normal(0, 1, 300), rng.normal(0, 1, 300)),
        numbers("far from 0", 1e6 + rng.normal(0, 1, 40), rng.normal(0, 1, 40)),
        numbers("right", gold_short, gold_short),
        numbers("a constant prediction", [2.5] * 6, [0, 1, 2, 3, 4, 5]),
        numbers("constant gold", [0, 1, 2, 3, 4, 5], [2.5] * 6),
    ],
    "classes": [
        classes("two", noisy(two, 0.4, 2), two, 2, 1),
        classes("two, the other one positive", noisy(two, 0.4, 2), two, 2, 0),
        classes("always one", [1] * 50, two, 2, 1),
        classes("always the other", [0] * 50, two, 2, 1),
        classes("gold of one class", noisy([0] * 20, 0.5, 2), [0] * 20, 2, 1),
        classes("one class in both", [0] * 5, [0] * 5, 2, 1),
        classes("all wrong", [1, 0, 1, 0], [0, 1, 0, 1], 2, 1),
        classes("all right", [1, 0, 1, 0], [1, 0, 1, 0], 2, 1),
        classes("three, one of them never said", [0, 2, 0, 2, 0, 2, 2], [0, 1, 2, 2, 1, 0, 2], 3, 1),
        classes("three, one of them never gold", [0, 1, 2, 0, 1], [0, 0, 2, 2, 0], 3, 1),
        classes("seventy-seven", noisy(seventy_seven, 0.3, 77), seventy_seven, 77, 5),
        classes("one example", [1], [1], 2, 1),
        classes("15 right in 22: 15 / 22 * 22 is not 15", [1] * 8 + [0] * 14, [1] * 8 + [0] * 7 + [1] * 7, 2, 1),
    ],
}
json.dump(out, sys.stdout, indent=1, allow_nan=False)
print()
