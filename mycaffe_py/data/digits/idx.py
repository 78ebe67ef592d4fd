"""IDX files, the format MNIST comes in: big-endian header, then bytes; gzipped or not."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError, Where, reason_of
from mycaffe_py.files.inflation import InflationError, check_inflation

# The third byte of the magic number is the element type (8 = unsigned byte), the fourth the number
# of axes.
LABELS_MAGIC = 0x00000801
IMAGES_MAGIC = 0x00000803

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20
# A header may announce anything; nothing near this size is an MNIST-like set.
_LIMIT_BYTES = 1 << 32


def image_blocks(path: Path, sha256: str | None = None) -> Iterator[NDArray[np.uint8]]:
    """Images (m, H, W) of an IDX file, some at a time; behind the last, `sha256` (hex, of the
    uncompressed file) is checked."""
    return _blocks(path, IMAGES_MAGIC, sha256)


def read_labels(path: Path, sha256: str | None = None) -> NDArray[np.uint8]:
    """Labels (n,) of an IDX file; `sha256` (hex, of the uncompressed file) is checked."""
    return np.concatenate(list(_blocks(path, LABELS_MAGIC, sha256)))


def _blocks(path: Path, magic: int, sha256: str | None) -> Iterator[NDArray[np.uint8]]:
    where = Where(str(path))
    digest = hashlib.sha256()
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
            header, shape = _read_header(stream, magic, where)
            digest.update(header)
            if zipped:
                check_inflation(math.prod(shape), path.stat().st_size)
            for block in _read_body(stream, shape, where):
                digest.update(block)
                yield np.frombuffer(block, np.uint8).reshape(-1, *shape[1:])
    except FileNotFoundError as error:
        raise UserError("this file is missing", where=where) from error
    except EOFError as error:
        raise UserError(
            "the gzip file ends too early", where=where, do="Fetch it again."
        ) from error
    except (OSError, zlib.error, InflationError) as error:
        raise UserError(f"this file cannot be read: {reason_of(error)}", where=where) from error
    if sha256 is not None:
        _check_sum(digest.hexdigest(), sha256, where)


def _read_header(stream: BinaryIO, magic: int, where: Where) -> tuple[bytes, tuple[int, ...]]:
    """The header's bytes, and the shape it announces."""
    axes = magic & 0xFF
    header = stream.read(4 + 4 * axes)
    found = int.from_bytes(header[:4], "big")
    if len(header) >= 4 and found != magic:
        kind = "labels" if magic == LABELS_MAGIC else "images"
        raise UserError(
            f"magic number {found} instead of {magic}",
            where=where,
            wanted=f"an IDX file of {kind} starts with it",
        )
    if len(header) < 4 + 4 * axes:
        raise UserError(
            f"the file ends inside its header, after {len(header)} bytes",
            where=where,
            do="Fetch it again.",
        )
    shape = tuple(int(size) for size in np.frombuffer(header, dtype=">u4", offset=4))
    if 0 in shape:
        raise UserError(f"the header announces an empty shape {shape}", where=where)
    return header, shape


def _read_body(stream: BinaryIO, shape: tuple[int, ...], where: Where) -> Iterator[bytes]:
    """Exactly the bytes that `shape` needs, whole items at a time.

    Memory grows only with what is really there.
    """
    size, item = math.prod(shape), math.prod(shape[1:])
    if size > _LIMIT_BYTES:
        raise UserError(f"the header announces {size} bytes, shape {shape}", where=where)
    done = 0
    block = max(1, _CHUNK_BYTES // item) * item
    while done < size:
        chunk = stream.read(min(block, size - done))
        done += len(chunk)
        if len(chunk) % item or not chunk:
            raise UserError(
                f"the file ends after {done} of {size} bytes",
                where=where,
                wanted=f"its header announces shape {shape}",
                do="Fetch it again.",
            )
        yield chunk
    if stream.read(1):
        raise UserError(
            f"the file goes on after {size} bytes",
            where=where,
            wanted=f"its header announces shape {shape}",
        )


def _check_sum(found: str, wanted: str, where: Where) -> None:
    if found != wanted:
        raise UserError(
            f"its uncompressed bytes have sha256 {found}",
            where=where,
            wanted=f"this MNIST file has sha256 {wanted}",
            do="Fetch it again; a set of your own: 'mycaffe dataset create mnist --no-check'.",
        )
