"""A deploy text and its weights: clean, complete, and the same numbers as before."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.export.deploy import deployed, write_deployed
from mycaffe_py.export.exported_net import ExportedNet, exported_net
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText, read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.weights import Weights, read_weights
from mycaffe_py.trained.snapshot import Snapshot, open_snapshot
from tests.export.opened import net_text, randomise, with_inputs


def _saved(plain: ExportedNet, text: NetText, path: Path) -> Weights:
    """The weights of a net as a caffemodel with all layers of its text."""
    from mycaffe_py.engine.weights import layer_weights
    from mycaffe_py.snapshot.weights import write_weights

    write_weights(path, "net", layer_weights(plain.net, text.net.layer))
    return read_weights(path)


def _read(folder: Path) -> Net:
    text = read_model(str(folder / "deploy.prototxt"), pb.NetState())
    weights = read_weights(folder / "net.caffemodel")
    graph = compile_net(
        text, stored=weights.shapes(), backward=False
    )  # fmt: skip
    net = Net(graph)
    assert load_weights([net], weights).missing == ()
    assert list(weights.layers) == [layer.name for layer in text.net.layer]
    return net


def _write(snapshot: Snapshot, folder: Path, for_caffe: bool = False) -> tuple[str, ...]:
    made = deployed(
        snapshot.text, snapshot.weights, shapes=snapshot.shapes, for_caffe=for_caffe
    )  # fmt: skip
    write_deployed(made, folder / "deploy.prototxt", folder / "net.caffemodel")
    return made.left_out


def test_a_siamese_net_gives_the_same_bits(siamese_snapshot: Path, tmp_path: Path) -> None:
    snapshot = open_snapshot(siamese_snapshot)
    assert _write(snapshot, tmp_path) == ()
    again = _read(tmp_path)
    before = exported_net(snapshot.text, snapshot.weights, shapes=snapshot.shapes).net
    shape = before.blob("data").shape
    x = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    for net in (before, again):
        net.feed({"data": x})
        net.forward()
    np.testing.assert_array_equal(again.blob("decode"), before.blob("decode"))
    assert again.blob("decode").shape == (1, 10)


def test_only_what_matters_is_written(siamese_snapshot: Path, tmp_path: Path) -> None:
    _write(open_snapshot(siamese_snapshot), tmp_path)
    text = (tmp_path / "deploy.prototxt").read_text()
    for gone in ("include", "exclude", "filler", "lr_mult", "param {\n    name", "phase", "loss"):
        assert gone not in text, gone
    net = read_model(str(tmp_path / "deploy.prototxt"), pb.NetState()).net
    assert [(layer.name, layer.type) for layer in net.layer] == [
        ("data", "Input"), ("feat", "InnerProduct"), ("decode", "Decode"),
    ]  # fmt: skip
    assert net.layer[1].inner_product_param == pb.InnerProductParameter(
        num_output=8, bias_term=False
    )


def test_caffe_gets_what_it_knows(siamese_snapshot: Path, tmp_path: Path) -> None:
    assert _write(open_snapshot(siamese_snapshot), tmp_path, for_caffe=True) == ("decode",)
    assert "decode" not in (tmp_path / "deploy.prototxt").read_text()
    assert b"decode" not in (tmp_path / "net.caffemodel").read_bytes()


FEATURE = """
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 4 weight_filler { type: "gaussian" } } }
"""


def test_a_layer_in_the_middle_is_refused(tmp_path: Path) -> None:
    text = net_text(
        with_inputs(FEATURE, {"data": (2, 3)})
        + 'layer { name: "unit"\n  type: "Normalization1" bottom: "ip" top: "unit" }\n'
        + 'layer { name: "relu" type: "ReLU" bottom: "unit" top: "y" }'
    )
    weights = _saved(exported_net(text), text, tmp_path / "w.caffemodel")
    assert [layer.name for layer in deployed(text, weights).text.layer] == [
        "data", "ip", "unit", "relu",
    ]  # fmt: skip
    with pytest.raises(UserError) as caught:
        deployed(text, weights, for_caffe=True)
    assert str(caught.value).startswith(
        "net.prototxt:6: layer 'unit' (Normalization1): Caffe has no such layer, and later layers "
        "read its top 'unit'"
    )


def test_an_option_caffe_lacks_is_refused_unless_it_changes_nothing(tmp_path: Path) -> None:
    options = "recurrent_param { num_output: 3\n  batch_first: %s }"
    layer = 'layer { name: "r" type: "LSTM" bottom: "x" bottom: "cont" top: "y" %s }'
    shapes = {"x": (2, 2, 4), "cont": (2, 2)}
    for value in ("false", "true"):
        text = net_text(with_inputs(layer % (options % value), shapes))
        weights = _saved(exported_net(text), text, tmp_path / "w.caffemodel")
        if value == "false":
            made = deployed(text, weights, for_caffe=True)
            assert "batch_first" not in str(made.text)
            continue
        with pytest.raises(UserError, match=r"net.prototxt:4: layer 'r' \(LSTM\): batch_first"):
            deployed(text, weights, for_caffe=True)


def test_shared_parameters_stay_shared(tmp_path: Path) -> None:
    shared = 'param { name: "w" lr_mult: 3 } inner_product_param { num_output: 3 bias_term: false }'
    layers = "".join(
        f'layer {{ name: "{top}" type: "InnerProduct" bottom: "{bottom}" top: "{top}" {shared} }}\n'
        for bottom, top in (("data", "a"), ("a", "b"))
    )
    text = net_text(with_inputs(layers, {"data": (2, 3)}))
    weights = _saved(exported_net(text), text, tmp_path / "w.caffemodel")
    made = deployed(text, weights)
    assert [list(layer.param) for layer in made.text.layer] == [
        [], [pb.ParamSpec(name="w")], [pb.ParamSpec(name="w")],
    ]  # fmt: skip
    assert made.net.graph.params["a[0]"].sharers == ("b[0]",)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["squeezenet", "mobilenet", "googlenet"])
def test_opencv_reads_it(name: str, tmp_path: Path) -> None:
    text = read_model(name, pb.NetState())
    plain = exported_net(text)
    randomise(plain)
    weights = _saved(plain, text, tmp_path / "w.caffemodel")
    made = deployed(text, weights, for_caffe=True)
    write_deployed(made, tmp_path / "deploy.prototxt", tmp_path / "net.caffemodel")
    net = cv2.dnn.readNetFromCaffe(
        str(tmp_path / "deploy.prototxt"), str(tmp_path / "net.caffemodel")
    )
    x = np.random.default_rng(1).normal(size=made.net.blob("data").shape).astype(np.float32)
    net.setInput(x)
    found = net.forward()
    made.net.feed({"data": x})
    made.net.forward()
    wanted = made.net.blob("prob")
    assert found.size == wanted.size
    assert wanted.std() > 0
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted, atol=1e-4 * wanted.max())


SMALL = """input: "data" input_shape { dim: 1 dim: 2 dim: 6 dim: 6 }
layer { name: "c" type: "Convolution" bottom: "data" top: "c"
  convolution_param { num_output: 64 kernel_size: 3 } }
