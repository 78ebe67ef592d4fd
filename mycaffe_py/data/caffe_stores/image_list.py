"""Batches of pictures that a text file lists, one "path label" a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.data.looked_for import unreadable
from mycaffe_py.data.pictures.bilinear import resize
from mycaffe_py.data.pictures.decoding import Pixels, decode, read_file
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.data.selection.epochs import Epochs, random_skip
from mycaffe_py.data.transform.list_transform import (
    ListTransform,
    color_choice,
    list_transform,
    purpose_of,
)
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.plain_file import read_plain_text
from mycaffe_py.printable import shown
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

# Beyond it whole numbers of single precision are not exact, so that classes would run together.
_MOST = 2**24


@dataclass(frozen=True)
class Listed:
    """One line of a list: the file of the picture, its label, and where that stands."""

    path: Path
    label: int
    where: Where


@dataclass(frozen=True)
class Decoding:
    """How a picture becomes pixels; `size` (height, width) or None for as it is."""

    colors: str
    bgr: bool
    size: tuple[int, int] | None

    def pixels(self, listed: Listed) -> Pixels:
        """(C, H, W) of a listed picture. Errors: one that cannot be read."""
        try:
            image = decode(read_file(listed.path), self.colors, self.bgr)
        except UnreadableError as error:
            raise UserError(
                f"picture {listed.path} cannot be read: {error}", where=listed.where
            ) from error
        return image if self.size is None else resize(image, *self.size)


class ImageListFeed(PlainFeed):
    """Tops: data (N, C, h, w), label (N,), in the order of `epochs`."""

    def __init__(
        self,
        listed: Sequence[Listed],
        batch_size: int,
        epochs: Epochs,
        decoding: Decoding,
        transform: ListTransform,
    ) -> None:
        self.listed = listed
        self.batch_size = batch_size
        self.epochs = epochs
        self.decoding = decoding
        self.transform = transform
        labels = [line.label for line in listed]
        self.label_count = max(labels) + 1 if min(labels) >= 0 else 0
        # Pictures of any size come one by one.
        self.varies = transform.any_size
        self._read = lru_cache(maxsize=1)(self._make_read)

    def shapes_of(self, batch_number: int) -> list[tuple[int, ...]]:
        """Shape of each top in this batch, which is read for it."""
        image = self._read(batch_number)[0]
        return [(self.batch_size, *self.transform.out_shape_of(image)), *self.shapes[1:]]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shape of each top."""
        return [(self.batch_size, *self.transform.out_shape), (self.batch_size,)]

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`."""
        listed = self._listed(batch_number)
        self.transform.apply_list(
            self._read(batch_number),
            batch_number,
            tops[0],
            lambda i: f"{listed[i].where}: {listed[i].path}",
        )
        tops[1][...] = [line.label for line in listed]

    def _listed(self, batch_number: int) -> list[Listed]:
        places = self.epochs.batch(batch_number, self.batch_size).tolist()
        return [self.listed[place] for place in places]

    def _make_read(self, batch_number: int) -> list[Pixels]:
        return [self.decoding.pixels(line) for line in self._listed(batch_number)]


def read_list(path: Path, root: str, where: Where) -> list[Listed]:
    """The lines of a list file; `root` is put before each path as it stands.

    The label is what follows the last blank, so that paths may hold blanks. Errors: no such file,
    an empty one, a line without a label, a label that no number of a net can be.
    """
    try:
        lines = read_plain_text(path).splitlines()
    except (OSError, ValueError) as error:
        raise unreadable(f"list file {path}", path, error, where) from error
    listed = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        at = Where(str(path), number)
        name, *label = line.strip().rsplit(maxsplit=1)
        try:
            number_of_class = int(label[0])
        except (IndexError, ValueError) as error:
            _refuse_large(label, at)
            raise UserError(
                f"'{line.strip()}' has no label",
                where=at,
                wanted="a line is a path, a blank and a whole number, for instance 'cat.jpg 3'",
            ) from error
        if abs(number_of_class) > _MOST:
            raise _too_large(label[0], at)
        if "\0" in name:
            raise UserError(
                f"'{shown(name)}' is no file name", where=at, wanted="it holds a zero byte"
            )
        listed.append(Listed(Path(root + name), number_of_class, at))
    if not listed:
        raise UserError(f"list file {path} is empty", where=where)
    return listed


def _refuse_large(label: list[str], at: Where) -> None:
    """Refuse a number like 1e20; the caller tells of what is not a number."""
    try:
        value = float(label[0]) if label else 0.0
    except ValueError:
        return
    if abs(value) > _MOST:
        raise _too_large(label[0], at)


def _too_large(label: str, at: Where) -> UserError:
    return UserError(
        f"label '{shown(label)}' is too large",
        where=at,
        wanted=f"labels up to {_MOST:,}, which a net of single precision holds exactly",
        do="Number the classes from 0.",
    )


def image_list_feed(
    layer: pb.LayerParameter, train: bool, seed: int, where: Locations
) -> ImageListFeed:
    """The feed of an ImageData layer. Errors: mistakes in options, list, first picture."""
    param = layer.image_data_param
    at = where.under("image_data_param")
    title = f"layer '{layer.name}' (ImageData)"
    if param.batch_size < 1:
        raise UserError(f"{title}: batch_size is {param.batch_size}", where=at.at("batch_size"))
    if bool(param.new_height) != bool(param.new_width):
        raise UserError(
            f"{title}: new_height is {param.new_height} and new_width {param.new_width}",
            where=at.at("new_height" if param.new_height else "new_width"),
            wanted="both or none",
        )
    listed = read_list(Path(param.source), param.root_folder, at.at("source"))
    if param.rand_skip > len(listed):
        raise UserError(
            f"{title}: rand_skip is {param.rand_skip}",
            where=at.at("rand_skip"),
            wanted=f"{param.source} lists {len(listed)} pictures",
        )
    purpose = purpose_of(layer, train)
    skip = random_skip(param.rand_skip, seed, purpose)
    epochs = Epochs(len(listed), seed, purpose, param.shuffle, skip)
    _, bgr = color_choice(layer.transform_param, where.under("transform_param"))
    size = (param.new_height, param.new_width) if param.new_height else None
    decoding = Decoding("color" if param.is_color else "gray", bgr, size)
    first = listed[int(epochs.batch(0, 1)[0])]
    channels, height, width = decoding.pixels(first).shape
    transform = list_transform(
        layer,
        str(first.path),
        (channels, height, width),
        train,
        seed,
        where.under("transform_param"),
        alone=param.batch_size == 1 and size is None,
    )
    return ImageListFeed(listed, param.batch_size, epochs, decoding, transform)
