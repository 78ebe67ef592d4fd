"""`.solverstate` files: iteration, history and the weights file they belong to.

As protobuf or in HDF5; what a file is decides, not how it is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mycaffe_py.array_types import Array
from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.proto.blob import StoredBlob, blob_size, read_blob, write_blob
from mycaffe_py.proto.file_kind import STATE
from mycaffe_py.proto.wire import (
    BYTES,
    VARINT,
    WireError,
    bytes_header,
    check_parts,
    fields,
    varints,
    write_varint,
)
from mycaffe_py.snapshot.hdf5 import is_hdf5, read_h5_state, write_h5_state
from mycaffe_py.snapshot.mapped import map_file
from mycaffe_py.snapshot.other_kind import refuse_other_kind

_ITER, _LEARNED_NET, _HISTORY, _CURRENT_STEP = 1, 2, 3, 4
_CARRIED = 1000


@dataclass(frozen=True)
class SavedState:
    """A solver state as read. `learned_net` is the weights file's path as it was written.

    `carried` is what layers carry from batch to batch; Caffe and MyCaffe write none.
    """

    iteration: int
    learned_net: str
    history: Sequence[StoredBlob]
    current_step: int
    carried: Sequence[StoredBlob] = ()


def write_state(
    path: Path,
    iteration: int,
    learned_net: str,
    history: Sequence[Array],
    current_step: int,
    carried: Sequence[Array] = (),
    *,
    hdf5: bool = False,
) -> None:
    """Write a SolverState to `path`, atomically."""
    if hdf5:
        write_h5_state(path, iteration, learned_net, history, current_step, carried)
        return

    def write(file: BinaryIO) -> None:
        net = learned_net.encode()
        file.write(write_varint(_ITER << 3) + write_varint(iteration))
        file.write(bytes_header(_LEARNED_NET, len(net)) + net)
        for blob in history:
            file.write(bytes_header(_HISTORY, blob_size(blob)))
            write_blob(file, blob)
        file.write(write_varint(_CURRENT_STEP << 3) + write_varint(current_step))
        for blob in carried:
            file.write(bytes_header(_CARRIED, blob_size(blob)))
            write_blob(file, blob)

    write_atomically(path, write)


def read_state(path: Path) -> SavedState:
    """Read a solver state, Caffe's or MyCaffe's (which writes its numbers as packed lists).

    Raises UserError for a file that is missing, truncated or no solver state.
    """
    mapped = map_file(path)
    refuse_other_kind(path, mapped.data, STATE)
    try:
        if is_hdf5(mapped.data):
            state = SavedState(*read_h5_state(path, mapped))
        else:
            state = _read_message(mapped.data)
    except (WireError, UnicodeDecodeError) as error:
        raise _damaged(path, str(error)) from error
    if not (0 <= state.iteration < 1 << 31 and 0 <= state.current_step < 1 << 31):
        raise _damaged(path, "it tells no iteration")
    return state


def _read_message(data: memoryview) -> SavedState:
    numbers = {_ITER: -1, _CURRENT_STEP: 0}
    learned_net = ""
    blobs: dict[int, list[StoredBlob]] = {_HISTORY: [], _CARRIED: []}
    for number, kind, value in fields(data):
        if number in numbers and kind == VARINT and isinstance(value, int):
            numbers[number] = value
        elif number in numbers and isinstance(value, memoryview):
            numbers[number] = (varints(value) or [0])[-1]
        elif number == _LEARNED_NET and kind == BYTES and isinstance(value, memoryview):
            learned_net = bytes(value).decode()
        elif number in blobs and kind == BYTES and isinstance(value, memoryview):
            blobs[number].append(read_blob(value))
            check_parts(len(blobs[number]), "blobs")
    history, carried = blobs.values()
    return SavedState(numbers[_ITER], learned_net, history, numbers[_CURRENT_STEP], carried)


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is no solverstate, or a damaged one: {why}",
        wanted="a solver state as Caffe, MyCaffe or this program writes it",
        do="Resume from an older .solverstate.",
    )
