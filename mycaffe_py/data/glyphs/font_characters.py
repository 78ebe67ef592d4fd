"""Which characters a font file has glyphs for: its table 'cmap', forms 4 and 12.

Pillow draws a box for a character that a font lacks, and does not say so.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from mycaffe_py.files.plain_file import read_plain

_COLLECTION = b"ttcf"
# (platform, encoding) of tables by Unicode numbers, the fullest first.
_UNICODE = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
_LAST = 0x10FFFF


def characters_of(path: Path) -> frozenset[int]:
    """The Unicode numbers of all characters with a glyph; none where the file is no sound font."""
    try:
        data = read_plain(path)
        return frozenset(_characters(data))
    except (OSError, struct.error, ValueError, IndexError):
        return frozenset()


def _characters(data: bytes) -> set[int]:
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == _COLLECTION else 0
    for entry in range(struct.unpack_from(">H", data, start + 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", data, start + 12 + 16 * entry)
        if tag == b"cmap":
            return _of_table(data, offset)
    return set()


def _of_table(data: bytes, table: int) -> set[int]:
    found = {}
    for entry in range(struct.unpack_from(">H", data, table + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", data, table + 4 + 8 * entry)
        found[platform, encoding] = table + offset
    for kind in _UNICODE:
        if kind in found:
            form = struct.unpack_from(">H", data, found[kind])[0]
            if form == 4:
                return _form_4(data, found[kind])
            if form == 12:
                return _form_12(data, found[kind])
    return set()


def _form_4(data: bytes, at: int) -> set[int]:
    """Segments of 16-bit numbers; glyph 0 is that of missing characters."""
    count = struct.unpack_from(">H", data, at + 6)[0] // 2
    words = [
        np.frombuffer(data, ">u2", count, at + 14 + skip).astype(np.int64)
        for skip in (0, 2 * count + 2, 4 * count + 2, 6 * count + 2)
    ]
    found: set[int] = set()
    for place, (end, first, delta, offset) in enumerate(zip(*words, strict=True)):
        numbers = np.arange(first, end + 1)
        if offset:
            glyphs_at = at + 16 + 6 * count + 2 * place + offset
            glyphs = np.frombuffer(data, ">u2", len(numbers), glyphs_at).astype(np.int64)
            glyphs = np.where(glyphs > 0, (glyphs + delta) & 0xFFFF, 0)
        else:
            glyphs = (numbers + delta) & 0xFFFF
        found.update(numbers[(glyphs > 0) & (numbers < 0xFFFF)].tolist())
    return found


def _form_12(data: bytes, at: int) -> set[int]:
    """Groups of 32-bit numbers."""
    found: set[int] = set()
    told = 0
    for group in range(struct.unpack_from(">I", data, at + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * group)
        if not first <= last <= _LAST:
            raise ValueError(f"characters {first} to {last}")
        told += last - first + 1
        if told > _LAST:
            raise ValueError("more characters than there are")
        found.update(range(first if glyph else first + 1, last + 1))
    return found
