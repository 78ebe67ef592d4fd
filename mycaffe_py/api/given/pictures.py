"""Pictures that a program gives, read as those the net learned from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.api.given.given import Given, is_table, items_of, name_of
from mycaffe_py.api.given.layout import picture_laid_out, pictures_laid_out
from mycaffe_py.api.given.pixel_values import check_real, span_of, to_bytes
from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.picture import (
    EmptyPictureError,
    UnreadableError,
    brought,
    flat_of,
    opened_gray,
)
from mycaffe_py.data.pictures.picture_record import PictureRecord, Span
from mycaffe_py.data.pictures.picture_stack import EmptyInStackError, read_stack
from mycaffe_py.errors import UserError
from mycaffe_py.trained.inputs import read_input

Bytes = NDArray[np.uint8]


def given_pictures(given: Any, like: ArraySource) -> Given:
    """Paths, Pillow images or arrays for a net that takes pictures like those of `like`.

    Errors: none of these, a doubtful shape, NaN. While they are read: no picture, an empty one.
    """
    items = items_of(given)
    record = PictureRecord.from_json(like.pictures)
    if isinstance(items, np.ndarray):
        check_real(items)
        return _of_array(pictures_laid_out(items, like.shape), record)
    return _of_items(items, like, record)


def _of_array(array: NDArray[Any], record: PictureRecord) -> Given:
    """Pictures (n, h, w, c)."""
    span = span_of([array], record.span)

    def read(first: int, end: int) -> Bytes:
        try:
            return read_stack(to_bytes(array[first:end], span), record)
        except EmptyInStackError as error:
            raise _empty(name(first + error.number)) from error

    def name(number: int) -> str:
        return name_of(None, number)

    return Given(len(array), read, name)


def _of_items(items: list[Any], like: ArraySource, record: PictureRecord) -> Given:
    for number, item in enumerate(items):
        if is_table(item):
            raise UserError(
                f"item {number} is a table", wanted=f"the net takes pictures, as {like.name}"
            )
    laid = [_laid(item) for item in items]
    arrays = [item for item in laid if isinstance(item, np.ndarray)]
    reader = _reader(like, record, span_of(arrays, record.span) if arrays else None)

    def read(first: int, end: int) -> Bytes:
        return np.stack([reader(laid[i], name(i)) for i in range(first, end)])

    def name(number: int) -> str:
        return name_of(items[number], number)

    return Given(len(items), read, name)


def _laid(item: Any) -> Any:
    if not isinstance(item, np.ndarray):
        return item
    check_real(item)
    return picture_laid_out(item)


def _reader(
    like: ArraySource, record: PictureRecord, span: Span | None
) -> Callable[[Any, str], Any]:
    """Reads one path, Pillow image or array (h, w, c) of the name given with it."""

    def read(item: Any, name: str) -> Any:
        if isinstance(item, Image.Image):
            try:
                return brought(flat_of(item, opened_gray(record), record.span), record).pixels
            except EmptyPictureError as error:
                raise _empty(name) from error
            except UnreadableError as error:
                raise UserError(f"picture '{name}' cannot be read: {error}") from error
        if isinstance(item, np.ndarray):
            try:
                return read_stack(to_bytes(item[None], span), record)[0]
            except EmptyInStackError as error:
                raise _empty(name) from error
        return read_input(Path(item), like).array

    return read


def _empty(name: str) -> UserError:
    return UserError(f"picture '{name}' is empty: every pixel has the same brightness")
