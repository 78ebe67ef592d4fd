"""Tells what kind of file this is by its content, for errors about a file of the wrong kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mycaffe_py.proto.text_kind import other_text
from mycaffe_py.proto.wire import BYTES, VARINT, WireError, fields

# Enough of a text to tell what it is.
_HEAD_BYTES = 1 << 20
_MOST_FIELDS = 10_000


@dataclass(frozen=True)
class FileKind:
    """What it is called, and the option or command that takes it, if one does."""

    name: str
    taken_by: str = ""

    def __str__(self) -> str:
        return self.name


WEIGHTS = FileKind("a .caffemodel (weights)", "--weights takes it")
STATE = FileKind("a .solverstate", "--snapshot of 'mycaffe train' takes it, or 'mycaffe resume'")
# Not every command has these options, so the commands are named.
MODEL = FileKind(
    "a model text", "the field 'net' of a solver text names it, or --model of 'mycaffe test'"
)
SOLVER = FileKind("a solver text", "--solver of 'mycaffe train' takes it")
RUN_CARD = FileKind("a run card")
MEAN = FileKind("a file of one blob, such as a mean", "mean_file in transform_param takes it")
ONNX = FileKind("an ONNX file")
HDF5 = FileKind("an HDF5 file")
_DATA_SET = FileKind("a data set of mycaffe (SQLite)", "its NAME.SPLIT is a source")
_IDX = FileKind("a file of MNIST's (IDX)", "'mycaffe dataset create mnist' takes its folder")

_MAGIC = (
    (b"\x89PNG\r\n", FileKind("a picture (PNG)")),
    (b"\xff\xd8\xff", FileKind("a picture (JPEG)")),
    (b"GIF8", FileKind("a picture (GIF)")),
    (b"BM", FileKind("a picture (BMP)")),
    (b"II*\0", FileKind("a picture (TIFF)")),
    (b"MM\0*", FileKind("a picture (TIFF)")),
    (b"SQLite format 3\0", _DATA_SET),
    (b"\x93NUMPY", FileKind("an array of numpy (.npy)")),
    (b"mycaffe film", FileKind("the film of a run", "'mycaffe film' shows it")),
    (b"\x1f\x8b", FileKind("a packed file (gzip): unpack it first")),
    (b"PK\x03\x04", FileKind("a zip file, such as .npz or PyTorch's .pt")),
    (b"\x80\x02", FileKind("a pickle, such as PyTorch's .pth")),
    (b"%PDF", FileKind("a PDF")),
    (b"\0\0\x08\x03", _IDX),
    (b"\0\0\x08\x01", _IDX),
    (b"\xff\xfe", FileKind("a text in UTF-16: save it as UTF-8")),
    (b"\xfe\xff", FileKind("a text in UTF-16: save it as UTF-8")),
)
_HDF5 = b"\x89HDF\r\n\x1a\n"
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
_COMMENT = re.compile(rb"#[^\n]*")
_LAYER = re.compile(rb"(^|[\s;,}])(layers?\s*:?\s*\{|input(_dim|_shape)?\s*[:{])")
_SOLVER = re.compile(
    rb"(^|[\s;,}])(net|train_net|base_lr|max_iter|lr_policy|snapshot_prefix|test_iter)\s*:"
)


def kind_of(content: bytes | memoryview, name: str = "") -> FileKind | None:
    """What a file of this content is, None where that is not clear. `name` decides for HDF5."""
    data = memoryview(content)
    head = bytes(data[:_HEAD_BYTES])
    if head.startswith(_HDF5):
        return _of_hdf5(name)
    if is_text(head):
        return _of_text(head)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return _of_message(data)


def kind_at(path: Path) -> FileKind | None:
    """What the file at `path` is, by its beginning; None also where it cannot be read."""
    try:
        with path.open("rb") as file:
            return kind_of(file.read(_HEAD_BYTES), path.name)
    except OSError:
        return None


def sentence(words: str) -> str:
    """`words` as a sentence, "" as it is."""
    return f"{words[0].upper()}{words[1:].rstrip('.')}." if words else ""


def is_text(head: bytes) -> bool:
    """Whether it may be a text: no control characters but tabs, line and page ends."""
    return not _CONTROL.search(head)


def _of_hdf5(name: str) -> FileKind:
    if ".caffemodel" in name:
        return FileKind("a .caffemodel.h5 (weights)", WEIGHTS.taken_by)
    if ".solverstate" in name:
        return FileKind("a .solverstate.h5", STATE.taken_by)
    return HDF5


def _of_text(head: bytes) -> FileKind | None:
    if head.lstrip().startswith(b"{"):
        return RUN_CARD if b'"solver"' in head and b'"seed"' in head else FileKind("a JSON file")
    other = other_text(head.decode(errors="replace"))
    if other is not None:
        return FileKind(*other)
    plain = _COMMENT.sub(b"", head)
    if _LAYER.search(plain):
        # A solver text may hold its net.
        return SOLVER if b"net_param" in plain else MODEL
    return SOLVER if _SOLVER.search(plain) else None


def _of_message(data: memoryview) -> FileKind | None:
    """Of protobuf's messages, by the numbers and the wire types of their fields."""
    found: dict[int, tuple[int, int | memoryview]] = {}
    for number, wire, value in _readable(data):
        found.setdefault(number, (wire, value))
    kinds = {number: wire for number, (wire, _) in found.items()}
    second = found.get(2, (VARINT, 0))[1]
    if kinds.get(100) == BYTES or (isinstance(second, memoryview) and _is_message(second)):
        return WEIGHTS
    if kinds.get(7) == BYTES and kinds.get(8) == BYTES and kinds.get(1) == VARINT:
        return ONNX
    if kinds.get(3) == BYTES and (2 in kinds or 4 in kinds):
        return STATE
    if kinds.get(5) == BYTES and set(kinds) <= {1, 2, 3, 4, 5, 6, 7, 8, 9}:
        return MEAN
    return None


def _readable(data: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    try:
        yield from islice(fields(data), _MOST_FIELDS)
    except WireError:
        return


def _is_message(value: memoryview) -> bool:
    """Whether field 2 is a layer of an old model; in a state it is the path of the weights."""
    return any(byte < 0x20 for byte in value[:1000])
