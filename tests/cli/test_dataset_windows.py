"""`mycaffe dataset create telecom | csv` and `export NAME csv FILE`."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.counters.export import counters_of
from mycaffe_py.data.counters.one_window import read_window
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.source import open_source
from mycaffe_py.snapshot.run_card import RunCard
from tests.conftest import Result
from tests.data.counters.write import traffic, write_csv

SMALL = ("dataset", "create", "telecom", "--hours", "0.2")


@pytest.mark.parametrize("kind", ["telecom", "csv"])
def test_help_has_examples(mycaffe: Callable[..., Result], kind: str) -> None:
    result = mycaffe("dataset", "create", kind, "--help")
    assert result.code == 0
    assert f"examples:\n  mycaffe dataset create {kind}" in result.out


def test_create_telecom(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe(*SMALL, "--seed", "3", "--patterns", "normal,storm", "--name", "MINE")
    assert result.code == 0, result.err
    assert "MINE.training: 48 windows (1, 30, 9), 2 labels" in result.out
    assert open_source("MINE.testing").label_names == {0: "normal", 1: "signalling storm"}
    assert "seed 3" in open_source("MINE.validation").description


@pytest.mark.slow
def test_the_name_decides_the_patterns(mycaffe: Callable[..., Result]) -> None:
    assert mycaffe(*SMALL, "--name", "telecom10").code == 0
    assert open_source("telecom10.training").label_count == 10
    assert mycaffe(*SMALL, "--name", "ALL", "--patterns", "all").code == 0
    assert open_source("ALL.training").checksum == open_source("telecom10.training").checksum
    refused = mycaffe(*SMALL, "--name", "ALL")
    assert refused.code == 2
    assert "Pass --force" in refused.err
    assert mycaffe(*SMALL, "--name", "ALL", "--force").code == 0
    assert open_source("ALL.training").label_count == 3


def test_like(mycaffe: Callable[..., Result]) -> None:
    assert mycaffe(*SMALL, "--name", "KNOWN").code == 0
    unseen = ("--patterns", "loop", "--name", "UNSEEN", "--like", "KNOWN")
    assert mycaffe(*SMALL, *unseen).code == 0
    known, unseen = open_source("KNOWN.training"), open_source("UNSEEN.training")
    assert unseen.counters == known.counters
    wrong = mycaffe(*SMALL, "--name", "X", "--like", "digits28")
    assert wrong.code == 2
    assert "holds images, not windows" in wrong.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--patterns", "normal,strom"], "there is no pattern 'strom'"),
        (["--patterns", ""], "no pattern"),
        (["--hours", "0"], "0 hours; from one window"),
    ],
)
def test_mistakes(mycaffe: Callable[..., Result], arguments: list[str], message: str) -> None:
    result = mycaffe("dataset", "create", "telecom", "--name", "X", *arguments)
    assert result.code == 2
    assert message in result.err
    assert not dataset_path("X").exists()


@pytest.mark.slow
def test_show_and_verify_make_it_first(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("dataset", "show", "telecom", "--json")
    assert result.code == 0, result.err
    facts = json.loads(result.out)
    assert facts[0]["per_label"] == {"normal": 960, "blocked": 960, "at capacity": 960}
    assert mycaffe("dataset", "verify", "telecom").code == 0


@pytest.mark.slow
def test_export_one_window(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    result = mycaffe(
        *("dataset", "export", "telecom.testing", "csv", "one.csv"),
        *("--label", "at capacity", "--index", "1"),
    )
    assert result.code == 0, result.err
    source = open_source("telecom.testing")
    number = np.flatnonzero(source.labels == 2)[1]
    assert f"window {number}: at capacity" in result.out
    image = read_window(tmp_path / "one.csv", counters_of(source))
    assert image == pytest.approx(source.images[number], abs=1e-5)


@pytest.mark.slow
def test_export_and_create_csv_go_round(mycaffe: Callable[..., Result]) -> None:
    assert mycaffe(*SMALL, "--name", "A").code == 0
    assert mycaffe("dataset", "export", "A.training", "csv", "all.csv").code == 0
    result = mycaffe(
        *("dataset", "create", "csv", "all.csv", "--name", "B", "--label-column", "fault"),
        *("--stride", "30", "--validation-share", "0.25", "--like", "A"),
    )
    assert result.code == 0, result.err
    assert "71 gaps, where rows are not 1 s apart (lines 32, 62, 92, 122, 152, ...)" in result.out
    assert [len(open_source(f"B.{x}")) for x in ("training", "validation", "testing")] == [
        39,
        18,
        15,
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["digits28.testing", "csv", "x.csv"], "holds images, not windows"),
        (["digits28", "csv", "x.csv"], "a CSV file holds one split. Name one of digits28.training"),
        (["telecom.testing", "csv", "x.csv", "--label", "bad"], "has no label 'bad'"),
        (["telecom.testing", "csv", "x.csv", "--index", "5000"], "--index is 5000; 0 to 1439"),
        (["telecom.testing", "csv", "no/x.csv", "--index", "0"], "could not be written"),
        (["telecom.testing", "folder", "--label", "bad"], "are for 'export NAME csv FILE'"),
        (["telecom.testing", "csv"], "no file for the CSV"),
        (["telecom.testing", "csv", "x.csv", "--series", "normal"], "--series has 'normal'"),
        (["telecom.testing", "csv", "x.csv", "--series", "normal:0"], "--series has 'normal:0'"),
        (["telecom.testing", "csv", "x.csv", "--series", "cut:2"], "has no label 'cut'"),
        (
            ["telecom.testing", "csv", "x.csv", "--series", "normal:400,blocked:1,normal:100"],
            "--series wants 500 windows of 'normal'; telecom.testing has 480",
        ),
        (
            ["telecom.testing", "csv", "x.csv", "--series", "normal:4", "--index", "1"],
            "--series with --label or --index",
        ),
        (["digits28.testing", "csv", "x.csv", "--series", "1:2"], "holds images, not windows"),
    ],
)
def test_exports_that_cannot_be(
    mycaffe: Callable[..., Result], arguments: list[str], message: str
) -> None:
    result = mycaffe("dataset", "export", *arguments)
    assert result.code == 2
    assert message in result.err


def test_create_csv_tells_what_is_odd(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    rows = [*traffic(60), *traffic(60, "bad", 100)]
    rows[7][1] = "?"
    write_csv(tmp_path / "day.csv", rows)
    result = mycaffe(
        *("dataset", "create", "csv", "day.csv", "--name", "LINK", "--label-column", "fault"),
        *("--window", "6", "--columns", "x,y"),
    )
    assert result.code == 0, result.err
    assert "1 values of 'x' are no numbers, as '?' (line 9)" in result.out
    assert "1 gaps, where rows are not 1 s apart (line 62)" in result.out
    assert "1 windows hold a missing value: left out" in result.out
    assert "LINK.training:" in result.out
    refused = mycaffe("dataset", "create", "csv", "day.csv", "--name", "LINK")
    assert refused.code == 2


NET = """
name: "Windows"
layer {
  name: "windows" type: "Data" top: "data" top: "label"
  data_param { source: "telecom.training" batch_size: 16 label_balancing: true }
}
layer {
  name: "score" type: "InnerProduct" bottom: "data" top: "score"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } }
}
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss" }
"""
SOLVER = """
net: "w.prototxt" type: "SGD" base_lr: 0.01 lr_policy: "fixed" max_iter: 5
snapshot: 5 snapshot_prefix: "w"
"""


@pytest.mark.slow
def test_the_scaling_travels_with_the_model(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "w.prototxt").write_text(NET)
    (tmp_path / "w.solver").write_text(SOLVER)
    assert mycaffe("train", "--solver", "w.solver", "--seed", "1").code == 0
    (card,) = tmp_path.glob("w_iter_5.*json")
    assert RunCard.read(card).datasets[0].counters == open_source("telecom.training").counters


def test_a_sheet_in_another_encoding_is_told_by_its_line(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    (tmp_path / "sheet.csv").write_bytes("time,load,label\n0,1,böse\n".encode("latin-1"))
    result = mycaffe("dataset", "create", "csv", "sheet.csv", "--name", "L")
    assert result.code == 2
    assert "sheet.csv:2: this is no UTF-8 (byte 0xf6)" in result.err
    assert "Save it as UTF-8." in result.err
