"""Plain values (of JSON) as frozen dataclasses: the fields and their types are the schema.

Types are int, float (finite), bool, str, `X | None`, tuple[X, ...] or tuple[X, X], Sequence[X],
Mapping or dict by str or int, NDArray of a number type, other such dataclasses, and Any. A field
with a default may be missing; one that is not known, as a later version may write, is passed over.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")
_WHOLE = re.compile(r"-?[0-9]{1,20}", re.ASCII)


class DamagedError(ValueError):
    """What was read is not what was written; the text says what, and where in it."""


@dataclass(frozen=True)
class Bounds:
    """The least and the greatest number of a field: Annotated[int, Bounds(0, 9)]."""

    least: float
    most: float


@dataclass(frozen=True)
class Axes:
    """The number of axes of an array: Annotated[NDArray[np.float32], Axes(2)]."""

    count: int


_NAME = object()
# Of a file or a data set.
Name = Annotated[str, _NAME]
Count = Annotated[int, Bounds(0, 2**63 - 1)]
Positive = Annotated[int, Bounds(1, 2**63 - 1)]
# Any integer of 64 bits, with a sign or without.
_ANY_INT = Bounds(-(2**63), 2**64 - 1)
# What NDArray[number] is made of: ndarray, but an alias with a name of its own in numpy 2.5 from
# Python 3.12 on.
_ARRAY = get_origin(NDArray[np.int64])
_ANY_FLOAT = Bounds(-1.7e308, 1.7e308)


def fit(value: Any, kind: type[T], place: str = "") -> T:
    """A plain value as a `kind`, field by field. Errors: DamagedError, which names the field."""
    made: T = _fit(value, kind, place)
    return made


def _fit(value: Any, kind: Any, place: str, bounds: Any = None) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if origin is Annotated:
        return _fit(value, inner[0], place, inner[1])
    if origin in (Union, UnionType):
        some = next(kind for kind in inner if kind is not NoneType)
        return None if value is None else _fit(value, some, place, bounds)
    if origin in (tuple, Sequence):
        return _items(value, inner, place)
    if origin in (dict, Mapping):
        fields = _of_type(value, dict, "an object", place)
        named = [(key, f"{place}.{_short(key)}") for key in fields]
        return {_key(k, inner[0], at): _fit(fields[k], inner[1], at) for k, at in named}
    if origin in (np.ndarray, _ARRAY):
        # ndarray[shape, dtype[number]] is written out, or NDArray[number] keeps its name.
        number = get_args(inner[-1])[0] if origin is np.ndarray else inner[0]
        return _array(value, np.dtype(number), place, bounds)
    if dataclasses.is_dataclass(kind):
        return _record(value, kind, place)
    return _PLAIN[kind](value, place, bounds)


def _record(value: Any, kind: Any, place: str) -> Any:
    fields = _of_type(value, dict, "an object", place)
    found = {}
    for name, inner, needed in _fields(kind):
        at = f"{place}.{name}" if place else name
        if name in fields:
            found[name] = _fit(fields[name], inner, at)
        elif needed:
            raise DamagedError(f"{at} is missing")
    return kind(**found)


@cache
def _fields(kind: Any) -> list[tuple[str, Any, bool]]:
    """Name, type and whether it must be there, of each field."""
    hints = get_type_hints(kind, include_extras=True)
    none = dataclasses.MISSING
    return [
        (f.name, hints[f.name], f.default is none and f.default_factory is none)
        for f in dataclasses.fields(kind)
    ]


def _items(value: Any, inner: tuple[Any, ...], place: str) -> tuple[Any, ...]:
    items = _of_type(value, list, "a list", place)
    if len(inner) > 1 and inner[1] is not ... and len(items) != len(inner):
        raise DamagedError(f"{place}: {len(inner)} values were expected, {len(items)} found")
    return tuple(_fit(item, inner[0], f"{place}[{i}]") for i, item in enumerate(items))


def _key(key: str, kind: Any, place: str) -> Any:
    """The key of a mapping: JSON keys are texts, also where they stand for label numbers."""
    if kind is not int:
        return _str(key, place, None)
    if not _WHOLE.fullmatch(key):
        raise DamagedError(f"{place}: a number was expected as the name")
    return _int(int(key), place, None)


def _of_type(value: Any, kind: type | tuple[type, ...], wanted: str, place: str) -> Any:
    # To Python true is an integer, too.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DamagedError(f"{place or 'all of it'}: {wanted} was expected, {_told(value)} found")
    return value


def _int(value: Any, place: str, bounds: Bounds | None) -> int:
    number = _of_type(value, (int, float), "an integer", place)
    if isinstance(number, float) and not number.is_integer():
        raise DamagedError(f"{place}: an integer was expected, {_told(number)} found")
    return int(_bounded(number, place, bounds or _ANY_INT))


def _float(value: Any, place: str, bounds: Bounds | None) -> float:
    number = _of_type(value, (int, float), "a number", place)
    return float(_bounded(number, place, bounds or _ANY_FLOAT))


def _bool(value: Any, place: str, bounds: None) -> bool:
    return bool(_of_type(value, bool, "true or false", place))


def _str(value: Any, place: str, name: object) -> str:
    text = str(_of_type(value, str, "a text", place))
    if name is _NAME and not _can_be_a_name(text):
        raise DamagedError(f"{place}: a name was expected, and no file can be called so")
    return text


def _can_be_a_name(text: str) -> bool:
    try:
        return b"\0" not in os.fsencode(text)
    except UnicodeEncodeError:
        return False


def _bounded(number: Any, place: str, bounds: Bounds) -> Any:
    if not bounds.least <= number <= bounds.most:
        raise DamagedError(
            f"{place}: {bounds.least} to {bounds.most} was expected, {_told(number)} found"
        )
    return number


def _array(value: Any, dtype: np.dtype[Any], place: str, axes: Axes | None) -> NDArray[Any]:
    _of_type(value, list, "a list of numbers", place)
    try:
        found = np.array(value) if value else np.zeros(0, dtype)
    except (ValueError, OverflowError):
        raise DamagedError(f"{place}: lists of one length were expected") from None
    whole = dtype.kind in "iu"
    if found.size and found.dtype.kind not in ("iu" if whole else "iuf"):
        raise DamagedError(f"{place}: {'whole ' * whole}numbers were expected")
    with np.errstate(over="ignore", invalid="ignore"):
        made: NDArray[Any] = found.astype(dtype)
    if (whole and (made != found).any()) or not np.isfinite(made).all():
        raise DamagedError(f"{place}: a number is too large")
    if axes is None or made.ndim == axes.count:
        return made
    if made.size:
        raise DamagedError(f"{place}: {axes.count} axes were expected, {made.ndim} found")
    return made.reshape((0,) * axes.count)


def _told(value: Any) -> str:
    """What a value is, in a word or two."""
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return f"{value:.6g}" if abs(value) < 1e300 else "a huge number"
    kinds: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}
    return kinds[type(value)]


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


_PLAIN: dict[Any, Callable[[Any, str, Any], Any]] = {
    int: _int, float: _float, bool: _bool, str: _str,
}  # fmt: skip
