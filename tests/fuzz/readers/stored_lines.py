"""The JSON kept inside of others: how pictures were read, how counters are scaled."""

from pathlib import Path

import numpy as np

from mycaffe_py.data.counters.scaling import Counters
from mycaffe_py.data.pictures.picture_record import MNIST_WAY, PictureRecord
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader

_COUNTERS = Counters(("a", "b"), ("", "ms"), (0.5, 1.0), (1.0, 2.0), 4, 60.0, "time")


def _samples(folder: Path) -> list[bytes]:
    return [_COUNTERS.to_json().encode(), MNIST_WAY.to_json().encode()]


def _read(path: Path) -> None:
    text = path.read_bytes().decode("utf-8", "surrogateescape")
    if "deviations" in text:
        made = Counters.from_json(text)
        assert made.scaled(np.ones((1, made.steps % 9, len(made.names)))).ndim == 4
    else:
        record = PictureRecord.from_json(text)
        assert record.words() and record.shape


READER = Reader(samples=_samples, read=_read, damage=damaged_json, words=(b"NaN", b"[", b"{", b"9"))
