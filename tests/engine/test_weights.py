"""Weights of a net by layer name, as Caffe saves and loads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import arrays_by_layer, layer_weights, load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.snapshot.weights import read_weights, write_weights
from tests.graph.nets import INPUT, graph_of, inner_product

GOLDEN = Path(__file__).parent.parent / "golden"
SHARED = 'param { name: "w" } param { name: "b" }'
TEXT = INPUT + inner_product("one", "x", "h", SHARED) + inner_product("two", "h", "y", SHARED)


def save(text: str, path: Path, seed: int = 1) -> Net:
    net = Net(graph_of(text), seed=seed)
    layers = list(read_text(text, pb.NetParameter).message.layer)
    write_weights(path, "n", layer_weights(net, layers))
    return net


def test_shared_parameters_are_written_with_every_user_and_no_split(tmp_path: Path) -> None:
    text = TEXT + inner_product("three", "h", "z")
    net = save(text, tmp_path / "n.caffemodel")
    message = pb.NetParameter.FromString((tmp_path / "n.caffemodel").read_bytes())
    assert [layer.name for layer in message.layer] == ["x", "one", "two", "three"]
    assert [len(layer.blobs) for layer in message.layer] == [0, 2, 2, 2]
    assert message.layer[1].blobs == message.layer[2].blobs
    assert all(layer.phase == pb.TRAIN for layer in message.layer)
    np.testing.assert_array_equal(message.layer[1].blobs[0].data, net.values["one[0]"].ravel())


def test_weights_come_back(tmp_path: Path) -> None:
    saved = save(TEXT, tmp_path / "n.caffemodel")
    other = Net(graph_of(TEXT), seed=2)
    loaded = load_weights([other], read_weights(tmp_path / "n.caffemodel"))
    assert loaded.matched == ("one", "two")
    assert (loaded.ignored, loaded.missing) == ((), ())
    for key, value in saved.values.items():
        np.testing.assert_array_equal(other.values[key], value)


def test_layers_are_found_by_name(tmp_path: Path) -> None:
    save(TEXT, tmp_path / "n.caffemodel")
    other = Net(graph_of(INPUT + inner_product("one", "x", "h") + inner_product("new", "h", "y")))
    before = other.values["new[0]"].copy()
    loaded = load_weights([other], read_weights(tmp_path / "n.caffemodel"))
    assert (loaded.matched, loaded.ignored, loaded.missing) == (("one",), ("two",), ("new",))
    np.testing.assert_array_equal(other.values["new[0]"], before)


def test_all_mismatches_are_told_and_nothing_is_loaded(tmp_path: Path) -> None:
    save(TEXT + inner_product("three", "h", "z"), tmp_path / "n.caffemodel")
    other = Net(
        graph_of(
            INPUT
            + inner_product("one", "x", "h")
            + inner_product("two", "h", "y", outputs=5)
            + inner_product("three", "h", "z").replace(
                "{ num_output", "{ bias_term: false num_output"
            )
        )
    )
    before = other.params.data.copy()
    with pytest.raises(UserError) as error:
        load_weights([other], read_weights(tmp_path / "n.caffemodel"))
    for words in (
        "blob 0 of layer 'two' is (3, 3) there and (5, 3) in the net",
        "blob 1 of layer 'two' is (3,) there and (5,) in the net",
        "layer 'three' has 2 blobs there and 1 in the net",
    ):
        assert words in str(error.value)
    np.testing.assert_array_equal(other.params.data, before)


def test_weights_of_a_wholly_different_net_are_refused(tmp_path: Path) -> None:
    save(TEXT, tmp_path / "n.caffemodel")
    other = Net(graph_of(INPUT + inner_product("a", "x", "h")))
    with pytest.raises(UserError, match=r"no layer of .* is in the net; .* one, two, the net a"):
        load_weights([other], read_weights(tmp_path / "n.caffemodel"))


def test_test_nets_share_and_their_own_layers_are_loaded_too(tmp_path: Path) -> None:
    text = TEXT + inner_product("score", "y", "s")
    save(text, tmp_path / "n.caffemodel")
    train = Net(graph_of(TEXT))
    test = Net(graph_of(text), share=train.params)
    load_weights([train, test], read_weights(tmp_path / "n.caffemodel"))
    wanted = read_weights(tmp_path / "n.caffemodel").layers
    np.testing.assert_array_equal(train.values["one[0]"], wanted["one"][0].array)
    np.testing.assert_array_equal(test.values["score[0]"], wanted["score"][0].array)


@pytest.mark.parametrize("shape", [(1, 1, 3, 3), (3, 3)])
def test_old_files_of_four_numbers_a_shape_are_read(tmp_path: Path, shape: tuple[int, ...]) -> None:
    layer = pb.LayerParameter(name="one", type="InnerProduct")
    weight, bias = layer.blobs.add(data=range(9)), layer.blobs.add(data=range(3))
    if len(shape) == 4:
        weight.num, weight.channels, weight.height, weight.width = shape
        bias.num, bias.channels, bias.height, bias.width = 1, 1, 1, 3
    else:
        weight.shape.dim.extend(shape)
        bias.shape.dim.append(3)
    (tmp_path / "n.caffemodel").write_bytes(pb.NetParameter(layer=[layer]).SerializeToString())
    net = Net(graph_of(INPUT + inner_product("one", "x", "h")))
    load_weights([net], read_weights(tmp_path / "n.caffemodel"))
    np.testing.assert_array_equal(net.values["one[0]"], np.arange(9).reshape(3, 3))


def test_weights_saved_by_caffe(tmp_path: Path) -> None:
    folder = GOLDEN / "net_siamese_small"
    text = read_text((folder / "net.prototxt").read_text(), pb.NetParameter)
    from mycaffe_py.graph.compile import compile_net
    from mycaffe_py.graph.net_text import NetText
    from mycaffe_py.graph.select import State

    net = Net(compile_net(NetText(text.message, text.locations, State(pb.TRAIN))))
    loaded = load_weights([net], read_weights(folder / "weights.caffemodel"))
    assert loaded.missing == ()
    arrays = np.load(folder / "arrays.npz")
    found = arrays_by_layer(net)
    checked = 0
    for name in arrays.files:
        if name.startswith("param_") and not name.startswith("param_after"):
            layer, _, index = name.removeprefix("param_").rpartition("_")
            np.testing.assert_array_equal(found[layer][int(index)], arrays[name])
            checked += 1
    assert checked


def in_hdf5(net: Net, text: str, path: Path) -> Path:
    pytest.importorskip("h5py")
    layers = list(read_text(text, pb.NetParameter).message.layer)
    write_weights(path, "n", layer_weights(net, layers), hdf5=True)
    return path


def test_hdf5_holds_shared_parameters_once_and_they_come_back(tmp_path: Path) -> None:
    net = Net(graph_of(TEXT), seed=1)
    weights = read_weights(in_hdf5(net, TEXT, tmp_path / "n.h5"))
    assert list(weights.layers) == ["one"]
    other = Net(graph_of(TEXT), seed=2)
    loaded = load_weights([other], weights)
    assert (loaded.matched, loaded.missing) == (("one",), ())
    np.testing.assert_array_equal(arrays_by_layer(other)["two"][0], net.values["one[0]"])


def test_hdf5_may_leave_out_shared_parameters_only(tmp_path: Path) -> None:
    net = Net(graph_of(TEXT), seed=1)
    path = in_hdf5(net, TEXT, tmp_path / "n.h5")
    alone = INPUT + inner_product("one", "x", "h") + inner_product("two", "h", "y")
    loaded = load_weights([Net(graph_of(alone))], read_weights(path))
    assert loaded.missing == ("two",)
    import h5py

    with h5py.File(path, "a") as file:
        del file["data/one/1"]
    with pytest.raises(UserError, match="layer 'one' has 1 blobs there and 2 in the net"):
        load_weights([Net(graph_of(TEXT))], read_weights(path))


def of_mycaffe(path: Path, blobs: dict[str, list[np.ndarray]]) -> None:
    """A file as MyCaffe writes it: layers of names and blobs, zeros, its mark and its place."""
    layers = [
        pb.LayerParameter(
            name=name,
            blobs=[
                pb.BlobProto(shape=pb.BlobShape(dim=array.shape), data=array.ravel())
                for array in arrays
            ],
        )
        for name, arrays in blobs.items()
    ]
    body = pb.NetParameter(layer=layers).SerializeToString()
    place = (len(body) + 256).to_bytes(8, "little")
    path.write_bytes(
        body + bytes(256) + b"mycaffe.ai" + b"1.0.1".ljust(32, b"\0") + place + b"mycaffe.ai"
    )


WEIGHT, BIAS = np.arange(9, dtype=np.float32).reshape(3, 3, 1, 1), np.ones((3, 1), np.float32)


def test_mycaffe_leaves_out_layers_that_share(tmp_path: Path) -> None:
    of_mycaffe(tmp_path / "n", {"one": [WEIGHT, BIAS]})
    net = Net(graph_of(TEXT))
    loaded = load_weights([net], read_weights(tmp_path / "n"))
    assert (loaded.matched, loaded.missing, loaded.by_position) == (("one",), (), False)
    np.testing.assert_array_equal(arrays_by_layer(net)["two"][0].ravel(), np.arange(9))


def test_files_of_mycaffe_with_other_names_go_by_position(tmp_path: Path) -> None:
    of_mycaffe(tmp_path / "n", {"a": [WEIGHT, BIAS], "b": [WEIGHT * 2, BIAS * 2]})
    net = Net(graph_of(INPUT + inner_product("one", "x", "h") + inner_product("two", "h", "y")))
    loaded = load_weights([net], read_weights(tmp_path / "n"))
    assert (loaded.matched, loaded.ignored, loaded.missing) == (("one", "two"), (), ())
    assert loaded.lines("n")[0] == "Finetuning from n by position, as MyCaffe does: one, two"
    np.testing.assert_array_equal(net.values["two[0]"].ravel(), np.arange(9) * 2)


@pytest.mark.parametrize("count", [1, 3])
def test_what_does_not_fit_by_position_goes_by_name(tmp_path: Path, count: int) -> None:
    """MyCaffe would shift everything behind the layer that is not there."""
    of_mycaffe(tmp_path / "n", {f"layer{i}": [WEIGHT, BIAS] for i in range(count)})
    text = INPUT + inner_product("one", "x", "h") + inner_product("two", "h", "y")
    with pytest.raises(UserError, match="no layer of"):
        load_weights([Net(graph_of(text))], read_weights(tmp_path / "n"))


def test_the_report_names_what_was_loaded_and_what_not(tmp_path: Path) -> None:
    save(TEXT, tmp_path / "n.caffemodel")
    other = Net(graph_of(INPUT + inner_product("one", "x", "h") + inner_product("new", "h", "y")))
    loaded = load_weights([other], read_weights(tmp_path / "n.caffemodel"))
    assert loaded.lines("n.caffemodel") == [
        "Finetuning from n.caffemodel: one",
        "Ignoring source layers two",
        "Filled anew, not in the file: new",
    ]


def test_several_files_one_after_the_other(tmp_path: Path) -> None:
    alone = INPUT + inner_product("one", "x", "h") + inner_product("two", "h", "y")
    first = save(alone, tmp_path / "first", seed=1)
    second = save(alone.replace('"one"', '"other"'), tmp_path / "second", seed=2)
    net = Net(graph_of(alone), seed=3)
    for name in ("first", "second"):
        load_weights([net], read_weights(tmp_path / name))
    np.testing.assert_array_equal(net.values["one[0]"], first.values["one[0]"])
    np.testing.assert_array_equal(net.values["two[0]"], second.values["two[0]"])
