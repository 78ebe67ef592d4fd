"""Which characters a font has: both forms of the table, and files that are no fonts."""

from __future__ import annotations

import struct
from pathlib import Path

import matplotlib
import pytest

from mycaffe_py.data.glyphs.font_characters import characters_of


def _font(table: bytes, encoding: int = 1) -> bytes:
    """A font file with nothing but a cmap of one table."""
    cmap = struct.pack(">HHHHI", 0, 1, 3, encoding, 12) + table
    head = struct.pack(">4sHHHH", b"\0\1\0\0", 1, 16, 0, 0)
    return head + struct.pack(">4sIII", b"cmap", 0, 28, len(cmap)) + cmap


def _form_4(*segments: tuple[int, int, int, int], glyphs: tuple[int, ...] = ()) -> bytes:
    """Segments (first, last, delta, offset)."""
    firsts, lasts, deltas, offsets = zip(*segments, strict=True)
    words = [4, 0, 0, 2 * len(segments), 0, 0, 0, *lasts, 0, *firsts, *deltas, *offsets, *glyphs]
    return struct.pack(f">{len(words)}H", *words)


def _form_12(*groups: tuple[int, int, int]) -> bytes:
    flat = [number for group in groups for number in group]
    return struct.pack(f">HHIII{len(flat)}I", 12, 0, 0, 0, len(groups), *flat)


def _characters(tmp_path: Path, data: bytes) -> frozenset[int]:
    path = tmp_path / "made.ttf"
    path.write_bytes(data)
    return characters_of(path)


def test_segments_by_difference(tmp_path: Path) -> None:
    """Glyph 0 is that of a missing character: 65 - 65 here."""
    data = _font(_form_4((65, 67, 65536 - 65, 0), (0xFFFF, 0xFFFF, 1, 0)))
    assert _characters(tmp_path, data) == {66, 67}


def test_segments_by_a_list(tmp_path: Path) -> None:
    """The offset counts from itself: past itself and the last segment's, to the list."""
    data = _font(_form_4((70, 72, 0, 4), (0xFFFF, 0xFFFF, 1, 0), glyphs=(5, 0, 7)))
    assert _characters(tmp_path, data) == {70, 72}


def test_groups(tmp_path: Path) -> None:
    data = _font(_form_12((0x10300, 0x10302, 3), (0x61, 0x62, 0)), encoding=10)
    assert _characters(tmp_path, data) == {0x10300, 0x10301, 0x10302, 0x62}


def test_in_a_collection_the_first_font_counts(tmp_path: Path) -> None:
    font = _font(_form_12((97, 99, 1)), encoding=10)
    shifted = font.replace(
        struct.pack(">4sII", b"cmap", 0, 28), struct.pack(">4sII", b"cmap", 0, 44)
    )
    data = struct.pack(">4sIII", b"ttcf", 0x10000, 1, 16) + shifted
    assert _characters(tmp_path, data) == {97, 98, 99}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no font at all, but some words",
        _font(_form_4((65, 67, 0, 9999), (0xFFFF, 0xFFFF, 1, 0))),
        _font(_form_12((5, 4, 1)), encoding=10),
        _font(_form_12((0, 0xFFFFFFFF, 1)), encoding=10),
        _font(_form_12((0, 0x10FFFF, 1), (0, 0x10FFFF, 1)), encoding=10),
        _font(b"")[:30],
    ],
)
def test_no_sound_font_has_no_characters(tmp_path: Path, data: bytes) -> None:
    assert not _characters(tmp_path, data)


def test_a_font_as_it_is() -> None:
    there = characters_of(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf")
    assert {ord("A"), ord("7"), 0x3B1, 0x531} <= there
    assert 0x13000 not in there
