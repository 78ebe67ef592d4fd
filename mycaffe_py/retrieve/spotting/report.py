"""The report of `mycaffe spot`: the places found on each page, for people and for machines."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.data.pictures.picture import open_flat
from mycaffe_py.errors import UserError
from mycaffe_py.figures import distance_text
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.read_each import Unread, read_each
from mycaffe_py.printable import one_line, storable
from mycaffe_py.retrieve.spotting.query import Query
from mycaffe_py.retrieve.spotting.spotter import Match, Pixels, Spotter
from mycaffe_py.trained.kept_threshold import KeptThreshold
from mycaffe_py.trained.snapshot import Snapshot

_COLUMNS = ("page", "x", "y", "width", "height", "distance", "scale", "touching")
# One size for things that differ little in size would do; more cost time, and find more.
SCALES = (0.8, 0.9, 1.0, 1.12, 1.25)
_MOST_SCALES = 9
_SMALLEST, _LARGEST = 0.05, 20.0


@dataclass(frozen=True)
class SpottedPage:
    """What was found on one page of `size` (w, h), the nearest first.

    `beyond` is the distance of the nearest place beyond the threshold; None: there is none.
    `pixels` (C, H, W) are for pictures of it.
    """

    path: Path
    size: tuple[int, int]
    found: tuple[Match, ...]
    beyond: float | None
    pixels: Pixels | None


@dataclass(frozen=True)
class Spotting:
    """The pages that could be read, and what was looked for."""

    snapshot: Snapshot
    query: Query
    threshold: KeptThreshold
    scales: tuple[float, ...]
    pages: tuple[SpottedPage, ...]
    unread: tuple[Unread, ...]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        limit = self.threshold.value
        return {
            "query": str(self.query.path),
            "pages": [
                {
                    "page": str(page.path),
                    "width": page.size[0],
                    "height": page.size[1],
                    "found": [_row(match) for match in page.found],
                    "nearest_beyond": page.beyond,
                }
                for page in self.pages
            ],
            "errors": [{"file": str(one.path), "error": str(one.error)} for one in self.unread],
            "within": limit if math.isfinite(limit) else None,
            "within_from": self.threshold.origin,
            "scales": list(self.scales),
            "snapshot": str(self.snapshot.files.weights),
        }

    def table(self, delimiter: str = ",") -> str:
        """A line of values separated by `delimiter` for each place, under their names."""
        text = io.StringIO()
        writer = csv.DictWriter(text, _COLUMNS, delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        for page in self.pages:
            for match in page.found:
                writer.writerow({"page": storable(str(page.path)), **_row(match)})
        return text.getvalue()

    def lines(self) -> list[str]:
        """For people."""
        told = [str(self.snapshot.files.weights), self.threshold.origin]
        for page in self.pages:
            told += ["", one_line(f"{page.path} ({page.size[0]}x{page.size[1]}): {_told(page)}")]
            if page.found:
                told.append("      x      y  width  height  distance")
            told += [_line(match) for match in page.found]
        return told


def spot_pages(
    spotter: Spotter,
    snapshot: Snapshot,
    query: Query,
    paths: Sequence[Path],
    most: int,
    threshold: KeptThreshold,
) -> Spotting:
    """Look for `query` on each page of `paths`: at most `most` places within the threshold.

    Pages that cannot be read, or are too small, are told in the report.
    """

    def spotted(path: Path) -> SpottedPage:
        page = spotter.page(path)
        if page is None:
            return SpottedPage(path, _size_of_blank(path), (), None, None)
        matches = spotter.spot(page, query, most, str(path))
        found = tuple(match for match in matches if match.distance <= threshold.value)
        rest = [match.distance for match in matches[len(found) :]]
        size = page.shape[2], page.shape[1]
        return SpottedPage(path, size, found, min(rest, default=None), page)

    pages, unread = [], []
    for _, read in read_each(paths, spotted):
        if isinstance(read, Unread):
            unread.append(read)
        else:
            pages.append(read)
    return Spotting(snapshot, query, threshold, spotter.scales, tuple(pages), tuple(unread))


def write_table(spotting: Spotting, path: Path) -> Path:
    """Write the table to `path`; with tabs where it ends in .tsv."""
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    write_atomically(path, spotting.table(delimiter).encode())
    return path


def given_scales(text: str) -> tuple[float, ...]:
    """The scales of "0.8,1,1.25", the smallest first. Errors: no numbers, too small or large."""
    try:
        scales = sorted({float(part) for part in text.split(",")})
    except ValueError:
        scales = []
    if not 1 <= len(scales) <= _MOST_SCALES or not all(
        _SMALLEST <= scale <= _LARGEST for scale in scales
    ):
        raise UserError(
            f"--scales is '{text}'",
            wanted=f"1 to {_MOST_SCALES} numbers from {_SMALLEST:g} to {_LARGEST:g}, "
            "such as 0.8,1,1.25: how large a thing may be on a page against the query",
        )
    return tuple(scales)


def given_within(value: float) -> KeptThreshold:
    """The threshold that a user names with --within. Errors: below 0, or no number."""
    if not value >= 0:
        raise UserError(f"--within is {value:g}", wanted="a squared distance: 0 or more")
    return KeptThreshold(value, f"within {value:g}, as given")


def _size_of_blank(path: Path) -> tuple[int, int]:
    """Width and height of a page that shows nothing."""
    height, width = open_flat(path, gray=True).pixels.shape[1:]
    return width, height


def _row(match: Match) -> dict[str, Any]:
    x, y, width, height = (round(value, 2) for value in match.box)
    return {
        "x": x,
        "y": y,
        "width": width,
        "height": height,
        "distance": match.distance,
        "scale": round(match.scale, 3),
        "touching": match.touching,
    }


def _told(page: SpottedPage) -> str:
    beyond = "" if page.beyond is None else f"; the next lies at {distance_text(page.beyond)}"
    if not page.found:
        return "found nowhere" + beyond.replace("next", "nearest")
    count = len(page.found)
    return f"found in {count} place{'s' if count > 1 else ''}{beyond}"


def _line(match: Match) -> str:
    x, y, width, height = match.box
    touching = "  touches others" if match.touching else ""
    distance = distance_text(match.distance)
    return f"  {x:5.0f}  {y:5.0f}  {width:5.0f}  {height:6.0f}  {distance:>8}{touching}"
