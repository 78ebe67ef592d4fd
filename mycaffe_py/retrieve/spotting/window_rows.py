"""What a net makes of many windows of one large picture.

Both ways give what the net makes of each window cut out alone; the first does the convolutions of
windows that overlap only once.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.transform.transform import Transform
from mycaffe_py.engine.answering_net import AnsweringNet
from mycaffe_py.layers.base import Shape
from mycaffe_py.retrieve.spotting.split_net import SplitNet, part_graph, split_net
from mycaffe_py.trained.loaded_net import loaded_net, run_graph, transform_for
from mycaffe_py.trained.snapshot import Snapshot

Pixels = NDArray[np.uint8]
Places = NDArray[np.int64]

# Windows that go through a net together.
_BATCH = 64
# A tile is that many pixels longer than a window, or twice a window: what lies under two tiles is
# done twice, and a large tile may be empty for the most part.
_TILE_SPARE = 128
# Values of the pictures of one batch of tiles; at most 16 of them, as many as a vector has lanes.
_TILES = 16
_BATCH_VALUES = 1 << 21
# Without a map, windows begin at every eighth of their length.
_STEPS_OF_A_WINDOW = 8


class WindowRows(Protocol):
    """Encodings of windows of `window` (C, H, W) that begin at whole multiples of `step` (y, x)."""

    @property
    def window(self) -> Shape:
        """(C, H, W)."""

    @property
    def step(self) -> tuple[int, int]:
        """Pixels (y, x)."""

    def rows(self, picture: Pixels, places: Places) -> FeatureRows:
        """(n, D) for the windows of picture (C, H, W) that begin at `places` (n, 2), y and x."""


def window_rows(snapshot: Snapshot, like: ArraySource, alone: AnsweringNet) -> WindowRows:
    """The fastest exact way for pictures like those of `like`; `alone` takes single windows."""
    transform = transform_for(snapshot, like)
    split = split_net(snapshot) if _same_everywhere(transform) else None
    return Slid(alone, like.shape) if split is None else Tiled(snapshot, split, transform)


def net_alone(snapshot: Snapshot, like: ArraySource, batch: int = _BATCH) -> AnsweringNet:
    """The whole RUN net for pictures that are cut out already."""
    net = loaded_net(snapshot, run_graph(snapshot, batch), snapshot.weights)
    return AnsweringNet(net, transform_for(snapshot, like), batch, like.name)


class Slid:
    """Each window goes through the whole net."""

    def __init__(self, net: AnsweringNet, window: Shape) -> None:
        """For windows of this shape (C, H, W)."""
        self._net = net
        self.window = window
        self.step = (
            max(1, window[1] // _STEPS_OF_A_WINDOW), max(1, window[2] // _STEPS_OF_A_WINDOW)
        )  # fmt: skip

    def rows(self, picture: Pixels, places: Places) -> FeatureRows:
        """See `WindowRows`."""
        seen = np.lib.stride_tricks.sliding_window_view(picture, self.window[1:], axis=(1, 2))
        batch = self._net.batch
        parts = []
        for start in range(0, len(places), batch):
            y, x = places[start : start + batch].T
            windows = np.ascontiguousarray(seen[:, y, x].transpose(1, 0, 2, 3))
            parts.append(self._net.encodings(windows))
        return np.concatenate(parts)


class Tiled:
    """The sliding layers run on tiles of the picture, the others on the windows of their map."""

    def __init__(self, snapshot: Snapshot, split: SplitNet, transform: Transform) -> None:
        """Compile both parts for a snapshot's net that is cut as `split` says."""
        self._split = split
        self.step = split.step
        self.window = transform.in_shape
        self._along = tuple(
            max(1, max(_TILE_SPARE, size) // step)
            for size, step in zip(split.window[1:], split.step, strict=True)
        )
        height, width = (
            size + step * (many - 1)
            for size, step, many in zip(split.window[1:], split.step, self._along, strict=True)
        )
        self._transform = _for_tiles(transform, height, width)
        shape = self._transform.out_shape
        tiles = max(1, min(_TILES, _BATCH_VALUES // math.prod(shape)))
        weights = snapshot.weights
        body = part_graph(snapshot, split.body, split.input, (tiles, *shape))
        head = part_graph(snapshot, split.head, split.cut, (_BATCH, *split.patch))
        self._body = loaded_net(snapshot, body, weights)
        self._head = loaded_net(snapshot, head, weights)
        self._tiles = np.zeros((tiles, *self._transform.in_shape), np.uint8)

    def rows(self, picture: Pixels, places: Places) -> FeatureRows:
        """See `WindowRows`."""
        depth = math.prod(self._head.graph.blobs[self._split.encoding].shape[1:])
        rows = np.empty((len(places), depth), np.float32)
        in_map = places // np.array(self.step)
        tile, within = np.divmod(in_map, np.array(self._along))
        corners, number = np.unique(tile, axis=0, return_inverse=True)
        number = number.reshape(-1)
        for first in range(0, len(corners), len(self._tiles)):
            some = corners[first : first + len(self._tiles)]
            seen = self._map_of(picture, some)
            own = np.flatnonzero((number >= first) & (number < first + len(some)))
            rows[own] = self._answers(seen, number[own] - first, within[own])
        return rows

    def _map_of(self, picture: Pixels, corners: Places) -> NDArray[np.float32]:
        """(t, C, y, x, kh, kw): the part of the map that each window of the tiles reads."""
        tiles = self._tiles
        tiles[:] = 0
        size = np.array(self._along) * np.array(self.step)
        for tile, (y, x) in zip(tiles, (corners * size).tolist(), strict=False):
            part = picture[:, y : y + tile.shape[1], x : x + tile.shape[2]]
            tile[:, : part.shape[1], : part.shape[2]] = part
        entry = self._body.blob(self._split.input)
        self._transform.apply(tiles, np.arange(len(tiles)), 0, entry[:, np.newaxis])
        self._body.forward()
        made = self._body.blob(self._split.cut)
        return np.lib.stride_tricks.sliding_window_view(made, self._split.patch[1:], axis=(2, 3))

    def _answers(
        self, seen: NDArray[np.float32], tile: NDArray[np.int64], within: Places
    ) -> FeatureRows:
        """(n, D) of the parts of the map that begin in `tile` (n,) at `within` (n, 2)."""
        entry = self._head.blob(self._split.cut)
        parts = []
        for start in range(0, len(tile), _BATCH):
            number, (y, x) = tile[start : start + _BATCH], within[start : start + _BATCH].T
            entry[: len(number)] = seen[number, :, y, x]
            entry[len(number) :] = 0
            self._head.forward()
            answers = self._head.blob(self._split.encoding)[: len(number)]
            parts.append(answers.reshape(len(number), -1).copy())
        return np.concatenate(parts)


def _same_everywhere(transform: Transform) -> bool:
    """Whether a pixel is treated alike wherever it lies: no crop, no mean picture."""
    mean = transform.settings.mean
    flat = mean is None or bool((mean == mean[:, :1, :1]).all())
    return flat and not transform.settings.crop_size


def _for_tiles(transform: Transform, height: int, width: int) -> Transform:
    """The same for pictures of another size."""
    settings, mean = transform.settings, transform.settings.mean
    if mean is not None:
        mean = np.ascontiguousarray(np.broadcast_to(mean[:, :1, :1], (len(mean), height, width)))
    shape = (transform.in_shape[0], height, width)
    return Transform(dataclasses.replace(settings, mean=mean), shape)
