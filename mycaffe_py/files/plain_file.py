"""Files that a text, a list or a solver names: plain ones alone are read.

A device such as /dev/zero has no end, and a pipe without a writer keeps its reader for ever; a
stranger's text could name either.
"""

import errno
import os
import stat
from pathlib import Path


def check_plain(path: Path) -> None:
    """Errors: OSError where `path` leads to nothing, to a folder, a device or a pipe.

    ValueError for a zero byte in it.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "It is a device or a pipe, no plain file", str(path))


def read_plain(path: Path) -> bytes:
    """The bytes of a plain file. Errors: as check_plain, and OSError where it cannot be read."""
    check_plain(path)
    return path.read_bytes()


def read_plain_text(path: Path) -> str:
    """The UTF-8 text of a plain file, without the mark that Windows editors put ahead of it.

    Errors: as read_plain, and ValueError for other bytes.
    """
    check_plain(path)
    return path.read_text(encoding="utf-8-sig")
