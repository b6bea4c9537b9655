#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a trial costs beside the program that it runs: many trials of a program that only prints a number, by
`ablate run` and by Optuna's study.optimize over subprocesses, with as many workers and one SQLite file each.
Prints one JSON object with both, their ratio, and what the program takes when it is started alone.

usage: peer_trials.py [--trials N] [--workers N] [--program WORD...] [--ablate PROGRAM]
The interpreter needs Optuna."""
import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEEDS = 100  # of each value of an option; both sides run values x seeds
STUDY = """study: trials
command: [{command}, "accuracy=0.500000", "{{flags}}"]
options:
  x: {{type: int, default: 1}}
seed: {{flag: --seed}}
metrics: {{accuracy: {{goal: max, main: true, split: dev}}}}
design: {{grid: {{x: [{values}]}}}}
seeds: {seeds}
"""
ALONE = 1000  # starts of the program by itself


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--trials", type=int, default=10000)
    p.add_argument("--workers", type=int, default=2)
    p.add_argument("--ablate", default="ablate")
    p.add_argument("--program", nargs="+", default=["/bin/echo"], help="it gets accuracy=0.5 and prints it")
    p.add_argument("--storage", help=argparse.SUPPRESS)  # a worker of that study
    return p.parse_args()


def run_program(a, x, seed):
    out = subprocess.run([*a.program, "accuracy=0.500000", f"--x={x}", f"--seed={seed}"], check=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout
    return float(re.search(r"accuracy=(\S+)", out).group(1))


def alone(a):
    begin = time.time()
    for seed in range(ALONE):
        run_program(a, 1, seed)
    return (time.time() - begin) / ALONE


def by_ablate(a, values, folder):
    study = Path(folder, "trials.yaml")
    study.write_text(STUDY.format(command=", ".join(map(json.dumps, a.program)), seeds=SEEDS,
                                  values=", ".join(map(str, range(1, values + 1)))), encoding="utf-8")
    words = [a.ablate, "run", study, "--store", Path(folder, "store"), "--workers", str(a.workers), "--quiet"]
    begin = time.time()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - begin
    done = subprocess.run([a.ablate, "query", "--store", Path(folder, "store"), "--format", "csv",
                           "select count(*), sum(accuracy) from trials where state = 'done'"],
                          check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    count, total = done.split(",")
    assert float(total) == 0.5 * int(count), done
    return {"trials": int(count), "seconds": round(seconds, 2),
            "db_kib": Path(folder, "store", "results.db").stat().st_size // 1024}


def optuna_worker(a):
    """Its share of the trials; both sides run the same number, whatever the values are."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.load_study(study_name="trials", storage=a.storage, sampler=optuna.samplers.RandomSampler())
    study.optimize(lambda t: run_program(a, t.suggest_int("x", 1, 1000), t.suggest_int("seed", 1, SEEDS)),
                   n_trials=a.trials)


def by_optuna(a, trials, folder):
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = f"sqlite:///{folder}/optuna.db"
    begin = time.time()
    optuna.create_study(study_name="trials", storage=storage, direction="maximize")
    shares = [trials // a.workers + (i < trials % a.workers) for i in range(a.workers)]
    workers = [subprocess.Popen([sys.executable, __file__, "--trials", str(n), "--storage", storage, "--program", *a.program])
               for n in shares]
    codes = [w.wait() for w in workers]
    seconds = time.time() - begin
    if any(codes):
        sys.exit("a worker failed")
    done = optuna.load_study(study_name="trials", storage=storage).trials
    return {"program": "optuna " + optuna.__version__, "trials": sum(t.value == 0.5 for t in done),
            "seconds": round(seconds, 2), "db_kib": Path(folder, "optuna.db").stat().st_size // 1024}


def main():
    a = arguments()
    if a.storage:
        optuna_worker(a)
        return
    values = max(1, a.trials // SEEDS)
    bare = alone(a)
    with tempfile.TemporaryDirectory() as folder:
        ours = by_ablate(a, values, folder)
    with tempfile.TemporaryDirectory() as folder:
        theirs = by_optuna(a, ours["trials"], folder)
    for side in (ours, theirs):
        side["ms_per_trial"] = round(1000 * side["seconds"] / side["trials"], 3)
        side["bookkeeping_ms"] = round(side["ms_per_trial"] - 1000 * bare / a.workers, 3)
    print(json.dumps({"program": a.program, "workers": a.workers, "alone_ms": round(1000 * bare, 3), "ablate": ours,
                      "peer": theirs, "ratio": round(theirs["ms_per_trial"] / ours["ms_per_trial"], 2)}))


if __name__ == "__main__":
    main()
