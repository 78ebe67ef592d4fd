"""Files of a command line that could not be read, told behind the answers for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mycaffe_py.files.read_each import Unread


def tell_unread(unread: Sequence[Unread]) -> int:
    """A line of error for each; the exit code: 0 where there are none, else 2."""
    from mycaffe_py.cli.main import complain

    codes = [complain(str(one.error), one.error.exit_code) for one in unread]
    return max(codes, default=0)
