#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What many workers cost: trials of a program that sleeps for a while and prints a number, on as many workers of one
trial each, by `ablate run --on` (a process each, which could be on any host), by HyperQueue's workers, and by GNU
parallel, which only starts processes. Prints one JSON object with the seconds of each and how long the program sleeps
in all, divided by the workers.

usage: peer_workers.py [--trials N] [--workers N] [--sleep SECONDS] [--rounds N] [--ablate PROGRAM]
The interpreter needs hyperqueue (tried with 0.27); the machine, parallel."""
import argparse
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

SEEDS = 100
STUDY = """study: workers
command: [/bin/sh, "{script}", "{{flags}}"]
options:
  x: {{type: int, default: 1}}
seed: {{flag: --seed}}
metrics: {{accuracy: {{goal: max, main: true, split: dev}}}}
design: {{grid: {{x: [{values}]}}}}
seeds: {seeds}
plots: []
"""


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--trials", type=int, default=1000)
    p.add_argument("--workers", type=int, default=8)
    p.add_argument("--sleep", type=float, default=0.1)
    p.add_argument("--rounds", type=int, default=1)
    p.add_argument("--ablate", default="ablate")
    return p.parse_args()


def by_ablate(a, script, folder):
    values = a.trials // SEEDS
    ablate = shutil.which(a.ablate)
    Path(folder, "study.yaml").write_text(
        STUDY.format(script=script, values=", ".join(map(str, range(1, values + 1))), seeds=SEEDS), encoding="utf-8")
    Path(folder, "w.hosts").write_text(
        "".join(f"w{i} slots=1 command: {ablate}\n" for i in range(a.workers)), encoding="utf-8")
    store = Path(folder, "store")
    begin = time.time()
    subprocess.run([ablate, "run", Path(folder, "study.yaml"), "--on", Path(folder, "w.hosts"), "--store", store,
                    "--quiet"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.time() - begin
    done = subprocess.run([ablate, "query", "--store", store, "--format", "csv",
                           "select count(*) from trials where state = 'done' and accuracy = 0.5"],
                          check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    assert int(done) == values * SEEDS, done
    return seconds


def by_hyperqueue(a, script, folder):
    from hyperqueue import Job
    from hyperqueue.cluster import LocalCluster, WorkerConfig

    with LocalCluster() as cluster:
        for _ in range(a.workers):
            cluster.start_worker(WorkerConfig(cores=1))
        client = cluster.client()
        job = Job()
        out = Path(folder, "hq")
        out.mkdir()
        begin = time.time()
        for i in range(a.trials):
            job.program(["/bin/sh", script, f"--seed={i}"], stdout=str(out / f"{i}.out"))
        client.wait_for_jobs([client.submit(job)])
        seconds = time.time() - begin
    assert all("0.5" in (out / f"{i}.out").read_text(encoding="utf-8") for i in range(a.trials))
    return seconds


def by_parallel(a, script, folder):
    begin = time.time()
    subprocess.run(["parallel", "-j", str(a.workers), "/bin/sh", script, ":::", *map(str, range(a.trials))], check=True,
                   stdout=subprocess.DEVNULL, cwd=folder)
    return time.time() - begin


def main():
    a = arguments()
    sides = {"ablate": by_ablate, "hyperqueue": by_hyperqueue, "parallel": by_parallel}
    seconds = {name: [] for name in sides}
    for _ in range(a.rounds):
        for name, side in sides.items():
            with tempfile.TemporaryDirectory() as folder:
                script = str(Path(folder, "program.sh"))
                Path(script).write_text(f"sleep {a.sleep}\necho accuracy=0.5\n", encoding="utf-8")
                seconds[name].append(round(side(a, script, folder), 2))
    best = {name: min(list_) for name, list_ in seconds.items()}
    print(json.dumps({"trials": a.trials, "workers": a.workers, "sleep": a.sleep, "seconds": seconds,
                      "asleep": round(a.trials * a.sleep / a.workers, 2),
                      "ms_per_trial": {name: round(1e3 * s * a.workers / a.trials - 1e3 * a.sleep, 2)
                                       for name, s in best.items()}}))


main()
