import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.designs.head import read_head
from mycaffe_py.evaluate.designs.join import Joint, join
from mycaffe_py.evaluate.features.feature_base import FeatureNet, FrozenBase, open_base
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.snapshot.weights import LayerWeights, write_weights

BASE = """name: "Base"
layer { name: "in" type: "Input" top: "data"
  input_param { shape { dim: 4 dim: 1 dim: 28 dim: 28 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  param { lr_mult: 1 } param { lr_mult: 2 }
  convolution_param { num_output: 3 kernel_size: 5 stride: 3 weight_filler { type: "xavier" } } }
layer { name: "norm" type: "BatchNorm" bottom: "conv" top: "conv"
  batch_norm_param { use_global_stats: true } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "code" type: "InnerProduct" bottom: "conv" top: "code"
  inner_product_param { num_output: 20 weight_filler { type: "xavier" } } }
layer { name: "answer" type: "InnerProduct" bottom: "code" top: "answer"
  inner_product_param { num_output: 5 weight_filler { type: "xavier" } } }
"""


def _base(folder: Path, text: str, norm: list[tuple[int, ...]]) -> FrozenBase:
    """A base of this text with drawn weights; `norm`: shapes of its layer that normalises."""
    (folder / "base.prototxt").write_text(text)
    numbers = np.random.default_rng(1)
    shapes = {"conv": [(3, 1, 5, 5), (3,)], "norm": norm, "code": [(20, 192), (20,)]}
    layers = [
        LayerWeights(
            pb.LayerParameter(name=name),
            [np.abs(numbers.normal(size=shape)).astype(np.float32) for shape in blobs],
        )
        for name, blobs in shapes.items()
    ]
    write_weights(folder / "base.caffemodel", "Base", layers)
    return open_base(str(folder / "base.prototxt"), folder / "base.caffemodel")


@pytest.fixture
def base(tmp_path):
    return _base(tmp_path, BASE, [(3,), (3,), (1,)])


def _net(base, head, rate=0.1, passes=()):
    joint = Joint("digits28.training", 1, 8, rate)
    text = join(base, "code", read_head(head), joint)
    graph = compile_net(NetText(text, Locations.none(), State(pb.TRAIN)), passes=passes)
    return text, graph


@pytest.mark.parametrize(("head", "twins"), [("cosine", ["_p"]), ("triplet", ["_p", "_n"])])
def test_names_stay_and_twins_share_all(base, head: str, twins: list[str]) -> None:
    text, graph = _net(base, head)
    names = [layer.name for layer in text.layer]
    assert names[2:6] == ["conv", "norm", "relu", "code"]
    for twin in twins:
        assert [f"{name}{twin}" for name in ("conv", "norm", "relu", "code")] == [
            name for name in names if name.endswith(twin) and name.split("_")[0] in names[2:6]
        ]
    assert "answer" not in names
    for key in ("conv[0]", "conv[1]", "norm[0]", "code[0]", "code[1]"):
        owner, index = key.split("[")
        assert graph.params[key].sharers == tuple(f"{owner}{twin}[{index}" for twin in twins)


def test_the_base_learns_at_its_own_rates_times_the_factor(base) -> None:
    _, graph = _net(base, "difference", rate=0.1)
    rates = {key: param.lr_mult for key, param in graph.params.items()}
    assert (rates["conv[0]"], rates["conv[1]"]) == pytest.approx((0.1, 0.2))
    assert rates["code[0]"] == pytest.approx(0.1)
    assert rates["norm[0]"] == rates["norm[2]"] == 0
    assert (rates["hidden[0]"], rates["hidden[1]"]) == (1, 2)


def test_a_frozen_base_has_no_gradient(base) -> None:
    _, graph = _net(base, "difference", rate=0)
    learning = {key for key, param in graph.params.items() if param.lr_mult and param.gradient}
    assert learning == {"hidden[0]", "hidden[1]", "score[0]", "score[1]"}


@pytest.mark.parametrize(
    ("kind", "options", "shapes"),
    [
        ("BatchNorm", "", [(3,), (3,), (1,)]),
        ("BN", "bn_param { eps: 1e-5 }", [(1, 3, 1, 1)] * 4),
    ],
)
def test_a_frozen_base_normalises_as_its_table_did(
    tmp_path: Path, kind: str, options: str, shapes: list[tuple[int, ...]]
) -> None:
    """It took mean and variance of each batch, and changed the stored ones."""
    norm = BASE[BASE.index('layer { name: "norm"') : BASE.index('layer { name: "relu"')]
    text = BASE.replace(
        norm, f'layer {{ name: "norm" type: "{kind}" bottom: "conv" top: "conv" {options} }}\n'
    )
    base = _base(tmp_path, text, shapes)
    _, graph = _net(base, "contrastive_2", rate=0, passes=ALL_PASSES)
    net = Net(graph, seed=3)
    load_weights([net], base.weights)
    stored = {key: values.copy() for key, values in net.values.items() if "norm" in key}
    assert len(stored) == len(shapes)
    net.forward(0)
    table = FeatureNet(base, "code", 8)
    for image, blob in (("data", "code"), ("data_p", "code_p")):
        table.input_rows(8)[:, 0] = net.blob(image)
        assert net.blob(blob) == pytest.approx(table.features(8), rel=1e-4, abs=1e-4)
    for key, values in stored.items():
        assert (net.values[key] == values).all()


@pytest.mark.parametrize("passes", [(), ALL_PASSES])
def test_the_joined_net_computes_head_of_base(base, passes) -> None:
    _, graph = _net(base, "contrastive_2", passes=passes)
    net = Net(graph, seed=3)
    load_weights([net], base.weights)
    net.forward(0)
    code, code_p = net.blob("code"), net.blob("code_p")
    w, b = net.values["feat[0]"], net.values["feat[1]"]
    assert net.blob("feat") == pytest.approx(code @ w.T + b, abs=1e-3)
    assert net.blob("feat_p") == pytest.approx(code_p @ w.T + b, abs=1e-3)
    assert (code != code_p).any()
    same = net.blob("same").reshape(-1)
    assert same.tolist() == [1, 0] * 4
    gap = np.linalg.norm(net.blob("feat") - net.blob("feat_p"), axis=1)
    wanted = np.where(same > 0, gap**2, np.maximum(2 - gap, 0) ** 2).sum() / 16
    assert net.blob("loss") == pytest.approx(wanted, rel=1e-3)


def test_a_name_of_both_is_refused(base, tmp_path: Path) -> None:
    text = read_head("difference").text.card.text.replace('"hidden"', '"code"')
    (tmp_path / "clash.prototxt").write_text(text)
    with pytest.raises(UserError, match="base and head both have 'code'"):
        _net(base, str(tmp_path / "clash.prototxt"))


def test_a_blob_that_is_not_there_is_refused(base) -> None:
    joint = Joint("digits28.training", 1, 8, 0.1)
    with pytest.raises(UserError, match="blob 'cod' is made of 0 inputs"):
        join(base, "cod", read_head("cosine"), joint)


def test_augmentation_of_the_base_is_kept(base) -> None:
    transform = pb.TransformationParameter(scale=0.5)
    moved = dataclasses.replace(base, transform=transform)
    text, _ = _net(moved, "cosine")
    assert text.layer[0].transform_param.scale == 0.5
