"""Lets errors of a script's own code pass as they were raised, as Caffe does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mycaffe_py.layers.user.python_error import UserCodeError


@contextmanager
def as_raised() -> Iterator[None]:
    """A context in which errors that the code of a Python layer raises pass unchanged."""
    cause: BaseException | None = None
    try:
        yield
    except UserCodeError as error:
        cause = error.__cause__ or error
    # Outside of `except`, or the two errors would be each other's cause.
    if cause is not None:
        raise cause
