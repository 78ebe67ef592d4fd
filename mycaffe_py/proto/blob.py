"""A BlobProto, Caffe's message of one array with its shape: read and written as bytes.

Weights, solver states, mean images, matrices of losses and scripts all hold arrays in this form.
NVCaffe and OpenCV also write values as raw bytes of some type, half precision above all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from mycaffe_py.array_types import Array
from mycaffe_py.files.plain_file import read_plain
from mycaffe_py.proto.binary import without_trailer
from mycaffe_py.proto.wire import (
    BYTES,
    FIXED32,
    FIXED64,
    VARINT,
    WireError,
    bytes_header,
    encode,
    fields,
    varints,
    write_varint,
)

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
    _DIFF: (np.dtype("<f4"), FIXED32),
    _DOUBLE_DIFF: (np.dtype("<f8"), FIXED64),
}
# NVCaffe's raw values: the number of their type beside that of their bytes, and what types mean.
_RAW_TYPE, _RAW_DIFF_TYPE, _RAW, _RAW_DIFF = 10, 11, 12, 13
_HALF = 2
_RAW_KINDS = ("<f8", "<f4", "<f2", "<i4", "<u4", "u1")


@dataclass(frozen=True)
class StoredBlob:
    """An array as a file holds it.

    `legacy` marks the four-number form (num, channels, ...), `from_mycaffe` what MyCaffe wrote.
    `shaped` says whether the file gives a shape; without one the values stand in one axis, and a
    single value in none.
    """

    array: Array
    legacy: bool = False
    from_mycaffe: bool = False
    shaped: bool = True

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
    if array.dtype == np.float16:
        raw = [(_RAW_TYPE, _RAW, array)]
        raw += [] if diff is None else [(_RAW_DIFF_TYPE, _RAW_DIFF, diff)]
        return [
            (encode(kind, VARINT, _HALF) + bytes_header(number, part.nbytes), part)
            for kind, number, part in raw
        ]
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
    """Write a float32, float64 or float16 array as a BlobProto: packed values, then the shape.

    `diff`, of the same shape and kind, is written behind the values.
    """
    for head, part in _parts(array, diff):
        file.write(head)
        file.write(np.ascontiguousarray(part, part.dtype.newbyteorder("<")).data)
    file.write(_packed_shape(array))


def read_blob_file(path: Path) -> StoredBlob:
    """The array of the BlobProto that is the whole of a plain file.

    Errors: OSError for a file that cannot be read, ValueError for a name that no file can have,
    and as read_blob.
    """
    return read_blob(without_trailer(memoryview(read_plain(path)))[0])


def read_blob(data: memoryview, *, diff: bool = False) -> StoredBlob:
    """The array of a BlobProto, a view of `data` where it stands in one piece.

    With `diff` it holds the gradients in place of the values. Raw values count where there are no
    others, and become floats: of half precision single ones, which hold them all.

    Raises WireError where shape and values disagree, before anything is allocated.
    """
    single, double = (_DIFF, _DOUBLE_DIFF) if diff else (_DATA, _DOUBLE)
    legacy: dict[int, int] = {}
    shape: tuple[int, ...] | None = None
    pieces: dict[int, list[memoryview]] = {single: [], double: []}
    raw_type, raw = (_RAW_DIFF_TYPE, _RAW_DIFF) if diff else (_RAW_TYPE, _RAW)
    raw_kind, raw_values = 0, memoryview(b"")
    for number, kind, value in fields(data):
        if kind == VARINT and number in _LEGACY and isinstance(value, int):
            legacy[number] = value
        elif kind == VARINT and number == raw_type and isinstance(value, int):
            raw_kind = value
        elif kind == BYTES and number == raw and isinstance(value, memoryview):
            raw_values = value
        elif isinstance(value, memoryview) and kind == BYTES and number == _SHAPE:
            shape = _dims(value)
        elif isinstance(value, memoryview) and number in pieces:
            if kind not in (BYTES, _KINDS[number][1]):
                raise WireError("it holds blob values of the wrong kind")
            pieces[number].append(value)
            if len(pieces[number]) > _MAX_PIECES:
                raise WireError("it holds blob values in thousands of pieces")
    number = double if pieces[double] else single
    if raw_values and not pieces[number]:
        values = _raw(raw_values, raw_kind)
    else:
        values = _join(pieces[number], _KINDS[number][0])
    if legacy:
        shape = tuple(legacy.get(n, 0) for n in _LEGACY)
    shaped = shape is not None
    if shape is None:
        shape = (len(values),) if len(values) != 1 else ()
    check_extents(shape)
    if _count(shape) != len(values):
        raise WireError(f"a blob of shape {shape} with {len(values)} values")
    return StoredBlob(values.reshape(shape), bool(legacy), shaped=shaped)


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
    """The number of values, in Python integers, which do not overflow on hostile extents."""
    total = 1
    for extent in shape:
        total *= extent
    return total


def _raw(data: memoryview, kind: int) -> Array:
    """Raw values as floats: what does not fit single precision becomes double."""
    if kind >= len(_RAW_KINDS):
        raise WireError(f"it holds raw values of the unknown type {kind}")
    values = _join([data], np.dtype(_RAW_KINDS[kind]))
    if values.dtype.kind == "f" and values.itemsize > 2:
        return values
    return values.astype(np.float64 if values.itemsize > 2 else np.float32)


def _join(pieces: list[memoryview], dtype: np.dtype[Any]) -> Array:
    if any(len(piece) % dtype.itemsize for piece in pieces):
        raise WireError("it ends inside a value")
    if len(pieces) == 1:
        return np.frombuffer(pieces[0], dtype)
    return np.frombuffer(b"".join(pieces), dtype)
