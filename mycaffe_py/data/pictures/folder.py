"""A dataset from pictures that lie in one folder per class."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

import numpy as np
from PIL import Image

from mycaffe_py.data.looked_for import no_folder
from mycaffe_py.data.pictures.boxes import read_boxes
from mycaffe_py.data.pictures.picture_list import (
    SPLITS,
    TESTING,
    TRAINING,
    VALIDATION,
    PictureFile,
    PictureList,
)
from mycaffe_py.data.selection.label_lists import LabelLists
from mycaffe_py.data.selection.label_numbers import numbered
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

_SEED = 0


@dataclass(frozen=True)
class FolderScan:
    """Pictures found, label names by label, and files passed over as no pictures by their names."""

    pictures: PictureList
    label_names: dict[int, str]
    passed_over: int


def scan_folder(
    folder: Path, test_percent: float = 0.0, validation_percent: float = 0.0
) -> FolderScan:
    """Find DIR/<class>/* or DIR/training/<class>/* and the other splits beside it, at any depth.

    Labels count the classes sorted by name, by number where all names are numbers; those that only
    validation or testing has come behind all others. `test_percent` and `validation_percent` of
    each class are set aside where the folder has no splits of its own.
    Errors: no folder, no classes, a class without pictures.
    """
    if not folder.is_dir():
        raise UserError(no_folder(folder))
    _check_percents(test_percent, validation_percent)
    split_here = (folder / TRAINING).is_dir()
    if split_here and (test_percent or validation_percent):
        option = "--test-percent" if test_percent else "--validation-percent"
        raise UserError(
            f"{folder} has a folder '{TRAINING}' and {option} is given",
            do=f"Leave {option} out, or name the folder of the classes.",
        )
    root = folder / TRAINING if split_here else folder
    names = _class_names(root)
    parts = [(root, list(names), TRAINING)]
    for split in SPLITS[1:] if split_here else ():
        if (folder / split).is_dir():
            names += [name for name in _class_names(folder / split) if name not in names]
            parts.append((folder / split, list(names), split))
    passed_over: Counter[str] = Counter()
    pictures = PictureList(one for part in parts for one in _found_in(*part, passed_over))
    _check_counts(root, pictures, parts[0][1])
    _set_aside(pictures, TESTING, test_percent)
    _set_aside(pictures, VALIDATION, validation_percent / (1 - test_percent / 100))
    return FolderScan(pictures, dict(enumerate(names)), passed_over.total())


def scan_boxes(
    folder: Path, file: Path, test_percent: float = 0.0, validation_percent: float = 0.0
) -> FolderScan:
    """The portions of pictures that the CSV `file` names; `folder` is where its paths begin.

    Labels and shares as in `scan_folder`. Errors: no folder, whatever `read_boxes` finds.
    """
    if not folder.is_dir():
        raise UserError(no_folder(folder))
    _check_percents(test_percent, validation_percent)
    rows = read_boxes(file, folder)
    names = _sorted({row.label for row in rows})
    numbers = {name: label for label, name in enumerate(names)}
    pictures = PictureList(
        PictureFile(str(row.path), numbers[row.label], TRAINING, row.box) for row in rows
    )
    _set_aside(pictures, TESTING, test_percent)
    _set_aside(pictures, VALIDATION, validation_percent / (1 - test_percent / 100))
    return FolderScan(pictures, dict(enumerate(names)), 0)


def _class_names(root: Path) -> list[str]:
    names = [
        path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")
    ]
    if not names:
        raise UserError(f"{root} has no folders", wanted="it holds one folder for each class")
    return _sorted(names)


def _sorted(names: Collection[str]) -> list[str]:
    """By number where all names are numbers."""
    if all(name.isdecimal() for name in names):
        return sorted(names, key=int)
    return sorted(names)


def _check_percents(test_percent: float, validation_percent: float) -> None:
    given = {"--test-percent": test_percent, "--validation-percent": validation_percent}
    for option, percent in given.items():
        if not 0 <= percent < 100:
            raise UserError(f"{option} is {percent:g}", wanted="it lies in 0 to 99")
    if test_percent + validation_percent >= 100:
        raise UserError(
            f"--test-percent {test_percent:g} and --validation-percent {validation_percent:g}",
            wanted="together less than 100, so that some pictures are left to learn from",
        )


def _found_in(
    root: Path, names: Sequence[str], split: str, passed_over: Counter[str]
) -> Iterator[PictureFile]:
    """Picture files of all classes in order of class and path; others are counted by split."""
    Image.init()
    extensions = set(Image.registered_extensions())
    for label, name in enumerate(names):
        for path in _files_below(str(root / name)):
            if PurePath(path).suffix.lower() in extensions:
                yield PictureFile(path, label, split)
            else:
                passed_over[split] += 1


def _files_below(folder: str) -> Iterator[str]:
    """Files at any depth in the order of their paths; not hidden ones, nor behind linked folders.

    A folder at a time is in memory.
    """
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(entry.path)
        elif not entry.name.startswith(".") and entry.is_file():
            yield entry.path


def _check_counts(root: Path, found: PictureList, names: Sequence[str]) -> None:
    ours = found.labels[found.splits == SPLITS.index(TRAINING)]
    counts = np.bincount(ours, minlength=len(names))
    empty = [name for name, count in zip(names, counts, strict=True) if not count]
    if empty:
        raise UserError(
            f"no images of class '{empty[0]}' in {root / empty[0]}"
            + (f" (and of {len(empty) - 1} more classes)" if len(empty) > 1 else ""),
            do="Remove the folder or put pictures into it.",
        )


def _set_aside(found: PictureList, split: str, percent: float) -> None:
    """Move `percent` of the training pictures of each class to `split`; at least one stays."""
    if not percent:
        return
    labels, places = numbered(found.labels)
    lists = LabelLists.of(places)
    for number, label in enumerate(labels.tolist()):
        own = lists.at(np.array(number), np.arange(lists.counts[number]))
        own = own[found.splits[own] == SPLITS.index(TRAINING)]
        count = round(len(own) * percent / 100)
        count = max(min(max(count, 1), len(own) - 1), 0)
        order = stream(_SEED, f"folder/{split}", label).permutation(len(own))
        found.splits[own[order[:count]]] = SPLITS.index(split)
