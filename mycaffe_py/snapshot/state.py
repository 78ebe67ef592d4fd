"""Floor 2. `.solverstate` files: iteration, history and the weights file they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy.typing as npt

from mycaffe_py.errors import UserError
from mycaffe_py.proto.wire import (
    BYTES,
    VARINT,
    WireError,
    bytes_header,
    fields,
    varints,
    write_varint,
)
from mycaffe_py.snapshot.atomic import write_atomically
from mycaffe_py.snapshot.blob import StoredBlob, blob_size, read_blob, write_blob

Array = npt.NDArray[Any]

_ITER, _LEARNED_NET, _HISTORY, _CURRENT_STEP = 1, 2, 3, 4


@dataclass(frozen=True)
class SavedState:
    """A solver state as read. `learned_net` is the weights file's path as it was written."""

    iteration: int
    learned_net: str
    history: Sequence[StoredBlob]
    current_step: int


def write_state(
    path: Path, iteration: int, learned_net: str, history: Sequence[Array], current_step: int
) -> None:
    """Write a SolverState to `path`, atomically."""

    def write(file: BinaryIO) -> None:
        net = learned_net.encode()
        file.write(write_varint(_ITER << 3) + write_varint(iteration))
        file.write(bytes_header(_LEARNED_NET, len(net)) + net)
        for blob in history:
            file.write(bytes_header(_HISTORY, blob_size(blob)))
            write_blob(file, blob)
        file.write(write_varint(_CURRENT_STEP << 3) + write_varint(current_step))

    write_atomically(path, write)


def read_state(path: Path) -> SavedState:
    """Read a solver state, Caffe's or MyCaffe's (which writes its numbers as packed lists).

    Raises UserError for a file that is missing, truncated or no solver state.
    """
    numbers = {_ITER: -1, _CURRENT_STEP: 0}
    learned_net = ""
    history = []
    try:
        for number, kind, value in fields(memoryview(path.read_bytes())):
            if number in numbers and kind == VARINT and isinstance(value, int):
                numbers[number] = value
            elif number in numbers and isinstance(value, memoryview):
                numbers[number] = (varints(value) or [0])[-1]
            elif number == _LEARNED_NET and kind == BYTES and isinstance(value, memoryview):
                learned_net = bytes(value).decode()
            elif number == _HISTORY and kind == BYTES and isinstance(value, memoryview):
                history.append(read_blob(value))
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror or error}") from error
    except (WireError, UnicodeDecodeError) as error:
        raise _damaged(path, str(error)) from error
    if not 0 <= numbers[_ITER] < 1 << 31:
        raise _damaged(path, "it tells no iteration")
    return SavedState(numbers[_ITER], learned_net, history, numbers[_CURRENT_STEP])


def _damaged(path: Path, why: str) -> UserError:
    return UserError(
        f"{path} is no solverstate, or a damaged one: {why}",
        wanted="a binary solver state as Caffe, MyCaffe or this program writes it",
        do="Resume from an older .solverstate.",
    )
