#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes verdicts.json: small studies and the rows that an analysis of them must have, for tests/unit/results.

usage: make_verdicts.py > verdicts.json     (needs numpy, scipy, statsmodels)

Everything is computed from the definitions with SciPy and statsmodels; only Shaffer's multiplier for a difference
and its equivalence, which neither has, is written out here. A value is a score, "diverged", "crashed" or "waiting".
"""
import json
import math
import sys

import numpy as np
from scipy import optimize, stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

LEVEL = 0.05
rng = np.random.default_rng(7)


def could_see(error, df, level):
    critical = stats.t.isf(level / 2, df)

    def power(delta):
        return stats.nct.sf(critical, df, delta) + np.nan_to_num(stats.nct.cdf(-critical, df, delta))
    delta = optimize.brentq(lambda d: power(d) - 0.8, critical / 2, 3 * critical + 5, xtol=1e-13)
    return delta * error * math.sqrt(df / stats.chi2.ppf(0.2, df))


def t_row(values):
    """Of differences per unit."""
    d = np.asarray(values, float)
    t = stats.ttest_1samp(d, 0)
    low, high = t.confidence_interval(0.95)
    return {"n": len(d), "effect": d.mean(), "low": low, "high": high, "p": t.pvalue,
            "error": d.std(ddof=1) / math.sqrt(len(d)), "df": len(d) - 1}


def within_row(d):
    """Of differences [pre-training][fine-tuning], for these pre-trainings."""
    d = np.asarray(d, float)
    p, f = d.shape
    ms = ((d - d.mean(axis=1, keepdims=True)) ** 2).sum() / (p * (f - 1))
    error, df = math.sqrt(ms / (p * f)), p * (f - 1)
    reach = stats.t.isf(LEVEL / 2, df) * error
    return {"n": p * f, "effect": d.mean(), "low": d.mean() - reach, "high": d.mean() + reach,
            "p": 2 * stats.t.sf(abs(d.mean()) / error, df), "error": error, "df": df}


def correct(rows, method):
    adjusted = multipletests([r["p"] for r in rows], method=method)[1]
    for r, p in zip(rows, adjusted):
        r["p_adjusted"] = p
        r["could_see"] = could_see(r["error"], r["df"], LEVEL / len(rows))
    return rows


def shaffer(rows, margin):
    """Holm over both hypotheses of each row; a step's multiplier is the number of rows with one still open."""
    hypotheses = []
    for i, r in enumerate(rows):
        one = max(stats.t.sf((r["effect"] + margin) / r["error"], r["df"]),
                  stats.t.cdf((r["effect"] - margin) / r["error"], r["df"]))
        hypotheses += [(r["p"], i, "p_adjusted"), (one, i, "p_equivalent")]
    open_rows = {i: 2 for i in range(len(rows))}
    worst = 0
    for p, i, name in sorted(hypotheses):
        worst = max(worst, min(1, sum(n > 0 for n in open_rows.values()) * p))
        rows[i][name] = worst
        open_rows[i] -= 1
    return rows


def clean(rows):
    return [{k: v for k, v in r.items() if k != "error"} for r in rows]


def scores(mean, sd, n, digits=4):
    return [round(float(v), digits) for v in rng.normal(mean, sd, n)]


def removal(name, **values):
    return {"label": "no " + name, "kind": "removal", "subject": name, "changes": {name: "none"}, "values": values}


def baseline(**values):
    return {"label": "baseline", "kind": "baseline", "values": values}


def task(name, metric="accuracy", majority=0.5, examples=200, lower=False):
    return {"name": name, "metric": metric, "majority": majority, "examples": examples, "lower_is_better": lower}


def difference(arm, base, name):
    return [a - b for a, b in zip(arm["values"][name], base["values"][name])]


def mean_rows(arms, tasks, scale):
    base = arms[0]
    return [dict(t_row(np.mean([np.array(difference(a, base, k["name"])) * s for k, s in zip(tasks, scale)], axis=0)),
                 variant=a["label"]) for a in arms[1:]]


