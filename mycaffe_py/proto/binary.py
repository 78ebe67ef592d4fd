"""Floor 1. Binary messages in files: mean images, old solver states, whole models."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from google.protobuf.message import DecodeError, Message

from mycaffe_py.errors import UserError
from mycaffe_py.proto.wire import WireError

M = TypeVar("M", bound=Message)

# Protobuf refuses longer messages, and so does Caffe.
MAX_MESSAGE_BYTES = 2**31 - 1

_MARK = b"mycaffe.ai"
_ZEROS_BYTES = 256
_PART_BYTES = 1 << 20
_TRAILER_BYTES = 316


def read_binary(path: str | Path, message_class: type[M]) -> M:
    """The message in the binary file at `path`; a trailer of MyCaffe's is passed over.

    Raises UserError for a file that is missing, too big, truncated or something else.
    """
    try:
        with Path(path).open("rb") as stream:
            raw = read_at_most(stream, MAX_MESSAGE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot read '{path}': {reason}") from error
    name = message_class.DESCRIPTOR.name
    if len(raw) > MAX_MESSAGE_BYTES:
        raise UserError(f"'{path}' is too big for a {name}", wanted="at most 2 GiB")
    message = message_class()
    parse: Any = message.ParseFromString
    try:
        parse(without_trailer(memoryview(raw))[0])
    except (DecodeError, WireError) as error:
        raise UserError(
            f"'{path}' is no {name}, or a damaged one",
            wanted=f"a binary {name} as Caffe writes it",
            do="Was the file copied whole?",
        ) from error
    return message


def read_at_most(stream: BinaryIO, most: int) -> bytes:
    """What is there, up to `most` bytes; read(most) makes room for all of them beforehand."""
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
