"""A walk over protobuf's wire format that copies nothing.

Weight files reach gigabytes; parsing them into messages would hold the numbers three times. Here
each field is a view of the file, and every length is checked against what is left.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

Field = tuple[int, int, int | memoryview]

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# Of a list that is read number by number; shapes have at most 32.
MOST_NUMBERS = 1 << 10
# Of layers in a net, of blobs in a layer or a state. The largest nets have some thousand; an empty
# one takes two bytes in a file and a thousand in memory.
MOST_PARTS = 1 << 16


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
    """(number, wire type, value) of each field; the value of a BYTES or FIXED field is a view.

    Entries of one FIXED field that follow each other come at once, as if they were packed: files
    of 2014 hold their weights so, and 10^8 numbers are too many for a Python object each.
    """
    place = 0
    while place < len(data):
        start = place
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
        if kind == BYTES:
            yield number, kind, data[place : place + size]
            place += size
            continue
        count = _entries(data[start:], place - start, size)
        yield number, kind, _joined(data[start:], place - start, size, count)
        place = start + count * (place - start + size)


def _entries(data: memoryview, key_bytes: int, size: int) -> int:
    """How many fields of `size` bytes behind the same key as the first one `data` begins with."""
    step = key_bytes + size
    rows = np.frombuffer(data, np.uint8, len(data) // step * step).reshape(-1, step)
    count = look = 1
    while count < len(rows):
        same = (rows[count : count + look, :key_bytes] == rows[0, :key_bytes]).all(axis=1)
        if not same.all():
            return count + int(same.argmin())
        count += len(same)
        # Looks further each time, so that a field on its own costs little and a run few steps.
        look = min(2 * look, 1 << 20)
    return count


def _joined(data: memoryview, key_bytes: int, size: int, count: int) -> memoryview:
    """The values of the first `count` fields, without their keys."""
    if count == 1:
        return data[key_bytes : key_bytes + size]
    step = key_bytes + size
    rows = np.frombuffer(data, np.uint8, count * step).reshape(count, step)
    return memoryview(rows[:, key_bytes:].tobytes())


def check_parts(count: int, what: str) -> None:
    """Raise WireError for more parts than any net has."""
    if count > MOST_PARTS:
        raise WireError(f"it holds more than {MOST_PARTS:,} {what}")


def varints(data: memoryview) -> list[int]:
    """The numbers of a packed field; more than MOST_NUMBERS are refused."""
    found: list[int] = []
    place = 0
    while place < len(data):
        if len(found) == MOST_NUMBERS:
            raise WireError(f"it holds a list of more than {MOST_NUMBERS} numbers")
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


def encode(number: int, kind: int, value: int | memoryview) -> bytes:
    """A field as `fields` gives it, as wire bytes again (a run of FIXED fields one by one)."""
    if isinstance(value, int):
        return write_varint(number << 3 | VARINT) + write_varint(value)
    if kind == BYTES:
        return bytes_header(number, len(value)) + value
    key = write_varint(number << 3 | kind)
    size = 4 if kind == FIXED32 else 8
    return b"".join(key + value[i : i + size] for i in range(0, len(value), size))
