"""Starts a process that compiles kernels of a net while this one does, too.

numba compiles one kernel at a time in a process, so with an empty kernel cache one core would wait
for the other. The process is given the graph and compiles as compiled_there.py says; what it
compiles this one finds in the cache on disk. Neither compiles what the other has begun
(kernels/claims.py). If the process fails, everything is compiled here.
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
from mycaffe_py.layers.base import Layer
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

# What the process runs, if it is told of no other program.
_PROGRAM = "mycaffe_py.engine.compiled_there"
# Families of layers whose layers have no backward as they are made for nets that answer.
_WITHOUT_BACKWARD = ("blocked", "fused")
# Values of blobs and weights up to which a net is made a second time: it has to fit into memory.
_MOST_VALUES = 1 << 28


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


def start(
    graph: Graph, program: str = _PROGRAM, more: object = None
) -> subprocess.Popen[bytes] | None:
    """Start the module `program` on the graph and `more`, and return its process.

    None where the system does not allow one, or the net is too large to be there twice.
    """
    if _values(graph) > _MOST_VALUES:
        return None
    try:
        with tempfile.TemporaryFile() as file:
            write(graph, more, file)
            file.seek(0)
            return _process(program, file)
    except (OSError, pickle.PicklingError):
        return None


def _values(graph: Graph) -> int:
    return sum(spec.count for spec in graph.blobs.values()) + sum(
        param.count for param in graph.params.values()
    )


def _process(program: str, stdin: IO[bytes]) -> subprocess.Popen[bytes]:
    """Run a module as a program.

    It imports the package that is running now; -P keeps modules of the user's folder out.
    """
    package = str(Path(mycaffe_py.__file__).parents[1])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        [sys.executable, "-P", "-m", program],
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


def write(graph: Graph, more: object, file: IO[bytes]) -> None:
    """Write what compiled_there.read reads. What does not run keeps its shapes, but not its data.

    Errors: PicklingError where a layer's facts cannot be written.
    """
    nodes = tuple(map(_bare, graph.nodes))
    try:
        Pickler(file).dump((replace(graph, nodes=nodes, fused={}, plain=None), more))
    except (TypeError, AttributeError) as error:  # what pickle says of some things
        raise pickle.PicklingError(str(error)) from error


def _bare(node: Node) -> Node:
    """`node` with its shapes, and without all that its kernels do not need."""
    scratch = {
        name: replace(array, shape=array.shape_for(np.float32), shape_of=None)
        for name, array in node.plan.scratch.items()
    }
    context = replace(node.context, where=Locations.none())
    if node.bottoms and _makes_tops_alone(node.layer):
        return replace(node, plan=replace(node.plan, scratch=scratch), context=context)
    plan = replace(node.plan, facts=None, scratch=scratch)
    return replace(node, layer=layer_types.get("Silence"), plan=plan, context=context)


def _makes_tops_alone(layer: Layer) -> bool:
    """Whether to run it leaves nothing behind: no file, and nothing that code of the user does."""
    _, _, family, *_ = [*type(layer).__module__.split("."), "", "", ""]
    ours = type(layer).__module__.startswith("mycaffe_py.layers.") and family != "user"
    return ours and (layer.has_backward or family in _WITHOUT_BACKWARD)
