"""Layers whose code is the user's: in a net, with everything they may do and get wrong."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.layers.user.python_error import UserCodeError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.graph.nets import inner_product

HEAD = "import numpy as np\nfrom mycaffe_py.layers.user.python_layer import Layer\n\n\n"
Compile = Callable[..., Graph]

X = 'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 4 dim: 3 } } }\n'
DATA = """
layer { name: "x" type: "DummyData" top: "x"
  dummy_data_param { shape { dim: 8 dim: 5 } data_filler { type: "gaussian" } } }
layer { name: "t" type: "DummyData" top: "t"
  dummy_data_param { shape { dim: 8 dim: 3 } data_filler { type: "gaussian" } } }
"""
EUCLIDEAN = """
class EuclideanLossLayer(Layer):
    def setup(self, bottom, top):
        if len(bottom) != 2:
            raise ValueError("Need two inputs.")

    def reshape(self, bottom, top):
        self.difference = np.zeros_like(bottom[0].data)
        top[0].reshape(1)

    def forward(self, bottom, top):
        self.difference[...] = bottom[0].data - bottom[1].data
        top[0].data[...] = np.sum(self.difference**2) / bottom[0].num / 2.0

    def backward(self, top, propagate_down, bottom):
        for i in range(2):
            if propagate_down[i]:
                sign = 1 if i == 0 else -1
                bottom[i].diff[...] = sign * top[0].diff[0] * self.difference / bottom[i].num
"""


def python(module: str, kind: str, ports: str, rest: str = "") -> str:
    return (
        f'layer {{ name: "mine" type: "Python" {ports} '
        f'python_param {{ module: "{module}" layer: "{kind}" {rest} }} }}\n'
    )


@pytest.fixture
def compile_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Compile:
    """Compile a text beside a module `mine` of the given code; the current folder is another."""
    (tmp_path / "net").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delitem(sys.modules, "mine", raising=False)

    def run(code: str, text: str, phase: int = pb.TRAIN, **options: object) -> Graph:
        (tmp_path / "net" / "mine.py").write_text(HEAD + code)
        parsed = read_text(text, pb.NetParameter, str(tmp_path / "net" / "net.prototxt"))
        return compile_net(NetText(parsed.message, parsed.locations, State(phase)), **options)  # type: ignore[arg-type]

    return run


def _train(net: Net) -> list[float]:
    losses = []
    for batch in range(4):
        net.clear_gradients()
        losses.append(net.forward(batch))
        net.backward()
        net.params.data -= 0.1 * net.params.diff
    return losses


@pytest.mark.parametrize("passes", [(), ALL_PASSES], ids=["plain", "optimised"])
def test_a_loss_trains_as_the_built_in_one(compile_with: Compile, passes: tuple[str, ...]) -> None:
    body = DATA + inner_product("ip1", "x", "h", outputs=4)
    body += 'layer { name: "act" type: "ReLU" bottom: "h" top: "h" }\n'
    body += inner_product("ip2", "h", "y")
    ports = 'bottom: "y" bottom: "t" top: "loss" loss_weight: 2'
    mine = body + python("mine", "EuclideanLossLayer", ports)
    theirs = body + f'layer {{ name: "loss" type: "EuclideanLoss" {ports} }}'
    nets = [Net(compile_with(EUCLIDEAN, text, passes=passes), seed=3) for text in (mine, theirs)]
    losses = [_train(net) for net in nets]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)
    np.testing.assert_allclose(nets[0].params.data, nets[1].params.data, rtol=1e-4, atol=1e-6)


def test_no_bottoms_param_str_phase_and_growing_tops(compile_with: Compile) -> None:
    """A data layer that gives every batch another number of rows, in forward."""
    code = """
class Data(Layer):
    def setup(self, bottom, top):
        assert not bottom and self.type == "Python"
        self.calls = 0
        self.rows = [int(word) for word in self.param_str.split()]
        top[0].reshape(self.rows[0], 3)
        top[1].reshape()

    def reshape(self, bottom, top):
        self.calls += 1

    def forward(self, bottom, top):
        rows = self.rows.pop(0)
        if rows == 2:
            top[0].reshape(10 * self.calls, 3)
        top[0].reshape(rows, 3)
        top[0].data[...] = np.arange(rows * 3).reshape(rows, 3)
        top[1].data[()] = 10 * self.calls + self.phase
