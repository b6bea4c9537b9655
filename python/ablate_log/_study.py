# SPDX-License-Identifier: Apache-2.0
"""Studies that `ablate` has run, as pandas frames: read_study()."""

import os
import pathlib
import re
import sqlite3


def _unquoted(text):
    """A plain YAML scalar on one line, without its comment."""
    text = text.strip()
    if text[:1] == "'":
        return re.match(r"'((?:[^']|'')*)'", text).group(1).replace("''", "'")
    if text[:1] == '"':
        import json

        return json.loads(re.match(r'"(?:[^"\\]|\\.)*"', text).group(0))
    return re.sub(r"\s+#.*$", "", text)


def _name_of(study):
    """The name of a study, or that within its file."""
    study = os.fspath(study)
    if not study.endswith((".yaml", ".yml")):
        return study
    with open(study, encoding="utf-8-sig") as file:
        for line in file:
            found = re.match(r"""(?:study|'study'|"study")\s*:\s+(\S.*)$""", line)
            if found:
                return _unquoted(found.group(1))
    raise ValueError("ablate_log: '%s' has no line 'study: NAME'" % study)


def _open(store):
    database = pathlib.Path(store, "results.db")
    if not database.is_file():
        raise FileNotFoundError(
            "ablate_log: '%s' is no store of ablate: it has no results.db" % os.fspath(store)
        )
    uri = database.absolute().as_uri()
    db = sqlite3.connect(uri + "?mode=ro", uri=True, timeout=30)
    try:
        db.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError:
        # a folder that cannot be written to, as on a read-only disk: nobody writes then
        db.close()
        if os.access(database.parent, os.W_OK):
            raise
        db = sqlite3.connect(uri + "?immutable=1", uri=True)
    return db


def read_study(study, store=None):
    """The trials of a study, one a row, as a pandas frame: variant, task, seed, state, the options
    that vary, and the final metrics - the columns of the database's view `trials`.

    `study` is its name, or the path of its file (.yaml); `store` the results folder: $ABLATE_STORE,
    else "ablate-store". The database is only read; that is safe while `ablate run` is at work.
    """
    import pandas

    name = _name_of(study)
    db = _open(store or os.environ.get("ABLATE_STORE") or "ablate-store")
    try:
        trials = pandas.read_sql_query("SELECT * FROM trials WHERE study = ?", db, params=(name,))
        if trials.empty:
            there = [row[0] for row in db.execute("SELECT DISTINCT study FROM trials ORDER BY study")]
            raise ValueError(
                "ablate_log: the store has no study '%s'; it has: %s" % (name, ", ".join(there) or "none")
            )
    finally:
        db.close()
    return trials
