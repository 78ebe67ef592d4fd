"""A new layer, or a new loss, is its message in the proto and one file in layers/: nothing else.

The two files below are put beside the family they belong to. Their options stand in the proto
already, and then everything that is asked of a registered layer is asked of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import compile_run_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.graph.told.layer_card import card_text, layer_card
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.solver.hooks.keep_best import _telling
from tests.graph.nets import INPUT, graph_of
from tests.layers import test_every_layer as every
from tests.layers.cases import Case, example_text

HARD_SIGMOID = '''"""HardSigmoid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mycaffe_py.layers.base import BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@dataclass(frozen=True)
class HardSigmoidFacts:
    """The straight line between 0 and 1."""

    scale: float
    shift: float


@register
class HardSigmoid(Layer[HardSigmoidFacts]):
    """A straight line, cut off at 0 and 1.

    Formula:
        y = scale * x + shift, at least 0 and at most 1; dx = scale * dy where 0 < y < 1, else 0.
    Shapes:
        x and y any shape, the same.
    Source:
        Courbariaux, Bengio, David: BinaryConnect, 2015.
    Example:
        layer {
          name: "hard" type: "HardSigmoid" bottom: "x" top: "y"
          power_param { scale: 0.2 shift: 0.5 }
        }
    """

    type = "HardSigmoid"
    rows_independent = True
    backward_reads = ("tops",)
    example = ((3, 4),)

    def plan(self, ctx: LayerContext) -> LayerPlan[HardSigmoidFacts]:
        """The top has the bottom's shape."""
        options = ctx.param.power_param
        facts = HardSigmoidFacts(options.scale, options.shift)
        return LayerPlan(tops=(BlobSpec(ctx.shapes[0]),), facts=facts)

    def forward(self, io: LayerIO[HardSigmoidFacts]) -> None:
        """Cut the line off."""
        np.clip(io.facts.scale * io.bottoms[0] + io.facts.shift, 0, 1, out=io.tops[0])

    def backward(self, io: LayerIO[HardSigmoidFacts]) -> None:
        """The slope, where the line was not cut off."""
        y = io.tops[0]
        if io.dbottoms[0] is not None:
            io.dbottoms[0][...] = io.facts.scale * io.dtops[0] * ((y > 0) & (y < 1))
'''

PSEUDO_HUBER_LOSS = '''"""PseudoHuberLoss."""

from __future__ import annotations

import numpy as np

from mycaffe_py.layers.base import TWO, BlobSpec, Layer, LayerContext, LayerIO, LayerPlan, register


@register
class PseudoHuberLoss(Layer):
    """The distance of two blobs, squared where it is small.

    Formula:
        loss = sum of h(a - b) / N, h(d) = d^2 / 2 where |d| < 1, else |d| - 1/2;
        da = w * clip(a - b, -1, 1) / N and db = -da, with w the loss weight.
    Shapes:
        a and b (N, ...) alike; loss ().
    Source:
        Girshick: Fast R-CNN, 2015, equation 3.
    Example:
        layer { name: "loss" type: "PseudoHuberLoss" bottom: "a" bottom: "b" top: "loss" }
    """

    type = "PseudoHuberLoss"
    bottom_count = TWO
    is_loss = True
    backward_reads = ("bottoms",)
    example = ((3, 4), (3, 4))

    def plan(self, ctx: LayerContext) -> LayerPlan:
        """A scalar."""
        return LayerPlan(tops=(BlobSpec(()),))

    def forward(self, io: LayerIO) -> None:
        """The mean over the rows."""
        d = np.abs(io.bottoms[0] - io.bottoms[1])
        io.tops[0][...] = np.where(d < 1, d * d / 2, d - 0.5).sum() / len(d)

    def backward(self, io: LayerIO) -> None:
        """The same gradient with either sign."""
        a, b = io.bottoms
        slope = io.dtops[0] * np.clip(a - b, -1, 1) / len(a)
        for gradient, sign in zip(io.dbottoms, (1, -1), strict=True):
            if gradient is not None:
                gradient[...] = sign * slope
'''

FILES = {
    ("activation", "hard_sigmoid"): HARD_SIGMOID,
    ("loss", "pseudo_huber_loss"): PSEUDO_HUBER_LOSS,
}
NAMES = ("HardSigmoid", "PseudoHuberLoss")
CHECKS: tuple[Callable[[Case], None], ...] = (
    every.test_facts_are_of_the_declared_type,
    every.test_tops_as_planned,
    every.test_gradients,
    every.test_parameter_gradients_add_up,
    every.test_each_gradient_alone_is_the_same,
    every.test_single_precision_is_close,
    every.test_backward_ends_on_zeros,
    every.test_facts_travel,
)


@pytest.fixture(autouse=True)
def _added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The two files in their families, and the registry as it was before afterwards."""
    for name in ("_entries", "_lower"):
        monkeypatch.setattr(layer_types, name, dict(getattr(layer_types, name)))
    monkeypatch.setattr(layer_types, "_homes", None)
    monkeypatch.setattr(layer_types, "_complete", False)
    for (family, module), text in FILES.items():
        folder = tmp_path / family
        folder.mkdir()
        (folder / f"{module}.py").write_text(text)
        import_module(f"mycaffe_py.layers.{family}").__path__.append(str(folder))
    yield
    for family, module in FILES:
        import_module(f"mycaffe_py.layers.{family}").__path__.pop()
        sys.modules.pop(f"mycaffe_py.layers.{family}.{module}", None)


def _case(name: str) -> Case:
    layer = layer_types.get(name)
    return Case(name, example_text(layer), layer.example)


@pytest.mark.parametrize("name", NAMES)
def test_they_are_found_by_their_files(name: str) -> None:
    assert name not in vars(layer_types)["_entries"]
    assert layer_types.get(name).type == name
    assert name in list(layer_types)
    every.test_docstring_has_all_parts(name)
    every.test_methods_name_the_type_of_their_facts(name)
    assert name in card_text(layer_card(name))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", NAMES)
def test_they_pass_what_every_layer_passes(name: str, check: Callable[[Case], None]) -> None:
    check(_case(name))


def test_a_loss_counts_is_watched_and_is_left_out_of_the_run_net() -> None:
    text = (
        INPUT
        + 'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 } } }\n'
        'layer { name: "hard" type: "HardSigmoid" bottom: "x" top: "y" }\n'
        'layer { name: "loss" type: "PseudoHuberLoss" bottom: "y" bottom: "t" top: "loss" }\n'
    )
    net = Net(graph_of(text))
    net.blob("x").fill(1)
    assert net.forward() == pytest.approx(3 * 0.5)
    assert _telling(net) == ["loss"]
    read = read_text(text, pb.NetParameter, "net.prototxt")
    run = compile_run_net(NetText(read.message, read.locations, State(pb.RUN)), {}, 1)
    assert [node.name for node in run.nodes if node.layer.type != "Input"] == ["hard"]
