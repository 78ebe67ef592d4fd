"""A process that compiles the kernels of backward while the run compiles those of forward.

numba compiles one kernel at a time in a process, so with an empty kernel cache one core would wait
for the other: 21 s to the first iteration of siamese_28x28, and 13 s with this. The process is
given the graph and the solver text, makes the net without its data, and runs update and backward on
zeros, the layers in the order of forward. The run needs the last layers' backward first and works
towards this process; what is compiled here it finds in the cache on disk. If this process fails,
the run compiles everything itself.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from google.protobuf.message import Message

import mycaffe_py
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations


class Pickler(pickle.Pickler):
    """Writes messages as their bytes: their generated module is not found under its own name."""

    def reducer_override(self, value: Any) -> Any:
        """How to write `value`: for a message its kind and its bytes."""
        if isinstance(value, Message):
            return _message, (type(value).__name__, value.SerializeToString())
        return NotImplemented


def _message(kind: str, data: bytes) -> Message:
    message: Message = getattr(pb, kind).FromString(data)
    return message


def start(graph: Graph, solver: pb.SolverParameter) -> subprocess.Popen[bytes] | None:
    """Start the process and return it; None where the system does not allow one."""
    try:
        with tempfile.TemporaryFile() as file:
            write(graph, solver, file)
            file.seek(0)
            return _process(file)
    except (OSError, pickle.PicklingError):
        return None


def _process(stdin: IO[bytes]) -> subprocess.Popen[bytes]:
    """Run this module as a program.

    It imports the package that is running now; -P keeps modules of the user's folder out.
    """
    package = str(Path(mycaffe_py.__file__).parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", __name__],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def write(graph: Graph, solver: pb.SolverParameter, file: IO[bytes]) -> None:
    """Write what `run` needs. Layers without backward keep their shapes, but not their data.

    Errors: PicklingError where a layer's facts cannot be written.
    """
    nodes = tuple(map(_bare, graph.nodes))
    try:
        Pickler(file).dump((replace(graph, nodes=nodes, fused={}, plain=None), solver))
    except (TypeError, AttributeError) as error:  # what pickle says of some things
        raise pickle.PicklingError(str(error)) from error


def _bare(node: Node) -> Node:
    """`node` with its shapes, and without all that its backward does not need."""
    scratch = {
        name: replace(array, shape=array.shape_for(np.float32), shape_of=None)
        for name, array in node.plan.scratch.items()
    }
    context = replace(node.context, where=Locations.none())
    if node.backward:
        return replace(node, plan=replace(node.plan, scratch=scratch), context=context)
    plan = replace(node.plan, facts=None, scratch=scratch)
    return replace(node, layer=layer_types.get("Silence"), plan=plan, context=context)


def run(file: IO[bytes]) -> None:
    """Compile the kernels of backward and update for the graph in `file`."""
    graph, solver = pickle.load(file)
    from mycaffe_py.engine.net import Net
    from mycaffe_py.solver.updates import Updater

    net = Net(graph)
    Updater(net.params, solver, Locations.none()).apply(0.0, 0)
    for step in net.steps:
        if step.node.backward:
            step.backward()


if __name__ == "__main__":
    run(sys.stdin.buffer)
