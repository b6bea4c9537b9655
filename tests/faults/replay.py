#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts, from a trace of file operations (trace.c), as ALICE makes them.

STORE is its path in the trace and, as it was left, from here.

For every prefix of the trace the folder is built that a disk may have after a cut there: with all
operations, and without one or two of those that no sync had made last by then. What lasts:

    bytes and length of a file   after a sync of that file
    an entry of a folder         after a sync of the folder that it is in; a rename after a sync of
                                 either folder. A sync of a file does not make its entry last

In each the database must be well formed and have every stage that was done when it last was synced;
and each stage that it says is done has its artefact with the bytes that it was published with. One that
no sync has made last may be missing whole: it is made again. Copies of code and files of unpacked
studies are there as they were when the database last was synced. A sample of the folders is written to
FOLDER/N, for whoever wants to go on in them.
"""
import argparse
import os
import random
import sqlite3
import sys
import tempfile

ROOT = 0
SYNCS = {"sync", "syncfs"}
ENTRIES = {"create", "mkdir", "symlink", "rename", "link", "unlink", "rmdir"}


class Tree:
    """Files and folders by number: a folder is a dict of numbers, a file its bytes."""

    def __init__(self):
        self.node = {ROOT: {}}

    def find(self, path):
        at = ROOT
        for part in path.split("/") if path else ():
            at = self.node[at].get(part) if isinstance(self.node.get(at), dict) else None
        return at

    def apply(self, op):
        name = op["name"]
        if name in ("create", "mkdir", "symlink"):
            self.node.setdefault(op["id"], {} if name == "mkdir" else bytearray())
            self.node[op["folder"]][op["entry"]] = op["id"]
        elif name in ("unlink", "rmdir"):
            self.node[op["folder"]].pop(op["entry"], None)
        elif name in ("rename", "link"):
            if name == "rename" and self.node[op["from"]].get(op["source"]) == op["id"]:
                del self.node[op["from"]][op["source"]]
            self.node[op["folder"]][op["entry"]] = op["id"]
        elif name == "truncate":
            data = self.node[op["id"]]
            del data[op["at"] :]
            data.extend(bytes(op["at"] - len(data)))
        elif name == "write":
            data, at = self.node[op["id"]], op["at"]
            data.extend(bytes(max(0, at - len(data))))
            data[at : at + len(op["bytes"])] = op["bytes"]

    def files(self, at, below=""):
        """Of a folder and of those in it: name and bytes; a folder's name ends with a slash."""
        found = {}
        for name, inner in self.node[at].items():
            if isinstance(self.node[inner], dict):
                found[below + name + "/"] = None
                found.update(self.files(inner, below + name + "/"))
            else:
                found[below + name] = bytes(self.node[inner])
        return found


def parent(tree, path):
    above, _, entry = path.rpartition("/")
    return (tree.find(above) if above else ROOT), entry


def read_trace(path, store):
    """The operations with the numbers of what they are about, the tree at the end, and the artefacts
    as they were before anything of them was removed."""
    ops, tree, artifacts = [], Tree(), {}
    with open(path, "rb") as f:
        while line := f.readline():
            name, first, second, at, length = line.decode().rstrip("\n").split("\t")
            op = {"name": name, "at": int(at), "bytes": f.read(int(length)), "path": first}
            path = second if name in ("rename", "link") else first
            op["folder"], op["entry"] = parent(tree, path)
            op["id"] = tree.find(first)
            if name == "rename":
                op["from"], op["source"] = parent(tree, first)
            if name in ("create", "mkdir", "symlink"):
                op["id"] = len(ops) + 1
            if op["id"] is None or op["folder"] is None or first.endswith("-shm"):
                continue  # of a file that has no name any more; memory that processes share
            if name in ("unlink", "rmdir") and first.startswith(store + "/artifacts/"):
                of = first[len(store) + 1 :].split("/")[1]
                artifacts.setdefault(of, tree.files(tree.find(f"{store}/artifacts/{of}")))
            ops.append(op)
            tree.apply(op)
    for of, at in tree.node[tree.find(store + "/artifacts")].items():
        artifacts.setdefault(of, tree.files(at))
    return ops, tree, artifacts


def last_from(ops):
    """For each operation the first sync behind it that makes it last."""
    synced, never = {}, len(ops) + 1
    last = [never] * len(ops)
    for i in range(len(ops) - 1, -1, -1):
        op = ops[i]
        if op["name"] == "sync":
            synced[op["id"]] = i
        elif op["name"] == "syncfs":
            synced, never = {}, i
        elif op["name"] in ENTRIES:
            folders = [op["folder"]] + ([op["from"]] if op["name"] == "rename" else [])
            last[i] = min(synced.get(f, never) for f in folders)
        else:
            last[i] = synced.get(op["id"], never)
    return last


def build(ops, cut, without):
    tree = Tree()
    for op in ops:  # what has lost its name is written to all the same
        if op["name"] in ("create", "mkdir", "symlink"):
            tree.node[op["id"]] = {} if op["name"] == "mkdir" else bytearray()
    for i in range(cut):
        if i not in without and ops[i]["name"] not in SYNCS:
            tree.apply(ops[i])
    return tree