"""
    text = python("mine", "Data", 'top: "x" top: "n"', 'param_str: "2 5 1 5 0 2"')
    text += inner_product("ip", "x", "y")
    for passes in ((), ALL_PASSES):
        net = Net(compile_with(code, text, phase=pb.TEST, passes=passes), seed=1)
        weight, bias = net.values["ip[0]"], net.values["ip[1]"]
        for batch, rows in enumerate((2, 5, 1, 5, 0, 2)):
            net.forward(batch)
            x = np.arange(rows * 3, dtype=np.float32).reshape(rows, 3)
            np.testing.assert_array_equal(net.blob("x"), x)
            np.testing.assert_allclose(net.blob("y"), x @ weight.T + bias, rtol=1e-5)
            # Once after setup, then once in each batch.
            assert net.blob("n") == 10 * (batch + 2) + 1


def test_old_layers_find_their_text_under_its_old_name(compile_with: Compile) -> None:
    code = """
class Old(Layer):
    def __init__(self, param=None, *rest):
        super().__init__()

    def setup(self, bottom, top):
        self.factor = eval(self.param_str_)["k"]

    def reshape(self, bottom, top):
        top[0].reshape(*bottom[0].data.shape)

    def forward(self, bottom, top):
        top[0].data[...] = self.factor * bottom[0].data
"""
    text = 'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 2 } } }'
    text += python("mine", "Old", 'bottom: "x" top: "y"', "param_str: \"{'k': 3}\"")
    net = Net(compile_with(code, text, phase=pb.TEST), seed=1)
    net.feed({"x": np.array([2, 5])})
    net.forward()
    assert net.blob("y").tolist() == [6, 15]


SCALED = """
class Scaled(Layer):
    def setup(self, bottom, top):
        self.blobs.add_blob(3)
        self.blobs.add_blob()
        self.blobs[0].data[...] = [1, 2, 3]
        self.made = self.blobs[0].shape, self.blobs[1].count

    def reshape(self, bottom, top):
        top[0].reshape(*bottom[0].data.shape)

    def forward(self, bottom, top):
        top[0].data[...] = bottom[0].data * self.blobs[0].data + self.blobs[1].data

    def backward(self, top, propagate_down, bottom):
        self.blobs[0].diff[...] += (top[0].diff * bottom[0].data).sum(axis=0)
        self.blobs[1].diff[...] += top[0].diff.sum()
        if propagate_down[0]:
            bottom[0].diff[...] = top[0].diff * self.blobs[0].data
"""


def test_parameters_are_those_of_the_net(compile_with: Compile) -> None:
    text = X + python("mine", "Scaled", 'bottom: "x" top: "y"').replace(
        "python_param", "param { lr_mult: 2 } param { decay_mult: 0 } python_param"
    )
    text += 'layer { name: "sum" type: "Reduction" bottom: "y" top: "sum" loss_weight: 1 }'
    net = Net(compile_with(SCALED, text), seed=1)
    assert [p.lr_mult for p in net.graph.params.values()] == [2, 1]
    np.testing.assert_array_equal(net.values["mine[0]"], [1, 2, 3])
    x = np.random.default_rng(1).standard_normal((4, 3)).astype(np.float32)
    net.feed({"x": x})
    net.values["mine[1]"][...] = 7
    for _ in range(2):
        net.forward()
        net.backward()
    np.testing.assert_allclose(net.blob("y"), x * [1, 2, 3] + 7, rtol=1e-6)
    np.testing.assert_allclose(net.gradients["mine[0]"], 2 * x.sum(axis=0), rtol=1e-5)
    assert net.gradients["mine[1]"] == 2 * 12
    shared = Net(compile_with(SCALED, text, phase=pb.TEST), share=net.params)
    assert shared.values["mine[0]"] is net.values["mine[0]"], "setup's values stay out of it"
    np.testing.assert_array_equal(net.values["mine[1]"], 7)


def test_in_place(compile_with: Compile) -> None:
    code = """
class Double(Layer):
    def reshape(self, bottom, top):
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom, top):
        top[0].data[...] *= 2
"""
    text = X + inner_product("ip", "x", "y") + python("mine", "Double", 'bottom: "y" top: "y"')
    net = Net(compile_with(code, text, passes=ALL_PASSES), seed=1)
    net.feed({"x": np.ones((4, 3))})
    net.forward()
    wanted = 2 * (net.values["ip[0]"].sum(axis=1) + net.values["ip[1]"])
    np.testing.assert_allclose(net.blob("y"), np.tile(wanted, (4, 1)), rtol=1e-6)


def test_the_object_stays_when_the_net_is_reshaped(compile_with: Compile) -> None:
    code = """
