"""Floor 2. IDX files, the format MNIST comes in: big-endian header, then bytes; gzipped or not."""

from __future__ import annotations

import gzip
import hashlib
import math
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError, Where
from mycaffe_py.inflation import InflationError, check_inflation

# The third byte of the magic number is the element type (8 = unsigned byte), the fourth the number
# of axes.
LABELS_MAGIC = 0x00000801
IMAGES_MAGIC = 0x00000803

_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK_BYTES = 1 << 20
# A header may announce anything; nothing near this size is an MNIST-like set.
_LIMIT_BYTES = 1 << 32


def read_images(path: Path, sha256: str | None = None) -> NDArray[np.uint8]:
    """Images (n, H, W) of an IDX file; `sha256` (hex, of the uncompressed file) is checked."""
    return _read(path, IMAGES_MAGIC, sha256)


def read_labels(path: Path, sha256: str | None = None) -> NDArray[np.uint8]:
    """Labels (n,) of an IDX file; `sha256` (hex, of the uncompressed file) is checked."""
    return _read(path, LABELS_MAGIC, sha256)


def _read(path: Path, magic: int, sha256: str | None) -> NDArray[np.uint8]:
    where = Where(str(path))
    try:
        with path.open("rb") as raw:
            zipped = raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
            header, shape = _read_header(stream, magic, where)
            if zipped:
                check_inflation(math.prod(shape), path.stat().st_size)
            body = _read_body(stream, shape, where)
    except FileNotFoundError as error:
        raise UserError("this file is missing", where=where) from error
    except EOFError as error:
        raise UserError(
            "the gzip file ends too early", where=where, do="Fetch it again."
        ) from error
    except (OSError, zlib.error, InflationError) as error:
        raise UserError(f"this file cannot be read: {error}", where=where) from error
    if sha256 is not None:
        _check_sum(header, body, sha256, where)
    return np.frombuffer(body, dtype=np.uint8).reshape(shape)


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


def _read_body(stream: BinaryIO, shape: tuple[int, ...], where: Where) -> bytearray:
    """Exactly the bytes that `shape` needs; memory grows only with what is really there."""
    size = math.prod(shape)
    if size > _LIMIT_BYTES:
        raise UserError(f"the header announces {size} bytes, shape {shape}", where=where)
    body = bytearray()
    while len(body) < size:
        chunk = stream.read(min(_CHUNK_BYTES, size - len(body)))
        if not chunk:
            raise UserError(
                f"the file ends after {len(body)} of {size} bytes",
                where=where,
                wanted=f"its header announces shape {shape}",
                do="Fetch it again.",
            )
        body += chunk
    if stream.read(1):
        raise UserError(
            f"the file goes on after {size} bytes",
            where=where,
            wanted=f"its header announces shape {shape}",
        )
    return body


def _check_sum(header: bytes, body: bytearray, sha256: str, where: Where) -> None:
    digest = hashlib.sha256(header)
    digest.update(body)
    if digest.hexdigest() != sha256:
        raise UserError(
            f"its uncompressed bytes have sha256 {digest.hexdigest()}",
            where=where,
            wanted=f"this MNIST file has sha256 {sha256}",
            do="Fetch it again; a set of your own: 'mycaffe dataset create mnist --no-check'.",
        )
