"""The card of a table of features, and the table behind it."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np

from mycaffe_py.data.array_source import source_checksum
from mycaffe_py.data.feature_tables.feature_card import Base, TableCard, TableFiles, read_card
from mycaffe_py.data.feature_tables.feature_table import read_table
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader

_CARD = TableCard(
    "T.training", "S.training", "ab", 3, 2, 4, "float32", 1, "", 64,
    Base("ip1", "", "", "net.caffemodel", "cd", "", ""), {0: "no", 1: "yes"},
    source_checksum(np.zeros((6, 4, 1, 1), np.float32), np.zeros(6, np.int64)),
)  # fmt: skip


def _samples(folder: Path) -> list[bytes]:
    return [_CARD.text(), _CARD.text(done=4)]


def _prepare(folder: Path) -> None:
    files = TableFiles.of("T", "training")
    files.rows.parent.mkdir(parents=True, exist_ok=True)
    np.zeros((6, 4), "<f4").tofile(files.rows)
    np.zeros(6, "<i8").tofile(files.labels)


def _damage(samples: Sequence[bytes], random: Random) -> bytes:
    """With the right seal, so that it is looked at."""
    try:
        said = json.loads(damaged_json(samples, random))
        said.pop("seal", None)
        seal = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
        return json.dumps(said | {"seal": seal}).encode()
    except (ValueError, TypeError, AttributeError, RecursionError):
        return samples[0]


def _read(path: Path) -> None:
    card, _ = read_card(path)
    card.differs(_CARD)
    assert card.description
    TableFiles.of("T", "training").card.write_bytes(path.read_bytes())
    read_table("T", "training")


def _read_head(path: Path) -> None:
    try:
        _read(path)
    finally:
        TableFiles.of("T", "training").card.unlink(missing_ok=True)


READER = Reader(
    samples=_samples, read=_read_head, file="card.json", prepare=_prepare, damage=_damage,
)  # fmt: skip
