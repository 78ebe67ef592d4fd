"""JSON that may be damaged or a stranger's, read within bounds and checked before use."""

from __future__ import annotations

import json
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from mycaffe_py.files.schema import Bounds, DamagedError, fit

T = TypeVar("T")

# Python takes about 20 bytes for one of the densest JSON ("[],[],"): 32 MiB become 640.
MOST_BYTES = 32 << 20
# Files of ours nest 5 deep.
_MOST_DEPTH = 50
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|([\[{])|([\]}])')


def read_json(path: Path, kind: type[T], format_: int | None = None, most: int = MOST_BYTES) -> T:
    """What the file `path` holds, as a `kind`. `format_` is what its field `format` must be.

    Errors: DamagedError, also of more than `most` bytes; OSError where it cannot be read.
    """
    return parse_json(read_bounded(path, most), kind, format_)


def parse_json(
    text: bytes | str, kind: type[T], format_: int | None = None, *, exact: bool = False
) -> T:
    """A text at hand, as a `kind` (schema.py), `exact` where a field not known changes what others
    mean. Errors: DamagedError."""
    raw = load_json(text)
    if format_ is not None:
        found = fit(raw, _Format).format
        if found != format_:
            raise DamagedError(f"format {found}, this version reads {format_}")
    made = fit(raw, kind)
    if exact and (more := sorted(raw.keys() - vars(made).keys())):
        raise DamagedError(f"{more[0][:40]} is not known to this version")
    return made


def read_bounded(path: Path, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file. Errors: OSError; DamagedError for no file or too large a one."""
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise DamagedError("it is no file")
        data = file.read(most + 1)
    if len(data) > most:
        raise DamagedError(f"it has more than {most:,} bytes")
    return data


def load_json(text: bytes | str) -> Any:
    """The plain value of a JSON text. Errors: DamagedError for NaN, infinity, deep nesting too."""
    try:
        known = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        raw = json.loads(known, parse_constant=_no_number)
    except RecursionError:
        raise DamagedError("it is nested too deeply") from None
    except DamagedError:
        raise
    except ValueError as error:
        raise DamagedError(str(error)) from None
    depth = 0
    for sign in _BRACKETS.finditer(known):
        depth += (sign.lastindex == 1) - (sign.lastindex == 2)
        if depth > _MOST_DEPTH:
            raise DamagedError("it is nested too deeply")
    return raw


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without waiting: a pipe without a writer would keep its reader for ever."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _no_number(word: str) -> float:
    raise DamagedError(f"{word[:40]} is no number that can be used")


@dataclass(frozen=True)
class _Format:
    format: Annotated[int, Bounds(0, 2**31)]