class Checker:
    def __init__(self, ops, artifacts, store):
        self.ops, self.artifacts, self.store, self.faults = ops, artifacts, store, []
        self.scratch = tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        self.missing = 0

    def done(self, tree):
        """The stages that the database says are done, with their artefacts; or what is wrong."""
        base = os.path.join(self.scratch.name, "results.db")
        for ending in ("", "-wal", "-journal", "-shm"):
            at = tree.find(self.store + "/results.db" + ending)
            if os.path.exists(base + ending):
                os.unlink(base + ending)
            if at is not None:
                with open(base + ending, "wb") as f:
                    f.write(tree.node[at])
        if not os.path.exists(base) or tree.find(self.store) is None:
            return {}, None
        db = sqlite3.connect(base)
        try:
            said = db.execute("PRAGMA integrity_check").fetchone()[0]
            if said != "ok":
                return {}, said
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'stage'").fetchone():
                return {}, None
            return dict(db.execute("SELECT key, artifact FROM stage WHERE state = 'done'")), None
        except sqlite3.Error as e:
            return {}, str(e)
        finally:
            db.close()

    def artifact(self, tree, name):
        """None: it is whole; otherwise what it is."""
        at = tree.find(self.store + "/" + name)
        if at is None:
            return "missing"
        mine, wanted = tree.files(at), self.artifacts[name.partition("/")[2]]
        for n in sorted(set(mine) | set(wanted)):
            if mine.get(n, 0) != wanted.get(n, 0):
                return f"another: '{n}'"
        return None

    def beside(self, tree):
        """What rows of the database name, but for artefacts."""
        found = {}
        for name in ("code", "unpacked"):
            at = tree.find(f"{self.store}/{name}")
            found.update(tree.files(at, name + "/") if at is not None else {})
        return {n: b for n, b in found.items() if ".tmp" not in n}

    def check(self, cut, without, durable, files):
        tree = build(self.ops, cut, without)
        done, wrong = self.done(tree)
        where = f"cut at {cut}" + "".join(
            f", without {i} ({self.ops[i]['name']} {self.ops[i]['path']})" for i in sorted(without)
        )
        if wrong:
            self.faults.append(f"{where}: the database: {wrong}")
        for key in durable:
            if not wrong and key not in done:
                self.faults.append(f"{where}: {key} was done, and is not")
        mine = self.beside(tree)
        for name in files:
            if name not in mine or mine[name] != files[name]:
                self.faults.append(f"{where}: '{name}' is {'another' if name in mine else 'missing'}")
        for key, name in done.items():
            is_so = self.artifact(tree, name) if name else None
            self.missing += is_so == "missing"
            if is_so and (is_so != "missing" or key in durable):
                self.faults.append(f"{where}: the artefact of {key} is {is_so}")
        return tree


def write_out(tree, at, folder):
    os.makedirs(folder, exist_ok=True)
    for name, data in tree.files(at).items():
        path = os.path.join(folder, name)
        if data is None:
            os.makedirs(path, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as f:
                f.write(data)


def same_as_disk(tree, at, folder):
    """What the trace does not tell. Logs are written by stdio."""
    faults, known = [], tree.files(at)
    for name, data in known.items():
        path = os.path.join(folder, name)
        if data is not None and not name.startswith("logs/") and not name.endswith("-shm"):
            if not os.path.exists(path) or open(path, "rb").read() != data:
                faults.append(f"the trace has '{name}' otherwise than the disk")
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.relpath(os.path.join(top, name), folder)
            if path not in known and not path.startswith("logs/") and not path.endswith("-shm"):
                faults.append(f"the trace has no '{path}'")
    return faults


def choose(loose, singles, pairs, rng):
    """None, single ones, among them the last, and pairs of the operations that may be lost."""
    last = loose[-5:]
    ones = loose if len(loose) <= singles else rng.sample(loose[:-5], singles - 5) + last
    return [set()] + [{i} for i in ones] + [set(rng.sample(ones, 2)) for _ in range(pairs if len(ones) > 1 else 0)]


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("trace")
    a.add_argument("store")
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--stride", type=int, default=1)
    a.add_argument("--singles", type=int, default=20, help="at most, of each prefix")
    a.add_argument("--pairs", type=int, default=10, help="at most, of each prefix")
    a.add_argument("--keep", type=int, default=0, help="how many folders are written")
    a.add_argument("--folder", default="cuts", help="where")
    o = a.parse_args()
    rng = random.Random(o.seed)
    store = o.store.rstrip("/")
    ops, final, artifacts = read_trace(o.trace, store)
    last = last_from(ops)
    c = Checker(ops, artifacts, store)
    c.faults += same_as_disk(final, final.find(store), o.store)
    cases, durable, files, synced_until, names = [], set(), {}, set(), {}
    for i, op in enumerate(ops):  # when did the database last?
        names[op["id"]] = op["entry"] if op["name"] == "create" else names.get(op["id"], "")
        if op["name"] in SYNCS and names.get(op["id"], "results.db").startswith("results.db"):
            synced_until.add(i + 1)
    tried = 0
    for cut in range(1, len(ops) + 1):
        if cut in synced_until:
            whole = build(ops, cut, ())
            durable = set(c.done(whole)[0])
            files = c.beside(whole) if durable else {}
        if cut % o.stride and cut != len(ops):
            continue
        loose = [i for i in range(cut) if last[i] >= cut and ops[i]["name"] not in SYNCS]
        for without in choose(loose, o.singles, o.pairs, rng):
            c.check(cut, without, durable, files)
            tried += 1
            cases.append((cut, without))
    for n, (cut, without) in enumerate(rng.sample(cases, min(o.keep, len(cases)))):
        tree = build(ops, cut, without)
        at = tree.find(store)
        if at is not None:
            write_out(tree, at, os.path.join(o.folder, str(n)))
    for fault in c.faults[:20]:
        print(fault)
    print(f"{len(ops)} operations, {tried} folders, {c.missing} artefacts to be made again, {len(c.faults)} faults")
    return bool(c.faults)


if __name__ == "__main__":
    sys.exit(main())
