"""Caffe's `caffe test`: the outputs of a TEST net, batch by batch, and their means."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from mycaffe_py.data.opening import MEASURING
from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import fix_weights, load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import read_weights
from mycaffe_py.solver.glog import output_values
from mycaffe_py.solver.labels import unlearned
from mycaffe_py.solver.learned_before import names_beside
from mycaffe_py.solver.trust import opening_of

Said = Iterator[tuple[str, str]]


def open_tested(
    model: str,
    weights: Path,
    level: int,
    stages: tuple[str, ...],
    run_code: bool = False,
    passes: Sequence[str] = ALL_PASSES,
) -> Net:
    """The net of `model` in phase TEST with `weights` in it, which number the classes of its data.

    Without `passes` every blob is there, and inputs may change their shapes.

    With `run_code`, or where its folder is trusted, code that the text names may run.

    Errors: a text or weights that cannot be read or do not fit; a layer without its weights,
    which Caffe would test with random ones.
    """
    text = read_model(model, pb.NetState(phase="TEST", level=level, stage=stages))
    file = read_weights(weights, may_be_empty=True)
    graph = compile_net(
        text,
        stored=file.shapes(),
        passes=passes,
        backward=False,
        learned=names_beside(weights),
        opening=opening_of(Path(text.card.file), MEASURING, run_code),
    )
    net = Net(graph)
    net.run.unlearned = unlearned(graph)
    loaded = load_weights([net], file)
    if loaded.missing:
        raise UserError(
            f"{weights} has no weights for layer {', '.join(loaded.missing)} of {model}",
            wanted="a test of weights that were never learned says nothing",
            do="Name the weights that were trained with this model.",
        )
    if passes:
        fix_weights(net)
    return net


def test_lines(net: Net, iterations: int) -> Said:
    """(place, line) in Caffe's words: each number of each batch, then the mean of each.

    A line comes as soon as its batch is done.
    """
    yield "caffe.cpp:281", f"Running for {iterations} iterations."
    sums = {name: np.zeros(net.blob(name).shape) for name in net.graph.outputs}
    losses = []
    for batch in range(iterations):
        losses.append(net.forward(batch))
        outputs = {name: net.blob(name) for name in sums}
        for name, values in outputs.items():
            sums[name] += values
        for name, value, _ in output_values(net, outputs):
            yield "caffe.cpp:304", f"Batch {batch}, {name} = {value:g}"
    yield "caffe.cpp:309", f"Loss: {math.fsum(losses) / iterations:g}"
    means = {name: total / iterations for name, total in sums.items()}
    for name, mean, remark in output_values(net, means):
        yield "caffe.cpp:321", f"{name} = {mean:g}{remark}"
