#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes squad_cases.json, the reference of tests/unit/tasks/test_squad.c. No arguments; needs only Python.

The rules of SQuAD's official scripts (evaluate-v1.1.py, evaluate-v2.0.py) written out anew.

- "normal": texts and what they are compared as.
- "lower": the CRC-32, for blocks of 1,024 code points, of str.lower() of probe() for each of them, with
  "s" and "w" for white space and word characters.
- "v1", "v2": small gold files with predictions, probabilities, and the figures."""
import collections
import json
import pathlib
import re
import string
import unicodedata
import zlib

HERE = pathlib.Path(__file__).parent
# to which nothing has come since Unicode 14
BLOCKS = [*range(0, 0xC00, 0x400), *range(0x1000, 0x1C00, 0x400), *range(0x2000, 0x2C00, 0x400), 0xA400, 0xA800, 0xF800,
          0xFC00, 0x10400, 0x1D400, 0x1F000]

NORMAL = [
    "", "The", "a", "...", "the  a an", "The Harbour", "a.m.", "an a-frame", "the-end", "The End.",
    "well-known", "U.S.", "A_B the_cat", "\u0130stanbul", "Stra\u00dfe STRASSE", "\u1e9e", "non\u00a0breaking\u00a0the\u00a0end",
    "ideographic\u3000blank a\u3000an", "\u2013a\u2013 \u2014the\u2014", "\u201cThe\u201d quoted", "th\u00e9 the\u0301 the",
    "theatre anthem a1 1a the2", "\u0430 a \u0430", "\u039f\u0394\u039f\u03a3 \u03a3 \u03a3\u0391\u03a3. A\u03a3'B A\u03a3'",
    "a\u00adb a\u00ad the\u200bx", "\u00bd a\u00bd the\u2460", "tab\tand\nline\x1cend\x85next\u2028z", "$5,000 (about)", "a^b`c~d|e{f}",
    "A the An", "\u0e01the \u0e01 the", "\u1680the\u202fan\u205fx", "'The' 'a'", "\ufb01 a\ufb01", "\U0001f600the \U0001f600",
]


def probe(point):
    """Lower case, alone and where a sigma might be final."""
    c = chr(point)
    out = c.lower() + "A\u03a3".lower() + ("A" + c + "\u03a3").lower() + ("A\u03a3" + c).lower()
    return out + ("s" if c.isspace() else "") + ("w" if re.match(r"\w", c) else "") + "\n"


def checksum(block):
    out = "".join(probe(p) for p in range(block, block + 0x400) if known(p))
    return zlib.crc32(out.encode("utf-8"))


def known(point):
    return unicodedata.category(chr(point)) not in ("Cn", "Cs", "Co")


def normal(text):
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def exact(gold, said):
    return int(normal(gold) == normal(said))


def f1(gold, said, v2):
    g, s = normal(gold).split(), normal(said).split()
    same = sum((collections.Counter(g) & collections.Counter(s)).values())
    if v2 and (not g or not s):
        return int(g == s)
    if same == 0:
        return 0
    precision, recall = 1.0 * same / len(s), 1.0 * same / len(g)
    return (2 * precision * recall) / (precision + recall)


def plain_sum(values):
    """From left to right, as sum() was before Python 3.12."""
    total = 0
    for value in values:
        total += value
    return total


def score_v1(questions, said):
    total = len(questions)
    em = plain_sum(max(exact(g, said[i]) for g in gold) for i, gold in questions if i in said)
    f = plain_sum(max(f1(g, said[i], False) for g in gold) for i, gold in questions if i in said)
    return {"exact_match": 100.0 * em / total, "f1": 100.0 * f / total}


def best_threshold(scores, said, none, has):
    score = best = sum(1 for i in has if not has[i])
    threshold = 0.0
    for i in sorted(none, key=lambda i: none[i]):
        score += scores[i] if has[i] else -1 if said[i] else 0
        if score > best:
            best, threshold = score, none[i]
    return 100.0 * best / len(scores), threshold


def average_precision(scores, none, has):
    ids = sorted(none, key=lambda i: none[i])
    right, total, before = 0.0, 0.0, 0.0
    answerable = sum(1 for i in has if has[i])
    for n, i in enumerate(ids):
        if has[i]:
            right += scores[i]
        precision, recall = right / float(n + 1), right / float(answerable)
        if n == len(ids) - 1 or none[i] != none[ids[n + 1]]:
            total += precision * (recall - before)
            before = recall
    return 100.0 * total


def score_v2(questions, said, none):
    has = {i: bool(gold) for i, gold in questions}
    em, f = {}, {}
    for i, gold in questions:
        gold = [g for g in gold if normal(g)] or [""]
        em[i] = max(exact(g, said[i]) for g in gold)
        f[i] = max(f1(g, said[i], True) for g in gold)
    settle = lambda scores: {i: float(not has[i]) if none and none[i] > 1.0 else s for i, s in scores.items()}
    em2, f2, out = settle(em), settle(f), {}
    for prefix, ids in (("", list(has)), ("HasAns_", [i for i in has if has[i]]), ("NoAns_", [i for i in has if not has[i]])):
        if ids:
            out[prefix + "exact"] = 100.0 * plain_sum(em2[i] for i in ids) / len(ids)
            out[prefix + "f1"] = 100.0 * plain_sum(f2[i] for i in ids) / len(ids)
            out[prefix + "total"] = len(ids)
    if none:
        out["best_exact"], out["best_exact_thresh"] = best_threshold(em, said, none, has)
        out["best_f1"], out["best_f1_thresh"] = best_threshold(f, said, none, has)
        if any(has.values()):
            out["pr_exact_ap"] = average_precision(em, none, has)
            out["pr_f1_ap"] = average_precision(f, none, has)
            out["pr_oracle_ap"] = average_precision({i: float(h) for i, h in has.items()}, none, has)
    return out


# id, gold answers, prediction (None: there is none), probability of no answer
V1 = [
    ("q1", ["the old harbour", "harbour", "old harbour"], "The harbour", 0),
    ("q2", ["7 a.m."], "7 am", 0),
    ("q3", ["the end"], "the-end", 0),
    ("q4", ["The"], "a", 0),
    ("q5", ["The", "boats"], "boats", 0),
    ("q6", ["three red boats by the red shed"], "red red red shed", 0),
    ("q7", ["\u0130zmir"], "i\u0307zmir", 0),
    ("q8", ["Stra\u00dfe"], "strasse", 0),
    ("q9", ["two\u00a0ropes"], "two ropes", 0),
    ("q10", ["two\u3000ropes", "two\u3000ropes"], "ropes", 0),
    ("q11", ["a long rope of hemp"], None, 0),
    ("q12", ["in 1871, it seems"], "1871", 0),
]
V2 = [
    ("r1", ["the old harbour", "harbour"], "harbour wall", .2),
    ("r2", [], "", .9),
    ("r3", [], "the", .3),
    ("r4", [], "a boat", .3),
    ("r5", ["the"], "", .3),
    ("r6", ["the", "seven boats"], "seven", .1),
    ("r7", ["a rope"], "", .8),
    ("r8", ["seven"], "seven", .95),
    ("r9", ["north"], "north", 1.5),
    ("r10", [], "south", 1.5),
    ("r11", ["low tide"], "low tide", .1),
    ("r12", ["..."], "the", -2),
]


def case(rows, v2, order, with_none=True):
    questions = [(i, gold) for i, gold, _, _ in rows]
    said = {i: s for i, _, s, _ in rows if s is not None}
    by_id = {i: p for i, _, _, p in rows}
    none = {i: by_id[i] for i in order} if v2 and with_none else None
    figures = score_v2(questions, said, none) if v2 else score_v1(questions, said)
    data = {"title": "harbour", "paragraphs": [{"context": "", "qas": [
        {"id": i, "question": "?", "answers": [{"text": g, "answer_start": 0} for g in gold]} for i, gold in questions]}]}
    return {"v2": v2, "gold": {"version": "v2.0" if v2 else "1.1", "data": [data]}, "predictions": said, "no_answer": none, "figures": figures}


def main():
    ids = [row[0] for row in V2]
    cases = [case(V1, False, []), case(V2, True, ids), case(V2, True, ids[::-1]), case(V2, True, ids, False),
             case([r for r in V2 if not r[1]], True, [r[0] for r in V2 if not r[1]]),
             case([r for r in V2 if r[1]], True, [r[0] for r in V2 if r[1]])]
    result = {"normal": [[text, normal(text)] for text in NORMAL],
              "lower": [[block, checksum(block)] for block in BLOCKS], "cases": cases}
    text = json.dumps(result, separators=(",", ":")).replace('{"v2"', '\n{"v2"')
    (HERE / "squad_cases.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
