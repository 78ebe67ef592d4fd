"""The report of `mycaffe detect`: the objects in each picture, for people and for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.data.pictures.decoding import Pixels
from mycaffe_py.detect.detector import Detection, Detector
from mycaffe_py.detect.preparing import Preparing, read_pixels
from mycaffe_py.errors import UserError
from mycaffe_py.files.read_each import Unread, read_each
from mycaffe_py.printable import one_line


@dataclass(frozen=True)
class Seen:
    """A picture with pixels (C, H, W), and the objects in it, the best first."""

    path: Path
    pixels: Pixels
    found: tuple[Detection, ...]


@dataclass(frozen=True)
class Detections:
    """The pictures that could be read, and the score that counted."""

    seen: tuple[Seen, ...]
    unread: tuple[Unread, ...]
    threshold: float

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "pictures": [
                {
                    "file": str(one.path),
                    "width": one.pixels.shape[2],
                    "height": one.pixels.shape[1],
                    "found": [found.as_json() for found in one.found],
                }
                for one in self.seen
            ],
            "errors": [{"file": str(one.path), "error": str(one.error)} for one in self.unread],
            "threshold": self.threshold,
        }

    def lines(self) -> list[str]:
        """For people."""
        told: list[str] = []
        for one in self.seen:
            height, width = one.pixels.shape[1:]
            told += [one_line(f"{one.path} ({width}x{height}): {_told(one.found)}")]
            told += [_line(found) for found in one.found]
        return told


def detect_all(
    detector: Detector,
    paths: Sequence[Path],
    way: Preparing,
    threshold: float,
    names: Mapping[int, str],
) -> Detections:
    """Look at each picture; those that cannot be read are told in the report."""

    def seen(path: Path) -> Seen:
        pixels = read_pixels(path, detector.gray)
        return Seen(path, pixels, tuple(detector.detect(pixels, way, threshold, names)))

    done, unread = [], []
    for _, read in read_each(paths, seen):
        if isinstance(read, Unread):
            unread.append(read)
        else:
            done.append(read)
    return Detections(tuple(done), tuple(unread), threshold)


def checked_threshold(value: float) -> float:
    """A score. Errors: not from 0 to 1."""
    if not 0 <= value <= 1:
        raise UserError(f"the threshold is {value:g}", wanted="a score from 0 to 1")
    return float(value)


def _told(found: Sequence[Detection]) -> str:
    return f"{len(found)} object{'' if len(found) == 1 else 's'}" if found else "nothing found"


def _line(found: Detection) -> str:
    x1, y1, x2, y2 = (f"{value:5.0f}" for value in found.box)
    return f"  {found.score:6.3f} {x1} {y1} {x2} {y2}  {one_line(found.name)}"
