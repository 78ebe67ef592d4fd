"""Arrays in numpy's files, .npy and .npz, judged by their heads before they are read.

numpy's own reader takes a zip or a pickle for an array by how it begins, and makes room for
whatever a header announces.
"""

from __future__ import annotations

import ast
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from mycaffe_py.array_types import Array
from mycaffe_py.files.inflation import check_inflation

_MAGIC = b"\x93NUMPY"
# numpy's limit too; a header is 118 bytes long, mostly.
_MOST_HEADER_BYTES = 10_000
_MOST_AXES = 32
# Truth, numbers, texts: nothing that has to be called to be made.
_KINDS = "biufSU"
_LONG = re.compile(r"\b([0-9]+)L\b")
_KEYS = {"descr", "fortran_order", "shape"}
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 1


class ArrayFileError(ValueError):
    """Why a file holds no arrays."""


def read_npy(path: Path) -> Array:
    """The array of a .npy file. Errors: OSError, ArrayFileError."""
    with path.open("rb") as file:
        return _read(file, path.stat().st_size)


def read_npz(path: Path) -> dict[str, Array]:
    """The arrays of a .npz file by name. Errors: OSError, ArrayFileError."""
    with _as_zip(path) as packed:
        return {
            entry.filename.removesuffix(".npy"): _entry(packed, entry)
            for entry in packed.infolist()
        }


@contextmanager
def _as_zip(path: Path) -> Iterator[zipfile.ZipFile]:
    """The open zip file, which announces no more than it may."""
    try:
        with path.open("rb") as file, closing(zipfile.ZipFile(file)) as packed:
            check_inflation(sum(e.file_size for e in packed.infolist()), path.stat().st_size)
            yield packed
    except ArrayFileError:
        raise
    # What zipfile raises for damaged and for unknown files; RuntimeError where one is encrypted.
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
        raise ArrayFileError(str(error)) from error
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError) as error:
        raise ArrayFileError("it is no whole zip file") from error


def _entry(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Array:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _PACKINGS:
        raise ArrayFileError(f"'{entry.filename}' is encrypted or packed in an unknown way")
    with packed.open(entry) as file:
        return _read(file, entry.file_size)


def _read(file: IO[bytes], size: int) -> Array:
    """The array of a stream of `size` bytes."""
    header_bytes, text = _header(file)
    kind, by_columns, shape = _described(text)
    wanted = math.prod(shape) * kind.itemsize
    if wanted > size - header_bytes:
        raise ArrayFileError(
            f"an array {shape} of {kind} takes {wanted} bytes, and {size - header_bytes} are there"
        )
    values = file.read(wanted)
    if len(values) < wanted:
        raise ArrayFileError("it ends inside its values")
    count = math.prod(shape)
    flat = np.frombuffer(bytearray(values), kind, count) if count else np.empty(0, kind)
    return flat.reshape(shape, order="F" if by_columns else "C")


def _header(file: IO[bytes]) -> tuple[int, str]:
    """Bytes up to the values, and the text that describes them."""
    start = file.read(8)
    if len(start) < 8 or start[:6] != _MAGIC or start[6] not in (1, 2, 3):
        raise ArrayFileError("it is no array of numpy")
    length = file.read(2 if start[6] == 1 else 4)
    size = int.from_bytes(length, "little")
    text = file.read(size) if size <= _MOST_HEADER_BYTES else b""
    if not size or len(text) < size:
        raise ArrayFileError("its header is cut or too long")
    return 8 + len(length) + size, text.decode("utf-8" if start[6] == 3 else "latin-1", "replace")


def _described(text: str) -> tuple[np.dtype[Any], bool, tuple[int, ...]]:
    """Kind of the values, whether they stand column by column, shape."""
    try:
        # Python 2 wrote (3L, 4L).
        found = ast.literal_eval(_LONG.sub(r"\1", text).strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise ArrayFileError("its header cannot be read") from error
    if not isinstance(found, dict) or found.keys() != _KEYS:
        raise ArrayFileError("its header does not describe an array")
    shape, by_columns = found["shape"], found["fortran_order"]
    sizes = shape if isinstance(shape, tuple) else (-1,)
    if len(sizes) > _MOST_AXES or any(type(n) is not int or not 0 <= n < 1 << 63 for n in sizes):
        raise ArrayFileError("its shape is none that an array can have")
    if math.prod(size or 1 for size in sizes) >= 1 << 60:
        raise ArrayFileError("its shape is none that an array can have")
    return _kind(found["descr"]), bool(by_columns), sizes


def _kind(told: object) -> np.dtype[Any]:
    try:
        kind = np.dtype(told) if isinstance(told, str) else None
    except (TypeError, ValueError, SyntaxError) as error:
        raise ArrayFileError("its values are of an unknown kind") from error
    if kind is None or kind.kind not in _KINDS or kind.subdtype is not None:
        raise ArrayFileError("its values are of an unknown kind")
    return kind
