# SPDX-License-Identifier: Apache-2.0
"""What peers.py has measured, as Markdown and as a figure."""
import os
import shutil
import subprocess
import sys
from pathlib import Path


def machine():
    """One line about where this runs."""
    names = [line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
             if line.startswith("model name")]
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{names[0] if names else 'unknown processor'}, {os.cpu_count()} cores, {gib:.0f} GiB"


def count(x):
    return f"{x:,.0f}"


def ratio(row, ours, theirs):
    """"8.8" or "-"."""
    if ours not in row or theirs not in row:
        return "-"
    return f"{row[ours]['tok_s'] / row[theirs]['tok_s']:.2f}"


def speed_of(row, program):
    return count(row[program]["tok_s"]) if program in row else "-"


def ms_of(row, program):
    """Three digits, whole numbers where there are more."""
    ms = row[program]["step_ms"]
    return count(ms) if ms >= 100 else f"{ms:.1f}"


def memory_of(row, program):
    return count(row[program]["rss_mb"]) if program in row else "-"


SIZES = ["tiny", "mini", "small", "medium", "base"]


def in_order(rows):
    """fp32 first, then by size, whatever was measured last."""
    def key(row):
        size, precision = row[0].split(", ")
        return precision != "fp32", SIZES.index(size)
    return sorted(rows.items(), key=key)


def speed(rows):
    yield ["size, precision", "`ablate`", "efficiency", "Hugging Face", "ratio", "tuned PyTorch", "ratio"]
    for label, r in in_order(rows):
        yield [label, speed_of(r, "ablate"), f"{r['ablate']['efficiency']:.2f}", speed_of(r, "hf"),
               ratio(r, "ablate", "hf"), speed_of(r, "tuned"), ratio(r, "ablate", "tuned")]


def memory(rows):
    yield ["size, precision", "`ablate`", "Hugging Face", "tuned PyTorch", "Hugging Face / `ablate`"]
    for label, r in in_order(rows):
        times = f"{r['hf']['rss_mb'] / r['ablate']['rss_mb']:.1f}" if "hf" in r else "-"
        yield [label, memory_of(r, "ablate"), memory_of(r, "hf"), memory_of(r, "tuned"), times]


def bf16(rows):
    yield ["size", "fp32, ms", "bf16, ms", "ratio", "backend_efficiency", "tuned PyTorch bf16, ms", "ratio"]
    for size, r in sorted(rows.items(), key=lambda row: SIZES.index(row[0].split(",")[0])):
        yield [size, ms_of(r, "fp32"), ms_of(r, "bf16"), ratio(r, "bf16", "fp32"),
               f"{r['bf16']['backend_efficiency']:.2f}", ms_of(r, "tuned"), ratio(r, "bf16", "tuned")]


def lengths(rows):
    yield ["size", "mean length", "`ablate`", "Hugging Face", "ratio"]
    for label, r in rows.items():
        yield [label, f"{r['mean']:.1f}", speed_of(r, "ablate"), speed_of(r, "hf"), ratio(r, "ablate", "hf")]


def threads(rows):
    yield ["size", "one thread", "two threads", "ratio"]
    for label, r in rows.items():
        yield [label, speed_of(r, "1 threads"), speed_of(r, "2 threads"), ratio(r, "2 threads", "1 threads")]


def pairs(rows):
    yield ["size", "alone", "each of two", "ratio"]
    for label, r in rows.items():
        yield [label, count(r["alone"]), count(r["each"]), f"{r['each'] / r['alone']:.2f}"]


def tokenize(rows):
    yield ["text", "MB", "`ablate`", "MB/s", "Hugging Face (Rust)", "MB/s", "ratio"]
    for label, r in rows.items():
        yield [label, f"{r['ablate']['text_mb']:.0f}", speed_of(r, "ablate"), f"{r['ablate']['mb_s']:.1f}",
               speed_of(r, "rust"), f"{r['rust']['mb_s']:.1f}", ratio(r, "ablate", "rust")]