def many(name, count, seeds, metrics, placebo=True):
    """Several tasks; the mean over them, and every row by task."""
    tasks = [task(f"t{i}", *m) for i, m in enumerate(metrics)]
    shifts = [-.08, -.02, 0, .01][:count]
    arms = [baseline(**{k["name"]: scores(.75, .02, seeds) for k in tasks})]
    for i, shift in enumerate(shifts):
        arms.append(removal("abcd"[i], **{k["name"]: scores(.75 + shift, .02, seeds) for k in tasks}))
    if placebo:
        arms.append({"label": "placebo", "kind": "placebo", "subject": "placebo",
                     "values": {k["name"]: scores(.75, .02, seeds) for k in tasks}})
    same = len({k["metric"] for k in tasks}) == 1
    goals = len({k["lower_is_better"] for k in tasks}) == 1
    scale = [(1 if same else 100) * (-1 if not goals and k["lower_is_better"] else 1) for k in tasks]
    judged = arms[:count + 1]
    primary = correct(mean_rows(judged, tasks, scale), "holm")
    by_task = [dict(t_row(difference(a, arms[0], k["name"])), variant=a["label"], task=k["name"])
               for k in tasks for a in judged[1:]]
    correct(by_task, "holm" if len(by_task) <= 12 else "fdr_bh")
    for r in primary:
        r["task"] = "all"
    extra = []
    if placebo:
        extra = correct(mean_rows([arms[0], arms[-1]], tasks, scale), "holm")
        extra[0]["task"] = "all"
    return {"name": name, "tasks": tasks, "seeds": seeds, "arms": arms, "rows": clean(primary + by_task + extra)}


def crossed(name, p, f, from_=5):
    """Fine-tuning alone changed, on the baseline's pre-trainings; and one with its own."""
    t = task("t")
    pre = np.repeat(rng.normal(0, .02, p), f)

    def values(shift, shared):
        own = pre if shared else np.repeat(rng.normal(0, .02, p), f)
        return [round(float(v), 4) for v in .75 + shift + own + rng.normal(0, .01, p * f)]
    arms = [baseline(t=values(0, True)),
            {"label": "dropout=0.3", "kind": "list", "subject": "dropout=0.3", "values": {"t": values(-.015, True)}},
            dict(removal("mlm", t=values(-.05, False)), own_pretraining=True)]
    arms[0]["values"]["t"] = [round(float(v), 4) for v in .75 + pre + rng.normal(0, .01, p * f)]
    rows = []
    for a in arms[1:]:
        d = np.array(difference(a, arms[0], "t")).reshape(p, f)
        if a.get("own_pretraining") or p >= from_:
            rows.append(dict(t_row(d.mean(axis=1)), variant=a["label"], task="all", tested=p >= from_))
        else:
            rows.append(dict(within_row(d), variant=a["label"], task="all", tested=p * (f - 1) >= from_ - 1))
    correct([r for r in rows if r["tested"]], "holm")
    return {"name": name, "tasks": [t], "pretrainings": p, "finetunings": f, "seeds": p * f, "arms": arms,
            "rules": [["pretrainings", "", str(p)], ["finetunings", "", str(f)]], "rows": clean(rows)}


def with_margin():
    study = many("margins", 4, 8, [["accuracy"]], placebo=False)
    study["rules"] = [["margin", "accuracy", "0.045"]]
    base, rows = study["arms"][0], []
    for a in study["arms"][1:]:
        rows.append(dict(t_row(difference(a, base, "t0")), variant=a["label"], task="all"))
    shaffer(rows, .045)
    for r in rows:
        r["could_see"] = could_see(r["error"], r["df"], LEVEL / len(rows))
    study["rows"] = clean(rows)
    return study


def failures():
    """Five of five against none, and one of five; a crash is a failure, and so is a run that diverged."""
    t = task("t")
    arms = [baseline(t=scores(.75, .02, 5)),
            removal("a", t=["crashed", "diverged", "crashed", "crashed", "crashed"]),
            removal("b", t=scores(.75, .02, 4) + ["crashed"]),
            removal("c", t=[.5] * 5),
            removal("d", t=scores(.70, .02, 5))]
    counts = {"no a": (5, 0), "no b": (1, 0), "no c": (0, 5), "no d": (0, 0)}
    rates = []
    for label, (failed, collapsed) in counts.items():
        low, high = proportion_confint(failed, 5, method="wilson")
        rates.append({"variant": label, "failed": failed, "collapsed": collapsed, "low": max(0, low), "high": min(1, high)})
    # two tables of 5 against 0 can decide, those of 1 against 0 cannot: Tarone's family has two members
    p = stats.fisher_exact([[5, 0], [0, 5]])[1]
    for r in rates:
        r["p"] = min(1, 2 * p) if r["failed"] == 5 or r["collapsed"] == 5 else 1 if r["failed"] else None
    return {"name": "failures", "tasks": [t], "seeds": 5, "arms": arms, "rates": rates, "rows": [],
            "verdicts": {"no a": "fails more often", "no c": "fails more often (collapses)"}}


