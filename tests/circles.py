#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No circle of files: of two files of the program, only one may call the other, on any way round.

usage: circles.py BUILD      prints TAP; looks at the symbols of the objects that were built
"""
import pathlib
import re
import subprocess
import sys

FOLDERS = ("core", "ablations", "results", "plots", "experiments", "peers")


def symbols(build):
    """Names that each object defines, and those that it needs; a file of two libraries counts once."""
    defined, needed, name_of = {}, {}, {}
    for path in sorted(build.rglob("*.c.o")):
        parts = path.relative_to(build).parts
        if parts[0] in FOLDERS and "double" not in str(path):
            name_of[str(path)] = "/".join(p for p in parts if not p.endswith(".p"))[: -len(".c.o")]
    listing = subprocess.run(["nm", "-g", "-A", *name_of], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        path, rest = line.split(":", 1)
        kind, symbol = rest.split()[-2:]
        if kind == "U":
            needed.setdefault(name_of[path], set()).add(symbol)
        elif re.fullmatch("[TDRBVW]", kind):
            defined[symbol] = name_of[path]
            needed.setdefault(name_of[path], set())
    return defined, needed


def circles(graph):
    """Strongly connected parts of more than one file (Tarjan 1972)."""
    index, low, stack, on, found = {}, {}, [], set(), []

    def visit(v):
        index[v] = low[v] = len(index)
        stack.append(v)
        on.add(v)
        for w in graph[v]:
            if w not in index:
                visit(w)
                low[v] = min(low[v], low[w])
            elif w in on:
                low[v] = min(low[v], index[w])
        if low[v] == index[v]:
            part = []
            while True:
                part.append(stack.pop())
                on.discard(part[-1])
                if part[-1] == v:
                    break
            if len(part) > 1:
                found.append(sorted(part))

    for v in graph:
        if v not in index:
            visit(v)
    return found


def main():
    sys.setrecursionlimit(10000)
    defined, needed = symbols(pathlib.Path(sys.argv[1]))
    graph = {n: {defined[s] for s in names if defined.get(s, n) != n} for n, names in needed.items()}
    found = circles(graph)
    print("1..1")
    print(f"{'not ' if found or len(graph) < 100 else ''}ok 1 - no circle among {len(graph)} files")
    for part in found:
        print("#", ", ".join(part))


main()
