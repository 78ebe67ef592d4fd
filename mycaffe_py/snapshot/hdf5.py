"""Snapshots in HDF5, in Caffe's layout. Needs h5py, the extra hdf5.

Weights: /data/<layer>/<index>, a group for every layer, a shared parameter under its owner only.
With snapshot_diff also /diff/<layer>/<index>, a shared parameter under each layer; not read.
State: iter and current_step (int32, one each), learned_net (a C string), history/<index>.

A layer name with a '/' (GoogLeNet's "inception_3a/1x1") becomes nested groups, on both ways;
Caffe itself dies of such names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mycaffe_py.array_types import Array
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.hdf5_file import Hdf5Error, found_in, opened_hdf5, values_of
from mycaffe_py.files.inflation import InflationError, check_inflation
from mycaffe_py.installing import install_extra
from mycaffe_py.proto.blob import StoredBlob, check_extents
from mycaffe_py.proto.wire import WireError
from mycaffe_py.snapshot.mapped import Mapped

Numbered = dict[int, StoredBlob]
# A layer's name, and arrays by the index of their parameter.
NumberedArrays = tuple[str, dict[int, Array]]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MAX_DEPTH = 32
_MAX_OBJECTS = 1 << 17


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise UserError(
            "HDF5 files need the package h5py",
            do=f"{install_extra('hdf5')}, or write snapshot_format: BINARYPROTO.",
        ) from error
    return h5py


def is_hdf5(data: memoryview) -> bool:
    """Whether a file begins as HDF5 files do; Caffe goes by this too, not by the name."""
    return bytes(data[: len(SIGNATURE)]) == SIGNATURE


def write_h5_weights(
    path: Path, layers: Sequence[NumberedArrays], diffs: Sequence[NumberedArrays] | None = None
) -> None:
    """Write the parameters each layer owns, by their index, atomically; and `diffs`, if any."""
    h5py = _h5py()

    def write(stream: Any) -> None:
        with h5py.File(stream, "w") as file:
            for part, found in (("data", layers), ("diff", diffs)):
                if found is not None:
                    _write_layers(path, file.create_group(part), found)

    write_atomically(path, write)


def _write_layers(path: Path, part: Any, layers: Sequence[NumberedArrays]) -> None:
    for name, blobs in layers:
        _check_name(path, name, bool(blobs))
        group = part.require_group(name) if name else part
        for index, blob in blobs.items():
            _create(group, str(index), blob)


def _check_name(path: Path, name: str, has_blobs: bool) -> None:
    steps = name.split("/")
    if (has_blobs and not name) or any(step.isdigit() for step in steps[1:]) or "." in steps:
        raise UserError(
            f"{path}: layer '{name}' cannot be saved in HDF5",
            wanted="a layer's name becomes groups of the file, its parameters numbers below them",
            do="Rename the layer, or write snapshot_format: BINARYPROTO.",
        )


def _create(group: Any, name: str, blob: Array) -> None:
    group.create_dataset(name, data=np.ascontiguousarray(blob).reshape(blob.shape))


def write_h5_state(
    path: Path,
    iteration: int,
    learned_net: str,
    history: Sequence[Array],
    current_step: int,
    carried: Sequence[Array] = (),
) -> None:
    """Write a solver state, atomically."""
    h5py = _h5py()

    def write(stream: Any) -> None:
        with h5py.File(stream, "w") as file:
            file.create_dataset("iter", data=np.array([iteration], np.int32))
            _write_c_string(h5py, file, "learned_net", learned_net.encode())
            file.create_dataset("current_step", data=np.array([current_step], np.int32))
            for name, blobs in (("history", history), ("carried", carried)):
                group = file.create_group(name) if blobs or name == "history" else None
                for index, blob in enumerate(blobs):
                    _create(group, str(index), blob)

    write_atomically(path, write)


def _write_c_string(h5py: Any, file: Any, name: str, text: bytes) -> None:
    """With its zero inside: Caffe reads as many bytes as there are and takes them for a C string.

    numpy's own bytes would be stored without it.
    """
    kind = h5py.h5t.C_S1.copy()
    kind.set_size(len(text) + 1)
    kind.set_strpad(h5py.h5t.STR_NULLTERM)
    space = h5py.h5s.create(h5py.h5s.SCALAR)
    # Else the time of day would be kept, and two equal runs would write different files.
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_obj_track_times(False)
    dataset = h5py.h5d.create(file.id, name.encode(), kind, space, creation)
    dataset.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array(text, f"S{len(text) + 1}"))


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The open file; whatever h5py makes of a damaged one becomes a WireError."""
    _h5py()
    try:
        with opened_hdf5(path) as file:
            yield file
    except (Hdf5Error, InflationError) as error:
        # Of the errors that pass the open file, those that are ours already are whole.
        ours = isinstance(error.__cause__, WireError)
        raise WireError(str(error.__cause__ if ours else error)) from error


