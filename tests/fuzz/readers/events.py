"""The diary of a run, and the curves drawn from it."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from mycaffe_py.evaluate.pictures.curves import read_curves
from mycaffe_py.snapshot.diary import first_line, run_of
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader

_EVENTS = (
    {"kind": "display", "iteration": 100, "loss": 2.5, "outputs": [["loss", 0, 2.5]]},
    {"kind": "test", "iteration": 100, "net": 0, "accuracy": 0.8},
    {"kind": "snapshot", "iteration": 100, "weights": "net_iter_100.caffemodel"},
)


def _samples(folder: Path) -> list[bytes]:
    return [first_line("ab", 1) + b"".join(json.dumps(e).encode() + b"\n" for e in _EVENTS)]


def _damage(samples: Sequence[bytes], random: Random) -> bytes:
    lines = samples[0].splitlines()
    place = random.randrange(len(lines))
    lines[place] = damaged_json([lines[place]], random)
    return b"\n".join([*lines, b""])


def _read(path: Path) -> None:
    run_of(path)
    read_curves(path, 1000)


READER = Reader(
    samples=_samples, read=_read, file="net.events.jsonl", damage=_damage,
    words=(b"NaN", b"1e999", b"[[[[", b"{}", b"\n", b'"', b"null", b"\xff"),
)  # fmt: skip
