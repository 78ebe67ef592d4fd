"""The film of a run: a head in JSON and frames, each with its checksum."""

import dataclasses
import json
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

from mycaffe_py.evaluate.film.show import make_show
from mycaffe_py.snapshot.film import MAGIC, FilmHead, Frame, read_film, write_film
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.mutate import damaged
from tests.fuzz.reader import Reader

HEAD = FilmHead(
    "lenet", 3, 4, 2, "digits28.testing", "ab", 30, "", True, (0, 7, 9), (1, 0, 1), {0: "no"}
)


def _frame(iteration: int) -> Frame:
    points = np.arange(6, dtype=np.float32).reshape(3, 2)
    return Frame(iteration, points, points[:2], np.array([0, 1]), points[0, :1])


def _samples(folder: Path) -> list[bytes]:
    write_film(folder / "film", HEAD, (_frame(0), _frame(1), _frame(2)))
    return [(folder / "film").read_bytes()]


def _damage(samples: Sequence[bytes], random: Random) -> bytes:
    """With the right checksums, so that it is looked at."""
    head = json.dumps(dataclasses.asdict(HEAD)).encode()
    if random.random() < 0.5:
        head = damaged_json([head], random)
    frames = [samples[0][-(struct.calcsize("<qqq") + 4 * 11 + 16) :]] * 2
    if random.random() < 0.7:
        frames[0] = damaged(frames, (), random)
    packed = [struct.pack("<II", len(part), zlib.crc32(part)) + part for part in (head, *frames)]
    return b"".join([MAGIC, *packed])


def _read(path: Path) -> None:
    make_show(read_film(path), "a film")


READER = Reader(samples=_samples, read=_read, file="net.film", damage=_damage)
