# SPDX-License-Identifier: Apache-2.0
"""python3 -m unittest discover python/tests; the frames need pandas and a store ($ABLATE_TEST_STORE)."""

import json
import math
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import threading
import unittest
import warnings
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import ablate_log  # noqa: E402

try:
    import pandas
except ImportError:
    pandas = None
STORE = os.environ.get("ABLATE_TEST_STORE")
RANKS = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


class Scalar:
    """As NumPy's scalars and tensors are: item() gives the number."""

    def __init__(self, *values):
        self.values = values

    def item(self):
        (value,) = self.values
        return value


class InFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.events = self.folder / "events.jsonl"
        clean = {n: v for n, v in os.environ.items() if n not in RANKS and not n.startswith("ABLATE_")}
        patch = mock.patch.dict(os.environ, clean, clear=True)
        patch.start()
        self.addCleanup(patch.stop)

    def lines(self):
        return [json.loads(line) for line in self.events.read_text().splitlines()]


class Log(InFolder):
    def setUp(self):
        super().setUp()
        os.environ["ABLATE_EVENTS"] = str(self.events)

    def test_lines(self):
        ablate_log.log(300, accuracy=0.1 + 0.2, loss=1e-300)
        ablate_log.log(accuracy=1)
        ablate_log.log(step=Scalar(4.0), **{"eval/größe": Scalar(2)})
        self.assertEqual(
            self.lines(),
            [
                {"step": 300, "metrics": {"accuracy": 0.1 + 0.2, "loss": 1e-300}},
                {"metrics": {"accuracy": 1}},
                {"step": 4, "metrics": {"eval/größe": 2}},
            ],
        )

    def test_no_numbers_and_truth(self):
        ablate_log.log(1, a=float("nan"), b=Scalar(-math.inf), c=True)
        (line,) = self.lines()
        self.assertTrue(math.isnan(line["metrics"]["a"]))
        self.assertEqual(line["metrics"]["b"], -math.inf)
        self.assertIs(line["metrics"]["c"], 1)

    def test_without_ablate(self):
        del os.environ["ABLATE_EVENTS"]
        ablate_log.log(1, accuracy=1)
        os.environ["ABLATE_EVENTS"] = ""
        ablate_log.log(1, accuracy=1)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_first_process_only(self):
        for others in (
            {"RANK": "1", "LOCAL_RANK": "0"},
            {"LOCAL_RANK": "2"},
            {"LOCAL_RANK": "0", "NODE_RANK": "1"},
            {"SLURM_PROCID": "1"},
            {"PMI_RANK": "3"},
        ):
            with mock.patch.dict(os.environ, others):
                ablate_log.log(1, accuracy=1)
        self.assertFalse(self.events.exists())
        # one program in each task of Slurm, each with a launcher of its own
        for first in ({"RANK": "0", "SLURM_PROCID": "5"}, {"LOCAL_RANK": "0"}, {"RANK": "0"}):
            with mock.patch.dict(os.environ, first):
                ablate_log.log(1, accuracy=1)
        self.assertEqual(len(self.lines()), 3)

    def test_wrong_values(self):
        for value in ("0.5", None, [1], Scalar(1, 2)):
            with self.assertRaisesRegex(TypeError, "'accuracy' is"):
                ablate_log.log(1, accuracy=value)
        for step in (0.5, math.nan, math.inf):
            with self.assertRaisesRegex(ValueError, "whole number"):
                ablate_log.log(step, accuracy=1)
        self.assertFalse(self.events.exists())

    def test_cannot_write(self):
        os.environ["ABLATE_EVENTS"] = str(self.folder / "none" / "events")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            ablate_log.log(1, accuracy=1)
        self.assertIn("cannot write", str(caught[0].message))
        self.assertEqual(caught[0].filename, __file__)

    def test_threads_do_not_mix(self):
        def tell(which):
            for step in range(100):
                ablate_log.log(step, **{"metric_%d" % which: step})

        threads = [threading.Thread(target=tell, args=(which,)) for which in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.lines()), 800)

    @unittest.skipUnless("numpy" in sys.modules, "NumPy is not there")
    def test_numpy(self):
        import numpy

        ablate_log.log(numpy.int64(7), a=numpy.float32(0.1), b=numpy.array([2]), c=numpy.bool_(True))
        self.assertEqual(
            self.lines(), [{"step": 7, "metrics": {"a": float(numpy.float32(0.1)), "b": 2, "c": 1}}]
        )


class Options(InFolder):
    def test_of_each_file(self):
        self.assertEqual(ablate_log.options(lr=1), {"lr": 1})
        trial = self.folder / "trial.json"
        trial.write_text(json.dumps({"study": "s", "config": {"lr": 0.5, "norm": "none"}}))
        os.environ["ABLATE_TRIAL"] = str(trial)
        self.assertEqual(ablate_log.options(lr=1, seed=3), {"lr": 0.5, "norm": "none", "seed": 3})
        own = self.folder / "options.json"
        own.write_text('{"lr": 0.25}')
        os.environ["ABLATE_OPTIONS"] = str(own)
        self.assertEqual(ablate_log.options(), {"lr": 0.25})

    def test_wrong_file(self):
        os.environ["ABLATE_OPTIONS"] = str(self.folder / "options.json")
        (self.folder / "options.json").write_text("[1]")
        with self.assertRaisesRegex(ValueError, "no object"):
            ablate_log.options()


@unittest.skipUnless(pandas and STORE, "needs pandas and a store")
class ReadStudy(InFolder):
    """The store has a study `small` of two variants and two seeds, in small.yaml beside it."""

    def test_by_name_and_by_file(self):
        trials = ablate_log.read_study("small", STORE)
        self.assertEqual(len(trials), 4)
        self.assertEqual(set(trials.state), {"done"})
        self.assertEqual(trials.groupby("variant").seed.count().to_dict(), {"baseline": 2, "no positions": 2})
        self.assertTrue(((trials.accuracy > 0) & (trials.accuracy <= 1)).all())
        os.environ["ABLATE_STORE"] = STORE
        self.assertTrue(ablate_log.read_study(pathlib.Path(STORE).parent / "small.yaml").equals(trials))

    def test_what_is_not_there(self):
        with self.assertRaisesRegex(ValueError, "no study 'smal'; it has: small"):
            ablate_log.read_study("smal", STORE)
        with self.assertRaisesRegex(FileNotFoundError, "no store"):
            ablate_log.read_study("small", self.folder)

    def test_names_in_files(self):
        for line, name in (
            ("study: small # a comment", "small"),
            ("'study': 'it''s'", "it's"),
            ('study: "\\u00e9t\\u00e9"', "été"),
        ):
            file = self.folder / "s.yaml"
            file.write_text("# first\nabout: study: x\n" + line + "\n", encoding="utf-8")
            self.assertEqual(ablate_log._study._name_of(file), name)

    def test_while_somebody_writes(self):
        db = sqlite3.connect(os.path.join(STORE, "results.db"), isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        db.execute("CREATE TABLE passing (x)")
        try:
            self.assertEqual(len(ablate_log.read_study("small", STORE)), 4)
        finally:
            db.execute("ROLLBACK")
            db.close()

    def test_of_a_folder_that_cannot_be_written_to(self):
        store = self.folder / "a #?% store"
        store.mkdir()
        shutil.copy(os.path.join(STORE, "results.db"), store)
        store.chmod(0o555)
        self.addCleanup(store.chmod, 0o755)
        self.assertEqual(len(ablate_log.read_study("small", store)), 4)


if __name__ == "__main__":
    unittest.main()
