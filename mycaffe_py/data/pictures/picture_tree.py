"""A source as a folder of pictures: LABEL/INDEX.png."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.pictures.sheet import as_picture
from mycaffe_py.errors import UserError
from mycaffe_py.files.temporary import temporary_beside


def write_pictures(source: ArraySource, folder: Path, progress: Callable[[int], object]) -> None:
    """Write every image of `source` as a PNG below `folder`, in a folder for each label.

    A folder that is there already gets the pictures one by one, each whole; a new one appears when
    all are written. `progress` is told of each. Errors: it cannot be written.
    """
    temporary = temporary_beside(folder)
    digits = len(str(len(source) - 1))
    try:
        for label in sorted(set(source.labels.tolist())):
            (temporary / _name(source, label)).mkdir(parents=True, exist_ok=True)
        for index, label in enumerate(source.labels.tolist()):
            path = temporary / _name(source, label) / f"{index:0{digits}}.png"
            as_picture(source.image(index)).save(path)
            progress(1)
        _move(temporary, folder)
    except OSError as error:
        raise UserError(
            f"{folder} could not be written: {error.strerror or error}",
            do="Make room, or name another folder.",
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move(temporary: Path, folder: Path) -> None:
    if not folder.exists():
        temporary.rename(folder)
        return
    for path in sorted(temporary.rglob("*.png")):
        target = folder / path.relative_to(temporary)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)


def _name(source: ArraySource, label: int) -> str:
    """Folder of a label, by its name; by its number where the name is no file name."""
    name = source.label_names[label]
    plain = name.replace("_", "").replace("-", "").replace(" ", "").isalnum()
    return name if plain else str(label)
