"""A data set made of listed images of one split of another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.label_subset import write_kept
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError

# Numbers of eight digits for ten million images.
_MOST_BYTES = 100 << 20


def write_records(path: Path, name: str, origin: str, listed: Path) -> None:
    """Write the data set file `path`: the images of `origin`, a split, that `listed` numbers.

    They keep the order of the split, their labels and names; the new data set has that one split.
    Errors: a split that cannot be had, a file that cannot be read or lists something else.
    """
    source = open_source(origin)
    records = _records(listed, origin, len(source))
    told = f"{len(records):,} images of {origin}, of the list {listed.name}"
    write_kept(path, name, [(source, records)], told)


def _records(listed: Path, origin: str, count: int) -> NDArray[np.int64]:
    """The numbers in the file, ascending, each once."""
    wanted = f"numbers from 0 to {count - 1:,}, the images of {origin}, between spaces or lines"
    try:
        if listed.stat().st_size > _MOST_BYTES:
            raise UserError(f"the list '{listed}' is too long", wanted=wanted)
        words = listed.read_text(encoding="utf-8-sig").split()
    except OSError as error:
        raise UserError(f"the list '{listed}' cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"the list '{listed}' is no text", wanted=wanted) from error
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) < 19 and int(word) < count):
            raise UserError(f"the list '{listed}' holds '{word[:40]}'", wanted=wanted)
    if not words:
        raise UserError(f"the list '{listed}' is empty", wanted=wanted)
    return np.unique(np.array([int(word) for word in words], np.int64))
