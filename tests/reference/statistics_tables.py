#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The second half of make_statistics.py: what decides (power, families, rates), tables of units and examples,
resampling, analysis of variance, expected best values. Needs pandas, scikit-learn and xxhash, too.
"""
import itertools
import math

import numpy as np
import pandas
import xxhash
from scipy import integrate, optimize, stats
from sklearn import metrics
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

rng = np.random.default_rng(20)


def plain(x):
    """NumPy's numbers as Python's; NaN as None."""
    return None if math.isnan(x) else float(x)


# ---- power

NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)


def power(delta, df, level):
    """By the mean over S = sqrt(chi2 / df): SciPy's own noncentral t is NaN for some small df."""
    critical = stats.t.isf(level / 2, df)
    chi = stats.chi(df, scale=1 / math.sqrt(df))

    def at(u):  # s = u^4: no corner at 0 where df < 2
        s = u ** 4
        return 4 * u ** 3 * chi.pdf(s) * (stats.norm.cdf(delta - critical * s) + stats.norm.cdf(-delta - critical * s))
    ends = [chi.ppf(1e-15), chi.isf(1e-15)]
    middle = min(max(delta / critical, ends[0]), ends[1])
    around = [min(max(middle + k / critical, ends[0]), ends[1]) for k in (-9, -3, 0, 3, 9)]
    points = [x ** 0.25 for x in sorted({*ends, *around})]
    return sum((b - a) / 2 * float(np.sum(WEIGHTS * at((a + b) / 2 + (b - a) / 2 * NODES)))
               for a, b in itertools.pairwise(points))


def delta_of(level, df, wanted=0.8):
    high = 1.0
    while power(high, df, level) < wanted:
        high *= 2
    return optimize.brentq(lambda d: power(d, df, level) - wanted, 0, high, xtol=1e-11, rtol=1e-13)


def seen(error, df, level):
    return delta_of(level, df) * error * math.sqrt(df / stats.chi2.ppf(0.2, df))


def powers():
    for df in (1, 1.5, 2, 4, 7, 14, 29.5, 100):
        for level in (0.05, 0.05 / 4, 0.05 / 63):
            delta = delta_of(level, df)
            yield {"df": df, "level": level, "delta": delta, "seen": seen(0.01, df, level),
                   "power_at_3": power(3, df, level)}


def needed(effect, sd, level):
    n = 2
    while seen(sd / math.sqrt(n), n - 1, level) > effect:
        n += 1
    return n


# ---- families

def tarone(p, least, level):
    k = 1
    while sum(x <= level / k for x in least) > k:
        k += 1
    inside = [i for i, x in enumerate(least) if x <= level / k]
    out = [1.0] * len(p)
    if inside:
        for i, x in zip(inside, multipletests([p[i] for i in inside], method="holm")[1]):
            out[i] = float(x)
    return out


def shaffer(p, q):
    """The multiplier by brute force: of all answers that can be true (each row: different and large, no difference,
    difference of at least the margin), the most hypotheses among those not yet rejected."""
    every = [(x, i, "zero") for i, x in enumerate(p)] + \
            [(x, i, "large") for i, x in enumerate(q) if x is not None]
    every.sort(key=lambda row: row[0])
    out, floor = {}, 0.0
    for step, (x, i, kind) in enumerate(every):
        left = [row[1:] for row in every[step:]]
        most = max(sum((row, truth) in left for row, truth in enumerate(world))
                   for world in itertools.product(("zero", "large", "between"), repeat=len(p)))
        floor = max(floor, min(1.0, most * x))
        out[i, kind] = floor
    return [out[i, "zero"] for i in range(len(p))], [out.get((i, "large")) for i in range(len(p))]


def shaffers():
    for p, q in (([0.001, 0.02, 0.3], [0.6, 0.04, 0.01]), ([0.04, 0.2], [None, 0.03]),
                 ([0.012, 0.5, 0.9, 0.04], [0.9, 0.011, 0.013, 0.012]), ([0.03], [0.02]),
                 ([0.2, 0.3], [None, None])):
        a, b = shaffer(p, q)
        yield {"p": p, "equivalent": q, "adjusted": a, "adjusted_equivalent": b}