def pairs():
    """a and b stand in for each other; c only adds up."""
    t = task("t", majority=0, metric="score", examples=0)
    means = {"": .9, "a": .89, "b": .9, "c": .8, "ab": .45, "ac": .79, "bc": .8}
    values = {k: scores(v, .02, 6) for k, v in means.items()}
    arms = [baseline(t=values[""])]
    for k in "abc":
        arms.append(removal(k, t=values[k]))
    for x, y in ("ab", "ac", "bc"):
        arms.append({"label": f"no {x}, no {y}", "kind": "pair", "subject": f"{x}, {y}",
                     "changes": {x: "none", y: "none"}, "values": {"t": values[x + y]}})
    rows = []
    for x, y in ("ab", "ac", "bc"):
        contrast = (np.array(values[x + y]) - values[y]) - (np.array(values[x]) - values[""])
        rows.append(dict(t_row(contrast), label=f"{x} x {y}", task="all"))
    correct(rows, "holm")
    return {"name": "pairs", "tasks": [t], "seeds": 6, "arms": arms, "rows": [], "interactions": clean(rows),
            "words": {"a x b": "either can go, not both"}}


def two_changes(name, means, words, sd=.01, **of_task):
    """Two removals and both together, six seeds; what is said of them."""
    t = task("t", **of_task)
    values = [scores(m, sd, 6) if isinstance(m, float) else list(m) for m in means]
    arms = [baseline(t=values[0]), removal("a", t=values[1]), removal("b", t=values[2]),
            {"label": "no a, no b", "kind": "pair", "subject": "a, b", "changes": {"a": "none", "b": "none"},
             "values": {"t": values[3]}}]
    return {"name": name, "tasks": [t], "seeds": 6, "arms": arms, "rows": [], "words": {"a x b": words}}


def full_and_bare():
    """What leaving a out of the full model says, and what adding it to the bare one says, disagree."""
    t = task("t", majority=0, metric="score", examples=0)
    values = {k: scores(v, .01, 6) for k, v in {"": .9, "a": .89, "b": .88, "bc": .85, "abc": .5}.items()}
    arms = [baseline(t=values[""]), removal("a", t=values["a"]), removal("b", t=values["b"])]
    for k in ("bc", "abc"):
        arms.append({"label": "without " + k, "kind": "list", "subject": k, "changes": {n: "none" for n in k},
                     "values": {"t": values[k]}})
    contrast = (np.array(values["abc"]) - values["bc"]) - (np.array(values["a"]) - values[""])
    rows = correct([dict(t_row(contrast), label="a x b + c", task="all")], "holm")
    return {"name": "full-and-bare", "tasks": [t], "seeds": 6, "arms": arms, "rows": [], "interactions": clean(rows),
            "words": {"a x b + c": "together worse than the sum of both"}}


def outside():
    """A factorial whose levels are none of the baseline's: its cells alone count. Bars part the levels of a rule."""
    t = task("t", majority=0, metric="score", examples=0)
    arms, cells = [baseline(t=scores(.5, .01, 5))], []
    for layers in ("4", "|6"):
        for hidden in ("64", "128"):
            mean = .6 + .05 * (layers == "|6") + .1 * (hidden == "128") + .08 * (layers == "|6" and hidden == "128")
            arms.append({"label": f"layers={layers}, hidden={hidden}", "kind": "factorial", "subject": "",
                         "changes": {"layers": layers, "hidden": hidden}, "values": {"t": scores(mean, .01, 5)}})
            cells.append((layers == "|6", hidden == "128", np.array(arms[-1]["values"]["t"])))
    rows = [dict(t_row(sum((1 if c[k] else -1) * c[2] for c in cells) / 2), label=name, task="all")
            for k, name in ((1, "hidden"), (0, "layers"))]
    rows.append(dict(t_row(sum((1 if c[0] else -1) * (1 if c[1] else -1) * c[2] for c in cells)),
                     label="hidden x layers", task="all"))
    return {"name": "outside", "tasks": [t], "seeds": 5, "arms": arms, "rows": [],
            "rules": [["factor", "layers", "4||6"], ["factor", "hidden", "64|128"], ["removal", "layers", "|6"]],
            "words": {"layers": "removal helps", "hidden": "change helps"}, "interactions": clean(correct(rows, "holm"))}


def all_failed():
    t = task("t")
    return {"name": "all-failed", "tasks": [t], "seeds": 5, "rows": [],
            "arms": [baseline(t=["crashed"] * 5), removal("a", t=["crashed"] * 5)]}


def raised():
    study = many("raised", 1, 8, [["accuracy"]], placebo=False)
    study["rules"] = [["seeds_raised", "5", "8"]]
    return study


