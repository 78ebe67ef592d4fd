"""What stands beside a deploy text, and which blobs are its outputs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mycaffe_py
from mycaffe_py.data.source import open_source
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.kept_threshold import read
from mycaffe_py.trained.snapshot import open_snapshot
from tests.conftest import Result

SCALE = 0.00390625


@pytest.fixture
def here(siamese_snapshot: Path, tmp_path: Path) -> Path:
    """A folder with the trained snapshot below it."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    return tmp_path


def test_the_encoding_is_an_output_that_a_program_reads(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    assert mycaffe("export", "deploy", "--out", "out").code == 0
    net = mycaffe_py.load(
        model=here / "out/deploy.prototxt", weights=here / "out/deploy.caffemodel"
    )
    assert net.outputs == ["decode", "encoding"]
    facts = json.loads((here / "out/deploy.json").read_text())
    assert (facts["encoding"], facts["distances"]) == ("encoding", "decode")
    source = open_source("digits28.testing")
    images = source.gather(np.arange(9))
    snapshot = open_snapshot(None, here)
    classes = KnownClasses(snapshot, source, read(snapshot), 9)
    found = net.forward(data=images * np.float32(facts["input"]["scale"]))
    np.testing.assert_allclose(found["encoding"], classes.map.embed(images), atol=1e-5)


def test_classes_and_threshold_stand_beside_it(mycaffe: Callable[..., Result], here: Path) -> None:
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save("line.png")
    assert mycaffe("threshold").code == 0
    assert mycaffe("enroll", "--label", "banane", "line.png").code == 0
    told = json.loads(mycaffe("export", "deploy", "--caffe", "--out", "out", "--json").out)
    assert told["beside"] == ["out/deploy.json"]
    assert told["encoding"] == "feat"
    facts = json.loads((here / "out/deploy.json").read_text())
    assert facts["labels"] == [*map(str, range(10)), "banane"]
    assert facts["label_numbers"]["7"] == 7
    assert len(facts["enrolled_means"]["banane"]) == len(facts["trained_means"]["7"]) == 8
    assert facts["threshold"] == read(open_snapshot(None, here)).value
    assert facts["limits"]["banane"] >= facts["threshold"]
    assert facts["input"]["scale"] == SCALE
    assert facts["picture_record"]["fit"] == "ink"


def test_blobs_by_name_cut_the_net(mycaffe: Callable[..., Result], here: Path) -> None:
    assert mycaffe("export", "deploy", "--blob", "feat", "--out", "out").code == 0
    text = (here / "out/deploy.prototxt").read_text()
    assert "Decode" not in text
    assert "Split" not in text
    result = mycaffe("export", "deploy", "--blob", "feet", "--out", "other")
    assert "the net has no blob 'feet'. Did you mean 'feat'?" in result.err
    assert not (here / "other").exists()


def test_a_blob_that_others_read_is_an_output_all_the_same(
    mycaffe: Callable[..., Result], here: Path
) -> None:
    words = ("--blob", "feat", "decode", "--out", "out")
    assert mycaffe("export", "deploy", *words).code == 0
    net = mycaffe_py.load(
        model=here / "out/deploy.prototxt", weights=here / "out/deploy.caffemodel"
    )
    assert net.outputs == ["decode", "feat_output"]
