"""What the process does that compiles ahead for another (compile_ahead.py).

It makes the net without its data and its weights, and runs the layers on zeros from the last one to
the first, towards the one that it helps.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import IO, Any

import numpy as np

from mycaffe_py.engine.helping import helping
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.params import Params
from mycaffe_py.engine.program import program_of
from mycaffe_py.kernels.claims import go_on_where_others_compile


def read(file: IO[bytes]) -> tuple[Net, Any]:
    """The net, with zeros for weights, which take no memory; and what was given besides it.

    From now on this process neither waits for another nor asks for help.
    """
    helping.wanted = False
    go_on_where_others_compile()
    graph, more = pickle.load(file)
    return Net(graph, beside=Params(graph.params.values(), np.float32)), more


def forward_from_the_end(net: Net) -> None:
    """Compile what the layers call, but for what other processes compile meanwhile."""
    for number in reversed(range(len(net.steps))):
        tried(partial(_forward, net, number))


def _forward(net: Net, number: int) -> None:
    """Run one layer as a net that runs again and again does."""

    def run(place: int) -> float:
        return net.steps[place].run()

    program = program_of(net.steps, range(number, number + 1), run)
    if program is None:
        run(number)
    else:
        program.run()


def tried(part: Callable[[], object]) -> None:
    """Call it. Zeros may be no values for it, and what others compile raises ElsewhereError."""
    with suppress(Exception):
        part()


if __name__ == "__main__":
    forward_from_the_end(read(sys.stdin.buffer)[0])
