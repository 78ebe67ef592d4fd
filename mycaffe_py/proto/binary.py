"""Binary messages in files: how much of a file is read, and where its message ends."""

from __future__ import annotations

from typing import BinaryIO

from mycaffe_py.proto.wire import WireError

_MARK = b"mycaffe.ai"
_ZEROS_BYTES = 256
_PART_BYTES = 1 << 20
_TRAILER_BYTES = 316


def read_at_most(stream: BinaryIO, most: int) -> bytes:
    """The bytes of the stream, at most `most`; read(most) would allocate that many beforehand."""
    parts: list[bytes] = []
    left = most
    while left and (part := stream.read(min(left, _PART_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def without_trailer(data: memoryview) -> tuple[memoryview, bool]:
    """`data` without what MyCaffe puts behind its weights, and whether that was there.

    MyCaffe ends a file with 256 zeros, its mark, a version in 32 bytes, the place of the mark in 8
    (lowest byte first) and the mark again. Raises WireError when that place cannot be.
    """
    if len(data) < _TRAILER_BYTES or data[-len(_MARK) :] != _MARK:
        return data, False
    place = int.from_bytes(data[-len(_MARK) - 8 : -len(_MARK)], "little", signed=True)
    if not _ZEROS_BYTES <= place < len(data):
        raise WireError("its trailer points outside the file")
    return data[: place - _ZEROS_BYTES], True