class Counting(Layer):
    def setup(self, bottom, top):
        self.forwards = 0

    def reshape(self, bottom, top):
        top[0].reshape(bottom[0].num, 2)

    def forward(self, bottom, top):
        self.forwards += 1
        top[0].data[...] = self.forwards
"""
    text = X + python("mine", "Counting", 'bottom: "x" top: "y"') + inner_product("ip", "y", "z")
    net = Net(compile_with(code, text), seed=1)
    for batch, rows in enumerate((4, 9, 1)):
        net.reshape({"x": (rows, 3)})
        assert net.blob("z").shape == (rows, 3)
        net.forward()
        np.testing.assert_array_equal(net.blob("y"), np.full((rows, 2), batch + 1))


def test_no_other_process_gets_a_copy(compile_with: Compile) -> None:
    """The process that compiles ahead gets something that does nothing."""
    graph = compile_with(SCALED, X + python("mine", "Scaled", 'bottom: "x" top: "y"'))
    there = pickle.loads(pickle.dumps(graph.node("mine").plan.facts))
    assert repr(there) == "Elsewhere(name='Scaled')"
    net = Net(graph, seed=1)
    io = net.steps[1][1]
    net.blob("y")[...] = 5
    there.forward(io)
    there.backward(io)
    np.testing.assert_array_equal(net.blob("y"), 5)


BAD = """
class Bad(Layer):
    def setup(self, bottom, top):
        if self.param_str == "setup":
            raise KeyError("no such entry")

    def reshape(self, bottom, top):
        if self.param_str == "reshape":
            top[0].reshape(2, -1)
        if self.param_str == "bottom":
            bottom[0].reshape(1)
        top[0].reshape(*bottom[0].shape)

    def forward(self, bottom, top):
        if self.param_str == "late blob":
            self.blobs.add_blob(1)
        if self.param_str == "forward":
            np.concatenate([np.zeros(1), np.zeros((1, 1))])
        if self.param_str == "backward":
            return
        bottom[0].reshape(99)


class NoForward(Layer):
    def reshape(self, bottom, top):
        pass


class OnlySetup(Layer):
    def setup(self, bottom, top):
        raise RuntimeError("not today")


class Stranger:
    pass
"""
LEARNED = X + inner_product("ip", "x", "h")


@pytest.mark.parametrize(
    "kind, option, words",
    [
        ("Bad", "setup", "Bad.setup raised KeyError: 'no such entry' ({mine}:9)"),
        ("Bad", "reshape", "Bad.reshape raised ValueError: reshape to (2, -1)"),
        ("Bad", "forward", "({mine}:22)"),
        ("Bad", "else", "Bad.forward raised ValueError: bottom 'h' cannot be reshaped"),
        ("Bad", "backward", "class 'Bad' has no method backward; a parameter before it learns"),
        ("bad", "", "module 'mine' ({mine}) has no class 'bad'. Did you mean 'Bad'?"),
        ("NoForward", "", "class 'NoForward' of module 'mine' has no method forward"),
        ("OnlySetup", "", "OnlySetup.setup raised RuntimeError: not today"),
        ("Stranger", "", "is no layer; a class that derives from caffe.Layer"),
        ("", "", "python_param has no layer"),
    ],
)
def test_mistakes(
    compile_with: Compile, tmp_path: Path, kind: str, option: str, words: str
) -> None:
    text = LEARNED + python(
        "mine", kind, 'bottom: "h" top: "y" loss_weight: 1', f'param_str: "{option}"'
    )
    with pytest.raises(UserError) as caught:
        net = Net(compile_with(BAD, text))
        net.forward()
        net.backward()
    found = str(caught.value)
    assert found.startswith(f"{tmp_path / 'net' / 'net.prototxt'}:3: layer 'mine' (Python): ")
    assert words.format(mine=tmp_path / "net" / "mine.py") in found
    assert isinstance(caught.value, UserCodeError) == (caught.value.__cause__ is not None)


def test_the_cause_is_kept(compile_with: Compile) -> None:
    text = LEARNED + python("mine", "Bad", 'bottom: "h" top: "y"', 'param_str: "setup"')
    with pytest.raises(UserCodeError) as caught:
        compile_with(BAD, text)
    assert isinstance(caught.value.__cause__, KeyError)


def test_blobs_are_added_in_setup(compile_with: Compile) -> None:
    code = BAD.replace("bottom[0].reshape(99)", "pass")
    text = LEARNED + python("mine", "Bad", 'bottom: "h" top: "y"', 'param_str: "late blob"')
    net = Net(compile_with(code, text))
    net.forward()
    with pytest.raises(UserError, match="the object has 1 blobs; after setup it had 0"):
        net.forward()
