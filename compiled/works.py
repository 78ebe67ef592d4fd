"""What is run to have kernels compiled: the commands and nets that people begin with.

Every piece of work runs in the process that collects (collect.py), one after the other.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.cli.main import main as command
from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.kernels.products.few_rows import TILES
from mycaffe_py.kernels.products.gemm import gemm
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text, templates
from mycaffe_py.proto.text import read_text_file
from tests.benchmarks.small_net_texts import SMALL_NETS
from tests.layers.cases import Case, collect
from tests.layers.harness import LayerRun

Work = tuple[str, Callable[[], Any]]
RULES = ("SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW")
WITHOUT_MOMENTUM = ("AdaGrad", "RMSProp")
_PICTURES = 2


def works() -> Iterator[Work]:
    """Every piece of work with its name."""
    yield "the data sets of the templates", lambda: _command("dataset", "create", "telecom")
    for template in templates():
        if template.solver and template.name != "heads":
            yield f"training of {template.name}", _training(template.name)
        elif template.model and not template.solver:
            yield f"the net {template.name}", _net(template.name)
    for rule in RULES:
        options = [f"--set=solver.type={rule}"]
        if rule in WITHOUT_MOMENTUM:
            options.append("--set=solver.momentum=0")
        yield f"training by {rule}", _training("lenet", *options)
    for name, text in SMALL_NETS.items():
        yield f"{name} through pycaffe", _small_net(text)
    yield "inner products of a few rows", _few_rows
    for case in collect():
        yield f"layer {case.name}", _layer(case)


def _few_rows() -> None:
    """Every tile of rows that a net which answers to a few inputs may have."""
    weights = np.ones((64, 64), np.float32)
    for tile in TILES:
        inputs = np.ones((len(tile), 64), np.float32)
        gemm(inputs, weights, np.empty((len(tile), 64), np.float32), transpose_b=True)


def _command(*arguments: str) -> None:
    code = command([*arguments])
    if code:
        raise RuntimeError(f"mycaffe {' '.join(arguments)} ended with {code}")


def _training(name: str, *options: str) -> Callable[[], None]:
    """Two iterations with a test and a snapshot, and the test on many images, where it has one."""

    def run() -> None:
        _command("train", "--solver", name, "--iterations", "2", "--overwrite", *options)
        model = next(t for t in templates() if t.name == name)
        text = read_text_file(find_text(model.name, "model"), pb.NetParameter).message
        if not options and any(layer.type == "Decode" for layer in text.layer):
            _command("test-many", "--snapshot", f"snapshots/{name}_iter_2.caffemodel")

    return run


def _net(name: str) -> Callable[[], None]:
    """Forward and backward, layer by layer and with passes."""

    def run() -> None:
        parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
        parsed.message.layer[0].input_param.shape[0].dim[0] = _PICTURES
        for passes, backward in (((), False), (ALL_PASSES, False), (ALL_PASSES, True)):
            text = NetText(parsed.message, parsed.locations, State(pb.TEST))
            net = Net(compile_net(text, passes=passes, backward=backward), seed=1)
            net.forward()
            if backward:
                net.backward()

    return run


def _small_net(text: str) -> Callable[[], None]:
    def run() -> None:
        import mycaffe_py.pycaffe as caffe

        path = Path("small.prototxt")
        path.write_text(text, encoding="utf-8")
        for phase in (caffe.TEST, caffe.TRAIN):
            net = caffe.Net(str(path), phase)
            net.forward()
            net.backward()

    return run


def _layer(case: Case) -> Callable[[], None]:
    """Forward and backward of a layer in float32."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as name:
            before = Path.cwd()
            os.chdir(name)
            try:
                _run_layer(case, Path(name))
            finally:
                os.chdir(before)

    return run


def _run_layer(case: Case, folder: Path) -> None:
    setting = case.setting
    if setting.prepare is not None:
        setting.prepare(folder)
    random = np.random.default_rng(7)
    run = LayerRun(
        case.text,
        setting.bottoms(case.shapes, random),
        dtype=np.float32,
        phase=setting.phase,
        label_counts=setting.label_counts,
    )
    if setting.ready is not None:
        setting.ready(run.plan.facts)
    run.forward()
    if run.layer.has_backward and not setting.fed:
        gradients = [random.normal(size=spec.shape) for spec in run.plan.tops]
        run.backward(run.loss_gradients() if run.layer.is_loss else gradients)
