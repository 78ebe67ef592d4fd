"""A log as Caffe writes it with glog, for the tools that read such logs.

    I1123 14:00:00.000000  1234 solver.cpp:218] Iteration 0 (0 iter/s, 0s/100 iters), loss = 2.3

A line has four words before its text: severity and date, time, thread, place in Caffe's sources.
parse_log.sh counts its columns by them.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TextIO

import numpy as np

from mycaffe_py.engine.net import Net

SEVERITIES = "IWEF"


class Glog:
    """Writes each line to all `files` at once; drops lines less severe than SEVERITIES[least]."""

    def __init__(self, *files: TextIO, least: int = 0) -> None:
        self.files = files
        self.least = least

    @property
    def on_stderr(self) -> bool:
        """Whether the lines go to standard error: then nothing else should be printed there."""
        return sys.stderr in self.files

    def say(self, place: str, text: str, severity: str = "I") -> None:
        """Write one line; `place` is the line of Caffe's sources that writes it: solver.cpp:218."""
        if SEVERITIES.index(severity) < self.least:
            return
        now = f"{datetime.now():%m%d %H:%M:%S.%f}"
        thread = f"{threading.get_native_id():5d}"
        for file in self.files:
            file.write(f"{severity}{now} {thread} {place}] {text}\n")
            file.flush()


def output_values(net: Net, outputs: Mapping[str, Any]) -> Iterator[tuple[str, float, str]]:
    """(name, value, remark) of each number of each output of `net`, in Caffe's order.

    The remark is what the value adds to the loss, " (* 1 = 2.3 loss)", where it does.
    """
    weights = {
        top: weight
        for node in net.graph.nodes
        for top, weight in zip(node.tops, node.loss_weights, strict=True)
    }
    for name in sorted(outputs):
        weight = weights.get(name, 0.0)
        for value in np.asarray(outputs[name], np.float64).ravel():
            remark = f" (* {weight:g} = {weight * value:g} loss)" if weight else ""
            yield name, float(value), remark