def half_factorial():
    """2^(3-1) would not be of resolution V; 2^(5-1) is: 16 cells, defining word abcde."""
    t = task("t", majority=0, metric="score", examples=0)
    names, arms, cells, seeds = "abcde", [], [], 5
    for bits in range(32):
        if bin(bits).count("1") % 2:
            continue
        changed = [n for i, n in enumerate(names) if bits >> i & 1]
        mean = .8 - .05 * ("a" in changed) - .02 * ("b" in changed) - .1 * ("a" in changed and "c" in changed)
        arm = {"label": ", ".join("no " + n for n in changed) or "baseline",
               "kind": "factorial" if changed else "baseline", "subject": ", ".join(changed),
               "changes": {n: "none" for n in changed}, "values": {"t": scores(mean, .02, seeds)}}
        arms.append(arm)
        cells.append((changed, np.array(arm["values"]["t"])))
    rows = []
    for i, x in enumerate(names):
        rows.append(dict(t_row(sum((1 if x in c else -1) * y for c, y in cells) * 2 / 16), label=x, task="all"))
    for i, x in enumerate(names):
        for y in names[i + 1:]:
            contrast = sum((1 if x in c else -1) * (1 if y in c else -1) * v for c, v in cells) * 4 / 16
            rows.append(dict(t_row(contrast), label=f"{x} x {y}", task="all"))
    correct(rows, "holm")
    return {"name": "half", "tasks": [t], "seeds": seeds, "arms": arms, "rows": [],
            "words": {"a": "removal hurts", "a x c": "together worse than the sum of both"},
            "rules": [["factor", n, "on|none"] for n in names], "interactions": clean(rows)}


def hole():
    """A factorial that lost a cell: its pairs are left, and what each removal does alone is no row."""
    t = task("t", majority=0, metric="score", examples=0)
    means = {"": .8, "a": .75, "b": .8, "c": .8, "ab": .65, "ac": .75, "bc": .8}
    values = {k: scores(m, .01, 5) for k, m in means.items()}
    arms = [{"label": ", ".join("no " + n for n in k) or "baseline", "kind": "factorial" if k else "baseline",
             "subject": ", ".join(k), "changes": {n: "none" for n in k}, "values": {"t": v}} for k, v in values.items()]
    rows = [dict(t_row((np.array(values[k]) - values[k[1]]) - (np.array(values[k[0]]) - values[""])),
                 label=f"{k[0]} x {k[1]}", task="all") for k in ("ab", "ac", "bc")]
    return {"name": "hole", "tasks": [t], "seeds": 5, "arms": arms, "rows": [],
            "rules": [["factor", n, "on|none"] for n in "abc"],
            "words": {"a x b": "together worse than the sum of both"}, "interactions": clean(correct(rows, "holm"))}


def two_baselines():
    t = task("t")
    first, second = scores(.75, .02, 5), scores(.75, .02, 5)
    arms = [baseline(t=first),
            {"label": "baseline (2)", "kind": "baseline arm", "subject": "baseline", "values": {"t": second}},
            removal("a", t=scores(.68, .02, 5))]
    mean = [(x + y) / 2 for x, y in zip(first, second)]
    row = dict(t_row([a - b for a, b in zip(arms[2]["values"]["t"], mean)]), variant="no a", task="all")
    return {"name": "two-baselines", "tasks": [t], "seeds": 5, "arms": arms, "rows": clean(correct([row], "holm"))}


def named_rows():
    """The study file names its primary rows: a on t1, b on the mean; c and d have none."""
    study = many("named", 4, 5, [["accuracy"]] * 2, placebo=False)
    study["rules"] = [["primary", "a", "t1"], ["primary", "no b", ""]]
    base, by_label = study["arms"][0], {a["label"]: a for a in study["arms"]}
    rows = [dict(t_row(difference(by_label["no a"], base, "t1")), variant="no a", task="t1"),
            dict(t_row(np.mean([difference(by_label["no b"], base, k) for k in ("t0", "t1")], axis=0)),
                 variant="no b", task="all")]
    study["rows"] = clean(correct(rows, "holm"))
    study["primary"] = 2
    return study


def three_seeds():
    study = many("three", 2, 3, [["accuracy"]], placebo=False)
    study["rules"] = [["verdict_from", "", "3"]]
    study["verdicts"] = {"no a": None, "ends": "(3 seeds, assumes normal)"}
    return study


STUDIES = [many("two-tasks", 4, 5, [["accuracy"]] * 2), many("four-tasks", 4, 5, [["accuracy"]] * 4),
           many("points", 3, 5, [["accuracy"], ["loss", 2.0, 200, True], ["f1", 0.0]]),
           crossed("few-pretrainings", 3, 5), crossed("many-pretrainings", 6, 2), with_margin(), failures(), pairs(),
           half_factorial(), two_baselines(), named_rows(), three_seeds(),
           two_changes("floor", [.9, [.5] * 6, .9, [.5] * 6], "cannot say (floor)"),
           two_changes("floor-of-both", [.9, .89, .89, [.5] * 6], "either can go, not both, at least"),
           two_changes("scale", [.99, .95, .95, .80], "depends on the scale", sd=.002, majority=.1),
           full_and_bare(), outside(), all_failed(), raised(), hole()]


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if isinstance(x, np.generic):
        return x.item()
    return x


json.dump(plain(STUDIES), sys.stdout, indent=1)
print()
