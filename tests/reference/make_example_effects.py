#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes example_effects.json: stored predictions as the tasks write them, and what they say of an effect with
another dev set and another seed, for tests/unit/results/test_example_effect.c.

usage: make_example_effects.py > example_effects.json    (needs numpy, scipy, scikit-learn, statsmodels, seqeval)

Metrics are scikit-learn's, SciPy's and seqeval's, computed anew without each example in turn; mean squares are
those of statsmodels' two-way table.
"""
import json
import sys

import numpy as np
import pandas
import seqeval.metrics
from scipy import stats
from sklearn import metrics
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm
from statsmodels.stats.contingency_tables import mcnemar

rng = np.random.default_rng(20)


def interval(values, base, groups, level=0.05):
    """values, base [seeds, examples]: pseudo-values or means; groups: the unit of each seed."""
    d = np.array([(values - base)[[g == u for g in groups]].mean(axis=0) for u in dict.fromkeys(groups)])
    n, m = d.shape
    out = {"n": n, "examples": m, "estimate": d.mean(), "error": d.mean(axis=0).std(ddof=1) / np.sqrt(m)}
    if n == 1:
        b, c = int((d > 0).sum()), int((d < 0).sum())
        out |= {"gained": b, "lost": c}
        if set(np.unique(d)) <= {-1.0, 0.0, 1.0}:
            out["mcnemar"] = mcnemar([[0, b], [c, 0]], exact=True).pvalue
        return out
    frame = pandas.DataFrame([(s, e, d[s, e]) for s in range(n) for e in range(m)], columns=["s", "e", "d"])
    table = anova_lm(ols("d ~ C(s) + C(e)", frame).fit())
    ms = table["mean_sq"].to_numpy()
    variance = max(ms[0] + ms[1] - ms[2], ms[0]) / (n * m)
    df = max(n - 1, (ms[0] + ms[1] - ms[2]) ** 2 /
             (ms[0] ** 2 / (n - 1) + ms[1] ** 2 / (m - 1) + ms[2] ** 2 / ((n - 1) * (m - 1))))
    half = stats.t.ppf(1 - level / 2, df) * np.sqrt(variance)
    return out | {"ms_units": ms[0], "ms_examples": ms[1], "ms_rest": ms[2], "df": df, "total": np.sqrt(variance),
                  "low": d.mean() - half, "high": d.mean() + half,
                  "p": 2 * stats.t.sf(abs(d.mean()) / np.sqrt(variance), df)}


def within(values, base, groups, level=0.05):
    """For these groups: the seeds' mean square and the rest are those within them."""
    d = values - base
    n, m = d.shape
    p = len(set(groups))
    centred = d - np.array([d[[g == u for g in groups]].mean(axis=0) for u in groups])
    seeds = m * (centred.mean(axis=1) ** 2).sum() / (n - p)
    rest = ((centred - centred.mean(axis=1, keepdims=True)) ** 2).sum() / ((n - p) * (m - 1))
    examples = n * d.mean(axis=0).var(ddof=1)
    variance = max(seeds + examples - rest, seeds) / (n * m)
    df = max(n - p, (seeds + examples - rest) ** 2 /
             (seeds ** 2 / (n - p) + examples ** 2 / (m - 1) + rest ** 2 / ((n - p) * (m - 1))))
    half = stats.t.ppf(1 - level / 2, df) * np.sqrt(variance)
    return {"n": n, "examples": m, "estimate": d.mean(), "ms_units": seeds, "ms_examples": examples, "ms_rest": rest,
            "df": df, "total": np.sqrt(variance), "low": d.mean() - half, "high": d.mean() + half}


def pseudo(score, gold, said):
    """Delete-one pseudo-values, moved so that their mean is the score."""
    m = len(gold)
    without = [score(gold[:i] + gold[i + 1:], said[:i] + said[i + 1:]) for i in range(m)]
    values = np.array([m * score(gold, said) - (m - 1) * w for w in without])
    return values + score(gold, said) - values.mean()


def most(names):
    return max(sorted(set(names)), key=names.count)


def majority(kind, metric, score, gold):
    """What a run that diverged counts as; None where the files do not say."""
    if kind == "classify":
        return float(score(gold, [most(gold)] * len(gold)))
    if kind == "tag":
        tag = most([t for s in gold for t in s])
        return float(score(gold, [[tag] * len(s) for s in gold]))
    if kind == "regress":
        return 0.0 if metric == "pearson" else float(score(gold, [float(np.mean(gold))] * len(gold)))
    return None


def case(name, kind, metric, gold, arms, score, write, mean_of=None, groups=None):
    """arms: base and variant, each [seed] predictions. write(gold, said, seed) is a file."""
    seeds = len(arms[0])
    groups = groups or list(range(seeds))
    values = [np.array([mean_of(gold, said) if mean_of else pseudo(score, gold, said) for said in arm])
              for arm in arms]
    return {"name": name, "type": kind, "metric": metric, "seeds": seeds,
            "seeds_per_pretraining": groups.count(groups[0]) if len(set(groups)) < seeds else 0,
            "majority": majority(kind, metric, score, gold),
            "told": [[float(score(gold, said)) for said in arm] for arm in arms],
            "files": [[write(gold, said, seed) for seed, said in enumerate(arm)] for arm in arms],
            "expected": interval(values[1], values[0], groups)}


def class_file(gold, said, seed):
    return "line\tgold\tprediction\tprobability\n" + "".join(
        f"{i + 2}\t{g}\t{p}\t0.51000\n" for i, (g, p) in enumerate(zip(gold, said)))


def number_file(gold, said, seed):
    return "line\tgold\tprediction\n" + "".join(f"{i + 2}\t{g}\t{p:.6f}\n" for i, (g, p) in enumerate(zip(gold, said)))


