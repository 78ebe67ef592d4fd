"""Floor 8. Errors of a script's own code come out as they were raised, as Caffe lets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from mycaffe_py.layers.python_error import UserCodeError


@contextmanager
def as_raised() -> Iterator[None]:
    """While this lasts, what the code of a Python layer raises goes on unchanged."""
    cause: BaseException | None = None
    try:
        yield
    except UserCodeError as error:
        cause = error.__cause__ or error
    # Outside of `except`, or the two errors would be each other's cause.
    if cause is not None:
        raise cause
