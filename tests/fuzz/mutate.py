"""Damaged files, made from valid ones by chance; equal random numbers make equal files."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence
from random import Random

Change = Callable[[bytearray, Random], None]

_NUMBERS = (
    0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 1 << 16, 1 << 24,
    2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40, 2**63 - 1, 2**63, 2**64 - 1,
)  # fmt: skip
_DIGITS = re.compile(rb"[0-9]+")
_WRITTEN = (
    b"0", b"-1", b"1e400", b"nan", b"99999999999999999999", b"2147483648", b"9" * 400, b"1.5", b"",
)  # fmt: skip
_LONGEST_BLOCK = 4096


def damaged(samples: Sequence[bytes], words: Sequence[bytes], random: Random) -> bytes:
    """One of the samples with one to eight changes."""
    data = bytearray(random.choice(samples))
    changes = [*_CHANGES, _spliced(samples)]
    if words:
        changes += [_worded(words)] * 4
    for _ in range(random.choice((1, 1, 1, 2, 3, 5, 8))):
        random.choice(changes)(data, random)
    return bytes(data)


def _place(data: bytearray, random: Random) -> int:
    """Mostly near the front, where files keep their headers."""
    end = len(data)
    return random.randrange(min(end, 256) if random.random() < 0.4 else end) if end else 0


def _block(data: bytearray, random: Random) -> slice:
    first = _place(data, random)
    return slice(first, first + 1 + random.randrange(random.choice((4, 64, _LONGEST_BLOCK))))


def _flip(data: bytearray, random: Random) -> None:
    if data:
        data[_place(data, random)] ^= 1 << random.randrange(8)


def _byte(data: bytearray, random: Random) -> None:
    if data:
        data[_place(data, random)] = random.randrange(256)


def _number(data: bytearray, random: Random) -> None:
    """A number of 1 to 8 bytes, at a place where lengths stand: its own multiple, mostly."""
    size, code = random.choice(((1, "B"), (2, "H"), (4, "I"), (8, "Q")))
    place = _place(data, random)
    if random.random() < 0.7:
        place -= place % size
    number = random.choice(_NUMBERS)
    if random.random() < 0.2:
        number = len(data) + random.randrange(-8, 9)
    packed = struct.pack(random.choice("<>") + code, number % (1 << 8 * size))
    data[place : place + size] = packed


def _cut(data: bytearray, random: Random) -> None:
    del data[_place(data, random) :]


def _remove(data: bytearray, random: Random) -> None:
    del data[_block(data, random)]


def _repeat(data: bytearray, random: Random) -> None:
    block = _block(data, random)
    data[block.start : block.start] = data[block] * random.choice((1, 2, 10))


def _swap(data: bytearray, random: Random) -> None:
    first, second = _place(data, random), _place(data, random)
    size = random.choice((4, 64, _LONGEST_BLOCK))
    one, other = data[first : first + size], data[second : second + size]
    same = min(len(one), len(other))
    data[first : first + same], data[second : second + same] = other[:same], one[:same]


def _fill(data: bytearray, random: Random) -> None:
    block = _block(data, random)
    data[block] = bytes([random.choice((0, 0xFF, random.randrange(256)))]) * len(data[block])


def _written_number(data: bytearray, random: Random) -> None:
    """In texts: one of the numbers becomes another."""
    found = list(_DIGITS.finditer(bytes(data[: 1 << 16])))
    if found:
        match = random.choice(found)
        data[match.start() : match.end()] = random.choice(_WRITTEN)


def _spliced(samples: Sequence[bytes]) -> Change:
    def splice(data: bytearray, random: Random) -> None:
        other = bytearray(random.choice(samples))
        data[_block(data, random)] = other[_block(other, random)]

    return splice


def _worded(words: Sequence[bytes]) -> Change:
    def word(data: bytearray, random: Random) -> None:
        place = _place(data, random)
        old = len(random.choice(words)) if random.random() < 0.5 else 0
        data[place : place + old] = random.choice(words)

    return word


_CHANGES: tuple[Change, ...] = (
    _flip, _flip, _byte, _byte, _number, _number, _number, _cut, _remove, _repeat, _swap, _fill,
    _written_number,
)  # fmt: skip
