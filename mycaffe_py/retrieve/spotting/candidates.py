"""Windows of all sizes of a page, and those whose encodings lie nearest to that of a query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.pictures.picture import LIMIT_PIXELS
from mycaffe_py.data.pictures.picture_fit import resized
from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.distances import distances
from mycaffe_py.retrieve.spotting.boxes import Boxes
from mycaffe_py.retrieve.spotting.ink import spread, summed
from mycaffe_py.retrieve.spotting.query import Query
from mycaffe_py.retrieve.spotting.window_rows import WindowRows

Pixels = NDArray[np.uint8]
Places = NDArray[np.int64]

# Pixels of a page that are worked on at a time.
_STRIP_PIXELS = 1 << 20
# A window with less than this part of the query's contrast shows plain paper.
_LEAST_CONTRAST = 0.25
# Windows kept of a page: so many in each area of a window, as windows around a good one are good.
_KEPT_AN_AREA = 2
_LEAST_KEPT = 200
_MOST_KEPT = 20_000


@dataclass(frozen=True)
class Candidates:
    """`boxes` (n, 4) on the page, `distances` (n,) of their encodings, `scales` (n,)."""

    boxes: Boxes
    distances: NDArray[np.float64]
    scales: NDArray[np.float64]

    def nearest(self, most: int) -> Candidates:
        """The `most` nearest, in their order."""
        order = np.argsort(self.distances, kind="stable")[:most]
        return Candidates(self.boxes[order], self.distances[order], self.scales[order])


def candidates(
    page: Pixels, query: Query, rows: WindowRows, scales: Sequence[float], name: str
) -> Candidates:
    """The windows of `page` (C, H, W) nearest to `query`, at all `scales` at which they fit.

    Errors: a page that is smaller than the query at each of them, or that would be far too large.
    """
    least = rows.window[1:]
    sizes = {scale: _size_at(page, query, rows, scale) for scale in scales}
    fitting = {s: size for s, size in sizes.items() if size[0] >= least[0] and size[1] >= least[1]}
    if not fitting:
        raise _too_small(query, min(scales), name)
    for scale, size in fitting.items():
        if size[0] * size[1] > LIMIT_PIXELS:
            raise _too_large(query, scale, size, name)
    kept = int(_KEPT_AN_AREA * page[0].size / (query.window[0] * query.window[1]))
    kept = min(max(kept, _LEAST_KEPT), _MOST_KEPT)
    found = Candidates(np.empty((0, 4)), np.empty(0), np.empty(0))
    with Progress(sum(height for height, _ in fitting.values()), "row", name, leave=False) as bar:
        for scale, (height, width) in fitting.items():
            seen = resized(page, height, width)
            factor = np.array([page.shape[2] / width, page.shape[1] / height] * 2)
            done = 0
            for top, strip in _strips(seen, rows):
                corners, apart = _compared(strip, query, rows)
                boxes = _boxes(corners, top, rows) * factor
                some = Candidates(boxes, apart, np.full(len(apart), scale))
                found = _both(found, some).nearest(kept)
                # Strips overlap.
                bar.update(top + strip.shape[1] - done)
                done = top + strip.shape[1]
    return found


def _size_at(page: Pixels, query: Query, rows: WindowRows, scale: float) -> tuple[int, int]:
    """Height and width of the page at which a window is as large as the net takes it."""
    height = page.shape[1] * rows.window[1] / (query.window[1] * scale)
    width = page.shape[2] * rows.window[2] / (query.window[0] * scale)
    return round(height), round(width)


def _strips(page: Pixels, rows: WindowRows) -> Iterator[tuple[int, Pixels]]:
    """Parts (C, h, W) of a page with the row they begin at: each window lies whole in one."""
    step, window = rows.step[0], rows.window[1]
    many = max(1, _STRIP_PIXELS // (page.shape[2] * step))
    last = page.shape[1] - window
    for top in range(0, last + 1, many * step):
        low = min(page.shape[1], top + (many - 1) * step + window)
        yield top, np.ascontiguousarray(page[:, top:low])


def _compared(strip: Pixels, query: Query, rows: WindowRows) -> tuple[Places, NDArray[np.float64]]:
    """Where the windows begin that may show the query (n, 2), and their distances (n,)."""
    size = rows.window[1], rows.window[2]
    ends = strip.shape[1] - size[0] + 1, strip.shape[2] - size[1] + 1
    y, x = np.mgrid[0 : ends[0] : rows.step[0], 0 : ends[1] : rows.step[1]]
    places = np.stack([y.reshape(-1), x.reshape(-1)], axis=1).astype(np.int64)
    places = places[_may_be(strip, places, query, size)]
    if not len(places):
        return places, np.empty(0)
    return places, distances(query.encoding, rows.rows(strip, places))[0]


def _may_be(
    strip: Pixels, places: Places, query: Query, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """Which windows are worth asking the net: not plain paper, not ink that lies otherwise."""
    if query.ink is not None:
        ink = 255 - strip[0] if query.dark else strip[0]
        return spread(ink, places, size).like(query.ink)
    gray = strip.mean(axis=0)
    count = size[0] * size[1]
    mean = summed(gray, places, size) / count
    variance = summed(gray * gray, places, size) / count - mean * mean
    return variance >= (_LEAST_CONTRAST * query.contrast) ** 2


def _boxes(corners: Places, top: int, rows: WindowRows) -> Boxes:
    boxes = np.empty((len(corners), 4))
    boxes[:, 0] = corners[:, 1]
    boxes[:, 1] = corners[:, 0] + top
    boxes[:, 2:] = rows.window[2], rows.window[1]
    return boxes


def _both(a: Candidates, b: Candidates) -> Candidates:
    return Candidates(
        np.concatenate([a.boxes, b.boxes]),
        np.concatenate([a.distances, b.distances]),
        np.concatenate([a.scales, b.scales]),
    )


def _too_small(query: Query, scale: float, name: str) -> UserError:
    width, height = (side * scale for side in query.window)
    return UserError(
        f"'{name}' is smaller than the query",
        wanted=f"at the smallest scale, {scale:g}, {query.path} covers {width:.0f}x{height:.0f} "
        "pixels of a page",
        do="Take a larger page, a smaller query, or smaller --scales.",
    )


def _too_large(query: Query, scale: float, size: tuple[int, int], name: str) -> UserError:
    width, height = (round(side) for side in query.window)
    return UserError(
        f"'{name}' would have to be enlarged to {size[1]:,}x{size[0]:,} pixels at scale {scale:g}, "
        f"as the query covers only {width}x{height} pixels",
        wanted=f"at most {LIMIT_PIXELS // 1_000_000} million pixels",
        do="Cut the page into parts, or take a larger query and larger --scales.",
    )
