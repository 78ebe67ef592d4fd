from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import read_text_file
from tests.graph.nets import INPUT, graph_of, inner_product

TARGET = 'layer { name: "t" type: "Input" top: "t" input_param { shape { dim: 4 dim: 3 } } }\n'
LOSS = 'layer { name: "l" type: "EuclideanLoss" bottom: "ip" bottom: "t" top: "l" }\n'


def _net(*kinds: str) -> str:
    layers = "".join(
        f'layer {{ name: "{kind}{n}" type: "{kind}" bottom: "ip" top: "ip" }}\n'
        for n, kind in enumerate(kinds)
    )
    return INPUT + TARGET + inner_product("ip", "x", "ip") + layers + LOSS


@pytest.mark.parametrize("kinds", [("ReLU", "Dropout"), ("ReLU", "ReLU"), ("Dropout", "Sigmoid")])
def test_harmless_rows_of_in_place_layers(kinds: tuple[str, ...]) -> None:
    graph_of(_net(*kinds))


@pytest.mark.parametrize("kinds", [("Sigmoid", "ReLU"), ("ReLU", "Sigmoid"), ("TanH", "Dropout")])
def test_an_overwritten_top_that_backward_needs_is_refused(kinds: tuple[str, ...]) -> None:
    with pytest.raises(UserError) as caught:
        graph_of(_net(*kinds))
    text = str(caught.value)
    assert f"net.prototxt:5: layer '{kinds[1]}1' ({kinds[1]}): it works in place on 'ip'" in text
    assert f"the gradient of layer '{kinds[0]}0' ({kinds[0]})" in text


def test_without_backward_nothing_is_wrong() -> None:
    graph_of(_net("Sigmoid", "ReLU").replace(LOSS, ""), pb.TEST)


def _agree(text: str, apart: str, seed: int = 3) -> None:
    """Loss and gradients of two batches in a row, plain and optimised, are those of `apart`."""
    found = []
    for one, passes in ((apart, ()), (text, ()), (text, ALL_PASSES)):
        graph = graph_of(one, passes=passes)
        net = Net(graph, seed=seed)
        draws = np.random.default_rng(0)
        values: list[np.ndarray] = []
        for batch in range(2):
            for name in graph.inputs:
                net.feed({name: draws.normal(size=net.blob(name).shape).astype(np.float32)})
            net.clear_gradients()
            values.append(np.array(net.forward(batch)))
            net.backward()
            values += [net.gradients[key].copy() for key in sorted(net.gradients)]
        found.append(values)
    for values in found[1:]:
        for one, wanted in zip(values, found[0], strict=True):
            np.testing.assert_allclose(one, wanted, rtol=2e-5, atol=1e-6)


NORMALISED = (
    'layer {{ name: "bn{e}" type: "BatchNorm" bottom: "ip{e}" top: "{t}" }}\n'
    'layer {{ name: "sc{e}" type: "Scale" bottom: "{t}" top: "{u}" param {{ name: "sw" }} '
    'param {{ name: "sb" }} scale_param {{ bias_term: true filler {{ value: -0.7 }} }} }}\n'
    'layer {{ name: "act{e}" type: "{kind}" bottom: "{u}" top: "{v}" }}\n'
)


def _twins(kind: str, *, in_place: bool) -> str:
    """Two branches of one net, with in-place layers behind each shared InnerProduct."""
    text = INPUT + INPUT.replace('"x"', '"x_p"')
    ends = []
    for end in ("", "_p"):
        blobs = [f"ip{end}"] * 3 if in_place else [f"{name}{end}" for name in ("t", "u", "v")]
        text += inner_product(
            f"ip{end}", f"x{end}", f"ip{end}", 'param { name: "w" } param { name: "b" }', 4
        )
        text += NORMALISED.format(e=end, t=blobs[0], u=blobs[1], v=blobs[2], kind=kind)
        text += inner_product(
            f"f{end}", blobs[2], f"f{end}", 'param { name: "fw" } param { name: "fb" }', 2
        )
        ends.append(f"f{end}")
    return text + (
        f'layer {{ name: "l" type: "EuclideanLoss" bottom: "{ends[0]}" bottom: "{ends[1]}" '
        'top: "l" }\n'
    )


@pytest.mark.parametrize("kind", ["ReLU", "PReLU", "ELU", "Sigmoid"])
def test_twins_with_rows_of_in_place_layers(kind: str) -> None:
    _agree(_twins(kind, in_place=True), _twins(kind, in_place=False))


def _two_readers(top: str, relu: str, weight: str = "") -> str:
    return (
        INPUT
        + inner_product("ip", "x", "ip")
        + f'layer {{ name: "sc" type: "Scale" bottom: "ip" top: "{top}" '
        "scale_param { filler { value: -0.5 } } }\n"
        f'layer {{ name: "act" type: "ReLU" bottom: "{top}" top: "{relu}" {weight} }}\n'
    )


def test_two_readers_of_what_was_made_in_place() -> None:
    behind = (
        inner_product("a", "@", "a")
        + inner_product("b", "@", "b")
        + 'layer { name: "l" type: "EuclideanLoss" bottom: "a" bottom: "b" top: "l" }\n'
    )
    _agree(
        _two_readers("ip", "ip") + behind.replace("@", "ip"),
        _two_readers("s", "r") + behind.replace("@", "r"),
    )