def read_h5_weights(path: Path, mapped: Mapped) -> dict[str, Numbered]:
    """Parameters by layer name and index; views of `mapped` (the same file) where possible.

    Raises WireError for a file that is damaged or has no group /data.
    """
    layers: dict[str, Numbered] = {}
    unfolded = 0
    with _opened(path) as file:
        for name, dataset in _datasets(_group(file, "data")):
            layer, _, index = name.rpartition("/")
            if layer and index.isdecimal() and len(index) < 6:
                layers.setdefault(layer, {})[int(index)] = _blob(dataset, mapped)
                unfolded += int(dataset.size or 0) * dataset.dtype.itemsize
                check_inflation(unfolded, len(mapped.data))
    return {name: dict(sorted(blobs.items())) for name, blobs in layers.items()}


def read_h5_state(
    path: Path, mapped: Mapped
) -> tuple[int, str, list[StoredBlob], int, list[StoredBlob]]:
    """Iteration, path of the weights, history, current_step and carried arrays in `path`.

    Raises WireError for a damaged file or one that is no state.
    """
    with _opened(path) as file:
        history, carried = (_numbered(file, name, mapped) for name in ("history", "carried"))
        net = _one(file, "learned_net") if "learned_net" in file else b""
        learned_net = net.decode() if isinstance(net, bytes) else str(net)
        step = int(_one(file, "current_step")) if "current_step" in file else 0
        return int(_one(file, "iter")), learned_net, history, step, carried


def _numbered(file: Any, name: str, mapped: Mapped) -> list[StoredBlob]:
    """The datasets 0, 1, ... of a group that may be missing."""
    found = dict(_datasets(_group(file, name))) if name in file else {}
    return [_blob(found[str(index)], mapped) for index in range(len(found))]


def _group(file: Any, name: str) -> Any:
    group = found_in(file, name)
    if not isinstance(group, _h5py().Group):
        raise WireError(f"it has no group /{name}")
    return group


def _one(file: Any, name: str) -> Any:
    """The only value of a dataset. Errors: it has none or several."""
    item = found_in(file, name)
    if not isinstance(item, _h5py().Dataset) or item.size != 1:
        raise WireError(f"it has no single value '{name}'")
    return values_of(item).ravel()[0]


def _datasets(group: Any) -> Iterator[tuple[str, Any]]:
    """(path below `group`, dataset) of all there are; links out of the file are not followed."""
    h5py = _h5py()
    waiting = [("", group, 0)]
    seen = 0
    while waiting:
        place, here, depth = waiting.pop()
        for name in here:
            seen += 1
            if depth > _MAX_DEPTH or seen > _MAX_OBJECTS:
                raise WireError("its groups are nested without end")
            if not isinstance(here.get(name, getlink=True), h5py.HardLink):
                continue
            item = here[name]
            if isinstance(item, h5py.Dataset):
                yield place + name, item
            elif isinstance(item, h5py.Group):
                waiting.append((f"{place}{name}/", item, depth + 1))


def _blob(dataset: Any, mapped: Mapped) -> StoredBlob:
    """A dataset's numbers: where they stand in the file, or read when they are packed away."""
    shape = tuple(int(extent) for extent in dataset.shape or ())
    check_extents(shape)
    kind = np.dtype(dataset.dtype)
    if dataset.shape is None or kind.kind not in "fiu":
        raise WireError(f"'{dataset.name}' holds no numbers")
    stored = int(dataset.id.get_storage_size())
    place = dataset.id.get_offset()
    if place is not None and kind in (np.dtype("<f4"), np.dtype("<f8")):
        if place + stored > len(mapped.data) or stored < kind.itemsize * int(np.prod(shape)):
            raise WireError(f"'{dataset.name}' ends inside its values")
        count = int(np.prod(shape))
        return StoredBlob(np.frombuffer(mapped.data, kind, count, place).reshape(shape))
    values = values_of(dataset)
    wide = kind.itemsize == 8 and kind.kind == "f"
    return StoredBlob(np.asarray(values, np.float64 if wide else np.float32).reshape(shape))
