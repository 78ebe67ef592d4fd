"""A reader that has a defect: the harness must tell of it and go on."""

import os
import signal
from pathlib import Path

from tests.fuzz.reader import Reader


def _read(path: Path) -> None:
    if path.read_bytes() != b"whole":
        os.kill(os.getpid(), signal.SIGBUS)


READER = Reader(samples=lambda folder: [b"whole"], read=_read)
