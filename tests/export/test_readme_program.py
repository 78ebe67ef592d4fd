"""The program of docs/export.md, which runs an exported net, answers as `mycaffe identify` does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx  # noqa: F401  (these tests are left out where it does not run)
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source
from tests.conftest import Result
from tests.readme_blocks import blocks

PROGRAM = Path(__file__).with_name("identify_onnx.py")
PAGE = Path(__file__).parents[2] / "docs/export.md"


def test_the_page_shows_this_very_program() -> None:
    shown = [block.text for block in blocks(PAGE.read_text(encoding="utf-8"))]
    programs = [text for text in shown if "import onnxruntime" in text]
    assert programs == [PROGRAM.read_text()]
    assert len(PROGRAM.read_text().splitlines()) <= 20


def _run(*words: str) -> list[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, PROGRAM, *words],
        check=True, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    return done.stdout.splitlines()


@pytest.mark.slow
def test_a_thousand_pictures_get_the_same_labels_and_distances(
    mycaffe: Callable[..., Result], siamese_snapshot: Path, tmp_path: Path
) -> None:
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    images = open_source("digits28.training").gather(np.arange(1000))[:, 0]
    names = [f"{number}.png" for number in range(1000)]
    for name, image in zip(names, images, strict=True):
        Image.fromarray(image).save(name)
    # A stranger, whose examples make a class of their own.
    stranger = np.random.default_rng(1).integers(0, 90, (28, 28)).astype(np.uint8)
    Image.fromarray(stranger).save("stranger.png")
    assert mycaffe("threshold", "--false-alarms", "0.05").code == 0
    assert mycaffe("enroll", "--label", "two words", "stranger.png").code == 0
    assert mycaffe("export", "onnx", "--out", "it.onnx").code == 0
    wanted = json.loads(mycaffe("identify", *names, "stranger.png", "--json").out)
    found = _run("it.onnx", *names, "stranger.png")
    assert [line.rpartition(" ")[0] for line in found] == [
        f"{one['file']}: {one['label']}" for one in wanted
    ]
    distances = [float(line.rpartition(" ")[2]) for line in found]
    np.testing.assert_allclose(distances, [one["distance"] for one in wanted], rtol=0, atol=1e-4)
    labels = {one["label"] for one in wanted}
    assert {"unknown", "two words"} < labels
    assert len(labels) == 12
