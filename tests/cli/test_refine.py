import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.features.feature_images import resized_source
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.conftest import Result

BASE = """name: "Small"
layer { name: "digits" type: "Data" top: "data" top: "label"
  transform_param { scale: 0.00390625 }
  data_param { source: "LOW.training" batch_size: 32 backend: IMAGEDB } }
layer { name: "code" type: "InnerProduct" bottom: "data" top: "code"
  inner_product_param { num_output: 24 weight_filler { type: "xavier" } } }
layer { name: "relu" type: "ReLU" bottom: "code" top: "code" }
layer { name: "answer" type: "InnerProduct" bottom: "code" top: "answer"
  inner_product_param { num_output: 5 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "answer" bottom: "label" top: "loss" }
"""
SOLVER = """net: "base.prototxt" type: "SGD" base_lr: 0.1 momentum: 0.9 lr_policy: "fixed"
max_iter: 60 snapshot_prefix: "base" """


@pytest.fixture
def ranked(mycaffe, tmp_path):
    """A base of low digits, its features of high ones, and a ranked head."""
    for labels, name in (("0,1,2,3,4", "LOW"), ("5,6,7,8,9", "HIGH")):
        options = ("--labels", labels, "--name", name)
        assert mycaffe("dataset", "create", "subset", "digits28", *options).code == 0
    (tmp_path / "base.prototxt").write_text(BASE)
    (tmp_path / "base.solver").write_text(SOLVER)
    assert mycaffe("train", "--solver", "base.solver", "--seed", "1").code == 0
    weights = ("--model", "base.prototxt", "--weights", "base_iter_60.caffemodel")
    options = ("--blob", "code", "--source", "HIGH.training", "--name", "F", "--batch", "50")
    assert mycaffe("features", *weights, *options).code == 0

    def rank(head):
        options = ("--seeds", "1", "--iterations", "60", "--no-baselines", "--json", "--out", "r")
        return json.loads(mycaffe("rank", head, "--features", "F", *options).out)["designs"][0]

    return rank


def _refine(mycaffe, head, weights, *options):
    base = ("--base", "base.prototxt", "--base-weights", "base_iter_60.caffemodel")
    given = ("--blob", "code", "--head", head, "--head-weights", weights)
    stages = ("--frozen", "10", "--iterations", "60", "--source", "HIGH.training")
    return mycaffe("refine", *base, *given, *stages, *options)


@pytest.mark.slow
@pytest.mark.parametrize("head", ["absolute", "triplet"])
def test_before_is_what_rank_found_and_both_stages_are_left(
    mycaffe: Callable[..., Result], tmp_path: Path, ranked, head: str
) -> None:
    row = ranked(head)
    result = _refine(mycaffe, head, f"r/runs/{row['weights']}")
    assert result.code == 0, result.err
    found = json.loads((tmp_path / "refined/refine.json").read_text())
    marks = found["marks"]
    assert list(marks) == ["before", "frozen", "all"]
    for name in ("auc", "eer", "recall_at_1"):
        assert marks["before"][name] == pytest.approx(row[name], abs=1e-6)
    assert marks["before"]["accuracy"] == pytest.approx(row["accuracy_mean"], abs=1e-6)
    assert marks["all"]["auc"] > marks["before"]["auc"]
    assert found["weights"] == "refined/all_iter_60.caffemodel"
    for name in ("frozen.prototxt", "frozen.solver", "all.prototxt", "all.solver"):
        assert (tmp_path / "refined" / name).is_file()
    again = mycaffe("train", "--solver", "refined/all.solver", "--iterations", "2")
    assert again.code == 0, again.err


@pytest.mark.slow
def test_nothing_it_is_judged_by_is_learned_from(mycaffe: Callable[..., Result], ranked) -> None:
    from mycaffe_py.data.dataset_lookup import dataset_names
    from mycaffe_py.data.source import open_source
    from mycaffe_py.evaluate.designs.parts import split

    row = ranked("absolute")
    assert _refine(mycaffe, "absolute", f"r/runs/{row['weights']}").code == 0
    (name,) = [name for name in dataset_names() if name.startswith("HIGH_learn_")]
    learned, source = open_source(f"{name}.training"), open_source("HIGH.training")
    parts = split(source, "item")
    assert (learned.images == source.images[parts.learn]).all()
    assert (learned.labels == source.labels[parts.learn] - 5).all()
    assert [learned.label_names[i] for i in range(5)] == ["5", "6", "7", "8", "9"]


