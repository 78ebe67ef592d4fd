"""A film that is still being taken, frame by frame as it grows."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass, field
from pathlib import Path

from mycaffe_py.files.schema import DamagedError
from mycaffe_py.snapshot.film import MAGIC, FilmHead, Frame, read_frame, read_head, whole_records

_MOST_BYTES = 4 << 20


@dataclass
class FilmTail:
    """The film at `path`; `head` is that of the film seen last, None where there is none yet."""

    path: Path
    head: FilmHead | None = None
    _place: int = field(default=0, repr=False)
    _identity: tuple[int, int] = field(default=(0, 0), repr=False)

    def read(self) -> tuple[bool, list[Frame]]:
        """Whether the film is another one than before, and its new whole frames.

        A film that is missing or damaged has no frames; what a kill cut short is not read.
        """
        try:
            with self.path.open("rb") as file:
                status = os.fstat(file.fileno())
                identity = (status.st_dev, status.st_ino)
                anew = identity != self._identity or status.st_size < self._place
                if anew:
                    self._begin(identity)
                file.seek(self._place)
                content = file.read(_MOST_BYTES)
        except OSError:
            gone = self._identity != (0, 0)
            self._begin((0, 0))
            return gone, []
        return anew, self._frames(content)

    def _begin(self, identity: tuple[int, int]) -> None:
        self._place, self._identity, self.head = 0, identity, None

    def _frames(self, content: bytes) -> list[Frame]:
        start = 0
        if self._place == 0:
            if not content.startswith(MAGIC):
                return []
            start = len(MAGIC)
        payloads, end = whole_records(content, start)
        try:
            if self.head is None and payloads:
                self.head = read_head(payloads.pop(0))
            head = self.head
            if head is None:
                return []
            frames = [read_frame(payload, head) for payload in payloads]
        except (DamagedError, struct.error):
            return []
        self._place += end
        return frames
