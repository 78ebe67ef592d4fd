"""The pictures found in folders, read alike and kept with the record of how."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.begun_reading import BegunReading
from mycaffe_py.data.pictures.begun_source import Kept, source_of
from mycaffe_py.data.pictures.folder import FolderScan
from mycaffe_py.data.pictures.found_sizes import several_sizes, size_of_file
from mycaffe_py.data.pictures.how_to_read import (
    HowToRead,
    measured_record_of,
    notes_of,
    spans_of,
    to_decode,
    widest_of,
)
from mycaffe_py.data.pictures.picture import Read, UnreadableError, read_as
from mycaffe_py.data.pictures.picture_list import SPLITS, TRAINING, Paths, PictureFile, list_sum
from mycaffe_py.data.pictures.picture_record import PictureRecord, Span, span_words
from mycaffe_py.data.pictures.side_by_side import for_each
from mycaffe_py.data.selection.label_numbers import blocks
from mycaffe_py.errors import UserError

# How many unreadable files an error lists.
_SHOWN = 5
# Read on several threads before they are written one after the other.
_AT_ONCE = 32


@dataclass(frozen=True)
class FolderRead:
    """The sources by split, whose images lie in the file of `data`, and what could not be read:
    (file, reason).

    `notes` tell what else a user should know, one line each. `files` are those of a split's items.
    """

    sources: dict[str, ArraySource]
    data: dict[str, Path]
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    files: dict[str, Sequence[Path]] = field(default_factory=dict)


def read_pictures(
    scan: FolderScan,
    dataset: str,
    how: HowToRead,
    folder: Path,
    progress: Callable[[int], object] | None = None,
) -> FolderRead:
    """Read what was scanned as the splits of `dataset`; what is read goes to files in `folder`.

    Where that holds what an interrupted call for the same pictures has read, it goes on.
    Errors: unreadable pictures unless `skip_unreadable`, pictures of several sizes without a size.
    """
    files, record = scan.pictures, how.record()
    with BegunReading(folder, files, list_sum(files, how.words())) as begun:
        told = progress or (lambda count: None)
        told(begun.done)
        _read_all(begun, record, how, told)
        unreadable = _unreadable(begun, record, how)
        if unreadable and not how.skip_unreadable:
            raise _unreadable_error(unreadable, len(files))
        if not len(begun.places(TRAINING)):
            raise UserError("no picture could be read, so nothing was created")
        notes = _alike(begun, record, how)
        begun.commit()
        made = measured_record_of(begun.facts, begun.first, record, how)
        notes += notes_of(begun.facts, made, how)
        splits = [split for split in SPLITS if len(begun.places(split))]
        kept = Kept(dataset, scan.label_names, made, to_decode(made, record) if how.encoded else "")
        return FolderRead(
            {split: source_of(begun, split, kept) for split in splits},
            {split: begun.data_path(split) for split in splits},
            unreadable,
            notes,
            {split: Paths(files, begun.places(split)) for split in splits},
        )


def _read_all(
    begun: BegunReading, record: PictureRecord, how: HowToRead, progress: Callable[[int], object]
) -> None:
    while begun.done < len(begun.files):
        some = begun.files[begun.done : begun.done + _AT_ONCE]
        for file, (one, content) in zip(some, _read_some(some, record, how), strict=True):
            if isinstance(one, UnreadableError):
                begun.leave_out(str(one))
            else:
                _check_size(file, one, begun, how)
                begun.add(one, content)
        begun.commit_if_due()
        progress(len(some))


def _read_some(
    files: Sequence[PictureFile], record: PictureRecord, how: HowToRead
) -> list[tuple[Read | UnreadableError, bytes]]:
    """Each as it was read, or why it cannot be, and what is kept of it."""
    found: list[tuple[Read | UnreadableError, bytes]] = [(UnreadableError(), b"")] * len(files)

    def read(place: int) -> None:
        file = files[place]
        try:
            source = file.path.read_bytes() if how.encoded else file.path
            one = read_as(source, record, own_size=how.size is None, box=file.box)
        except UnreadableError as error:
            found[place] = error, b""
        except OSError as error:
            found[place] = UnreadableError(error.strerror or str(error)), b""
        else:
            found[place] = one, source if isinstance(source, bytes) else one.pixels.tobytes()

    for_each(read, range(len(files)))
    return found


def _unreadable(
    begun: BegunReading, record: PictureRecord, how: HowToRead
) -> list[tuple[Path, str]]:
    """Files and reasons. Those that were met before an interruption are tried once more."""
    found = []
    for place in np.flatnonzero(~begun.facts["read"]).tolist():
        file = begun.files[place]
        reason = begun.reasons.get(place)
        if reason is None:
            again = _read_some([file], record, how)[0][0]
            reason = str(again) if isinstance(again, UnreadableError) else "it could not be read"
        found.append((file.path, reason))
    return found


def _alike(begun: BegunReading, record: PictureRecord, how: HowToRead) -> list[str]:
    """Bring all deep pictures to bytes by one range: the widest that one of them needs."""
    spans = spans_of(begun.facts)
    if how.asked.span is not None or len(spans) < 2:
        return []
    widest = widest_of(spans)
    same = dataclasses.replace(record, span=widest)
    for split in SPLITS if not how.encoded else ():
        for row, place in _narrower(begun, split, widest):
            file = begun.files[place]
            one = read_as(file.path, same, own_size=how.size is None, box=file.box)
            begun.change(split, row, place, one)
    if how.encoded:
        begun.sums.clear()
    return [
        f"{spans.total() - spans[widest]} of {spans.total()} pictures of more than 8 bits would "
        f"fit in a smaller range; all were read with {span_words(widest)}, so that they can be "
        "compared"
    ]


def _narrower(begun: BegunReading, split: str, widest: Span) -> Iterator[tuple[int, int]]:
    """Row and file of the images of a split that were read by a smaller range."""
    places = begun.places(split)
    for at in blocks(len(places)):
        spans = begun.facts["span"][places[at]]
        narrow = ~np.isnan(spans[:, 0]) & (spans != widest).any(axis=1)
        for row in (np.flatnonzero(narrow) + at.start).tolist():
            yield row, int(places[row])


def _check_size(file: PictureFile, one: Read, begun: BegunReading, how: HowToRead) -> None:
    fact = begun.facts[begun.first]
    wanted, found = tuple(fact["shape"].tolist()), one.pixels.shape
    if found == wanted or not fact["read"]:
        return
    first = begun.files[begun.first]
    differ = (
        f"{file.path} has {found[2]}x{found[1]} pixels, while {first.path} has "
        f"{wanted[2]}x{wanted[1]}"
    )
    sizes = [s for each in begun.files if (s := size_of_file(each.path, each.box)) is not None]
    raise several_sizes(sizes, differ, how.command)


def _unreadable_error(unreadable: Sequence[tuple[Path, str]], total: int) -> UserError:
    shown = "\n  ".join(f"{path}: {reason}" for path, reason in unreadable[:_SHOWN])
    more = f"\n  and {len(unreadable) - _SHOWN} more" if len(unreadable) > _SHOWN else ""
    return UserError(
        f"{len(unreadable)} of {total} pictures cannot be read:\n  {shown}{more}\n"
        "nothing was created",
        do="Pass --skip-unreadable to leave them out.",
    )