def tosts():
    for n, shift, margin in ((5, 0.0, 0.02), (8, 0.01, 0.02), (12, -0.03, 0.02), (6, 0.002, 0.05)):
        d = [round(float(v), 4) for v in rng.normal(shift, 0.015, n)]
        yield {"d": d, "margin": margin, "p": DescrStatsW(d).ttost_mean(-margin, margin)[0]}


# ---- rates

def wilsons():
    for hits, n in ((0, 5), (1, 5), (5, 5), (3, 8), (17, 400)):
        for level in (0.05, 0.1):
            low, high = proportion_confint(hits, n, level, method="wilson")
            yield {"hits": hits, "n": n, "level": level, "low": float(low), "high": float(high)}


def fisher(a, n, b, m):
    return float(stats.fisher_exact([[a, n - a], [b, m - b]])[1])


def fishers():
    for a, n, b, m in ((5, 5, 0, 5), (3, 8, 1, 10), (0, 5, 0, 5), (7, 20, 1, 15), (100, 400, 60, 390), (4, 8, 2, 8)):
        hits = a + b
        least = min(fisher(k, n, hits - k, m) for k in range(max(0, hits - m), min(hits, n) + 1))
        yield {"a": a, "n": n, "b": b, "m": m, "p": fisher(a, n, b, m), "least": least}


def mcnemars():
    for b, c in ((3, 10), (0, 6), (5, 5), (0, 0), (40, 61), (1, 0)):
        yield {"b": b, "c": c, "p": float(mcnemar([[50, b], [c, 50]], exact=True).pvalue)}


# ---- units x examples

def crossed(n, m, shift, kind):
    if kind == "right":  # differences of correctness
        hard = rng.normal(0, 1, m)
        arms = [(rng.normal(hard + s, 1) > 0).astype(int) for s in [0] * n + list(rng.normal(shift, 0.2, n))]
        d = np.array(arms[n:]) - np.array(arms[:n])
    else:
        d = np.round(shift + rng.normal(0, 0.1, (n, 1)) + rng.normal(0, 0.3, (1, m)) + rng.normal(0, 0.2, (n, m)), 3)
    frame = pandas.DataFrame({"y": d.ravel(), "s": np.repeat(np.arange(n), m), "e": np.tile(np.arange(m), n)})
    table = anova_lm(ols("y ~ C(s) + C(e)", frame).fit(), typ=2)
    units, examples, rest = table["sum_sq"] / table["df"]
    both = units + examples - rest
    error = math.sqrt(max(both, units) / (n * m))
    df = max(n - 1, both ** 2 / (units ** 2 / (n - 1) + examples ** 2 / (m - 1) + rest ** 2 / ((n - 1) * (m - 1))))
    reach = stats.t.isf(0.025, df) * error
    return {"d": [[float(x) for x in row] for row in d], "estimate": float(d.mean()), "units": float(units),
            "examples": float(examples), "rest": float(rest), "error": error, "df": float(df),
            "p": float(2 * stats.t.sf(abs(d.mean()) / error, df)), "low": float(d.mean() - reach),
            "high": float(d.mean() + reach)}


def pseudo(m, classes):
    gold = rng.integers(0, classes, m)
    said = np.where(rng.random(m) < 0.7, gold, rng.integers(0, classes, m))
    out = {"gold": gold.tolist(), "said": said.tolist(), "classes": classes}
    for name, metric in (("f1_macro", lambda g, s: metrics.f1_score(g, s, average="macro")),
                         ("matthews", metrics.matthews_corrcoef)):
        theta = metric(gold, said)
        out[name] = float(theta)
        out[name + "_pseudo"] = [float(m * theta - (m - 1) * metric(np.delete(gold, e), np.delete(said, e)))
                                 for e in range(m)]
    return out


# ---- the random numbers of core/base/rng.h

MASK = (1 << 64) - 1


def block(key, a, b):
    a = np.asarray(a, dtype=np.uint64)
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    c = [a & low, a >> half, np.full_like(a, b & 0xFFFFFFFF), np.full_like(a, b >> 32)]
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    for _ in range(10):
        p0, p1 = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
        c = [(p1 >> half) ^ c[1] ^ np.uint64(k0), p1 & low, (p0 >> half) ^ c[3] ^ np.uint64(k1), p0 & low]
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack(c, axis=-1)


