"""A process that compiles the kernels of backward while the run compiles those of forward.

The run needs the last layers' backward first, and works towards this process (see
engine/compile_ahead.py), which begins with the update and the first layers' backward, and goes on
with the last layers' forward.
"""

from __future__ import annotations

import subprocess
import sys

from mycaffe_py.engine import compile_ahead, compiled_there
from mycaffe_py.graph.model import Graph
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.solver.updates import Updater

_PROGRAM = "mycaffe_py.solver.compile_ahead"


def start(graph: Graph, solver: pb.SolverParameter) -> subprocess.Popen[bytes] | None:
    """Start the process and return it; None where there can be none."""
    return compile_ahead.start(graph, _PROGRAM, solver)


def run() -> None:
    """Compile the kernels of the graph and the solver text that are given."""
    net, solver = compiled_there.read(sys.stdin.buffer)
    compiled_there.tried(lambda: Updater(net.params, solver, Locations.none()).apply(0.0, 0))
    for step in net.steps:
        if step.node.backward:
            compiled_there.tried(step.backward)
    compiled_there.forward_from_the_end(net)


if __name__ == "__main__":
    run()