def test_a_loss_weight_on_a_top_in_place_holds_for_every_batch() -> None:
    """Backward writes the gradient over it, so it was gone from the second batch on."""
    weight = "loss_weight: 0.3"
    _agree(_two_readers("ip", "ip", weight), _two_readers("s", "r", weight))
    flat = 'layer {{ name: "flat" type: "Flatten" bottom: "{}" top: "flat" loss_weight: 0.3 }}\n'
    _agree(_two_readers("ip", "ip") + flat.format("ip"), _two_readers("s", "r") + flat.format("r"))


def test_a_fused_relu_is_not_overwritten() -> None:
    """InnerProduct and ReLU as one layer look at the ReLU's top, which ReLU alone need not."""
    text = INPUT + TARGET + inner_product("ip", "x", "ip")
    text += 'layer { name: "act" type: "ReLU" bottom: "ip" top: "r" }\n'
    text += (
        'layer { name: "b" type: "Bias" bottom: "r" top: "@" bias_param { filler { value: 1 } } }\n'
    )
    text += LOSS.replace('"ip"', '"@"')
    _agree(text.replace("@", "r"), text.replace("@", "q"))
    notes = graph_of(text.replace("@", "r"), passes=ALL_PASSES).notes
    assert "fuse: ip stays as it is: b overwrites what act makes" in notes


def test_in_place_on_another_name_of_what_others_read_is_refused() -> None:
    """Flatten shows the memory of 'ip', which 'other' reads behind the ReLU: it saw the ReLU."""
    text = INPUT + inner_product("ip", "x", "ip")
    text += 'layer { name: "flat" type: "Flatten" bottom: "ip" top: "f" }\n'
    text += 'layer { name: "act" type: "ReLU" bottom: "f" top: "f" }\n'
    text += inner_product("other", "ip", "o")
    with pytest.raises(UserError, match=r"it works in place on 'f'.*layer 'other'"):
        graph_of(text, pb.TEST)


def test_a_view_of_what_backward_needs_is_refused() -> None:
    text = INPUT + TARGET + inner_product("ip", "x", "ip")
    text += 'layer { name: "s" type: "Sigmoid" bottom: "ip" top: "s" }\n'
    text += 'layer { name: "flat" type: "Flatten" bottom: "s" top: "f" }\n'
    text += 'layer { name: "act" type: "BatchNorm" bottom: "f" top: "f" }\n'
    with pytest.raises(UserError, match=r"the gradient of layer 's' \(Sigmoid\)"):
        graph_of(text + LOSS.replace('"ip"', '"f"'))


@pytest.mark.parametrize(
    "layer",
    [
        'type: "Power" power_param { scale: 1024 shift: 128 power: 2 }',
        'type: "Log" log_param { shift: 9 }',
        'type: "Clip" clip_param { min: -0.2 max: 0.3 }',
        'type: "BNLL"',
        'type: "GELU"',
        'type: "Mish"',
        'type: "ReLU" relu_param { negative_slope: -0.5 }',
        'type: "ELU" elu_param { alpha: -1 }',
    ],
)
def test_where_nothing_runs_backward_the_gradient_matters_not(layer: str) -> None:
    found = []
    for top in ("ip", "y"):
        text = INPUT + inner_product("ip", "x", "ip")
        text += f'layer {{ name: "l" {layer} bottom: "ip" top: "{top}" }}\n'
        net = Net(graph_of(text, pb.TEST), seed=1)
        net.feed({"x": np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)})
        net.forward()
        found.append(net.blob(top))
        if top == "ip":
            with pytest.raises(UserError, match="in place"):
                graph_of(text + TARGET + LOSS)
    np.testing.assert_array_equal(found[0], found[1])


def test_a_power_of_1_in_place_trains() -> None:
    text = INPUT + TARGET + inner_product("ip", "x", "ip")
    text += (
        'layer { name: "p" type: "Power" bottom: "ip" top: "@" '
        "power_param { scale: -3 shift: 1 } }\n"
    )
    text += LOSS.replace('"ip"', '"@"')
    _agree(text.replace("@", "ip"), text.replace("@", "q"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "mobilenet"])
def test_image_nets_can_be_trained_and_are_optimised(name: str) -> None:
    """Convolution, BatchNorm, Scale and ReLU, all on one blob, from the first layer to the last."""
    parsed = read_text_file(find_text(name, "model"), pb.NetParameter)
    net = parsed.message
    net.layer.add(name="label", type="DummyData", top=["label"]).dummy_data_param.shape.add(dim=[1])
    scores = next(one for one in net.layer if one.type == "Softmax").bottom[0]
    net.layer.add(name="loss", type="SoftmaxWithLoss", bottom=[scores, "label"], top=["loss"])
    graph = compile_net(NetText(net, parsed.locations, State(pb.TRAIN)), passes=ALL_PASSES)
    learning = [node for node in graph.nodes if node.backward]
    assert {"BatchNorm", "Scale", "ReLU"} <= {node.layer.type for node in learning}
    assert not any("not optimised" in note for note in graph.notes)