def answer_file(gold, said, seed):
    return "id\tgold\tprediction\tprobability\tno_answer\texact\tf1\n" + "".join(
        f"q{i}\t{g}\tx\t0.51000\t0.00000\t{int(f == 1)}\t{f:.6f}\n" for i, (g, f) in enumerate(zip(gold, said)))


def mark_file(gold, said, seed):
    """A program may tell them in any order."""
    rows = [f"q{i}\t{p:g}\n" for i, p in enumerate(said)]
    if seed % 2:
        rows.reverse()
    return "id\tcorrect\n" + "".join(rows)


def guesses(gold, labels, seeds, skill):
    """Some examples are hard for every seed."""
    hard = rng.uniform(size=len(gold))
    return [[g if rng.uniform() < skill + 0.3 * (h < 0.5) else str(rng.choice(labels)) for g, h in zip(gold, hard)]
            for _ in range(seeds)]


def tagged(sentences, seeds, skill):
    def disturb(tags):
        return [t if rng.uniform() < skill else str(rng.choice(["O", "B-per", "I-per", "B-loc"])) for t in tags]
    return [[disturb(s) for s in sentences] for _ in range(seeds)]


def tag_file(gold, said, seed):
    return "line\tgold\tprediction\tprobability\n" + "".join(
        f"{10 * i + 1}\t{' '.join(g)}\t{' '.join(p)}\t0.51000\n" for i, (g, p) in enumerate(zip(gold, said)))


def words_right(gold, said):
    return float(np.mean([a == b for g, p in zip(gold, said) for a, b in zip(g, p)]))


def right(gold, said):
    return np.array([float(g == p) for g, p in zip(gold, said)])


def cases():
    two = [str(x) for x in rng.choice(["0", "1"], size=60, p=[0.6, 0.4])]
    three = [str(x) for x in rng.choice(["no", "maybe", "yes"], size=60)]
    pair = [guesses(two, ["0", "1"], 5, 0.4), guesses(two, ["0", "1"], 5, 0.6)]
    triple = [guesses(three, ["no", "maybe", "yes"], 6, 0.3), guesses(three, ["no", "maybe", "yes"], 6, 0.5)]
    accuracy = metrics.accuracy_score
    yield case("accuracy", "classify", "accuracy", two, pair, accuracy, class_file, right)
    yield case("one pair", "classify", "accuracy", two, [arm[:1] for arm in pair], accuracy, class_file, right)
    yield case("pre-trainings", "classify", "accuracy", three, triple, accuracy, class_file, right,
               groups=[0, 0, 1, 1, 2, 2])
    yield case("one checkpoint", "classify", "accuracy", three, triple, accuracy, class_file, right,
               groups=[0, 0, 0, 0, 0, 0]) | {"expected": interval(
                   np.array([right(three, s) for s in triple[1]]), np.array([right(three, s) for s in triple[0]]),
                   list(range(6)))}
    rights = [np.array([right(three, s) for s in arm]) for arm in triple]
    yield case("within", "classify", "accuracy", three, triple, accuracy, class_file, right,
               groups=[0, 0, 1, 1, 2, 2]) | {"within": True, "expected": within(
                   rights[1], rights[0], [0, 0, 1, 1, 2, 2])}
    yield case("f1", "classify", "f1", two, pair, lambda g, p: metrics.f1_score(g, p, pos_label="1"), class_file)
    yield case("f1 macro", "classify", "f1_macro", three, triple, lambda g, p: metrics.f1_score(g, p, average="macro"),
               class_file)
    yield case("matthews", "classify", "matthews", three, triple, metrics.matthews_corrcoef, class_file)
    numbers = [round(float(x), 2) for x in rng.uniform(0, 5, 50)]
    guessed = [[[round(x + float(rng.normal(0, s)), 6) for x in numbers] for _ in range(4)] for s in (1.5, 1)]
    yield case("mse", "regress", "mse", numbers, guessed, metrics.mean_squared_error, number_file,
               lambda g, p: (np.array(g) - np.array(p)) ** 2)
    yield case("pearson", "regress", "pearson", numbers, guessed, lambda g, p: stats.pearsonr(p, g).statistic,
               number_file)
    words = ["word"] * 40
    f1s = [[[round(float(x), 6) for x in rng.choice([0, 0.5, 2 / 3, 1], size=40, p=p)] for _ in range(3)]
           for p in ([0.4, 0.2, 0.2, 0.2], [0.2, 0.2, 0.2, 0.4])]
    yield case("answers", "span", "f1", words, f1s, lambda g, p: float(np.mean(p)), answer_file,
               lambda g, p: np.array(p))
    yield case("exact", "span", "exact_match", words, f1s, lambda g, p: float(np.mean(np.array(p) == 1)), answer_file,
               lambda g, p: (np.array(p) == 1).astype(float))
    marks = [[[float(x) for x in rng.uniform(size=80) < p] for _ in range(5)] for p in (0.6, 0.7)]
    yield case("percent", "", "accuracy", [0] * 80, marks, lambda g, p: round(100 * float(np.mean(p)), 1), mark_file,
               lambda g, p: 100 * np.array(p))
    sentences = [[str(t) for t in rng.choice(["O", "O", "B-per", "I-per", "B-loc"], size=rng.integers(3, 9))]
                 for _ in range(40)]
    tags = [tagged(sentences, 4, 0.7), tagged(sentences, 4, 0.85)]
    yield case("words", "tag", "accuracy", sentences, tags, words_right, tag_file)
    yield case("entities", "tag", "entity_f1", sentences, tags, seqeval.metrics.f1_score, tag_file)


json.dump({"cases": list(cases())}, sys.stdout, indent=1)
print()
