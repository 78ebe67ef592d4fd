from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.threshold.draw_roc import draw_threshold
from mycaffe_py.evaluate.threshold.unknown_threshold import measure
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.mark.slow
@pytest.mark.parametrize("case", ["all trained", "one never trained", "one class", "one item"])
def test_it_can_be_drawn(siamese_snapshot: Path, tmp_path: Path, case: str) -> None:
    source = open_source("digits28.testing")
    labels = source.labels
    rows = np.arange(len(source))
    if case == "one never trained":
        labels = np.where(labels == 9, 40, labels)
    if case == "one class":
        rows = np.flatnonzero(labels == 3)
    if case == "one item":
        rows = rows[:1]
    mine = make_source("MINE.all", source.images[rows], labels[rows])
    found = measure(open_snapshot(siamese_snapshot), mine, 0.01)
    path = draw_threshold(tmp_path / "x.png", found)
    with Image.open(path) as picture:
        assert picture.width > 2 * picture.height
        hues = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    never_trained = (np.abs(hues.astype(int) - (0xCC, 0xBB, 0x44)).sum(axis=1) < 30).sum()
    assert (never_trained > 1000) == (case == "one never trained")
