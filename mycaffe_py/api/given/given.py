"""What a program gives, ready to be read part by part as a net takes it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mycaffe_py.data.array_source import Images
from mycaffe_py.errors import UserError

WANTED = "paths, Pillow images, or arrays of numbers; one of them, or a list"


@dataclass(frozen=True)
class Given:
    """`count` inputs; `read(first, end)` gives them as (n, C, H, W), before the net's transform.

    `name` tells which one a number is, for people.
    """

    count: int
    read: Callable[[int, int], Images]
    name: Callable[[int], str]

    def parts(self, size: int) -> Iterator[Images]:
        """All of them, `size` at a time."""
        for first in range(0, self.count, size):
            yield self.read(first, min(first + size, self.count))


def items_of(given: Any) -> list[Any] | np.ndarray[Any, Any]:
    """One array as it is, or a list of paths, Pillow images, tables and arrays.

    Errors: something else; an empty list.
    """
    if isinstance(given, str | os.PathLike | Image.Image) or is_table(given):
        return [given]
    if isinstance(given, bytes | Mapping | set) or given is None or np.isscalar(given):
        raise _refused(given)
    if hasattr(given, "__array__"):
        array = np.asarray(given)
        if array.dtype.kind not in "OU" or array.ndim != 1:
            return array
        given = array.tolist()
    if not isinstance(given, Iterable):
        raise _refused(given)
    items = list(given)
    if not items:
        raise UserError("an empty list is given", wanted=f"at least one of: {WANTED}")
    if _holds_numbers(items[0]):
        return _array_of(items)
    return [_item(item) for item in items]


def is_table(item: Any) -> bool:
    """Whether it is a table with named columns, as pandas and polars have them."""
    return hasattr(item, "columns") and hasattr(item, "__array__")


def name_of(item: Any, number: int) -> str:
    """The file that an item is from, else its number."""
    if isinstance(item, str | os.PathLike):
        return os.fspath(item)
    return str(getattr(item, "filename", "") or f"array[{number}]")


def _holds_numbers(item: Any) -> bool:
    """Whether a list of such items is an array, row by row."""
    while isinstance(item, list | tuple) and item:
        item = item[0]
    return isinstance(item, int | float | np.number) and not isinstance(item, np.ndarray)


def _array_of(rows: Sequence[Any]) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(rows)
    except ValueError as error:
        raise UserError(
            "a list of lists is given whose rows have different lengths", wanted=WANTED
        ) from error


def _item(item: Any) -> Any:
    """A path, Pillow image, table or array of a list."""
    if isinstance(item, str | os.PathLike):
        return Path(item)
    if isinstance(item, Image.Image) or is_table(item):
        return item
    if hasattr(item, "__array__"):
        return np.asarray(item)
    if isinstance(item, list | tuple) and _holds_numbers(item):
        return _array_of(item)
    raise _refused(item, " in a list")


def _refused(given: Any, where: str = "") -> UserError:
    return UserError(f"an object of type {type(given).__name__} is given{where}", wanted=WANTED)
