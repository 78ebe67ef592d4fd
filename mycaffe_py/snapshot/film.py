"""The film of a run: where its net put a fixed sample of the data, frame by frame.

`<prefix>.film` is the line MAGIC and then records, each its length in bytes (u32), the CRC-32 of
its payload (u32) and the payload, all little-endian. The first payload is the head, as JSON; every
other one is a frame: iteration, number of centroids L, number of losses k (i64 each); points
(M, D), centroids (L, D), losses (k,) as f32; centroid labels (L,) as i64. A record that a kill cut
short ends the film, so what lies before it can always be read.
"""

from __future__ import annotations

import json
import struct
import zlib
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.errors import MyCaffeError, UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.schema import Count, DamagedError, Name, Positive
from mycaffe_py.snapshot.names import FILM

MAGIC = b"mycaffe film 1\n"
_RECORD = struct.Struct("<II")
_FRAME = struct.Struct("<qqq")


@dataclass(frozen=True)
class FilmHead:
    """What all frames have in common.

    The sample are the `records` (M,) of `source`, which has `items` of them; `labels` (M,) are
    theirs. `width` is D. A frame is taken at iterations 0, 1, 2, 4, 8 ... and every `every`.
    `decodes`: the centroids are those of a Decode layer; other nets' frames have none.
    """

    net: str
    seed: int
    every: Count
    width: Positive
    source: Name
    checksum: str
    items: Count
    stand_in_for: str
    decodes: bool
    records: tuple[Count, ...]
    labels: tuple[int, ...]
    label_names: dict[int, str]


@dataclass(frozen=True, eq=False)
class Frame:
    """The sample after `iteration` updates: points (M, D).

    `centroids` (L, D) of the `centroid_labels` (L,) learned so far. `losses` (k,) are those of the
    iterations since the frame before, the last one that of the step to `iteration`.
    """

    iteration: int
    points: FeatureRows
    centroids: FeatureRows
    centroid_labels: NDArray[np.int64]
    losses: FeatureRows


@dataclass(frozen=True, eq=False)
class Film:
    """Head and frames, iterations ascending."""

    head: FilmHead
    frames: tuple[Frame, ...]


def film_path(prefix: Path) -> Path:
    """The film of the run called `prefix`."""
    return prefix.parent / f"{prefix.name}{FILM}"


def write_film(path: Path, head: FilmHead, frames: tuple[Frame, ...] = ()) -> None:
    """Write a whole film, atomically: the start of a new run, or of one that goes on."""
    text = json.dumps(asdict(head), separators=(",", ":")).encode()
    records = [_record(text), *(_record(_payload(frame)) for frame in frames)]
    write_atomically(path, b"".join([MAGIC, *records]))


def append_frame(path: Path, frame: Frame) -> None:
    """Add one frame at the end, in one write. Errors: no room, no film there."""
    record = _record(_payload(frame))
    try:
        with path.open("r+b", buffering=0) as file:
            file.seek(0, 2)
            written = file.write(record)
    except OSError as error:
        raise _unwritable(path, error.strerror or "no room") from error
    if written != len(record):
        raise _unwritable(path, "no room")


def read_film(path: Path) -> Film:
    """Read a film up to its last whole frame. Errors: no film there, or no head in it."""
    if not path.is_file():
        raise UserError(
            f"there is no film '{path}'", do="'mycaffe train --film' takes one while it trains."
        )
    data = path.read_bytes()
    payloads = whole_records(data, len(MAGIC))[0] if data.startswith(MAGIC) else []
    if not payloads:
        raise UserError(f"'{path}' is no film", wanted="it is what 'mycaffe train --film' writes")
    try:
        head = read_head(payloads[0])
        frames = tuple(read_frame(payload, head) for payload in payloads[1:])
    except (DamagedError, struct.error) as error:
        raise UserError(f"the film '{path}' is damaged ({error})") from error
    return Film(head, frames)


def kept_frames(path: Path, head: FilmHead, iteration: int) -> tuple[tuple[Frame, ...], int]:
    """The frames at `path` that a run of `head` at `iteration` builds on, and their interval.

    None where a new run begins, or where the film there shows another sample or another net.
    """
    if iteration == 0 or not path.is_file():
        return (), head.every
    film = read_film(path)
    if replace(film.head, every=head.every) != head:
        return (), head.every
    return tuple(f for f in film.frames if f.iteration <= iteration), film.head.every


def _record(payload: bytes) -> bytes:
    return _RECORD.pack(len(payload), zlib.crc32(payload)) + payload


def whole_records(data: bytes, start: int) -> tuple[list[bytes], int]:
    """The payloads of the records from `start` on, and where the first damaged one begins."""
    found = []
    place = start
    while place + _RECORD.size <= len(data):
        size, crc = _RECORD.unpack_from(data, place)
        payload = data[place + _RECORD.size : place + _RECORD.size + size]
        if len(payload) != size or zlib.crc32(payload) != crc:
            break
        found.append(payload)
        place += _RECORD.size + size
    return found, place


def read_head(payload: bytes) -> FilmHead:
    """The head of a film. Errors: DamagedError."""
    head = parse_json(payload, FilmHead)
    if len(head.labels) != len(head.records):
        raise DamagedError(f"{len(head.labels)} labels of {len(head.records)} records")
    return head


def _payload(frame: Frame) -> bytes:
    counts = _FRAME.pack(frame.iteration, len(frame.centroids), len(frame.losses))
    reals = (frame.points, frame.centroids, frame.losses)
    parts = [np.ascontiguousarray(part, "<f4").tobytes() for part in reals]
    return b"".join([counts, *parts, frame.centroid_labels.astype("<i8").tobytes()])


def read_frame(payload: bytes, head: FilmHead) -> Frame:
    """A frame of the film with this head. Errors: DamagedError, struct.error."""
    iteration, centroids, losses = _FRAME.unpack_from(payload)
    sizes = [len(head.labels) * head.width, centroids * head.width, losses]
    size = _FRAME.size + 4 * sum(sizes) + 8 * centroids
    if min(iteration, centroids, losses) < 0 or len(payload) != size:
        raise DamagedError(f"the frame of iteration {iteration} has {len(payload)} bytes")
    reals = np.frombuffer(payload, "<f4", sum(sizes), _FRAME.size).astype(np.float32)
    points, means, rest = np.split(reals, np.cumsum(sizes[:2]))
    labels = np.frombuffer(payload, "<i8", centroids, len(payload) - 8 * centroids)
    width = head.width
    return Frame(
        iteration, points.reshape(-1, width), means.reshape(-1, width), labels.astype(int), rest
    )


def _unwritable(path: Path, why: str) -> MyCaffeError:
    return MyCaffeError(
        f"cannot write {path}: {why}",
        wanted="the frames before are intact",
        do="Make room, then 'mycaffe resume'.",
    )
