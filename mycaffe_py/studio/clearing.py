"""What the studio keeps in its own folder goes when nothing needs it any more."""

from __future__ import annotations

import time
from contextlib import suppress

from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.workspace import Workspace

# Lists of items that were chosen on the map, see commands/map.py.
RECORDS = "records"
# A list is written before its command is started, so a new one may belong to no job yet.
_UNUSED_S = 24 * 3600.0


def clear_old(workspace: Workspace, jobs: Jobs) -> None:
    """Forget all but the newest commands that ended, and lists of items that no command names."""
    jobs.forget_old()
    named = "\n".join("\n".join(job.arguments) for job in jobs.all())
    for path in (workspace.own / RECORDS).glob("*.txt"):
        with suppress(OSError):
            unused_s = time.time() - path.stat().st_mtime
            if path.name not in named and unused_s > _UNUSED_S:
                path.unlink()