def number(key, a, b):
    r = block(key, [a & MASK], b)[0]
    return int(r[1]) << 32 | int(r[0])


def drawn(key, what, n):
    return (block(key, np.arange((n + 3) // 4), what).ravel()[:n] * np.uint64(n) >> np.uint64(32)).astype(int)


def multi_bootstrap(n, m, metric, replicates, shift, analysis="golden", seed=7):
    """MultiBERTs' paired bootstrap (multibootstrap.py): seeds drawn once for both arms, examples once for all, the mean
    over seeds of the metric on the examples."""
    gold = rng.integers(0, 2, m)
    keep = [rng.random((n, m)) < rate for rate in (0.7 + shift, 0.7)]
    a, b = [np.where(k, gold, 1 - gold) for k in keep]
    score = {"accuracy": lambda g, s: float(np.mean(g == s)),
             "f1": lambda g, s: float(2 * np.sum(g & s) / (np.sum(g) + np.sum(s)))}[metric]

    def theta(seeds, examples):
        return float(np.mean([score(gold[examples], a[s][examples]) - score(gold[examples], b[s][examples])
                              for s in seeds]))
    key = number(seed, xxhash.xxh3_64_intdigest(analysis.encode()), 0)
    values = []
    for r in range(replicates):
        own = number(key, r, 0x64657269766564)
        values.append(theta(drawn(own, 0, n), drawn(own, 1, m)))
    estimate = theta(range(n), np.arange(m))
    values = np.array(values)
    return {"metric": metric, "gold": gold.tolist(), "a": a.tolist(), "b": b.tolist(), "analysis": analysis,
            "seed": seed, "replicates": replicates, "estimate": estimate,
            "low": float(np.quantile(values, 0.025)), "high": float(np.quantile(values, 0.975)),
            "below": float(np.mean(values <= 1e-15)),
            "p": float((1 + np.sum(np.abs(values - estimate) >= abs(estimate) * (1 - 1e-12))) / (replicates + 1))}


# ---- analysis of variance

def anova(levels, least, most, order):
    """Cells with `least` to `most` values each."""
    rows = []
    for cell in itertools.product(*[range(n) for n in levels]):
        for _ in range(int(rng.integers(least, most + 1))):
            rows.append((*cell, round(float(rng.normal(0.6 + 0.03 * cell[0] - 0.02 * cell[-1] * (cell[0] > 0), 0.03)), 4)))
    names = [f"f{i}" for i in range(len(levels))]
    frame = pandas.DataFrame(rows, columns=[*names, "y"])
    terms = [c for k in range(1, order + 1) for c in itertools.combinations(range(len(levels)), k)]
    formula = "y ~ " + " + ".join(":".join(f"C(f{i}, Sum)" for i in c) for c in terms)
    table = anova_lm(ols(formula, frame).fit(), typ=2)
    rest = table.loc["Residual"]
    lines = []
    for c in terms:
        line = table.loc[":".join(f"C(f{i}, Sum)" for i in c)]
        lines.append({"factors": sum(1 << i for i in c), "df": float(line["df"]), "ss": float(line["sum_sq"]),
                      "f": plain(line["F"]), "p": plain(line["PR(>F)"]),
                      "eta2": float(line["sum_sq"] / (line["sum_sq"] + rest["sum_sq"]))})
    lines.sort(key=lambda line: (line["factors"].bit_count(), line["factors"]))
    return {"levels": levels, "order": order, "y": frame["y"].tolist(),
            "cells": [frame[name].tolist() for name in names], "rows": lines,
            "df_rest": float(rest["df"]), "ss_rest": float(rest["sum_sq"])}


def components(levels, deviations, rest):
    """A full crossing: (MS_f - MS_rest) / values per level."""
    y = rng.normal(0, rest, levels)
    for axis, sd in enumerate(deviations):
        shape = [1] * len(levels)
        shape[axis] = levels[axis]
        y = y + rng.normal(0, sd, shape)
    y = np.round(y, 4)
    names = [f"f{i}" for i in range(len(levels))]
    frame = pandas.DataFrame(list(itertools.product(*[range(n) for n in levels])), columns=names)
    frame["y"] = y.ravel()
    table = anova_lm(ols("y ~ " + " + ".join(f"C({name})" for name in names), frame).fit(), typ=2)
    square = table["sum_sq"] / table["df"]
    return {"levels": list(levels), "y": frame["y"].tolist(), "cells": [frame[name].tolist() for name in names],
            "components": [float(max(0, square.iloc[i] - square["Residual"]) * levels[i] / y.size)
                           for i in range(len(levels))] + [float(square["Residual"])]}


# ---- expected best

def expected_best(count):
    x = [round(float(v), 3) for v in rng.normal(0.6, 0.05, count)]
    ordered = sorted(x)
    return {"x": x, "cases": [{
        "n": n,
        "biased": math.fsum(v * (((j + 1) / count) ** n - (j / count) ** n) for j, v in enumerate(ordered)),
        "unbiased": math.fsum(v * (math.comb(j, n - 1) / math.comb(count, n)) for j, v in enumerate(ordered))}
        for n in sorted({1, 2, count // 2, count})]}


def best_of_noise(n):
    return integrate.quad(lambda z: z * n * stats.norm.pdf(z) * stats.norm.cdf(z) ** (n - 1), -12, 12, epsabs=1e-13,
                          limit=500, points=[0, 2, 4])[0]


def tables():
    return {
        "power_of_level": list(powers()),
        "chi2": [{"p": p, "df": df, "x": float(stats.chi2.ppf(p, df))}
                 for p in (1e-6, 0.2, 0.5, 0.999) for df in (1, 2, 4.5, 7, 30, 1000)],
        "normal": [{"p": p, "z": float(stats.norm.isf(p / 2))} for p in (0.9, 0.1, 0.05, 1e-4, 1e-12)],
        "f_upper": [{"f": f, "df1": a, "df2": b, "p": float(stats.f.sf(f, a, b))}
                    for f in (0.2, 1, 4.5, 60) for a, b in ((1, 4), (2, 7), (5, 100))],
        "needed": [{"effect": e, "sd": 1.0, "level": level, "n": needed(e, 1.0, level)}
                   for e in (0.5, 1, 2) for level in (0.05, 0.05 / 6)],
        "bh": [{"p": p, "adjusted": [float(x) for x in multipletests(p, method="fdr_bh")[1]]}
               for p in ([0.01, 0.04, 0.03, 0.005], [0.5, 0.5, 0.02], [1.0, 0.9], [0.2], [0.001, 0.008, 0.039, 0.041, 0.042])],
        "tarone": [{"p": p, "least": least, "adjusted": tarone(p, least, 0.05)}
                   for p, least in (([0.0079, 1.0, 0.44], [0.0079, 1.0, 0.167]), ([0.008, 0.02, 0.01], [0.008, 0.02, 0.008]),
                                    ([0.03, 0.03], [0.03, 0.03]), ([0.004, 0.06, 0.5, 0.01], [0.001, 0.02, 0.2, 0.01]))],
        "shaffer": list(shaffers()),
        "tost": list(tosts()),
        "wilson": list(wilsons()),
        "fisher": list(fishers()),
        "mcnemar": list(mcnemars()),
        "crossed": [crossed(5, 12, 0.3, "right"), crossed(8, 10, 0.0, "right"), crossed(3, 15, 0.05, "real"),
                    crossed(2, 2, 0.1, "real")],
        "pseudo": [pseudo(24, 2), pseudo(30, 3)],
        "multi_bootstrap": [multi_bootstrap(6, 15, "accuracy", 400, 0.1), multi_bootstrap(5, 20, "f1", 300, 0.05),
                            multi_bootstrap(1, 25, "accuracy", 400, 0.1)],
        "anova": [anova([3, 2], 3, 3, 2), anova([3, 4], 1, 3, 2), anova([2, 3, 2], 1, 3, 3), anova([2, 3, 5], 1, 1, 2)],
        "components": [components((4, 5), (0.05, 0.02), 0.01), components((3, 4, 2), (0.01, 0.03, 0.02), 0.02),
                       components((4, 4), (0.0, 0.05), 0.03)],
        "expected_best": [expected_best(n) for n in (3, 10, 40)],
        "best_of_noise": [{"n": n, "gain": best_of_noise(n)} for n in (1, 2, 5, 10, 20, 24, 50, 1000)],
    }
