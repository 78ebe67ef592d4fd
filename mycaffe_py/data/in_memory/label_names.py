"""Labels of any kind become class numbers with names."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.label_match import name_key
from mycaffe_py.errors import UserError


class LabelNames:
    """The classes of all splits of a data set, numbered from 0 in the order of their values.

    Values that cannot be ordered are numbered as they come up. A class is called by `str` of its
    value, or by `repr` where two would have one name. Values that Python calls equal, such as 1 and
    1.0, are one class.
    """

    def __init__(self, splits: Iterable[Sequence[Hashable]]) -> None:
        """Errors: a label that cannot be one, such as a list or NaN."""
        found: dict[Any, None] = {}
        for labels in splits:
            for label in labels:
                found.setdefault(_checked(label))
        self.values = _ordered(list(found))
        self.numbers = {value: number for number, value in enumerate(self.values)}
        self.names = dict(enumerate(_names(self.values)))

    def of(self, labels: Sequence[Hashable]) -> NDArray[np.int64]:
        """(n,) the class numbers of `labels`."""
        return np.array([self.numbers[_plain(label)] for label in labels], np.int64)

    def names_of(self, numbers: NDArray[np.int64]) -> dict[int, str]:
        """The names of those classes that are among `numbers`."""
        return {number: self.names[number] for number in np.unique(numbers).tolist()}


def _plain(label: Any) -> Any:
    """A number or a word of numpy's as Python's own, so that it is called as it is printed."""
    return label.item() if isinstance(label, np.generic) else label


def _checked(label: Any) -> Any:
    plain = _plain(label)
    try:
        hash(plain)
    except TypeError:
        raise UserError(
            f"a label is a {type(label).__name__}",
            wanted="a label is one value for each image: a word, a number, or anything hashable",
        ) from None
    if plain != plain:
        raise UserError("a label is NaN", wanted="every image has a class")
    return plain


def _ordered(values: list[Any]) -> list[Any]:
    try:
        return sorted(values)
    except TypeError:
        return values


def _names(values: list[Any]) -> list[str]:
    names = [str(value) for value in values]
    keys = [name_key(name) for name in names]
    return [
        repr(value) if not key or keys.count(key) > 1 else name
        for value, name, key in zip(values, names, keys, strict=True)
    ]
