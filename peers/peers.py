#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the peers and `ablate` in turn on the same work; writes a table and a figure of the ratios.

usage: peers.py [PART...] [--sizes S,...] [--precisions P,...] [--rounds N] [--steps N]
                [--batch B] [--ablate PROGRAM] [--data FOLDER] [--out FOLDER]

parts (default: speed)
  speed     pre-training, batch 32 x 128, vocabulary 8,192, one thread: Hugging Face as users write it, and
            PyTorch tuned by hand; tokens a second, efficiency, memory
  bf16      pre-training as above: fp32 and bf16 here, bf16 by PyTorch tuned by hand; the fastest run of each counts,
            as others on the machine only slow a run down
  lengths   fine-tuning with real lengths (log-normal, mean about 40, 8 to 128): Hugging Face
  threads   one training on two threads against one
  pairs     two trainings side by side against one alone
  tokenize  20 MB of ELTeC, line by line, with BERT's vocabulary, one thread: the Rust tokenizer behind
            BertTokenizerFast; tokens per second; needs --data
  sweep     sst2-sweep.yaml by `ablate run` against peer_sweep.py, two workers; needs --data
  trials    what a trial costs beside its program: 10,000 trials of a program that prints one number, by `ablate run`
            and by Optuna over subprocesses, two workers (peer_trials.py); some minutes

In each round every program runs once, one after the other; the table has the median over the rounds. What was
measured stays in OUT/results.json (default bench-results), and a part that is run again replaces its rows, so a
long table can be made in pieces. OUT/table.md is the table, OUT/peers.png and peers.svg the figure (gnuplot).

The peers' packages go into a virtual environment outside the tree: $ABLATE_PEERS_VENV, else
~/.cache/ablate/peers, made at the first use."""
import argparse
import csv
import gzip
import io
import json
import lzma
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers_table

HERE = Path(__file__).resolve().parent
PACKAGES = ["torch", "transformers", "optuna"]
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"  # builds without CUDA
STEPS = {"tiny": 12, "mini": 6, "small": 4, "medium": 3, "base": 2}
FINETUNING_STEPS = {"tiny": 60, "mini": 30, "small": 12, "medium": 8, "base": 4}
LENGTHS = {"count": 4096, "median": 35.3, "sigma": 0.5, "least": 8, "most": 128}  # mean about 40
TEXT_BYTES = 20_000_000  # for tokenize


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    p.add_argument("--sizes", help="of tiny, mini, small, medium, base (default: those of the part)")
    p.add_argument("--precisions", default="fp32", help="fp32, bf16 or both (default fp32)")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--steps", type=int, help="timed steps of a run (default: fewer for larger sizes)")
    p.add_argument("--batch", type=int, default=32, help="sequences of a step (default 32)")
    p.add_argument("--ablate", default=shutil.which("ablate") or str(HERE.parent / "build/experiments/cli/ablate"))
    p.add_argument("--data", type=Path, help="the data folder, for tokenize and sweep")
    p.add_argument("--out", type=Path, default=Path("bench-results"))
    a = p.parse_args()
    a.parts = a.parts or ["speed"]
    for part in a.parts:
        if part not in PARTS:
            p.error(f"there is no part '{part}'; the parts are {', '.join(PARTS)}")
    if min(a.rounds, a.batch) < 1 or (a.steps is not None and a.steps < 1):
        p.error("--rounds, --batch and --steps begin at 1")
    if "sweep" in a.parts and not a.data:
        p.error("sweep needs --data FOLDER, with SST-2 and BERT's vocabulary (docs/data.md)")
    if "tokenize" in a.parts and not a.data:
        p.error("tokenize needs --data FOLDER, with ELTeC-eng and BERT's vocabulary (docs/data.md)")
    return a


def has_packages(python):
    return python.exists() and not subprocess.run([python, "-c", "import " + ", ".join(PACKAGES)]).returncode


def peers_python():
    """The interpreter of the peers' environment, which is made when it is not there."""
    home = Path(os.environ.get("ABLATE_PEERS_VENV") or Path.home() / ".cache/ablate/peers")
    python = home / "bin/python"
    if has_packages(python):
        return str(python)
    print(f"installing {', '.join(PACKAGES)} in {home}", file=sys.stderr)
    install = [python, "-m", "pip", "install", "--quiet"]
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    if subprocess.run([*install, "torch", "--index-url", TORCH_INDEX]).returncode:
        print("that index cannot be reached; taking PyTorch from PyPI, which is larger", file=sys.stderr)
    subprocess.run([*install, *PACKAGES], check=True)
    return str(python)


