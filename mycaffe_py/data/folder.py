"""Floor 2. A dataset from pictures that lie in one folder per class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mycaffe_py.data.folder_reading import (
    SPLITS,
    FolderRead,
    HowToRead,
    PictureFile,
    read_pictures,
)
from mycaffe_py.data.looked_for import no_folder
from mycaffe_py.data.picture_record import Asked
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

_SEED = 0


@dataclass(frozen=True)
class FolderScan:
    """Pictures found, label names by label, and files passed over as no pictures by their names."""

    pictures: list[PictureFile]
    label_names: dict[int, str]
    passed_over: int


def scan_folder(folder: Path, test_percent: float = 0.0) -> FolderScan:
    """Find DIR/<class>/* or DIR/training/<class>/* and DIR/testing/<class>/*, at any depth below.

    Labels count the classes sorted by name, by number where all names are numbers; those that only
    testing has come behind all others. `test_percent` of each class goes to testing where the
    folder has no splits of its own.
    Errors: no folder, no classes, a class without pictures.
    """
    if not folder.is_dir():
        raise UserError(no_folder(folder))
    if not 0 <= test_percent < 100:
        raise UserError(f"--test-percent is {test_percent:g}", wanted="it lies in 0 to 99")
    split_here = (folder / SPLITS[0]).is_dir()
    if split_here and test_percent:
        raise UserError(
            f"{folder} has a folder '{SPLITS[0]}' and --test-percent is given",
            do="Leave --test-percent out, or name the folder of the classes.",
        )
    root = folder / SPLITS[0] if split_here else folder
    names = _class_names(root)
    found, passed_over = _found_in(root, names, SPLITS[0])
    _check_counts(root, found, names)
    if split_here and (folder / SPLITS[1]).is_dir():
        testing = folder / SPLITS[1]
        names += [name for name in _class_names(testing) if name not in names]
        more, also_passed_over = _found_in(testing, names, SPLITS[1])
        found += more
        passed_over += also_passed_over
    elif test_percent:
        found = _split(found, len(names), test_percent)
    return FolderScan(found, dict(enumerate(names)), passed_over)


def read_folder(
    scan: FolderScan,
    dataset: str,
    size: tuple[int, int] | None = None,
    gray: bool = False,
    skip_unreadable: bool = False,
    progress: Callable[[int], object] | None = None,
    asked: Asked | None = None,
) -> FolderRead:
    """Read what was scanned. `size` (width, height); without it all pictures must have one size.

    Errors: unreadable pictures unless `skip_unreadable`, pictures of several sizes without `size`.
    """
    how = HowToRead(size, gray, asked or Asked(), skip_unreadable)
    return read_pictures(scan.pictures, scan.label_names, dataset, how, progress)


def _class_names(root: Path) -> list[str]:
    names = [
        path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")
    ]
    if not names:
        raise UserError(f"{root} has no folders", wanted="it holds one folder for each class")
    if all(name.isdecimal() for name in names):
        return sorted(names, key=int)
    return sorted(names)


def _found_in(root: Path, names: Sequence[str], split: str) -> tuple[list[PictureFile], int]:
    """Picture files of all classes in order of class and path, and how many others there are."""
    Image.init()
    extensions = set(Image.registered_extensions())
    found = []
    passed_over = 0
    for label, name in enumerate(names):
        for path in sorted((root / name).rglob("*")):
            if path.name.startswith(".") or not path.is_file():
                continue
            if path.suffix.lower() in extensions:
                found.append(PictureFile(path, label, split))
            else:
                passed_over += 1
    return found, passed_over


def _check_counts(root: Path, found: Sequence[PictureFile], names: Sequence[str]) -> None:
    counts = np.bincount([picture.label for picture in found], minlength=len(names))
    empty = [name for name, count in zip(names, counts, strict=True) if not count]
    if empty:
        raise UserError(
            f"no images of class '{empty[0]}' in {root / empty[0]}"
            + (f" (and of {len(empty) - 1} more classes)" if len(empty) > 1 else ""),
            do="Remove the folder or put pictures into it.",
        )


def _split(found: list[PictureFile], classes: int, test_percent: float) -> list[PictureFile]:
    """Move `test_percent` of each class to testing; at least one stays on each side of a pair."""
    moved: set[Path] = set()
    for label in range(classes):
        paths = [picture.path for picture in found if picture.label == label]
        count = round(len(paths) * test_percent / 100)
        count = min(max(count, 1), len(paths) - 1)
        order = stream(_SEED, "folder/testing", label).permutation(len(paths))
        moved.update(paths[i] for i in order[:count])
    return [
        PictureFile(picture.path, picture.label, SPLITS[1]) if picture.path in moved else picture
        for picture in found
    ]
