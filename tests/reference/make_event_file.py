#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes scalars.bin, a TensorBoard event file, for tests/unit/program/test_event_files.c.

usage: make_event_file.py > scalars.bin     (needs torch and tensorboard 2.21)

Tags: eval/accuracy as add_scalar() writes it, new/loss and double/loss in the new style, histograms and
texts between them, and one tensor of each type that a scalar comes as. What tensorboard's own loader reads
of the file is printed to standard error, for the numbers in the test.
"""
import glob
import sys
import tempfile
import time

import numpy
import torch
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.util import tensor_util
from torch.utils.tensorboard import SummaryWriter

time.time = lambda: 1700000000.0  # the same bytes each time
folder = tempfile.mkdtemp()
writer = SummaryWriter(folder)
for i in range(3):
    writer.add_scalar("eval/accuracy", 0.5 + i / 10, i * 10)
    writer.add_scalar("new/loss", 1.0 / (i + 1), i * 10, new_style=True)
    writer.add_scalar("double/loss", 1.0 / (i + 3), i * 10, new_style=True, double_precision=True)
writer.add_histogram("histogram", torch.arange(4.0), 0, bins=[0, 1, 2])
writer.add_text("text", "hello", 0)
writer.add_scalar("nan", float("nan"), 1)
for kind in ("float32", "float64", "float16", "int32", "int64", "bool"):
    proto = tensor_util.make_tensor_proto(numpy.array(3 if kind != "bool" else 1, dtype=kind))
    value = summary_pb2.Summary.Value(tag="tensor/" + kind, tensor=proto)
    event = event_pb2.Event(step=7, summary=summary_pb2.Summary(value=[value]))
    writer.file_writer.event_writer.add_event(event)
writer.close()

path = glob.glob(folder + "/*")[0]
for event in EventFileLoader(path).Load():
    for value in event.summary.value:
        if value.HasField("tensor") and not value.tensor.string_val and value.tag != "histogram":
            print(value.tag, event.step, tensor_util.make_ndarray(value.tensor), file=sys.stderr)
sys.stdout.buffer.write(open(path, "rb").read())
