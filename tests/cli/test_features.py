import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.dataset_paths import table_folder
from mycaffe_py.data.source import open_source
from mycaffe_py.data.transform.mean_file import write_mean
from tests.conftest import Result
from tests.evaluate.bases import write_base

SOURCE = ("--source", "digits28.testing")


def _deploy(tmp_path):
    model, weights = write_base(tmp_path)
    return "features", "--model", str(model), "--weights", str(weights), *SOURCE


def test_a_table_is_made_and_shown(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    done = mycaffe(*_deploy(tmp_path), "--blob", "fc", "--name", "T", "--scale", "0.01")
    assert done.code == 0, done.err
    checksum = open_source("T.testing").checksum
    assert "T.testing: 360 rows of 6 values, float32, 0.0 MiB" in done.out
    assert f"sha256 {checksum}" in done.out
    listed = mycaffe("dataset", "list")
    assert "T.testing" in listed.out
    assert "6x1x1" in listed.out
    shown = mycaffe("dataset", "show", "T")
    for words in (
        "blob       fc: 6 values, float32",
        "scale: 0.01",
        checksum[:16],
        "base.prototxt",
    ):
        assert words in shown.out
    assert not list(tmp_path.glob("*.png"))
    verified = mycaffe("dataset", "verify", "T")
    assert (verified.code, verified.out.count("as they were created")) == (0, 1)
    [facts] = json.loads(mycaffe("dataset", "show", "T.testing", "--json").out)
    assert (facts["blob"], facts["source"], facts["variants"]) == ("fc", "digits28.testing", 1)


def test_facts_for_machines(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    done = mycaffe(
        *_deploy(tmp_path), "--blob", "conv", "--augment", "2", "--dtype", "float16", "--json",
        "--augment-param", "flip: 1 brightness: 0.1", "--scale", "0.01",
    )  # fmt: skip
    facts = json.loads(done.out)
    assert facts["name"] == "digits28_conv.testing"
    assert (facts["rows"], facts["size"], facts["variants"]) == (720, 108, 2)
    assert facts["bytes"] == 720 * 108 * 2
    assert facts["folder"] == str(table_folder("digits28_conv"))


def test_means(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    mean = np.full((1, 28, 28), 30, np.float32)
    write_mean(tmp_path / "mean.binaryproto", mean)
    start = (*_deploy(tmp_path), "--blob", "fc")
    for name, options in {
        "A": ("--mean-value", "30"),
        "B": ("--mean_file", "mean.binaryproto"),
        "C": (),
    }.items():
        assert mycaffe(*start, "--name", name, *options).code == 0
    images = {name: open_source(f"{name}.testing").images for name in "ABC"}
    assert np.array_equal(images["A"], images["B"])
    assert not np.array_equal(images["A"], images["C"])


@pytest.mark.slow
def test_a_head_learns_from_a_table(
    mycaffe: Callable[..., Result], tmp_path: Path, classifier_snapshot: Path
) -> None:
    for split in ("training", "testing"):
        done = mycaffe(
            "features", "--snapshot", str(classifier_snapshot), "--blob", "score", "--name", "T",
            "--source", f"digits28.{split}",
        )  # fmt: skip
        assert done.code == 0, done.err
    (tmp_path / "head.prototxt").write_text(
        """
        name: "Head"
        layer { name: "f" type: "Data" top: "data" top: "label" include { phase: TRAIN }
          data_param { source: "T.training" batch_size: 32 } }
        layer { name: "f" type: "Data" top: "data" top: "label" include { phase: TEST }
          data_param { source: "T.testing" batch_size: 36 } }
        layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
          inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }
        layer { name: "acc" type: "Accuracy" bottom: "fc" bottom: "label" top: "acc"
          include { phase: TEST } }
        layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }
        """
    )
    (tmp_path / "head.solver").write_text(
        'net: "head.prototxt" base_lr: 0.05 momentum: 0.9 lr_policy: "fixed" max_iter: 200 '
        'test_iter: 10 test_interval: 200 snapshot_prefix: "h"'
    )
    done = mycaffe("train", "--solver", "head.solver", "--seed", "1")
    assert done.code == 0, done.err
    last = [line for line in done.out.splitlines() if "acc = " in line][-1]
    assert float(last.split("acc = ")[1].split(",")[0]) > 0.85


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("features", *SOURCE, "--blob", "fc"), "no base is named"),
        (("features", *SOURCE, "--blob", "fc", "--model", "x"), "no base is named"),
        (("features", *SOURCE, "--blob", "b", "--model", "x", "--snapshot", "y"), "leave both out"),
        (("features", *SOURCE, "--snapshot", "y"), "--blob"),
    ],
)
def test_a_base_is_needed(mycaffe: Callable[..., Result], options, told: str) -> None:
    done = mycaffe(*options)
    assert done.code == 2
    assert told.lower() in done.err.lower()


def test_mistakes(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    start = _deploy(tmp_path)
    for options, told in {
        ("--blob", "cnv"): "has no blob 'cnv'. Did you mean 'conv'?",
        ("--blob", "fc", "--mean-value", "1", "2"): "2 values in mean_value",
        ("--blob", "fc", "--augment", "2", "--augment-param", "flop: 1"): "flop",
        ("--blob", "fc", "--source", "digit28.testing"): "Did you mean 'digits28'?",
        ("--blob", "fc", "--crop", "30"): "crop_size 30 is larger than the images",
    }.items():
        done = mycaffe(*start, *options)
        assert done.code == 2, done.err
        assert told in done.err
        assert "Traceback" not in done.err


def test_features_have_no_pictures(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    mycaffe(*_deploy(tmp_path), "--blob", "fc", "--name", "T")
    done = mycaffe("dataset", "export", "T", "pictures")
    assert done.code == 2
    assert "'digits28.testing', whose pictures can be had" in done.err


def test_a_damaged_table_is_told(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    mycaffe(*_deploy(tmp_path), "--blob", "fc", "--name", "T")
    rows = table_folder("T") / "testing.rows"
    rows.write_bytes(rows.read_bytes()[:-1])
    assert "359 rows" in mycaffe("dataset", "list").out
    assert mycaffe("dataset", "verify", "T").code == 2


def test_without_a_base_the_newest_snapshot_is_taken(
    mycaffe: Callable[..., Result], tmp_path: Path, classifier_snapshot: Path
) -> None:
    shutil.copytree(classifier_snapshot.parent, tmp_path / "snapshots")
    done = mycaffe("features", "--blob", "score", *SOURCE, "--name", "T")
    assert done.code == 0, done.err
    assert "blob 'score' of scores_iter_150.caffemodel" in done.out


def test_resize(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    start = (*_deploy(tmp_path), "--blob", "fc", "--name", "T")
    assert mycaffe(*start, "--resize", "32x32", "--crop", "28").code == 0
    assert "resize     32x32" in mycaffe("dataset", "show", "T").out
    for wrong in ("32", "0x5", "axb"):
        done = mycaffe(*start, "--resize", wrong)
        assert done.code == 2
        assert f"--resize is '{wrong}'" in done.err