def start(command, threads):
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads), TOKENIZERS_PARALLELISM="false")
    return subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, env=environment, text=True)


def finish(process):
    """The JSON object that it prints last."""
    out, _ = process.communicate()
    if process.returncode:
        sys.exit(f"peers.py: failed with {process.returncode}: {' '.join(process.args)}")
    return json.loads(out.strip().splitlines()[-1])


class Bench:
    def __init__(self, a):
        self.a, self._python = a, None
        self.path = a.out / "results.json"
        a.out.mkdir(parents=True, exist_ok=True)
        self.rows = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}

    @property
    def python(self):
        self._python = self._python or peers_python()
        return self._python

    def sizes(self, default):
        return self.a.sizes.split(",") if self.a.sizes else default

    def command(self, program, size, *options, steps=STEPS, threads=1):
        words = [self.a.ablate, "bench", "train", "--format", "json"]
        if program in ("hf", "tuned"):
            words = [self.python, HERE / "peer_step.py", program]
        return [*words, "--size", size, "--batch", self.a.batch, "--threads", threads,
                "--steps", self.a.steps or steps[size], *options]

    def rounds(self, commands, threads=1, choose=None):
        """Runs the commands in turn, round by round; of each the median run by its speed, or the chosen one."""
        runs = {name: [] for name in commands}
        for _ in range(self.a.rounds):
            for name, command in commands.items():
                runs[name].append(finish(start(command, threads)))
                print(f"  {name}: {runs[name][-1]['tok_s']:,} tokens/s", file=sys.stderr)
        return {name: (choose or median_run)(found) for name, found in runs.items()}

    def keep(self, part, label, row):
        row.update(when=time.strftime("%Y-%m-%d"), machine=peers_table.machine())
        self.rows.setdefault(part, {})[label] = row
        self.path.write_text(json.dumps(self.rows, indent=1) + "\n", encoding="utf-8")


