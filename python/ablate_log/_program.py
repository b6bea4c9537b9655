# SPDX-License-Identifier: Apache-2.0
"""What a program that `ablate` runs says and asks: log() and options()."""

import json
import os
import warnings

# The launchers' names for a process's number, the most exact first: the first one that is set counts.
# Those on one line are of one launcher; all that are set must be 0.
_RANKS = (
    ("RANK",),
    ("OMPI_COMM_WORLD_RANK",),
    ("PMI_RANK",),
    ("LOCAL_RANK", "NODE_RANK"),
    ("SLURM_PROCID",),
)


def _is_first():
    """Is this the first process of those that train together, or the only one?"""
    for names in _RANKS:
        values = [os.environ.get(name, "").strip() for name in names]
        if values[0]:
            return all(value in ("", "0") for value in values)
    return True


def _number(name, value):
    """A plain number of whatever holds one: NumPy's scalars, tensors, arrays of one element."""
    plain = value
    if not isinstance(plain, (bool, int, float)) and hasattr(plain, "item"):
        try:
            plain = plain.item()
        except Exception as why:  # each library has an exception of its own
            raise TypeError("ablate_log: '%s' is not one number: %s" % (name, why)) from None
    if isinstance(plain, bool):
        return int(plain)
    if isinstance(plain, int):
        return int(plain)
    if isinstance(plain, float) or hasattr(plain, "__float__"):
        return float(plain)
    raise TypeError("ablate_log: '%s' is a %s, not a number" % (name, type(value).__name__))


def _step(step):
    number = _number("step", step)
    if number != number or number in (float("inf"), float("-inf")) or number != int(number):
        raise ValueError("ablate_log: a step is a whole number, not %r" % (step,))
    return int(number)


def log(step=None, **metrics):
    """Tells `ablate` the values of metrics, at a step or as they are at the end.

    Values are numbers, NumPy scalars or tensors of one element; NaN and infinities are told as such.
    Names that are no Python names: log(step, **{"eval/accuracy": 0.9}). Where several processes train
    together only the first one tells. Without `ablate` it does nothing.

    Each call appends one line to the file that $ABLATE_EVENTS names, by one write: processes and
    threads do not mix theirs.
    """
    path = os.environ.get("ABLATE_EVENTS")
    if not path or not metrics or not _is_first():
        return
    event = {} if step is None else {"step": _step(step)}
    event["metrics"] = {name: _number(name, value) for name, value in metrics.items()}
    line = (json.dumps(event) + "\n").encode("ascii")
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o666)
        try:
            if os.write(file, line) != len(line):
                os.write(file, b"\n")  # the next line must not go on from a torn one
                raise OSError("only a part could be written")
        finally:
            os.close(file)
    except OSError as why:  # no reason to end a training; `ablate` misses the metric by itself
        warnings.warn("ablate_log: cannot write to '%s': %s" % (path, why), stacklevel=2)


def options(**defaults):
    """The options of this trial as a dictionary, over the defaults given.

    They are those of the file that $ABLATE_OPTIONS names, else of the trial's own, $ABLATE_TRIAL.
    Without `ablate` these are the defaults alone.
    """
    given = {}
    if os.environ.get("ABLATE_OPTIONS"):
        with open(os.environ["ABLATE_OPTIONS"], encoding="utf-8") as file:
            given = json.load(file)
    elif os.environ.get("ABLATE_TRIAL"):
        with open(os.environ["ABLATE_TRIAL"], encoding="utf-8") as file:
            given = json.load(file).get("config", {})
    if not isinstance(given, dict):
        raise ValueError("ablate_log: the file of options has no object of names and values")
    return {**defaults, **given}
