"""The files of a run are those of one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mycaffe_py.files.lock import locked
from mycaffe_py.snapshot.names import lock_path, remove_unnamed
from mycaffe_py.solver.hooks.snapshot import check_writable
from mycaffe_py.solver.texts import Job

_ANOTHER_PREFIX = (
    "Wait for its end, or let this run write elsewhere: --set solver.snapshot_prefix=FOLDER/NAME."
)


@contextmanager
def owned(job: Job, prefix: Path, *, first: bool) -> Iterator[None]:
    """Keep other runs off the files that begin with `prefix`; remove what a kill left over.

    It is the first of the processes that train together that does so.
    """
    if not first:
        yield
        return
    check_writable(prefix.parent, job.where.at("snapshot_prefix"))
    with locked(lock_path(prefix), f"the run '{prefix}'", do=_ANOTHER_PREFIX):
        remove_unnamed(prefix)
        yield