def median_run(runs):
    """The run in the middle by tokens a second, with what all of them reached."""
    chosen = dict(sorted(runs, key=lambda r: r["tok_s"])[len(runs) // 2])
    chosen["tok_s"] = statistics.median(r["tok_s"] for r in runs)
    chosen["all"] = [r["tok_s"] for r in runs]
    return chosen


def speed(bench):
    for precision in bench.a.precisions.split(","):
        for size in bench.sizes(["tiny", "mini", "small", "base"]):
            print(f"speed, {size}, {precision}", file=sys.stderr)
            programs = {p: bench.command(p, size, "--precision", precision) for p in ("ablate", "hf", "tuned")}
            if precision == "bf16":
                del programs["hf"]
            bench.keep("speed", f"{size}, {precision}", bench.rounds(programs))


def fastest_run(runs):
    return dict(max(runs, key=lambda r: r["tok_s"]), all=[r["tok_s"] for r in runs])


def bf16(bench):
    for size in bench.sizes(["tiny", "mini", "small", "base"]):
        print(f"bf16, {size}", file=sys.stderr)
        rounded = ("--precision", "bf16")
        programs = {"fp32": bench.command("ablate", size), "bf16": bench.command("ablate", size, *rounded),
                    "tuned": bench.command("tuned", size, *rounded)}
        label = size if bench.a.batch == 32 else f"{size}, batch {bench.a.batch}"
        bench.keep("bf16", label, bench.rounds(programs, choose=fastest_run))


def write_lengths(path):
    """Lengths as sentences have them; the same at every call."""
    draw, d = random.Random(1), LENGTHS
    raw = (d["median"] * draw.lognormvariate(0, d["sigma"]) for _ in range(d["count"]))
    lengths = [min(d["most"], max(d["least"], round(x))) for x in raw]
    path.write_text("".join(f"{n}\n" for n in lengths), encoding="ascii")
    return statistics.mean(lengths)


def lengths(bench):
    path = bench.a.out / "lengths.txt"
    mean = write_lengths(path)
    for size in bench.sizes(["tiny", "mini", "small"]):
        print(f"lengths, {size}, mean {mean:.1f}", file=sys.stderr)
        options = ("--task", "classify", "--lengths", path)
        programs = {p: bench.command(p, size, *options, steps=FINETUNING_STEPS) for p in ("ablate", "hf")}
        bench.keep("lengths", size, dict(bench.rounds(programs), mean=mean))


def threads(bench):
    for size in bench.sizes(["base"]):
        print(f"threads, {size}", file=sys.stderr)
        runs = {f"{n} threads": bench.command("ablate", size, threads=n) for n in (1, 2)}
        bench.keep("threads", size, bench.rounds(runs, threads=2))


def pairs(bench):
    for size in bench.sizes(["tiny", "mini"]):
        alone, both = [], []
        steps = {s: 4 * n for s, n in STEPS.items()}  # long beside the moments in which only one of two trains
        command = bench.command("ablate", size, steps=steps)
        for _ in range(bench.a.rounds):
            alone.append(finish(start(command, 1))["tok_s"])
            both += [finish(p)["tok_s"] for p in [start(command, 1) for _ in range(2)]]
            print(f"pairs, {size}: {alone[-1]:,} alone, {both[-2]:,} and {both[-1]:,}", file=sys.stderr)
        bench.keep("pairs", size, {"alone": statistics.median(alone), "each": statistics.median(both)})


def tokenize(bench):
    print("tokenize", file=sys.stderr)
    text, vocab = bench.a.out / "tokenize.txt", bench.a.out / "vocab.txt"
    with lzma.open(bench.a.data / "pretrain-eltec/eltec-eng-train.txt.xz") as file:
        text.write_bytes(b"".join(file.readlines(TEXT_BYTES)))
    vocab.write_bytes(gzip.open(bench.a.data / "bert-vocab/bert-base-uncased-vocab.txt.gz").read())
    ours = [bench.a.ablate, "bench", "tokenize", "--format", "json", "--text", text, "--vocab-file", vocab]
    row = bench.rounds({"ablate": ours, "rust": [bench.python, HERE / "peer_tokenize.py", text, vocab]})
    if row["ablate"]["pieces"] != row["rust"]["pieces"]:
        sys.exit(f"peers.py: {row['ablate']['pieces']} tokens, but {row['rust']['pieces']} from the same text")
    bench.keep("tokenize", "ELTeC, BERT's vocabulary", row)


def ablate_sweep(bench):
    """Wall seconds and accuracies by learning rate."""
    with tempfile.TemporaryDirectory() as store:
        place = ["--store", store]
        begin = time.time()
        subprocess.run([bench.a.ablate, "run", HERE / "sst2-sweep.yaml", "--data", bench.a.data, "--workers", "2",
                        "--quiet", *place], check=True, stdout=subprocess.DEVNULL)
        seconds = time.time() - begin
        out = subprocess.run([bench.a.ablate, "results", "sst2-sweep", "--trials", "--format", "csv", *place],
                             check=True, capture_output=True, text=True).stdout
    scores = {}
    for row in csv.DictReader(io.StringIO(out)):
        scores.setdefault(f"{float(row['learning_rate']):g}", []).append(float(row["accuracy"]))
    return {"seconds": round(seconds, 1), "trials": sum(map(len, scores.values())), "accuracy": scores}


def sweep(bench):
    print("sweep, ablate", file=sys.stderr)
    ours = ablate_sweep(bench)
    print(f"  {ours['seconds']} s\nsweep, Optuna and Hugging Face", file=sys.stderr)
    theirs = finish(start([bench.python, HERE / "peer_sweep.py", bench.a.data, "--workers", 2], 1))
    print(f"  {theirs['seconds']} s", file=sys.stderr)
    bench.keep("sweep", "sst2", {"ablate": ours, "peer": theirs})


def trials(bench):
    print("trials, ablate and Optuna", file=sys.stderr)
    row = finish(start([bench.python, HERE / "peer_trials.py", "--ablate", bench.a.ablate], 1))
    bench.keep("trials", "echo", row)


PARTS = {f.__name__: f for f in (speed, bf16, lengths, threads, pairs, tokenize, sweep, trials)}


def main():
    a = arguments()
    bench = Bench(a)
    for part in a.parts:
        PARTS[part](bench)
    peers_table.write(bench.rows, a.out, HERE / "peers.gp")
    print(a.out / "table.md")


if __name__ == "__main__":
    main()
