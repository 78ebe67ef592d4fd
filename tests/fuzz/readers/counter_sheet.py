"""Sheets of counters: made into a data set, and one window that the net is asked about."""

import contextlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.counters.dataset import CsvRecipe, read_dataset
from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.trained.inputs import read_input
from tests.fuzz.reader import Reader

_ROWS = 4
_COUNTERS = Counters(("up", "down"), ("", ""), (0.5, 1.0), (1.0, 2.0), _ROWS, 1.0, "time")
_BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def _samples(folder: Path) -> list[bytes]:
    """Two labels in turn, parted and dated in each way; and sheets of one window."""
    return [
        _sheet(sign, rows, dated).encode()
        for sign in ",;\t"
        for rows in (40, _ROWS)
        for dated in (True, False)
    ]


def _sheet(sign: str, rows: int, dated: bool) -> str:
    lines = [sign.join(("time", "up", "down", "label"))]
    for row in range(rows):
        time = (_BEGIN + timedelta(seconds=row)).isoformat() if dated else str(1000 + row)
        label = ("well", "broken")[row // 10 % 2]
        lines.append(sign.join((time, str(row % 7), f"{row * 0.25:g}", label)))
    return "\n".join(lines) + "\n"


def _read(path: Path) -> None:
    """Both ways must answer, whatever the sheet is."""
    for steps in (2, _ROWS):
        with contextlib.suppress(MyCaffeError):
            sources, _ = read_dataset([path], "S", CsvRecipe("time", "label", steps, 2))
            assert all(np.isfinite(one.images).all() for one in sources.values())
    window = np.zeros((1, 1, _ROWS, 2), np.float32)
    made = make_source("S.training", window, np.zeros(1, int))
    like = replace(made, counters=_COUNTERS.to_json())
    with contextlib.suppress(MyCaffeError):
        array = read_input(path, like).array
        assert array.shape == (1, _ROWS, 2) and np.isfinite(array).all()


READER = Reader(
    samples=_samples, read=_read, file="day.csv",
    words=(
        b'"', b",", b";", b"\r", b"\n", b"\0", b"nan", b"inf", b"1e400", b"1e308", b"-1e308",
        b"0001-01-01", b"9999-12-31T23:59:60", b"+99:99", b"\xef\xbb\xbf", b"1_0", b"9" * 5000,
        b"\xe2\x80\xa8", b"time", b"x" * 140000,
    ),
)  # fmt: skip
