#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes statistics.json: inputs and the answers of SciPy, statsmodels and scikit-learn for tests/unit/stats.

usage: make_statistics.py > statistics.json     (needs numpy, scipy, statsmodels, mpmath; scikit-learn and xxhash
for the tables of statistics_tables.py)

Tails of t come from mpmath: SciPy's own are off by up to 3e-9 for tiny t and 1e-12 for many degrees of
freedom. The detectable effect is searched here with a finer tolerance than statsmodels' 1e-6.
"""
import json
import sys

import mpmath
import numpy as np
import scipy
import statsmodels
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

from statistics_tables import tables

mpmath.mp.dps = 40
rng = np.random.default_rng(1)


def sample(n, shift, digits=4):
    return [round(float(v), digits) for v in rng.normal(shift, 0.02, n)]


def paired(n, shift):
    x, y = sample(n, 0.6 + shift), sample(n, 0.6)
    d = [a - b for a, b in zip(x, y)]
    t = stats.ttest_rel(x, y)
    interval = t.confidence_interval(0.95)
    case = {"x": x, "y": y, "t": t.statistic, "p": t.pvalue, "df": int(t.df),
            "low": interval.low, "high": interval.high, "mean": float(np.mean(d)),
            "sd": float(np.std(d, ddof=1)), "correlation": stats.pearsonr(x, y).statistic}
    if n <= 12:
        flip = stats.permutation_test((d,), np.sum, permutation_type="samples", n_resamples=np.inf)
        case["sign_flip"] = flip.pvalue
    return case


def welch(n, m, shift):
    x, y = sample(n, 0.6 + shift), sample(m, 0.6)
    t = stats.ttest_ind(x, y, equal_var=False)
    interval = t.confidence_interval(0.95)
    return {"x": x, "y": y, "t": t.statistic, "p": t.pvalue, "df": t.df,
            "low": interval.low, "high": interval.high}


def two_sided(t, df):
    t, df = mpmath.mpf(t), mpmath.mpf(df)
    return float(mpmath.betainc(df / 2, mpmath.mpf(1) / 2, 0, df / (df + t * t), regularized=True))


def could_see(n):
    rough = float(TTestPower().solve_power(None, n, 0.05, 0.8))
    return optimize.brentq(lambda e: TTestPower().power(e, n, 0.05) - 0.8, 0.99 * rough, 1.01 * rough, xtol=1e-13)


def tails():
    for df in (1, 2, 3, 4, 7, 10.5, 30, 100, 1000, 10000):
        for t in (1e-8, 0.01, 0.5, 1, 2, 3.7, 8, 40):
            yield {"t": t, "df": df, "p": two_sided(t, df)}


def noncentral():
    for df in (1, 2, 4, 7, 19, 60):
        for delta in (0, 0.5, 2, 5):
            for t in (-1.5, 0.3, 2.1, 4.5):
                yield {"t": t, "df": df, "delta": delta, "p": float(stats.nct.cdf(t, df, delta)) if delta
                       else float(stats.t.cdf(t, df))}


def comparison(n=8, examples=277, majority=0.527):
    """A study on one task: variants against the baseline; None = a run that diverged."""
    def scores(mean, sd):
        return [round(float(v) * examples) / examples for v in rng.normal(mean, sd, n)]

    base = scores(0.61, 0.02)
    shared = [b - 0.61 for b in base]
    variants = []
    for subject, kind, effect in (("positions", "removal", -0.06), ("segments", "removal", -0.02),
                                  ("special_tokens", "removal", -0.004), ("placebo", "placebo", 0.0)):
        values = [round((v + s) * examples) / examples for v, s in zip(scores(0.61 + effect, 0.012), shared)]
        if subject == "positions":
            values[2] = None
        variants.append({"label": "no " + subject if kind == "removal" else "placebo salted",
                         "kind": kind, "subject": subject, "values": values})
    for v in variants:
        filled = [majority if x is None else x for x in v["values"]]
        d = np.array(filled) - np.array(base)
        t = stats.ttest_1samp(d, 0)
        interval = t.confidence_interval(0.95)
        v["expected"] = {
            "effect": float(np.mean(d)), "low": interval.low, "high": interval.high, "p": t.pvalue,
            "sign_flip": stats.permutation_test((d,), np.sum, permutation_type="samples",
                                                n_resamples=np.inf).pvalue,
            "could_see": could_see(n) * float(np.std(d, ddof=1)),
            "without": float(np.mean([x - b for x, b in zip(v["values"], base) if x is not None])),
        }
    removals = [v for v in variants if v["kind"] == "removal"]
    for v, p in zip(removals, multipletests([v["expected"]["p"] for v in removals], method="holm")[1]):
        v["expected"]["p_holm"] = p
    return {"task": "rte", "metric": "accuracy", "examples": examples, "majority": majority,
            "baseline": base, "baseline_mean": float(np.mean(base)), "baseline_sd": float(np.std(base, ddof=1)),
            "noise": float(np.sqrt(np.mean(base) * (1 - np.mean(base)) / examples)), "variants": variants}


out = {
    "made_by": f"scipy {scipy.__version__}, statsmodels {statsmodels.__version__}",
    "paired": [paired(n, s) for n in (2, 3, 5, 8, 12, 20) for s in (0, -0.02)],
    "welch": [welch(5, 5, 0.01), welch(3, 9, 0.05), welch(20, 4, -0.03)],
    "tails": list(tails()),
    "critical": [{"p": p, "df": df, "t": stats.t.isf(p / 2, df)}
                 for p in (0.3, 0.05, 0.01, 1e-6) for df in (1, 2, 4, 7, 99)],
    "noncentral": list(noncentral()),
    "holm": [{"p": p, "adjusted": list(multipletests(p, method="holm")[1])}
             for p in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.02], [1.0, 0.9, 0.8], [0.2],
                       [0.001, 0.001, 0.001, 0.04, 0.04])],
    "power": [{"effect": e, "n": n, "power": float(TTestPower().power(e, n, 0.05))}
              for e in (0.3, 0.7, 1.2) for n in (3, 5, 8, 20)],
    "could_see": [{"n": n, "effect": could_see(n)}
                  for n in (3, 5, 8, 15, 34)],
    "comparison": comparison(),
    **tables(),
}
json.dump(out, sys.stdout, indent=1, allow_nan=False)
print()
