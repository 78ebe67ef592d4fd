"""LMDB's data.mdb, read page by page; no number in it is believed before it is checked.

liblmdb follows a damaged page wherever it points, out of the file, which ends the process with a
bus error. Here every page number, place and length is held against the file first.

The file is a row of pages. Pages 0 and 1 are two versions of its head, the later one counts; it
names the root of a tree whose branches hold page numbers and whose leaves hold records. A record
that is too large for a leaf has pages of its own ("overflow"). Source: lmdb 0.9, mdb.c.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MAGIC, _VERSION = 0xBEEFC0DE, 1
_BRANCH, _LEAF, _OVERFLOW = 1, 2, 4
_KINDS = 0x7F & ~0x10  # all but "dirty", which says nothing of a page on disk
_OWN_PAGES = 1  # of a node: its value stands in overflow pages
_DUPLICATES = 4  # of a tree: several values under one key
_NO_PAGE = 2**64 - 1
_PAGE_HEAD = struct.Struct("<QHHHH")  # number, -, kind, end of the places, begin of the nodes
_NODE_HEAD = struct.Struct("<HHHH")  # length or page in 3 parts, length of the key
_HEAD = struct.Struct("<IIQQ48s48sQQ")  # magic, version, -, -, tree of free pages, tree, last, turn
_TREE = struct.Struct("<IHHQQQQQ")  # page size or -, flags, depth, pages of 3 kinds, records, root
_PAGE_SIZES = [1 << power for power in range(9, 17)]
_MOST_LEVELS = 32
_LEAST_NODE_BYTES = _NODE_HEAD.size + 2


class LmdbError(Exception):
    """Why a file is no LMDB, or where it is damaged."""


@dataclass(frozen=True)
class _Tree:
    """Where a tree begins, and what it holds."""

    flags: int
    depth: int
    records: int
    root: int


@dataclass(frozen=True)
class _LmdbHead:
    """What the file says of itself. The records of the tree `free` list pages that are unused."""

    page_bytes: int
    last_page: int
    turn: int
    free: _Tree
    tree: _Tree


class LmdbFile:
    """The records of a file. Safe to read from several threads. Errors: OSError, LmdbError."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            size = path.stat().st_size
            if size < _PAGE_HEAD.size + _HEAD.size:
                raise LmdbError(f"{path.name} has {size} bytes, which is no whole page")
            self._data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self._head = max(self._heads(), key=_turn)
        self._pages = size // self._head.page_bytes
        self._check(path.name, size)

    @property
    def records(self) -> int:
        """How many records it announces, no more than the file can hold."""
        return self._head.tree.records

    def _heads(self) -> Iterator[_LmdbHead]:
        """One or two versions of the head. Errors: none."""
        first = self._head_at(0)
        # A store whose first head was torn by a loss of power is found by its second one.
        sizes = [first.page_bytes] if first else _PAGE_SIZES
        found = [self._head_at(place) for place in sizes]
        heads = [head for head in (first, *found) if head is not None]
        if not heads:
            raise LmdbError("it does not begin as an LMDB does")
        yield from heads

    def _head_at(self, place: int) -> _LmdbHead | None:
        start = place + _PAGE_HEAD.size
        if start + _HEAD.size > len(self._data):
            return None
        magic, version, _, _, free, tree, last, turn = _HEAD.unpack_from(self._data, start)
        size = int.from_bytes(free[:4], "little")
        if magic != _MAGIC or version != _VERSION or size not in _PAGE_SIZES or place % size:
            return None
        return _LmdbHead(size, last, turn, _tree(free), _tree(tree))

    def _check(self, name: str, size: int) -> None:
        for tree in (self._head.free, self._head.tree):
            if (tree.root == _NO_PAGE) != (tree.records == 0) or tree.depth > _MOST_LEVELS:
                raise LmdbError("its head says two things at once")
            if tree.records > size // _LEAST_NODE_BYTES:
                raise LmdbError(f"it announces {tree.records} records in {size} bytes")
        if self._head.tree.flags & _DUPLICATES:
            raise LmdbError("it keeps several values under one key, which no Caffe writes")
        wanted = (self._head.last_page + 1) * self._head.page_bytes
        missing = self._head.last_page + 1 - self._pages
        if missing > 0 and (size % self._head.page_bytes or not self._unused(missing)):
            raise LmdbError(f"{name} has {size} bytes and its records reach to byte {wanted}")

    def _unused(self, missing: int) -> bool:
        """Whether the missing last pages are free ones, which liblmdb does not write."""
        count = 0
        place = self._first(self._head.free)
        for _ in range(self._head.free.records):
            if place is None:
                break
            value = memoryview(self.value(place))
            pages = value[8 : len(value) // 8 * 8].cast("Q")
            count += sum(self._pages <= page <= self._head.last_page for page in pages)
            place = self.after(place)
        return count >= missing

    def first(self) -> LmdbPlace | None:
        """The place of the first record, None where there is none."""
        return self._first(self._head.tree)

    def _first(self, tree: _Tree) -> LmdbPlace | None:
        return None if tree.root == _NO_PAGE else self._down((), tree.root, tree.depth)

    def after(self, place: LmdbPlace) -> LmdbPlace | None:
        """The place of the next record, None behind the last one."""
        if place.node + 1 < place.nodes:
            return LmdbPlace(place.above, place.page, place.nodes, place.node + 1)
        above = list(place.above)
        while above:
            branch, node = above.pop()
            if node + 1 < self._count(branch, _BRANCH):
                above.append((branch, node + 1))
                levels = len(place.above) + 1
                return self._down(tuple(above), self._child(branch, node + 1), levels)
        return None

    def key(self, place: LmdbPlace) -> bytes:
        """Key of the record there."""
        start, _, _, key_bytes = self._leaf(place)
        return bytes(self._data[start : start + key_bytes])

    def value(self, place: LmdbPlace) -> bytes:
        """Content of the record there."""
        key, flags, length, key_bytes = self._leaf(place)
        start = key + key_bytes
        if flags & _OWN_PAGES:
            start = self._own_pages(int.from_bytes(self._inside(start, 8, place), "little"), length)
            return bytes(self._data[start : start + length])
        return bytes(self._inside(start, length, place))

    def _down(self, above: tuple[tuple[int, int], ...], page: int, levels: int) -> LmdbPlace:
        """The place of the first record below `page`, in a tree of so many `levels` everywhere."""
        while len(above) + 1 < levels:
            self._count(page, _BRANCH)
            above = (*above, (page, 0))
            page = self._child(page, 0)
        return LmdbPlace(above, page, self._count(page, _LEAF), 0)

    def _count(self, page: int, kind: int) -> int:
        """How many nodes a page has. Errors: the page is of another kind."""
        start = self._start(page)
        number, _, flags, end, _ = _PAGE_HEAD.unpack_from(self._data, start)
        count: int = (end - _PAGE_HEAD.size) // 2
        fits = _PAGE_HEAD.size < end <= self._head.page_bytes and count > 0
        if number != page or flags & _KINDS != kind or not fits:
            raise LmdbError(f"page {page} is not what the pages before it say")
        return count

    def _start(self, page: int) -> int:
        if not 2 <= page < self._pages:
            raise LmdbError(f"there is no page {page}")
        return page * self._head.page_bytes

    def _node(self, page: int, node: int) -> tuple[int, int, int, int, int]:
        """Place behind the head of a node, and the four numbers of its head."""
        start = page * self._head.page_bytes
        at = start + _PAGE_HEAD.size + 2 * node
        offset = int.from_bytes(self._data[at : at + 2], "little")
        if not _PAGE_HEAD.size <= offset <= self._head.page_bytes - _NODE_HEAD.size:
            raise LmdbError(f"record {node} of page {page} lies outside it")
        low, middle, high, key_bytes = _NODE_HEAD.unpack_from(self._data, start + offset)
        return start + offset + _NODE_HEAD.size, low, middle, high, key_bytes

    def _child(self, page: int, node: int) -> int:
        _, low, middle, high, _ = self._node(page, node)
        return int(low | middle << 16 | high << 32)

    def _leaf(self, place: LmdbPlace) -> tuple[int, int, int, int]:
        """Place of the key, flags, length of the value, length of the key."""
        start, low, high, flags, key_bytes = self._node(place.page, place.node)
        self._inside(start, key_bytes, place)
        return start, flags, low | high << 16, key_bytes

    def _inside(self, start: int, length: int, place: LmdbPlace) -> memoryview:
        """Bytes of a leaf."""
        if start + length > (place.page + 1) * self._head.page_bytes:
            raise LmdbError(f"record {place.node} of page {place.page} reaches beyond it")
        return self._data[start : start + length]

    def _own_pages(self, page: int, length: int) -> int:
        """Where a value begins that has pages of its own."""
        start = self._start(page)
        number, _, flags, low, high = _PAGE_HEAD.unpack_from(self._data, start)
        pages = low | high << 16
        most = pages * self._head.page_bytes - _PAGE_HEAD.size
        if number != page or flags & _KINDS != _OVERFLOW or not length <= most:
            raise LmdbError(f"page {page} is not what the pages before it say")
        if page + pages > self._pages:
            raise LmdbError(f"the {pages} pages from {page} on reach beyond the file")
        return start + _PAGE_HEAD.size


@dataclass(frozen=True)
class LmdbPlace:
    """A record: its leaf with the number of its nodes, its node, and (page, node) of all above."""

    above: tuple[tuple[int, int], ...]
    page: int
    nodes: int
    node: int


def _tree(packed: bytes) -> _Tree:
    _, flags, depth, _, _, _, records, root = _TREE.unpack(packed)
    return _Tree(flags, depth, records, root)


def _turn(head: _LmdbHead) -> int:
    return head.turn
