"""Files that other processes write, read as they grow."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# What a page is sent in one piece; the rest follows with the next look.
_MOST_BYTES = 1 << 20


@dataclass
class Tail:
    """A file from `place` on. Another file of the same name (a new run) begins anew."""

    path: Path
    place: int = 0
    _identity: tuple[int, int] = field(default=(0, 0), repr=False)

    def read(self) -> tuple[bool, bytes]:
        """Whether the file is another one than before, and the bytes that are new."""
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                identity = (status.st_dev, status.st_ino)
                anew = identity != self._identity or status.st_size < self.place
                if anew:
                    self.place, self._identity = 0, identity
                file.seek(self.place)
                content = file.read(_MOST_BYTES)
        except OSError:
            gone = self._identity != (0, 0)
            self.place, self._identity = 0, (0, 0)
            return gone, b""
        self.place += len(content)
        return anew, content


@dataclass
class LineTail:
    """The whole lines of a growing file."""

    tail: Tail
    _rest: bytes = field(default=b"", repr=False)

    def read(self) -> tuple[bool, list[bytes]]:
        """Whether the file is another one, and its new lines without their ends."""
        anew, content = self.tail.read()
        lines = ((b"" if anew else self._rest) + content).split(b"\n")
        self._rest = lines.pop()
        return anew, lines


def events(lines: list[bytes]) -> list[dict[str, Any]]:
    """The events of a diary among its lines; what a kill cut short is passed over."""
    found = []
    for line in lines:
        with suppress(ValueError, RecursionError):
            event = json.loads(line)
            if isinstance(event, dict) and isinstance(event.get("kind"), str):
                found.append(event)
    return found
