"""Batches of pictures with a label for each pixel, from a list as DeepLab writes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.batch_feed import PlainFeed
from mycaffe_py.data.caffe_stores.image_list import Decoding, Listed
from mycaffe_py.data.caffe_stores.label_cutting import Cutting, nearest_labels
from mycaffe_py.data.looked_for import unreadable
from mycaffe_py.data.pictures.decoding import Pixels
from mycaffe_py.data.selection.epochs import Epochs, random_skip
from mycaffe_py.data.transform.list_transform import color_choice, purpose_of
from mycaffe_py.errors import UserError, Where
from mycaffe_py.files.plain_file import read_plain_text
from mycaffe_py.printable import shown
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.random_streams import stream

_Param = pb.ImageDataParameter
_NONE = pb.ImageDataParameter.NONE
_IMAGE = pb.ImageDataParameter.IMAGE
# Labels are bytes, as in the pictures that hold them.
_MOST = 255


@dataclass(frozen=True)
class Labelled:
    """A picture, and the picture of its labels or the one label of all its pixels."""

    picture: Listed
    labels: Listed | None


class LabelPictureFeed(PlainFeed):
    """Tops: data (N, C, h, w), label (N, 1, h, w), and height and width (N, 1, 1, 2)."""

    label_count = 0

    def __init__(
        self,
        listed: Sequence[Labelled],
        param: _Param,
        epochs: Epochs,
        cutting: Cutting,
        bgr: bool,
        name: tuple[int, str],
        tops: int,
    ) -> None:
        self.listed = listed
        self.batch_size = param.batch_size
        self.epochs = epochs
        self.cutting = cutting
        self.seed, self.purpose = name
        self.tops = tops
        size = (param.new_height, param.new_width) if param.new_height else None
        self.decoding = Decoding("color" if param.is_color else "gray", bgr, size)
        # As they are: numbers of classes have no mean of their own.
        self.marks = Decoding("gray", bgr, None)
        first = listed[int(epochs.batch(0, 1)[0])]
        channels, height, width = self.decoding.pixels(first.picture).shape
        self.size = (channels, *(cutting.crop or (height, width)))

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shape of each top."""
        n, pixels = self.batch_size, [length // self.cutting.divided for length in self.size[1:]]
        every: list[tuple[int, ...]] = [(n, *self.size), (n, 1, *pixels), (n, 1, 1, 2)]
        return every[: self.tops]

    def fill(self, batch_number: int, tops: Sequence[NDArray[Any]]) -> None:
        """Write batch `batch_number` into `tops`."""
        places = self.epochs.batch(batch_number, self.batch_size).tolist()
        draws = stream(self.seed, f"transform/{self.purpose}", batch_number)
        for row, place in enumerate(places):
            one = self.listed[place]
            image = self.decoding.pixels(one.picture)
            labels = self._labels(one, image)
            self._check_size(one, image)
            tops[0][row], tops[1][row] = self.cutting.apply(
                image, labels, draws.random(self.cutting.draws)
            )
            if self.tops > 2:
                tops[2][row] = [
                    min(limit, length)
                    for limit, length in zip(self.size[1:], image.shape[1:], strict=True)
                ]

    def _labels(self, one: Labelled, image: Pixels) -> Pixels:
        """(1, H, W); a picture of labels is brought to the size of `image` without mixing them."""
        if one.labels is None:
            return np.full((1, *image.shape[1:]), one.picture.label, np.uint8)
        labels = self.marks.pixels(one.labels)
        if self.cutting.divided > 1:
            smaller = [length // self.cutting.divided for length in image.shape[1:]]
            return nearest_labels(labels, smaller[0], smaller[1])
        if self.decoding.size is None:
            if labels.shape[1:] != image.shape[1:]:
                raise UserError(
                    f"{one.labels.path} has {labels.shape[1]}x{labels.shape[2]} pixels",
                    where=one.labels.where,
                    wanted=f"{one.picture.path} has {image.shape[1]}x{image.shape[2]}, and each "
                    "has a label",
                )
            return labels
        return nearest_labels(labels, *self.decoding.size)

    def _check_size(self, one: Labelled, image: Pixels) -> None:
        lengths = zip(self.size[1:], image.shape[1:], strict=True)
        if self.cutting.crop and self.cutting.ignored is None and any(a > b for a, b in lengths):
            raise UserError(
                f"{one.picture.path} has {image.shape[1]}x{image.shape[2]} pixels",
                where=one.picture.where,
                wanted=f"at least {self.size[1]}x{self.size[2]}, which are cut out",
            )
        if not self.cutting.crop and image.shape != self.size:
            raise UserError(
                f"{one.picture.path} has {image.shape[1]}x{image.shape[2]} pixels",
                where=one.picture.where,
                wanted=f"the first picture has {self.size[1]}x{self.size[2]}",
                do="Let pictures be cut to one size, or give new_height and new_width.",
            )


def _read_list(param: _Param, where: Locations) -> list[Labelled]:
    """The lines of the list. Errors: no such file, an empty one, a line without its label."""
    path, at = Path(param.source), where.at("source")
    try:
        lines = read_plain_text(path).splitlines()
    except (OSError, ValueError) as error:
        raise unreadable(f"list file {path}", path, error, at) from error
    found = []
    for number, line in enumerate(lines, start=1):
        words = line.split()
        if words:
            found.append(_labelled(words, param, Where(str(path), number)))
    if not found:
        raise UserError(f"list file {path} is empty", where=at)
    return found


def _labelled(words: Sequence[str], param: _Param, at: Where) -> Labelled:
    picture = Path(param.root_folder + words[0])
    if param.label_type == _NONE:
        return Labelled(Listed(picture, param.ignore_label, at), None)
    if len(words) != 2 or "\0" in words[1]:
        raise UserError(
            f"'{shown(' '.join(words))}' is no picture with its label",
            where=at,
            wanted="two words, neither with a blank: a picture, and with label_type IMAGE a class "
            "number, else the picture of its labels",
            do="DenseImageData has no others; in ImageSegData write label_type: NONE for pictures "
            "without labels.",
        )
    if param.label_type != _IMAGE:
        return Labelled(Listed(picture, 0, at), Listed(Path(param.root_folder + words[1]), 0, at))
    if not (words[1].isdecimal() and words[1].isascii() and int(words[1][:9]) <= _MOST):
        raise UserError(
            f"label '{shown(words[1])}'", where=at, wanted=f"a whole number from 0 to {_MOST}"
        )
    return Labelled(Listed(picture, int(words[1]), at), None)


def _check_options(layer: pb.LayerParameter, param: _Param, at: Locations) -> None:
    """Errors: options that no list of pictures can make up for."""
    title = f"layer '{layer.name}' ({layer.type})"
    if param.batch_size < 1:
        raise UserError(f"{title}: batch_size is {param.batch_size}", where=at.at("batch_size"))
    if bool(param.new_height) != bool(param.new_width):
        name = "new_height" if param.new_height else "new_width"
        raise UserError(f"{title}: {name} alone", where=at.at(name), wanted="both or none")
    if not 0 <= param.ignore_label <= _MOST:
        raise UserError(
            f"{title}: ignore_label is {param.ignore_label}",
            where=at.at("ignore_label"),
            wanted=f"0 to {_MOST}",
        )


def mean_of(layer: pb.LayerParameter, channels: int, where: Locations) -> NDArray[np.float32]:
    """(C,) mean_value of a layer. Errors: too many or few, and a mean picture."""
    change, at = layer.transform_param, where.under("transform_param")
    title = f"layer '{layer.name}' ({layer.type})"
    if change.mean_file:
        raise UserError(
            f"{title}: mean_file",
            where=at.at("mean_file"),
            wanted="mean_value: pictures of several sizes have no mean picture",
        )
    means = list(change.mean_value) or [0.0]
    if len(means) not in (1, channels):
        raise UserError(
            f"{title}: {len(means)} mean_value",
            where=at.at("mean_value", 0),
            wanted=f"one, or one for each of {channels} channels",
        )
    return np.resize(np.array(means, np.float32), channels)


def label_picture_feed(
    layer: pb.LayerParameter,
    param: _Param,
    cutting: Cutting,
    name: tuple[int, bool],
    tops: int,
    at: Locations,
    of_change: Locations,
) -> LabelPictureFeed:
    """The feed of a list of pairs. `name` is the net's seed and whether it is trained.

    Errors: mistakes in options, list, first picture.
    """
    _check_options(layer, param, at)
    listed = _read_list(param, at)
    if param.rand_skip > len(listed):
        raise UserError(
            f"layer '{layer.name}' ({layer.type}): rand_skip is {param.rand_skip}",
            where=at.at("rand_skip"),
            wanted=f"{param.source} lists {len(listed)} pictures",
        )
    seed, train = name
    purpose = purpose_of(layer, train)
    skip = random_skip(param.rand_skip, seed, purpose)
    epochs = Epochs(len(listed), seed, purpose, param.shuffle, skip)
    change = layer.transform_param
    _, bgr = color_choice(change, of_change)
    own_seed = change.random_seed if change.HasField("random_seed") else seed
    return LabelPictureFeed(listed, param, epochs, cutting, bgr, (own_seed, purpose), tops)
