#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes tagging.json: taggings and what seqeval and scikit-learn say of them, for tests/unit/tasks/test_tag_score.c.

usage: make_tagging.py > tagging.json     (needs seqeval 1.2, scikit-learn)

seqeval's default mode reads tags as conlleval.pl does; "strict" is its scheme IOB2, asked only where
every tag is B-, I- or O. "surface" is F1 of the set of (words, type), each counted once.
"""
import json
import random
import sys
import warnings

import seqeval
import sklearn
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2
from sklearn.metrics import accuracy_score

warnings.simplefilter("ignore")
draw = random.Random(4)

# name: (gold, predicted), sentences divided by "|"
EDGES = {
    "right": ("B-per I-per O B-loc | O B-org", "B-per I-per O B-loc | O B-org"),
    "I after O": ("O I-per I-per O", "O B-per I-per O"),
    "I opens a sentence": ("I-per O | I-per", "B-per O | B-per"),
    "type changes inside": ("B-per I-loc O", "B-per B-loc O"),
    "type changes inside, other type": ("B-per I-loc O", "B-per I-per O"),
    "I I of two types": ("I-per I-loc", "B-per B-loc"),
    "B B": ("B-per B-per O", "B-per I-per O"),
    "B I B": ("B-per I-per B-per", "B-per I-per I-per"),
    "nothing predicted": ("B-per O | O", "O O | O"),
    "nothing in gold": ("O O | O", "B-per O | B-loc"),
    "nothing in either": ("O O | O", "O O | O"),
    "types with dashes": ("B-creative-work I-creative-work O B-creative",
                          "B-creative-work I-creative-work O B-creative-work"),
    "IO form": ("I-per I-per O I-loc | I-loc O", "I-per O O I-loc | I-loc I-loc"),
    "IOB1": ("I-per B-per I-per O I-loc", "I-per I-per I-per O I-loc"),
    "IOBES": ("S-per O B-loc I-loc E-loc S-org", "S-per O B-loc E-loc S-loc S-org"),
    "IOBES, ends missing": ("S-per S-per E-loc E-loc I-loc", "B-per S-per E-loc I-loc I-loc"),
    "IOE2": ("I-per E-per E-per O I-loc E-loc", "I-per I-per E-per O E-loc E-loc"),
    "a sentence ends inside": ("O B-per | I-per O", "O B-per | B-per O"),
    "a sentence ends inside, predicted": ("O B-per | O O", "O B-per | I-per O"),
    "bounds": ("B-per I-per I-per O", "B-per I-per O O"),
    "another type": ("B-per I-per O", "B-loc I-loc O"),
    "tags without types": ("B I O B O", "B I O O B"),
    "parts of speech": ("NOUN VERB DET NOUN | PRON VERB", "NOUN VERB DET ADJ | PRON NOUN"),
    "other letters": ("U-per L-per O . -LRB-", "U-per U-per O . O"),
    "no English type": ("B-Ort I-Ort O B-Größe", "B-Ort O O B-Größe"),
    "twice the same": ("B-per O B-per O", "B-per O O O"),
}


def random_case(kinds, types):
    def tag():
        return "O" if draw.random() < .5 else f"{draw.choice(kinds)}-{draw.choice(types)}"

    gold = [[tag() for _ in range(draw.randint(1, 9))] for _ in range(draw.randint(1, 12))]
    return gold, [[t if draw.random() < .7 else tag() for t in s] for s in gold]


def is_iob2(sentences):
    return all(t == "O" or (t[:2] in ("B-", "I-") and t[2:]) for s in sentences for t in s)


def words_of(gold):
    """Few different words, so that the same entity comes twice."""
    return [[f"w{(3 * i + k) % 4}" for k in range(len(s))] for i, s in enumerate(gold)]


def surface(words, tags):
    found = set()
    for w, s in zip(words, tags):
        found |= {(" ".join(w[a:b + 1]), kind) for kind, a, b in get_entities(s)}
    return found


def surface_f1(gold, predicted):
    words = words_of(gold)
    g, p = surface(words, gold), surface(words, predicted)
    precision, recall = len(g & p) / len(p) if p else 0.0, len(g & p) / len(g) if g else 0.0
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def strict(gold, predicted):
    if not is_iob2(gold) or not is_iob2(predicted):
        return None
    if not any(t[0] == "B" for s in gold + predicted for t in s):
        return 0.0  # where neither side has an entity seqeval 1.2 has no answer; ours is 0
    return float(f1_score(gold, predicted, mode="strict", scheme=IOB2))


def macro(gold, predicted):
    if not get_entities(gold) and not get_entities(predicted):
        return 0.0  # as above
    return float(f1_score(gold, predicted, average="macro"))


def case(name, gold, predicted):
    flat, guesses = sum(gold, []), sum(predicted, [])
    most = max(flat.count(t) for t in flat)
    out = {"name": name, "words": words_of(gold), "gold": gold, "predicted": predicted,
           "accuracy": float(accuracy_score(flat, guesses)), "majority": most / len(flat),
           "precision": float(precision_score(gold, predicted)),
           "recall": float(recall_score(gold, predicted)),
           "entity_f1": float(f1_score(gold, predicted)),
           "entity_f1_macro": macro(gold, predicted),
           "surface_f1": surface_f1(gold, predicted)}
    exact = strict(gold, predicted)
    if exact is not None:
        out["entity_f1_strict"] = exact
    return out


def main():
    cases = [case(name, *([s.split() for s in side.split("|")] for side in sides))
             for name, sides in EDGES.items()]
    for i in range(12):
        kinds, types = (("BI", "BIES", "I")[i % 3], ["per", "loc", "creative-work"][:1 + i % 3])
        cases.append(case(f"random {i}", *random_case(kinds, types)))
    made_with = {"seqeval": getattr(seqeval, "__version__", "1.2"), "sklearn": sklearn.__version__}
    lines = ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases)
    sys.stdout.write(f'{{"made_with": {json.dumps(made_with)},\n"cases": [\n{lines}\n]}}\n')


main()
