"""The error of a user's own code, told in one line with the place where it happened."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path

from mycaffe_py.errors import UserError

_OURS = str(Path(__file__).parents[2])
_LIBRARIES = tuple({sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")})


class UserCodeError(UserError):
    """Code of the user has raised: what, is the `__cause__`."""


def told(during: str, error: Exception) -> str:
    """What happened: `during` what, the exception, and the innermost line of the user's files."""
    return f"{during} raised {type(error).__name__}: {error} ({_place(error)})"


def _place(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _foreign(frame.filename)]
    frame = (own or frames)[-1]
    return f"{frame.filename}:{frame.lineno}"


def _foreign(file: str) -> bool:
    """Whether a file is part of Python, of a library or of this package."""
    return file.startswith((_OURS, "<frozen", *_LIBRARIES))
