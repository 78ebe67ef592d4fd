"""Old binary nets in today's form; the command's tests look at what comes out."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.upgrade import upgrade_binary_net
from mycaffe_py.snapshot.weights import read_weights

BLOB = pb.BlobProto(num=1, channels=1, height=2, width=3, data=range(6))


def old_net(blob: pb.BlobProto = BLOB) -> pb.NetParameter:
    net = pb.NetParameter(name="n", force_backward=True)
    for name in ("same", "same", "other"):
        net.layers.add(name=name, type=pb.V1LayerParameter.INNER_PRODUCT, blobs=[blob])
    net.layers[1].blobs[0].data[0] = 7
    net.layers[2].loss_weight.extend([0.5, 0.25])
    return net


def test_layers_of_one_name_keep_their_own_blobs(tmp_path: Path) -> None:
    (tmp_path / "old").write_bytes(old_net().SerializeToString())
    notes = upgrade_binary_net(tmp_path / "old", tmp_path / "new")
    assert notes == ("3 layers of the old form (V1) are read as today's",)
    net = pb.NetParameter.FromString((tmp_path / "new").read_bytes())
    assert (net.name, net.force_backward) == ("n", True)
    assert [layer.blobs[0].data[0] for layer in net.layer] == [0, 7, 0]
    assert list(net.layer[2].loss_weight) == [0.5, 0.25]


def test_the_trailer_of_mycaffe_is_dropped(tmp_path: Path) -> None:
    net = pb.NetParameter(layer=[pb.LayerParameter(name="a", blobs=[BLOB])])
    body = net.SerializeToString()
    place = (len(body) + 256).to_bytes(8, "little")
    end = b"mycaffe.ai" + b"1.0.1".ljust(32, b"\0") + place + b"mycaffe.ai"
    (tmp_path / "old").write_bytes(body + bytes(256) + end)
    upgrade_binary_net(tmp_path / "old", tmp_path / "new")
    assert pb.NetParameter.FromString((tmp_path / "new").read_bytes()) == net


@pytest.mark.slow
def test_the_numbers_stay_in_the_file(tmp_path: Path) -> None:
    values = np.ones(4_000_000, np.float32)
    blob = pb.BlobProto(shape=pb.BlobShape(dim=values.shape), data=values)
    (tmp_path / "old").write_bytes(old_net(blob).SerializeToString())
    tracemalloc.start()
    upgrade_binary_net(tmp_path / "old", tmp_path / "new")
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 1_000_000
    np.testing.assert_array_equal(read_weights(tmp_path / "new").layers["other"][0].array, values)


@pytest.mark.slow
@settings(max_examples=200)
@given(data=st.data())
def test_changed_bytes_give_a_net_or_one_error(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    whole = bytearray(old_net().SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (folder / "changed").write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        upgrade_binary_net(folder / "changed", folder / "out")
        pb.NetParameter.FromString((folder / "out").read_bytes())
    except UserError as error:
        assert str(error)
