import math
from pathlib import Path

import numpy as np
from PIL import Image

from mycaffe_py.evaluate.designs.chart import draw_ranking
from mycaffe_py.evaluate.designs.table import Row


def _row(name, accuracy, sd=0.01, baseline=False):
    return Row(name, baseline, accuracy, sd, 0.9, 0.9, 0.1, 0.9, 10, 1.0, 3, 100, 10, {}, "", ())


def _blue(path):
    pixels = np.asarray(Image.open(path).convert("RGB")).astype(int)
    return int((np.abs(pixels - [0x44, 0x77, 0xAA]).sum(axis=2) < 10).sum())


def test_bars_are_as_long_as_the_accuracy_is_above_guessing(tmp_path: Path) -> None:
    low = draw_ranking(tmp_path / "low.png", "T", [_row("x", 0.6, math.nan)])
    high = draw_ranking(tmp_path / "high.png", "T", [_row("x", 0.9, math.nan)])
    assert 3.7 < _blue(high) / _blue(low) < 4.3


def test_baselines_have_another_colour_and_what_failed_has_no_bar(tmp_path: Path) -> None:
    rows = [_row("svm", 0.8, baseline=True), _row("x", math.nan)]
    assert _blue(draw_ranking(tmp_path / "none.png", "T", rows)) == 0
