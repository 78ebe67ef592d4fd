"""Floor 2. One BlobProto: an array with its shape, on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from mycaffe_py.proto.wire import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    WireError,
    bytes_header,
    fields,
    varints,
    write_varint,
)

Array = npt.NDArray[Any]

# Caffe's limit, and more numbers than any file holds: numpy refuses to shape such arrays.
_MAX_AXES = 32
_MAX_COUNT = 1 << 40
# Values come in one piece, or in a few where somebody joined two files.
_MAX_PIECES = 1 << 10

_LEGACY = (1, 2, 3, 4)
_DATA, _DIFF, _SHAPE, _DOUBLE, _DOUBLE_DIFF = 5, 6, 7, 8, 9
_KINDS: dict[int, tuple[np.dtype[Any], int]] = {
    _DATA: (np.dtype("<f4"), FIXED32),
    _DOUBLE: (np.dtype("<f8"), FIXED64),
}


@dataclass(frozen=True)
class StoredBlob:
    """An array as a file holds it.

    `legacy` marks the four-number form (num, channels, ...), `from_mycaffe` what MyCaffe wrote.
    """

    array: Array
    legacy: bool = False
    from_mycaffe: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The stored shape."""
        return self.array.shape

    def agrees(self, shape: tuple[int, ...]) -> bool:
        """Caffe's rule: equal, or for the legacy form equal behind leading ones.

        MyCaffe's rule for its own files: equal but for axes of size 1, of which it adds some.
        """
        if self.from_mycaffe:
            return [n for n in self.shape if n != 1] == [n for n in shape if n != 1]
        if not self.legacy:
            return self.shape == shape
        return len(shape) <= 4 and (1,) * (4 - len(shape)) + shape == self.shape


def _packed_shape(array: Array) -> bytes:
    """The shape's message; none for a blob without axes, as OpenCV stops at an empty one."""
    if not array.shape:
        return b""
    dims = b"".join(write_varint(extent) for extent in array.shape)
    inner = bytes_header(1, len(dims)) + dims
    return bytes_header(_SHAPE, len(inner)) + inner


def _parts(array: Array, diff: Array | None) -> list[tuple[bytes, Array]]:
    """The values, and the diff where there is one, each with what stands before it."""
    double = array.dtype == np.float64
    parts = {_DOUBLE if double else _DATA: array}
    if diff is not None:
        parts[_DOUBLE_DIFF if double else _DIFF] = diff
    return [(bytes_header(number, part.nbytes), part) for number, part in parts.items()]


def blob_size(array: Array, diff: Array | None = None) -> int:
    """Bytes that write_blob writes."""
    parts = sum(len(head) + part.nbytes for head, part in _parts(array, diff))
    return parts + len(_packed_shape(array))


def write_blob(file: BinaryIO, array: Array, diff: Array | None = None) -> None:
    """Write a float32 or float64 array as a BlobProto: packed values, then the shape.

    `diff`, of the same shape and kind, is written behind the values.
    """
    for head, part in _parts(array, diff):
        file.write(head)
        file.write(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).data)
    file.write(_packed_shape(array))


def read_blob(data: memoryview) -> StoredBlob:
    """The array of a BlobProto, a view of `data` where it stands in one piece.

    Raises WireError where shape and values disagree, before anything is allocated.
    """
    legacy: dict[int, int] = {}
    shape: tuple[int, ...] | None = None
    pieces: dict[int, list[memoryview]] = {_DATA: [], _DOUBLE: []}
    for number, kind, value in fields(data):
        if kind == VARINT and number in _LEGACY and isinstance(value, int):
            legacy[number] = value
        elif isinstance(value, memoryview) and kind == BYTES and number == _SHAPE:
            shape = _dims(value)
        elif isinstance(value, memoryview) and number in _KINDS:
            if kind not in (BYTES, _KINDS[number][1]):
                raise WireError("it holds blob values of the wrong kind")
            pieces[number].append(value)
            if len(pieces[number]) > _MAX_PIECES:
                raise WireError("it holds blob values in thousands of pieces")
    number = _DOUBLE if pieces[_DOUBLE] else _DATA
    values = _join(pieces[number], _KINDS[number][0])
    if legacy:
        shape = tuple(legacy.get(n, 0) for n in _LEGACY)
    if shape is None:
        shape = (len(values),) if len(values) != 1 else ()
    check_extents(shape)
    if _count(shape) != len(values):
        raise WireError(f"a blob of shape {shape} holds {len(values)} values")
    return StoredBlob(values.reshape(shape), bool(legacy))


def _dims(data: memoryview) -> tuple[int, ...]:
    found: list[int] = []
    for number, _kind, value in fields(data):
        if number == 1:
            found += varints(value) if isinstance(value, memoryview) else [value]
            if len(found) > _MAX_AXES:
                raise WireError(f"a blob of more than {_MAX_AXES} axes has impossible sizes")
    return tuple(found)


def check_extents(shape: tuple[int, ...]) -> None:
    """Raise WireError for a shape that no array can have."""
    if len(shape) > _MAX_AXES or _count(tuple(extent or 1 for extent in shape)) > _MAX_COUNT:
        raise WireError(f"a blob of {len(shape)} axes has impossible sizes")


def _count(shape: tuple[int, ...]) -> int:
    """In Python integers, which do not overflow on hostile extents."""
    total = 1
    for extent in shape:
        total *= extent
    return total


def _join(pieces: list[memoryview], dtype: np.dtype[Any]) -> Array:
    if any(len(piece) % dtype.itemsize for piece in pieces):
        raise WireError("it ends inside a value")
    if len(pieces) == 1:
        return np.frombuffer(pieces[0], dtype)
    return np.frombuffer(b"".join(pieces), dtype)
