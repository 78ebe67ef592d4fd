"""Floor 1. A walk over protobuf's wire format that copies nothing.

Weight files reach gigabytes; parsing them into messages would hold the numbers three times. Here
each field is a view of the file, and every length is checked against what is left.
"""

from __future__ import annotations

from collections.abc import Iterator

Field = tuple[int, int, int | memoryview]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """Bytes that are no protobuf message."""


def read_varint(data: memoryview, place: int) -> tuple[int, int]:
    """The unsigned integer at `place` and the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if place >= len(data):
            raise WireError("it ends inside a number")
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, place
    raise WireError("it holds a number longer than ten bytes")


def fields(data: memoryview) -> Iterator[Field]:
    """(number, wire type, value) of each field; the value of a BYTES or FIXED field is a view."""
    place = 0
    while place < len(data):
        key, place = read_varint(data, place)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise WireError("it holds a field with number 0")
        if kind == VARINT:
            value, place = read_varint(data, place)
            yield number, kind, value
            continue
        if kind == BYTES:
            size, place = read_varint(data, place)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise WireError(f"it holds a field of unknown kind {kind}")
        if size > len(data) - place:
            raise WireError("it ends inside a field")
        yield number, kind, data[place : place + size]
        place += size


def varints(data: memoryview) -> list[int]:
    """The numbers of a packed field."""
    found = []
    place = 0
    while place < len(data):
        value, place = read_varint(data, place)
        found.append(value)
    return found


def write_varint(value: int) -> bytes:
    """`value` (not negative) as wire bytes."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def bytes_header(number: int, size: int) -> bytes:
    """What stands before the `size` bytes of field `number`."""
    return write_varint(number << 3 | BYTES) + write_varint(size)
