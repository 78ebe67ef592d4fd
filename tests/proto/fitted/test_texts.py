"""Texts written for a data set compile in every phase, whatever the shape of its items."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.data_facts import facts_of
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import compile_net
from mycaffe_py.graph.net_text import NetText
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.fitted.data_facts import DataFacts
from mycaffe_py.proto.fitted.texts import LOSSES, fitted_texts
from mycaffe_py.proto.fitted.trunk import blocks
from mycaffe_py.proto.text import read_text
from mycaffe_py.solver.texts import read_job
from tests.data.made import small_source

SHAPES = {
    "digits": ((1, 28, 28), np.uint8),
    "small": ((3, 32, 32), np.uint8),
    "colour": ((3, 64, 64), np.uint8),
    "large": ((3, 224, 224), np.uint8),
    "strip": ((3, 20, 200), np.uint8),
    "tiny": ((1, 5, 5), np.uint8),
    "table": ((1, 1, 7), np.float32),
    "windows": ((1, 30, 9), np.float32),
    "satellite": ((4, 16, 16), np.uint8),
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Makes the data set MINE with the splits that are named."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def make(shape, dtype, *splits, classes=3):
        sources = {
            split: small_source(f"MINE.{split}", 30, classes, shape, dtype) for split in splits
        }
        write_dataset(dataset_path("MINE"), "MINE", sources)

    return make


def _texts(loss: str, tmp_path: Path):
    texts = fitted_texts("mine", facts_of("MINE"), loss)
    (tmp_path / "mine.prototxt").write_text(texts.model, encoding="utf-8")
    (tmp_path / "mine.solver").write_text(texts.solver, encoding="utf-8")
    return texts


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("kind", SHAPES)
def test_both_nets_compile(made, tmp_path: Path, kind: str, loss: str) -> None:
    made(*SHAPES[kind], "training", "testing")
    texts = _texts(loss, tmp_path)
    job = read_job("mine.solver")
    assert job.solver.test_iter
    parsed = read_text(texts.model, pb.NetParameter)
    for phase in (pb.TRAIN, pb.TEST):
        graph = compile_net(NetText(parsed.message, parsed.locations, State(phase)))
        assert graph.blobs["decode1"].shape[1] == 3
        assert graph.blobs["feat"].shape[1] == 32


@pytest.mark.parametrize("loss", LOSSES)
def test_the_comments_tell_the_shapes_that_are(made, tmp_path: Path, loss: str) -> None:
    made(*SHAPES["colour"], "training")
    texts = _texts(loss, tmp_path)
    parsed = read_text(texts.model, pb.NetParameter)
    graph = compile_net(NetText(parsed.message, parsed.locations, State(pb.TRAIN)), passes=())
    told = 0
    for line in texts.model.splitlines():
        for name, spec in graph.blobs.items():
            if line.startswith("#") and f" {name} (" in line:
                assert f" {name} ({', '.join(map(str, spec.shape))})" in line
                told += 1
    assert told >= 8
    assert max(map(len, texts.model.splitlines())) <= 100


def test_validation_is_measured_before_testing(made, tmp_path: Path) -> None:
    made((3, 16, 16), np.uint8, "training", "validation", "testing")
    assert 'source: "MINE.validation"' in _texts("contrastive", tmp_path).model
    assert facts_of("MINE.training") == facts_of("MINE")


def test_without_a_second_split_nothing_is_tested(made, tmp_path: Path) -> None:
    made((3, 16, 16), np.uint8, "training")
    texts = _texts("triplet", tmp_path)
    assert "TEST" not in texts.model.replace("TEST measures", "")
    assert "test_iter" not in texts.solver
    read_job("mine.solver")


def test_one_class_is_too_few(made) -> None:
    made((1, 8, 8), np.uint8, "training", classes=1)
    with pytest.raises(UserError, match=r"'MINE\.training' has 1 class; a net learns to tell"):
        facts_of("MINE")


def test_the_trunk_grows_with_the_picture() -> None:
    counts = {}
    for side in (16, 28, 64, 128, 224, 512):
        facts = DataFacts("MINE.training", (3, side, side), 5, 100)
        made = [block for block in blocks(facts) if block.kind == "convolution"]
        counts[side] = len(made)
        assert max(made[-1].shape[1:]) <= 6
    assert list(counts.values()) == sorted(counts.values())
    assert counts[64] < counts[224]


def test_letters_are_not_flipped_and_numbers_not_changed() -> None:
    gray = fitted_texts("m", DataFacts("M.training", (1, 28, 28), 5, 100, ground=255)).model
    assert "flip" not in gray
    assert "fill_value: 255" in gray
    assert (
        "augment_param"
        not in fitted_texts("m", DataFacts("M.training", (1, 30, 9), 5, 100, pictures=False)).model
    )
