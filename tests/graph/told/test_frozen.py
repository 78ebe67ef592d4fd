"""Where the gradient stops, and what that spares."""

from __future__ import annotations

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.graph.compile import ALL_PASSES
from tests.graph.nets import INPUT, graph_of, inner_product, siamese

TARGET = 'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 } } }\n'
LOSS = 'layer { name: "l" type: "EuclideanLoss" bottom: "c" bottom: "t" top: "l" }\n'
FROZEN = "param { lr_mult: 0 } param { lr_mult: 0 }"


def chain(a: str = "", b: str = "", c: str = "") -> str:
    return (
        INPUT
        + TARGET
        + inner_product("a", "x", "a", a)
        + inner_product("b", "a", "b", b)
        + inner_product("c", "b", "c", c)
        + LOSS
    )


def notes(text: str) -> list[str]:
    return [note for note in graph_of(text).notes if note.startswith("gradients")]


def test_nothing_is_said_where_nothing_is_frozen() -> None:
    assert notes(chain()) == ["gradients: 4 of 6 layers run backward"]


def test_a_frozen_trunk() -> None:
    """a and b have 3 x 3 + 3 values each; of 4 x 3 each, da and db are not needed."""
    assert notes(chain(FROZEN, FROZEN)) == [
        "gradients: 2 of 6 layers run backward",
        "gradients: backward stops at layer c: nothing below it learns",
        "gradients: a, b frozen, 24 values: 2 layers spare their backward, 0.00 MiB of parameter "
        "gradients and 0.00 MiB of blob gradients are not needed",
    ]


def test_sizes_are_those_of_the_arrays() -> None:
    """What is told to be spared is what the plain nets differ by."""
    text = chain(FROZEN, FROZEN).replace("dim: 4 dim: 3", "dim: 4000 dim: 200")
    frozen = graph_of(text.replace("num_output: 3", "num_output: 200"))
    thawed = graph_of(text.replace("num_output: 3", "num_output: 200").replace("lr_mult: 0", ""))
    sizes = [sum(diff.nbytes for diff in Net(graph).diffs.values()) for graph in (thawed, frozen)]
    blobs = (sizes[0] - sizes[1]) / 2**20
    params = 4 * sum(p.count for p in frozen.params.values() if not p.gradient) / 2**20
    told = next(note for note in frozen.notes if "frozen" in note)
    assert f"{params:.2f} MiB of parameter gradients and {blobs:.2f} MiB of blob" in told
    assert blobs > 5


def test_frozen_layers_above_learning_ones_let_the_gradient_through() -> None:
    told = notes(chain("", FROZEN))
    assert told[0] == "gradients: 4 of 6 layers run backward"
    assert told[1].startswith("gradients: b frozen, 12 values: 0 layers spare")
    assert len(told) == 2


def test_propagate_down_cuts_off_what_lies_below() -> None:
    text = chain().replace('bottom: "b" top: "c"', 'bottom: "b" top: "c" propagate_down: false')
    graph = graph_of(text)
    assert {node.name: node.backward for node in graph.nodes if node.params} == {
        "a": False, "b": False, "c": True,
    }  # fmt: skip
    assert {key: param.gradient for key, param in graph.params.items()} == {
        "a[0]": False, "a[1]": False, "b[0]": False, "b[1]": False, "c[0]": True, "c[1]": True,
    }  # fmt: skip
    assert "gradients: backward stops at layer c: nothing below it learns" in graph.notes


def test_both_twins_stop() -> None:
    text = siamese().replace('param { name: "cw" }', 'param { name: "cw" lr_mult: 0 }')
    text = text.replace('param { name: "cb" }', 'param { name: "cb" lr_mult: 0 }')
    told = [note for note in graph_of(text).notes if "stops" in note]
    assert [note.split("layer ")[1].split(":")[0] for note in told] == ["ip", "ip_p"]
    graph = graph_of(text, passes=ALL_PASSES)
    running = {node.name for node in graph.nodes if node.backward}
    assert not any("conv" in name or "pool" in name for name in running)


def test_a_frozen_trunk_has_no_gradients() -> None:
    net = Net(graph_of(chain(FROZEN, FROZEN)))
    assert set(net.diffs) == {"c", "l"}
    for node, io in net.steps:
        if node.name in ("a", "b"):
            assert not io.dtops
            assert not io.dparams
    net.params.diff.fill(7)
    net.feed({"x": np.ones((4, 3)), "t": np.full((4, 3), 5)})
    net.forward()
    net.backward()
    assert (net.gradients["a[0]"] == 7).all()
    assert (net.gradients["c[0]"] != 7).all()


def test_the_gradients_that_are_left_are_the_same() -> None:
    nets = [Net(graph_of(text), seed=3) for text in (chain(), chain(FROZEN, FROZEN))]
    numbers = np.random.default_rng(2)
    arrays = {"x": numbers.normal(size=(4, 3)), "t": numbers.normal(size=(4, 3))}
    for net in nets:
        net.feed(arrays)
        net.forward()
        net.backward()
    for key in ("c[0]", "c[1]"):
        assert np.array_equal(nets[0].gradients[key], nets[1].gradients[key])


def test_force_backward_wants_all_of_them() -> None:
    graph = graph_of("force_backward: true\n" + chain(FROZEN, FROZEN))
    assert all(param.gradient for param in graph.params.values())
    assert not any("stops" in note or "frozen" in note for note in graph.notes)
    net = Net(graph, seed=3)
    net.feed({"x": np.ones((4, 3)), "t": np.zeros((4, 3))})
    net.forward()
    net.backward()
    assert net.gradients["a[0]"].any()
    assert net.diffs["x"].any()
