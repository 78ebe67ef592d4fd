from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import load_weights
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.features.feature_base import FeatureNet, base_of_snapshot, open_base
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot, open_testing
from tests.evaluate.bases import DEPLOY, write_base

IMAGES = np.random.default_rng(1).normal(size=(4, 1, 28, 28)).astype(np.float32)


def _plain(base, blob, images):
    """The whole net, layer by layer, one image at a time."""
    graph = compile_net(NetText(base.text.net, base.text.where, State(pb.TEST)), backward=False)
    net = Net(graph)
    load_weights([net], base.weights)
    rows = []
    for image in images:
        net.feed({"data": image[np.newaxis]})
        net.forward()
        rows.append(net.blob(blob).reshape(-1).copy())
    return np.array(rows)


@pytest.mark.parametrize(("blob", "size"), [("conv", 108), ("fc", 6), ("prob", 6), ("data", 784)])
def test_features_are_the_blob_of_the_whole_net(tmp_path: Path, blob: str, size: int) -> None:
    base = open_base(*map(_text, write_base(tmp_path)))
    net = FeatureNet(base, blob, 3)
    assert (net.image_shape, net.size, net.input) == ((1, 28, 28), size, "data")
    net.input_rows(3)[:, 0] = IMAGES[:3]
    np.testing.assert_allclose(net.features(3), _plain(base, blob, IMAGES[:3]), rtol=1e-5)
    net.input_rows(1)[:, 0] = IMAGES[3:]
    np.testing.assert_allclose(net.features(1), _plain(base, blob, IMAGES[3:]), rtol=1e-5)


def _text(path):
    return str(path) if path.suffix == ".prototxt" else path


def test_only_what_the_blob_needs_runs(tmp_path: Path) -> None:
    model, weights = write_base(tmp_path)
    net = FeatureNet(open_base(str(model), weights), "conv", 2).net
    assert "fc" not in " ".join(node.name for node in net.graph.nodes)
    assert {key.partition("[")[0] for key in net.values} == {"conv", "bn"}


def test_a_branch_beside_the_blob_does_not_run(tmp_path: Path) -> None:
    text = DEPLOY + (
        'layer { name: "side" type: "InnerProduct" bottom: "conv" top: "side" '
        'inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }'
    )
    model, weights = write_base(tmp_path, text)
    base = open_base(str(model), weights)
    assert FeatureNet(base, "fc", 1).size == 6
    assert FeatureNet(base, "side", 1).size == 2


def test_a_blob_that_is_not_there(tmp_path: Path) -> None:
    model, weights = write_base(tmp_path)
    with pytest.raises(UserError, match=r"base.prototxt: .*no blob 'cnv'\. Did you mean 'conv'"):
        FeatureNet(open_base(str(model), weights), "cnv", 1)


def test_weights_that_are_missing(tmp_path: Path) -> None:
    model, weights = write_base(tmp_path)
    model.write_text(DEPLOY.replace('"conv" type', '"conf" type'))
    with pytest.raises(UserError, match=r"no weights for layer conf; blob 'fc' needs them"):
        FeatureNet(open_base(str(model), weights), "fc", 1)


def test_two_inputs_are_refused(tmp_path: Path) -> None:
    text = DEPLOY + (
        'layer { name: "more" type: "Input" top: "more" input_param { shape { dim: 1 dim: 6 } } } '
        'layer { name: "sum" type: "Eltwise" bottom: "fc" bottom: "more" top: "sum" }'
    )
    model, weights = write_base(tmp_path, text)
    with pytest.raises(UserError, match=r"'sum' depends on 2 inputs \(data, more\)"):
        FeatureNet(open_base(str(model), weights), "sum", 1)


def test_a_blob_without_rows_is_refused(tmp_path: Path) -> None:
    text = DEPLOY + (
        'layer { name: "all" type: "Reduction" bottom: "fc" top: "all" '
        "reduction_param { axis: 0 } }"
    )
    model, weights = write_base(tmp_path, text)
    with pytest.raises(UserError, match=r"blob 'all' is \(\) for 2 images; its first axis"):
        FeatureNet(open_base(str(model), weights), "all", 2)


def test_a_snapshot_is_a_base(siamese_snapshot: Path) -> None:
    base = base_of_snapshot(siamese_snapshot)
    assert base.model == ""
    assert base.transform.scale == 0.00390625
    net = FeatureNet(base, "feat", 2)
    assert (net.image_shape, net.size) == ((1, 28, 28), 8)


def test_the_text_of_a_snapshot_will_do_as_well(classifier_snapshot: Path) -> None:
    """Its data layer tells the shape of the input, and how images are transformed."""
    model = classifier_snapshot.parent.parent / "scores.prototxt"
    base = open_base(str(model), classifier_snapshot)
    assert base.transform.scale == 0.00390625
    one, other = (
        FeatureNet(base, "score", 2),
        FeatureNet(base_of_snapshot(classifier_snapshot), "score", 2),
    )
    for net in (one, other):
        net.input_rows(2)[:, 0] = IMAGES[:2]
    assert np.array_equal(one.features(2), other.features(2))
    assert base.checksums == base_of_snapshot(classifier_snapshot).checksums


def test_distances_are_to_the_class_means_of_the_final_features(
    siamese_snapshot: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a text and weights alone nothing else is known than the centroids as they stand."""
    snapshot = open_snapshot(siamese_snapshot)
    answers = RunNet(snapshot, open_testing(snapshot), 2)
    images = np.random.default_rng(2).integers(0, 256, (2, 1, 28, 28), dtype=np.uint8)
    wanted = answers.distances(images)
    net = FeatureNet(base_of_snapshot(siamese_snapshot), "decode", 2)
    net.input_rows(2)[:, 0] = images * np.float32(0.00390625)
    np.testing.assert_allclose(net.features(2), wanted, rtol=1e-4, atol=1e-5)
    capsys.readouterr()
    bare = replace(base_of_snapshot(siamese_snapshot), snapshot=None)
    net = FeatureNet(bare, "decode", 2)
    assert "its centroids are taken as they stand; --snapshot" in capsys.readouterr().err
    net.input_rows(2)[:, 0] = images * np.float32(0.00390625)
    assert np.abs(net.features(2) - wanted).max() > 1e-3
