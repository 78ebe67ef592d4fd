"""A reader that has a defect: the harness must tell of it and go on."""

from pathlib import Path

from tests.fuzz.reader import Reader


def _read(path: Path) -> None:
    if path.read_bytes() != b"whole":
        bytearray(1 << 34)


READER = Reader(samples=lambda folder: [b"whole"], read=_read)
