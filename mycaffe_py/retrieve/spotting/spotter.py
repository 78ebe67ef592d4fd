"""Spotting: the places of a page that show about the same as a query."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.picture import EmptyPictureError, UnreadableError, read_as
from mycaffe_py.data.pictures.picture_record import Asked, PictureRecord
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.distances import distances
from mycaffe_py.retrieve.spotting.boxes import Boxes, best_apart
from mycaffe_py.retrieve.spotting.candidates import Candidates, candidates
from mycaffe_py.retrieve.spotting.ink import ink_of
from mycaffe_py.retrieve.spotting.objects import Objects
from mycaffe_py.retrieve.spotting.query import Query, read_query
from mycaffe_py.retrieve.spotting.refine import refined
from mycaffe_py.retrieve.spotting.window_rows import net_alone, window_rows
from mycaffe_py.trained.pictures_like import pictures_like
from mycaffe_py.trained.snapshot import Snapshot

Pixels = NDArray[np.uint8]

# Beside the page a seventh of a window: the frame of a thing near the edge is not all on the page.
_MARGIN = 1 / 7
# Where things touch, one alone cannot be read: such a window counts as farther away.
_TOUCHING_COSTS = 2.0
# Windows of nets without ink that are looked at closely, for each one that is asked for.
_REFINED = 2


@dataclass(frozen=True)
class Match:
    """A place that shows about the same as the query.

    `box` is x, y, width and height in pixels of the page, `distance` squared. `scale` is its size
    against that of the query. `touching` says that its ink
    hangs together with that of others, so that its distance, of a window, counts twice.
    """

    box: tuple[float, float, float, float]
    distance: float
    scale: float
    touching: bool = False


class Spotter:
    """Looks for queries on pages with the net of a snapshot, at windows of several `scales`."""

    def __init__(
        self, snapshot: Snapshot, scales: Sequence[float], asked: Asked | None = None
    ) -> None:
        """Compile the net; pictures are read as those it learned, or as `asked`.

        Errors: the net takes no pictures.
        """
        like = pictures_like(snapshot, asked)
        self.record = PictureRecord.from_json(like.pictures)
        self.scales = tuple(scales)
        self._net = net_alone(snapshot, like)
        self._rows = window_rows(snapshot, like, self._net)

    def query(self, path: Path) -> Query:
        """The picture to look for. Errors: no picture, an empty one."""
        return read_query(path, self.record, self._net)

    def page(self, path: Path) -> Pixels | None:
        """The page at `path` (C, H, W); None where all of it has one brightness. Errors: none."""
        if not path.is_file():
            raise UserError(f"'{path}' is {'a folder' if path.is_dir() else 'not there'}")
        try:
            return read_as(path, self.record, own_size=True).pixels
        except EmptyPictureError:
            return None
        except UnreadableError as error:
            raise UserError(f"'{path}' cannot be read as a picture: {error}") from error

    def spot(self, page: Pixels, query: Query, most: int, name: str = "page") -> list[Match]:
        """At most `most` places of `page` (C, H, W), the nearest first.

        Errors: a page that is smaller than the query at all scales, or too large.
        """
        margin = tuple(round(side * _MARGIN) for side in query.window)
        if query.ink is None:
            pads = ((0, 0), (margin[1],) * 2, (margin[0],) * 2)
            framed = np.pad(page, pads, mode="edge")
            found = candidates(framed, query, self._rows, self.scales, name)
            found = refined(framed, found, query, self._net, most * _REFINED)
            matches = self._of_windows(found, query, most)
        else:
            ink = np.pad(ink_of(page), ((margin[1],) * 2, (margin[0],) * 2))
            framed = _shown(ink, query.dark)[np.newaxis]
            found = candidates(framed, query, self._rows, self.scales, name)
            matches = self._of_things(ink, found, query, most)
        return [_on_page(match, margin, page) for match in matches]

    def _of_windows(self, found: Candidates, query: Query, most: int) -> list[Match]:
        kept = best_apart(found.boxes, found.distances, most)
        part = query.inside / np.array([*query.window, *query.window])
        return [
            _match(_inside(found.boxes[i], part), found.distances[i], found.scales[i])
            for i in kept.tolist()
        ]

    def _of_things(self, ink: Pixels, found: Candidates, query: Query, most: int) -> list[Match]:
        """The same, each window followed to the end of its ink where that is possible."""
        size = self.record.shape[1:]
        things = Objects(ink, size, query.window[1] * max(self.scales))
        wholes = [things.whole(box) for box in found.boxes]
        pictures = {id(whole): whole for whole in wholes if whole is not None}
        apart = self._distances([whole.picture for whole in pictures.values()], query)
        of_whole = dict(zip(pictures, apart, strict=True))
        matches = []
        for i, whole in enumerate(wholes):
            if whole is not None:
                box = whole.tight if query.tight else whole.frame
                scale = whole.frame[3] / query.window[1]
                matches.append(_match(box, of_whole[id(whole)], scale))
            elif things.touches(found.boxes[i]):
                distance = _TOUCHING_COSTS * found.distances[i]
                matches.append(_match(found.boxes[i], distance, found.scales[i], touching=True))
        boxes = np.array([match.box for match in matches]).reshape(-1, 4)
        kept = best_apart(boxes, np.array([match.distance for match in matches]), most)
        return [matches[i] for i in kept.tolist()]

    def _distances(self, pictures: Sequence[Pixels], query: Query) -> NDArray[np.float64]:
        """(n,) from the query to pieces of light ink on dark."""
        if not pictures:
            return np.empty(0)
        shown = _shown(np.stack(pictures), query.dark)[:, np.newaxis]
        apart: NDArray[np.float64] = distances(query.encoding, self._net.encodings(shown))[0]
        return apart


def _shown(ink: Pixels, dark: bool) -> Pixels:
    """Light ink on dark as the net has learned it."""
    return 255 - ink if dark else ink


def _match(box: Boxes, distance: float, scale: float, *, touching: bool = False) -> Match:
    x, y, width, height = box.tolist()
    return Match((x, y, width, height), float(distance), float(scale), touching)


def _inside(window: Boxes, part: Boxes) -> Boxes:
    """The part (4,) of a window (4,) that the query shows, as shares of its sides."""
    return np.concatenate([window[:2] + part[:2] * window[2:], part[2:] * window[2:]])


def _on_page(match: Match, margin: tuple[int, ...], page: Pixels) -> Match:
    """The same without the margin, cut off at the edges of the page."""
    x, y, width, height = match.box
    left, top = max(0.0, x - margin[0]), max(0.0, y - margin[1])
    right = min(float(page.shape[2]), x - margin[0] + width)
    low = min(float(page.shape[1]), y - margin[1] + height)
    return dataclasses.replace(match, box=(left, top, right - left, low - top))
