"""HDF5 files, opened so that nothing leaves the file and nothing unfolds without end.

A link or a data set may point into other files, and a few bytes may announce gigabytes of zeros:
both are judged before anything is read. Whatever h5py makes of damage is one Hdf5Error.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mycaffe_py.files.inflation import InflationError, check_inflation
from mycaffe_py.files.plain_file import check_plain

_MOST_LINKS = 16
# What becomes 64 MB at most, as deflate makes up to 1032 bytes of one.
_SMALL_CHUNK_BYTES = 1 << 16
_DAMAGE = (
    OSError, RuntimeError, LookupError, ValueError, TypeError, ArithmeticError, AttributeError,
    MemoryError, zlib.error,
)  # fmt: skip


class Hdf5Error(ValueError):
    """Why a file cannot be read."""


@contextmanager
def opened_hdf5(path: Path) -> Iterator[Any]:
    """The open file. Needs h5py. Errors: FileNotFoundError, Hdf5Error."""
    import h5py

    check_plain(path)
    path.open("rb").close()
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (Hdf5Error, InflationError):
        raise
    except _DAMAGE as error:
        if isinstance(error, (TypeError, UnicodeDecodeError)):
            # h5py stumbles over such names in Python, with words that say nothing of the file.
            raise Hdf5Error("it holds a name or a kind of value that is none of HDF5's") from error
        text = " ".join(str(error).split())
        raise Hdf5Error(f"HDF5 says: {text[:200]}") from error


def found_in(group: Any, name: str) -> Any:
    """The group or data set of that name inside the file, None where there is none.

    Links inside the file are followed, but not those that dangle or lead out of it.
    """
    import h5py

    steps = [step for step in name.split("/") if step][::-1]
    here, links = group, 0
    while steps:
        step = steps.pop()
        link = here.get(step, getlink=True) if isinstance(here, h5py.Group) else None
        if isinstance(link, h5py.SoftLink) and links < _MOST_LINKS:
            links += 1
            steps += [part for part in link.path.split("/") if part not in ("", ".")][::-1]
            here = here.file if link.path.startswith("/") else here
        elif isinstance(link, h5py.HardLink):
            here = here[step]
        else:
            return None
    return here


def names_in(group: Any) -> list[str]:
    """Names of the data sets directly in a group."""
    import h5py

    return [name for name in group if isinstance(found_in(group, name), h5py.Dataset)]


def check_announced(*datasets: Any) -> None:
    """Refuse data sets that lie in other files, or announce far more than theirs holds."""
    announced = stored = 0
    for dataset in datasets:
        settings = dataset.id.get_create_plist()
        if dataset.is_virtual or settings.get_external_count():
            raise Hdf5Error(f"the values of '{dataset.name}' lie in another file")
        size = dataset.dtype.itemsize
        own = int(dataset.id.get_storage_size())
        rows = math.prod(int(extent) for extent in dataset.shape or ())
        chunk = math.prod(dataset.chunks or ())
        _check_place(dataset, own)
        _check_chunks(dataset, settings, chunk * size)
        try:
            check_inflation(max(rows, chunk) * size, own)
        except InflationError as error:
            raise Hdf5Error(
                f"'{dataset.name}' of shape {dataset.shape} is only {own} bytes in the file"
            ) from error
        announced, stored = announced + rows * size, stored + own
    check_inflation(announced, stored)


def _check_place(dataset: Any, stored: int) -> None:
    """Refuse values in one piece that are said to reach behind the end of the file."""
    place = dataset.id.get_offset()
    if place is not None and place + stored > dataset.file.id.get_filesize():
        raise Hdf5Error(f"'{dataset.name}' ends inside its values")


def _check_chunks(dataset: Any, settings: Any, chunk_bytes: int) -> None:
    """Refuse chunks that unpack to more than a chunk holds, as HDF5 itself does not."""
    import h5py

    filters = [settings.get_filter(n)[0] for n in range(settings.get_nfilters())]
    packings = filters.count(h5py.h5z.FILTER_DEFLATE)
    if packings > 1:
        raise Hdf5Error(f"'{dataset.name}' is packed twice")
    for number in range(dataset.id.get_num_chunks() if packings else 0):
        chunk = dataset.id.get_chunk_info(number)
        if chunk.size <= _SMALL_CHUNK_BYTES:
            continue
        _, packed = dataset.id.read_direct_chunk(chunk.chunk_offset)
        if len(zlib.decompressobj().decompress(packed, chunk_bytes + 1)) > chunk_bytes:
            raise Hdf5Error(f"'{dataset.name}' has a part that unfolds beyond its size")


def values_of(dataset: Any) -> npt.NDArray[Any]:
    """All values of a data set, once it has been checked."""
    check_announced(dataset)
    return np.asarray(dataset[()])