def sweep(rows):
    yield ["", "seconds", "trials", "accuracies by learning rate"]
    for name, r in rows["sst2"].items():
        if name in ("ablate", "peer"):
            scores = "; ".join(f"{rate}: {' '.join(f'{x:.3f}'[1:] for x in sorted(found))}"
                               for rate, found in sorted(r["accuracy"].items(), key=lambda i: -float(i[0])))
            yield ["`ablate run`" if name == "ablate" else "Optuna, Hugging Face", f"{r['seconds']:.1f}",
                   str(r["trials"]), scores]
    yield ["ratio", f"{rows['sst2']['peer']['seconds'] / rows['sst2']['ablate']['seconds']:.1f}", "", ""]


def trials(rows):
    row = rows["echo"]
    yield ["", "trials", "seconds", "ms per trial", "without the program"]
    for name in ("ablate", "peer"):
        r = row[name]
        yield ["`ablate run`" if name == "ablate" else "Optuna, subprocesses", count(r["trials"]), f"{r['seconds']:.1f}",
               f"{r['ms_per_trial']:.2f}", f"{r['bookkeeping_ms']:.2f}"]
    yield ["ratio", "", "", f"{row['ratio']:.1f}", ""]


TABLES = [  # part, what makes its rows, heading, a line about it
    ("speed", speed, "Pre-training, one thread", "Real tokens per second; batch 32 x 128, vocabulary 8,192."),
    ("speed", memory, "Memory of that", "Largest resident memory, MiB."),
    ("bf16", bf16, "Pre-training in bf16, one thread", "A step, batch 32 x 128 where nothing else is said, vocabulary 8,192; the fastest run of each."),
    ("lengths", lengths, "Fine-tuning with real lengths, one thread, fp32", "Real tokens per second; batch 32."),
    ("threads", threads, "Two threads on one training, fp32", "Real tokens per second."),
    ("pairs", pairs, "Two trainings side by side, fp32", "Real tokens per second."),
    ("tokenize", tokenize, "Tokenization, one thread", "Tokens per second, line by line; both give the same tokens."),
    ("sweep", sweep, "End to end: twelve trials of SST-2, two workers, fp32", "Wall seconds."),
    ("trials", trials, "Trials of a program that prints one number, two workers", "Wall clock."),
]


def markdown(rows):
    yield from (" | ".join(["", *cells, ""]).strip() for cells in rows)


def machines(measured):
    return "; ".join(sorted({r["machine"] for part in measured.values() for r in part.values()}))


def table(measured):
    out = [f"Machine: {machines(measured)}."]
    versions = {r[p]["peer"] for part in measured.values() for r in part.values() for p in ("hf", "rust", "tuned") if p in r}
    if versions:
        out[0] += f" Peers: {', '.join(sorted(versions))}."
    for part, make, heading, about in TABLES:
        if part not in measured:
            continue
        first, *rest = make(measured[part])
        days = sorted({r["when"] for r in measured[part].values()})
        out += ["", f"## {heading}", f"{about} Measured {' and '.join(days)}.", ""]
        out += markdown([first, ["---"] * len(first), *rest])
    return "\n".join(out) + "\n"


def draw(measured, folder, template):
    gnuplot = shutil.which("gnuplot")
    if not gnuplot:
        print("peers.py: gnuplot is not here, so there is no figure", file=sys.stderr)
        return
    rows = ["\t".join(["size", "over Hugging Face", "over tuned PyTorch"])]
    for label, r in in_order(measured):
        cells = [ratio(r, "ablate", p).replace("-", "?") for p in ("hf", "tuned")]
        rows.append("\t".join([label, *cells]))
    data = folder / "peers.tsv"
    data.write_text("\n".join(rows) + "\n", encoding="utf-8")
    style = template.parent.parent / "plots" / "style.gp"
    values = (f"style='{style}'; rows='{data}'; name='{folder / 'peers'}'; "
              f"machine='{machines({'speed': measured})}'")
    subprocess.run([gnuplot, "-e", values, str(template)], check=True)


def write(measured, folder, template):
    (folder / "table.md").write_text(table(measured), encoding="utf-8")
    if "speed" in measured:
        draw(measured["speed"], folder, template)
