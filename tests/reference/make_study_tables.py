#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes study_tables.json: studies and the answers of statsmodels and SciPy for tests/unit/results/test_study_tables.c.

usage: make_study_tables.py > study_tables.json     (needs numpy, scipy, pandas, statsmodels)
"""
import itertools
import json
import math

import numpy as np
import pandas as pd
from scipy import integrate, stats
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

rng = np.random.default_rng(20)


def interval(x):
    x = np.asarray(x)
    mean, half = x.mean(), stats.t.ppf(.975, len(x) - 1) * stats.sem(x)
    return {"n": len(x), "mean": mean, "low": mean - half, "high": mean + half}


def grid():
    """Three keys, five seeds, one value missing: type II sums of squares with seeds as blocks."""
    keys = {"act": ["gelu", "relu"], "layers": ["2", "4"], "rate": ["1e-4", "0.001", "0.01"]}
    rows = []
    for a, l, r in itertools.product(*keys.values()):
        for seed in range(1, 6):
            y = round(.7 + .02 * seed + .03 * (l == "4") + {"1e-4": 0, "0.001": .05, "0.01": .01}[r]
                      + .01 * (a == "relu") * (l == "4") + rng.normal(0, .01), 4)
            missing = (a, l, r, seed) == ("gelu", "4", "0.01", 2)
            rows.append({"act": a, "layers": l, "rate": r, "seed": seed, "value": None if missing else y})
    data = pd.DataFrame([x for x in rows if x["value"] is not None])
    table = anova_lm(ols("value ~ C(act) + C(layers) + C(rate) + C(seed)", data).fit(), typ=2)
    total = ((data.value - data.groupby("seed").value.transform("mean")) ** 2).sum()
    out = {}
    for key, levels in keys.items():
        others = [k for k in keys if k != key]
        # in each seed, the combinations of the others that have a value at every level
        wide = data.pivot_table(index=["seed"] + others, columns=key, values="value").dropna()
        means = wide.groupby("seed").mean()
        best = means.mean().idxmax()
        out[key] = {"share": table.sum_sq[f"C({key})"] / total, "best": best,
                    "levels": {v: interval(means[v]) for v in levels},
                    "differences": {v: interval(means[v] - means[best]) for v in levels if v != best}}
    by_variant = data.groupby(list(keys)).value
    n = by_variant.count()
    error = math.sqrt((by_variant.var() * (n - 1)).sum() / (n - 1).sum() * (1 / n).mean())
    luck = integrate.quad(lambda z: 12 * z * stats.norm.pdf(z) * stats.norm.cdf(z) ** 11, -10, 10, epsabs=1e-13)[0]
    return {"runs": rows, "keys": out, "error": error, "luck": luck}


def components(data, sources, fixed=()):
    """(MS - MS_rest) / values per level, for a full crossing with one value per cell."""
    formula = "value ~ " + " + ".join(f"C({s})" for s in list(sources) + list(fixed))
    table = anova_lm(ols(formula, data).fit(), typ=2)
    ms = table.sum_sq / table.df
    variance = {s: max(0, (ms[f"C({s})"] - ms["Residual"]) / (len(data) / data[s].nunique())) for s in sources}
    variance["the rest"] = ms["Residual"]
    df = {s: table.df[f"C({s})"] for s in sources} | {"the rest": table.df["Residual"]}
    total = sum(variance.values())
    return [{"source": s, "df": df[s], "variance": v, "share": v / total} for s, v in variance.items()]


def crossed_keys():
    init, order = rng.normal(0, .03, 4), rng.normal(0, .02, 3)
    rows = [{"init_seed": i + 1, "order_seed": o + 1, "seed": 1,
             "value": round(.8 + init[i] + order[o] + rng.normal(0, .005), 4)} for i in range(4) for o in range(3)]
    return {"runs": rows, "components": components(pd.DataFrame(rows), ["init_seed", "order_seed"])}


def crossed_pretraining():
    """Two configurations on the same four pre-trainings with three fine-tunings each."""
    pre = rng.normal(0, .03, 4)
    rows = [{"rate": r, "pretraining": p + 1, "finetuning": f + 1,
             "value": round(.7 + .05 * (r == "0.001") + pre[p] + rng.normal(0, .01), 4)}
            for r in ("1e-4", "0.001") for p in range(4) for f in range(3)]
    return {"runs": rows, "components": components(pd.DataFrame(rows), ["pretraining"], ["rate"])}


def expected():
    x = [round(float(v), 4) for v in rng.normal(.7, .05, 9)]
    b, s = len(x), sorted(x)
    dodge = [sum(s[j - 1] * ((j / b) ** n - ((j - 1) / b) ** n) for j in range(1, b + 1)) for n in range(1, b + 1)]
    tang = [sum(s[j - 1] * math.comb(j - 1, n - 1) / math.comb(b, n) for j in range(1, b + 1)) for n in range(1, b + 1)]
    return {"values": x, "expected": dodge, "unbiased": tang}


print(json.dumps({"grid": grid(), "crossed_keys": crossed_keys(), "crossed_pretraining": crossed_pretraining(),
                  "expected": expected()}, indent=1))
