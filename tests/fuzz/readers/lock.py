"""The file of a lock, which tells who holds it."""

import json
import platform
from pathlib import Path

from mycaffe_py.files.lock import locked
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    holder = {"pid": 2**22 + 1, "started": "9", "host": platform.node()}
    return [json.dumps(holder).encode()]


def _read(path: Path) -> None:
    with locked(path, "it", do="Wait."):
        pass


READER = Reader(
    samples=_samples, read=_read, file="run.lock", damage=damaged_json,
    words=(b"NaN", b"-1", b"[[", b"{}", b'"', b"null", b"9999999999"),
)  # fmt: skip
