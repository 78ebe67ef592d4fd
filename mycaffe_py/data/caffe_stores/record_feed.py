"""Batches from Caffe's LMDB and LevelDB folders, in the order of their keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mycaffe_py.data.array_source import Images
from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.data.caffe_stores.datum import datum_image, parse_datum
from mycaffe_py.data.caffe_stores.record_cursor import Walk
from mycaffe_py.data.caffe_stores.stores import open_records
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.data.selection.epochs import random_skip
from mycaffe_py.data.transform.list_transform import (
    ListTransform,
    color_choice,
    list_transform,
    purpose_of,
)
from mycaffe_py.errors import UserError, Where
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

# Options that need the labels of all records, or their numbers, at once.
_ONLY_IMAGE_DATABASE = (
    "enable_random_selection",
    "label_balancing",
    "labels_per_batch",
    "images_per_label",
    "output_all_labels",
    "output_image_index",
    "stand_in",
)


class RecordFeed(PlainFeed):
    """Tops: data (N, C, h, w), label (N,). Batch b holds the records skip + b*N ..., cyclic."""

    # Only the whole folder would tell.
    label_count = 0

    def __init__(
        self,
        walk: Walk,
        batch_size: int,
        transform: ListTransform,
        colors: str = "",
        bgr: bool = True,
        skip: int = 0,
        top_count: int = 2,
    ) -> None:
        self.walk = walk
        self.batch_size = batch_size
        self.transform = transform
        self.colors = colors
        self.bgr = bgr
        self.skip = skip
        self.top_count = top_count
        # Pictures of any size come one by one.
        self.varies = transform.any_size
        self._read = lru_cache(maxsize=1)(self._make_read)

    def shapes_of(self, batch_number: int) -> list[tuple[int, ...]]:
        """Shape of each top in this batch, which is read for it."""
        image, _ = self._read(batch_number)[0]
        return [(self.batch_size, *self.transform.out_shape_of(image)), *self.shapes[1:]]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shape of each top."""
        count = self.batch_size
        return [(count, *self.transform.out_shape), (count,)][: self.top_count]

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`."""
        first = self.skip + batch_number * self.batch_size
        records = self._read(batch_number)
        images = [image for image, _ in records]
        self.transform.apply_list(
            images, batch_number, tops[0], lambda place: _name(self.walk, first + place)
        )
        if len(tops) > 1:
            tops[1][...] = [label for _, label in records]

    def _make_read(self, batch_number: int) -> list[tuple[Images, int]]:
        """Images and labels of a batch."""
        first = self.skip + batch_number * self.batch_size
        return [
            read_record(self.walk, number, self.colors, self.bgr)
            for number in range(first, first + self.batch_size)
        ]


def read_record(walk: Walk, number: int, colors: str, bgr: bool) -> tuple[Images, int]:
    """Image (C, H, W) and label of a record. Errors: no Datum, an unreadable picture."""
    datum = parse_record(walk, number)
    try:
        return datum_image(datum, colors, bgr), datum.label
    except UnreadableError as error:
        raise _unreadable(walk, number, error) from error


def parse_record(walk: Walk, number: int) -> pb.Datum:
    """The Datum of a record. Errors: the record holds none."""
    try:
        return parse_datum(walk.value(number))
    except UnreadableError as error:
        raise _unreadable(walk, number, error) from error


def _unreadable(walk: Walk, number: int, error: UnreadableError) -> UserError:
    return UserError(
        f"{_name(walk, number)} cannot be read: {error}",
        where=walk.where,
        wanted="each value is a Datum as Caffe's convert_imageset writes it",
    )


def _name(walk: Walk, number: int) -> str:
    return f"record {number if walk.count is None else number % walk.count} of {walk.folder}"


def record_feed(
    layer: pb.LayerParameter,
    kind: str,
    train: bool,
    seed: int,
    where: Locations,
    notify: Callable[[str], None],
) -> RecordFeed:
    """The feed of a Data layer whose source is a folder of `kind` LMDB, LEVELDB or "" for either.

    Errors: options that only the image database has, rand_skip beyond the end, whatever
    `open_records` and the first record find.
    """
    param = layer.data_param
    at = where.under("data_param")
    _check(layer, at)
    walk = open_records(Path(param.source), kind, at.at("source"))
    transforms = where.under("transform_param")
    colors, bgr = color_choice(layer.transform_param, transforms)
    skip = _skip(param, walk, seed, purpose_of(layer, train), at.at("rand_skip"))
    if colors and not parse_record(walk, skip).encoded:
        notify(
            f"layer '{layer.name}': force_{colors} has no effect, as the images of {walk.folder} "
            "are not encoded: they stay as they are"
        )
    image, _ = read_record(walk, skip, colors, bgr)
    channels, height, width = image.shape
    shape = (channels, height, width)
    alone = param.batch_size == 1
    transform = list_transform(layer, param.source, shape, train, seed, transforms, alone)
    return RecordFeed(walk, param.batch_size, transform, colors, bgr, skip, len(layer.top))


def _skip(param: pb.DataParameter, walk: Walk, seed: int, purpose: str, where: Where) -> int:
    """Records passed over at the start. Errors: all of them could be."""
    if not param.rand_skip:
        return 0
    if param.rand_skip > walk.length():
        raise UserError(
            f"rand_skip is {param.rand_skip}",
            where=where,
            wanted=f"{walk.folder} has {walk.length()} records",
        )
    return random_skip(param.rand_skip, seed, purpose)


def _check(layer: pb.LayerParameter, at: Locations) -> None:
    param = layer.data_param
    title = f"layer '{layer.name}' (Data)"
    do = "'mycaffe dataset import lmdb FOLDER --name NAME' makes one of such a folder."
    if param.images_per_blob != 1:
        raise UserError(
            f"{title}: images_per_blob is {param.images_per_blob}",
            where=at.at("images_per_blob"),
            wanted="pairs and triplets need the image database",
            do=do,
        )
    for field in _ONLY_IMAGE_DATABASE:
        if getattr(param, field):
            raise UserError(f"{title}: {field} needs the image database", where=at.at(field), do=do)
