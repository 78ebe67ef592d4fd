"""A check with a large data set there reads its head alone, makes no file, and is quick."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.proto.templates import template_path
from mycaffe_py.studio.check import check_model

pytestmark = pytest.mark.slow
SIAMESE = template_path("model", "siamese_28x28")
# Of a check in the phase that is shown, and how much slower a busy machine may be.
MOST_CPU_S, MARGIN = 0.020, 3
MOST_BYTES = 1_000_000


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a data set of MNIST's name and size."""
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path))
    monkeypatch.setenv("MYCAFFE_MNIST", str(tmp_path / "idx"))
    names = {digit: str(digit) for digit in range(10)}
    sources = {
        split: make_source(
            f"MNIST.{split}", np.zeros((count, 1, 28, 28), np.uint8), np.arange(count) % 10, names
        )
        for split, count in (("training", 60_000), ("testing", 10_000))
    }
    write_dataset(dataset_path("MNIST"), "MNIST", sources)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*")) > 50 * MOST_BYTES
    return tmp_path


def _bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


@pytest.mark.skipif(sys.platform != "linux", reason="counts what Linux says a process has read")
def test_a_check_reads_heads_alone_and_makes_no_file(data: Path) -> None:
    before = sorted(data.rglob("*"))
    began = _bytes_read()
    found = check_model(SIAMESE, SIAMESE.read_text())
    assert _bytes_read() - began < MOST_BYTES
    # What is mapped is read without being counted.
    assert f"{data}/MNIST.rows" not in Path("/proc/self/maps").read_text()
    assert found["error"] is None and found["told"] == ""
    assert found["nets"]["TRAIN"]["layers"][0]["tops"][0]["shape"] == [64, 2, 28, 28]
    assert sorted(data.rglob("*")) == before


def test_a_check_of_the_phase_that_is_shown_takes_little_time(data: Path) -> None:
    text = SIAMESE.read_text()
    spent = []
    for turn in range(15):
        began = time.process_time()
        found = check_model(SIAMESE, f"{text}#{turn}", "TRAIN")
        spent.append(time.process_time() - began)
        assert list(found["nets"]) == ["TRAIN"] and not found["whole"]
    assert median(spent) < MARGIN * MOST_CPU_S