layer { name: "ip" type: "InnerProduct" bottom: "c" top: "ip"
  inner_product_param { num_output: 10 } }
"""


def _halves(folder: Path) -> dict[str, Path]:
    """The weights of a small net: in single precision, halved here, and halved by OpenCV."""
    text = net_text(SMALL)
    plain = exported_net(text)
    random = np.random.default_rng(3)
    for value in plain.net.values.values():
        value[...] = random.normal(size=value.shape)
    made = deployed(text, _saved(plain, text, folder / "w.caffemodel"), for_caffe=True)
    files = {name: folder / f"{name}.caffemodel" for name in ("single", "here", "opencv")}
    write_deployed(made, folder / "deploy.prototxt", files["single"])
    write_deployed(made, folder / "deploy.prototxt", files["here"], half=True)
    cv2.dnn.shrinkCaffeModel(str(files["single"]), str(files["opencv"]))
    return files


def test_half_precision_is_half_the_file_and_opencv_reads_it(tmp_path: Path) -> None:
    files = _halves(tmp_path)
    assert 0.5 < files["here"].stat().st_size / files["single"].stat().st_size < 0.51
    x = np.random.default_rng(1).normal(size=(1, 2, 6, 6)).astype(np.float32)
    found = {}
    for name, file in files.items():
        text = read_model(str(tmp_path / "deploy.prototxt"), pb.NetState())
        shown = exported_net(text, read_weights(file)).net
        shown.feed({"data": x})
        shown.forward()
        theirs = cv2.dnn.readNetFromCaffe(str(tmp_path / "deploy.prototxt"), str(file))
        theirs.setInput(x)
        found[name] = shown.blob("ip").copy()
        np.testing.assert_allclose(theirs.forward(), found[name], rtol=1e-5, atol=1e-4)
    np.testing.assert_array_equal(found["here"], found["opencv"])
    # Half precision has 11 bits.
    assert 0 < np.abs(found["here"] - found["single"]).max() < 2e-3 * np.abs(found["single"]).max()


def test_what_half_precision_cannot_hold_stays_single(tmp_path: Path) -> None:
    """The running sums of a BatchNorm may be large; the other arrays are halved all the same."""
    text = net_text(
        with_inputs('layer { name: "n" type: "BatchNorm" bottom: "x" top: "y" }', {"x": (2, 3)})
    )
    plain = exported_net(text)
    plain.net.values["n[1]"][...] = [1, 2, 1e6]
    plain.net.values["n[2]"][...] = 0.1
    made = deployed(text, _saved(plain, text, tmp_path / "w.caffemodel"))
    write_deployed(made, tmp_path / "deploy.prototxt", tmp_path / "half", half=True)
    _, variance, factor = (one.array for one in read_weights(tmp_path / "half").layers["n"])
    assert variance.tolist() == [1, 2, 1e6]
    assert factor[0] == np.float16(0.1)
