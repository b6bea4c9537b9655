# SPDX-License-Identifier: Apache-2.0
"""Fractional factorials by pyDOE, for tests/unit/ablations/test_fraction.c.

usage: make_fractions.py >tests/reference/fractions.txt    (with pyDOE3 1.6)

A line per design: factors, cells, then each cell as a number whose bit k is the level of factor k. The
sign of a generated column is a convention: here all factors at their first level are a cell.
"""

from pyDOE3 import fracfact

DESIGNS = [
    "a b c d abcd",
    "a b c d e abcde",
    "a b c d e f abcdef",
    "a b c d e f abcd abef",
    "a b c d e f g abcdefg",
    "a b c d e f g acdfg bcefg",
    "a b c d e f g abcg bcde acdf",
    "a b c d e f g abcg bcde acdf abcdefg",
]

print("# SPDX-License-Identifier: Apache-2.0")
for words in DESIGNS:
    words = words.split()
    words = [w if len(w) % 2 else "-" + w for w in words]  # a product of an even number is +1 there
    cells = fracfact(" ".join(words))
    rows = sorted(sum(1 << k for k, x in enumerate(row) if x > 0) for row in cells)
    print(len(words), len(rows), *rows)