@pytest.mark.slow
def test_images_are_resized_as_those_of_the_table_were(
    mycaffe: Callable[..., Result], ranked
) -> None:
    """Rows of another size were written beyond the room that the base has for them."""
    code = ("--blob", "code", "--source", "HIGH.training", "--name", "G", "--resize", "20x20")
    Path("small.prototxt").write_text(BASE.replace("LOW.training", "SMALL.training"))
    low = resized_source(open_source("LOW.training"), (20, 20))
    write_dataset(dataset_path("SMALL"), "SMALL", {"training": low}, "")
    Path("small.solver").write_text(SOLVER.replace('"base', '"small'))
    assert mycaffe("train", "--solver", "small.solver", "--seed", "1").code == 0
    weights = ("--model", "small.prototxt", "--weights", "small_iter_60.caffemodel")
    made = mycaffe("features", *weights, *code)
    assert made.code == 0, made.err
    options = ("--seeds", "1", "--iterations", "20", "--no-baselines", "--json", "--out", "r")
    row = json.loads(mycaffe("rank", "absolute", "--features", "G", *options).out)["designs"][0]
    base = ("--base", "small.prototxt", "--base-weights", "small_iter_60.caffemodel")
    given = ("--blob", "code", "--head", "absolute", "--head-weights", f"r/runs/{row['weights']}")
    job = ("refine", *base, *given, "--frozen", "0", "--iterations", "2", "--source")
    refused = mycaffe(*job, "HIGH.training")
    assert refused.code == 2
    assert (
        "gives images of (1, 28, 28); blob 'data' of the base takes (1, 20, 20). --resize WxH"
        in (refused.err)
    )
    done = mycaffe(*job, "HIGH.training", "--resize", "20x20", "--examples", "6", "--json")
    assert done.code == 0, done.err
    assert "batch_size: 6\n" in Path("refined/all.prototxt").read_text()
    before = json.loads(Path("refined/refine.json").read_text())["marks"]["before"]
    assert before["auc"] == pytest.approx(row["auc"], abs=1e-6)


@pytest.mark.slow
def test_a_model_of_the_same_name_in_this_folder_is_not_trained(
    mycaffe: Callable[..., Result], tmp_path: Path, ranked
) -> None:
    """It was, on the pictures that judge too, without a word."""
    row = ranked("absolute")
    (tmp_path / "all.prototxt").write_text(BASE)
    options = ("--frozen", "0", "--iterations", "2", "--examples", "6")
    result = _refine(mycaffe, "absolute", f"r/runs/{row['weights']}", *options)
    assert result.code == 0, result.err
    assert "Solving absolute_on_Small" in result.err + result.out
    assert "LOW.training" not in result.err + result.out
    card = json.loads((tmp_path / "refined/all_iter_2.run.json").read_text())
    assert "HIGH_learn_" in json.dumps(card) and "LOW.training" not in json.dumps(card)


@pytest.mark.slow
def test_a_base_that_gives_no_numbers_is_told(mycaffe: Callable[..., Result], ranked) -> None:
    row = ranked("absolute")
    weights = Path("base_iter_60.caffemodel")
    net = pb.NetParameter.FromString(weights.read_bytes())
    next(layer for layer in net.layer if layer.name == "code").blobs[0].data[0] = float("nan")
    weights.write_bytes(net.SerializeToString())
    result = _refine(mycaffe, "absolute", f"r/runs/{row['weights']}")
    assert result.code == 2
    assert "the features of 'HIGH.training' hold NaN or infinity; blob 'code'" in result.err


@pytest.mark.slow
def test_weights_of_another_head_are_refused(mycaffe: Callable[..., Result], ranked) -> None:
    row = ranked("absolute")
    result = _refine(mycaffe, "cosine", f"r/runs/{row['weights']}")
    assert result.code == 2
    assert "layer" in result.err and row["weights"] in result.err


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--iterations", "0"), "--iterations is 0"),
        (("--examples", "1"), "--examples is 1; at least 2"),
        (("--base-rate", "0"), "--base-rate is 0"),
    ],
)
def test_mistakes_are_told(
    mycaffe: Callable[..., Result], options: tuple[str, ...], text: str
) -> None:
    result = _refine(mycaffe, "cosine", "w", *options)
    assert result.code == 2 and text in result.err
