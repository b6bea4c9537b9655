# SPDX-License-Identifier: Apache-2.0
"""usage: change_store.py STORE names|many

Changes a store of plot_store.h: `names` gives the study of that name texts that could trip over a page;
`many` gives the study 'waiting' 10,000 trials with results."""
import pathlib
import sqlite3
import sys

NAMES = [  # and what they could do
    "<img src=x onerror=\"window.hit=1\">",
    "</script><script>window.hit=2</script>",
    "a\u2028b\u2029c </style> <!-- & &amp; \"q\" 'p'",
    "\u202egnol\u2066 \u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627",
    "long " + "x" * 295,
    "=1+1|'calc'!A0",
]


def put_names(db):
    study, = db.execute("SELECT id FROM study WHERE name = 'names'").fetchone()
    db.execute("UPDATE study SET about = ?, text = ? WHERE id = ?",
               (" ".join(NAMES), "study: x\n" + "\n".join(NAMES), study))
    variants = db.execute("SELECT id FROM variant WHERE study_id = ? AND kind <> 'baseline' "
                          "ORDER BY id", (study,)).fetchall()
    for (variant,), name in zip(variants, NAMES[:2] + NAMES[3:]):
        db.execute("UPDATE variant SET label = ? WHERE id = ?", (name, variant))
    for table, column in (("task", "name"), ("trial", "task")):
        db.execute("UPDATE %s SET %s = ? WHERE study_id = ?" % (table, column), (NAMES[2], study))
    db.execute("UPDATE task SET metric = ? WHERE study_id = ?", (NAMES[0], study))
    db.execute("UPDATE result SET name = ? WHERE name = 'accuracy' AND stage_id IN (SELECT id FROM "
               "stage WHERE key GLOB 'names-*')", (NAMES[0],))
    db.execute("UPDATE stage SET reason = ? WHERE reason IS NOT NULL AND key GLOB 'names-*'",
               (NAMES[4] + NAMES[1],))
    db.execute("UPDATE run SET argv = ? WHERE study_id = ?", ("ablate run '%s'" % NAMES[1], study))
    db.execute("UPDATE variant_option SET canonical = ? WHERE name = 'positions' AND variant_id = ?",
               (NAMES[1], variants[0][0]))
    log, = db.execute("SELECT a.log FROM attempt a JOIN stage s ON s.id = a.stage_id WHERE "
                      "s.key GLOB 'names-*' AND s.state = 'failed'").fetchone()
    return log


def put_many(db):
    study, plan = db.execute("SELECT id, plan FROM study WHERE name = 'waiting'").fetchone()
    trials = "(SELECT id FROM trial WHERE study_id = %d)" % study
    db.execute("DELETE FROM trial_stage WHERE trial_id IN " + trials)
    db.execute("DELETE FROM trial WHERE study_id = ?", (study,))
    db.execute("INSERT INTO task SELECT study_id, 'sst2', type, metric, lower_is_better, split, label, 2 "
               "FROM task WHERE study_id = ?", (study,))
    for place in range(2, 625):
        db.execute("INSERT INTO variant (study_id, label, kind, subject, position, plan) VALUES "
                   "(?, ?, 'list', '', ?, ?)", (study, "variant %d" % place, place, plan))
    db.execute("WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 8) "
               "INSERT INTO trial (study_id, variant_id, task, seed, plan) SELECT v.study_id, v.id, "
               "t.name, k, plan FROM variant v, task t, n WHERE v.study_id = ? AND "
               "t.study_id = v.study_id", (study,))
    db.execute("INSERT INTO stage (key, kind, seed, state, seconds) SELECT 'many-' || id, 'evaluate', "
               "seed, 'done', seed / 7.0 FROM trial WHERE study_id = ?", (study,))
    db.execute("INSERT INTO trial_stage SELECT t.id, s.id, 'evaluate' FROM trial t JOIN stage s ON "
               "s.key = 'many-' || t.id WHERE t.study_id = ?", (study,))
    # all values differ and lie anyhow: a multiple of a prime. Not the main metric: what effects
    # cost is another question.
    db.execute("INSERT INTO result SELECT s.id, 'loss', (t.id * 7919 % 10007) / 10007.0 FROM "
               "trial t JOIN stage s ON s.key = 'many-' || t.id WHERE t.study_id = ?", (study,))


def main(folder, what):
    db = sqlite3.connect(pathlib.Path(folder) / "results.db")
    log = {"names": put_names, "many": put_many}[what](db)
    db.execute("UPDATE stage SET sum = NULL")  # of numbers that are as they were put there
    db.commit()
    if log:
        path = pathlib.Path(folder) / log
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(("\n".join(NAMES) + "\n").encode() + b"\xff\xfe bytes\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
