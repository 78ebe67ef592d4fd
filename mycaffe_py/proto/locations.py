"""Floor 1. Where each message and field of a text stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mycaffe_py.errors import Where

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Locations:
    """Lines by path, e.g. ("layer", 3, "convolution_param", "kernel_size", 0)."""

    file: str = ""
    lines: Mapping[Path, int] = field(default_factory=dict)
    root: Path = ()

    def at(self, *path: str | int) -> Where:
        """The place of `path`, or of the nearest message around it."""
        full = (*self.root, *path)
        while full:
            if full in self.lines:
                return Where(self.file, self.lines[full])
            full = full[:-1]
        return Where(self.file)

    def under(self, *path: str | int) -> Locations:
        """The same places seen from inside a message."""
        return Locations(self.file, self.lines, (*self.root, *path))

    @staticmethod
    def none(file: str = "") -> Locations:
        """No places known, for messages that come from no text."""
        return Locations(file)
