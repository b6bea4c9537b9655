#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a job's step sees: appends the signals that reach it to a file, each second a 'tick', and ends after so many.

usage: step.py FILE SECONDS
"""
import os
import signal
import sys
import time

log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
seconds = int(sys.argv[2])


def tell(text):
    os.write(log, (text + "\n").encode())


for name in ("USR1", "TERM", "CONT"):
    signal.signal(getattr(signal, "SIG" + name), lambda number, _: tell(signal.Signals(number).name))
tell(f"begun {os.uname().nodename} {os.environ.get('SLURM_RESTART_COUNT', 0)}")
end = time.monotonic() + seconds
while time.monotonic() < end:
    time.sleep(1)
    tell("tick")
tell("end")
