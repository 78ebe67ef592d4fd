"""What all pages of one studio share."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any

from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.worker import Workers
from mycaffe_py.studio.workspace import Workspace


@dataclass
class Studio:
    """The folder, its jobs, the nets that are asked, and whether the server is about to end."""

    workspace: Workspace
    jobs: Jobs
    closing: threading.Event = field(default_factory=threading.Event)
    workers: Workers = field(init=False)

    def __post_init__(self) -> None:
        """Nets are asked in the folder, as a command there would read its data."""
        self.workers = Workers(self.workspace.root)

    def told_jobs(self) -> list[dict[str, Any]]:
        """Every job as pages show it, the newest first."""
        return [
            {
                "number": job.number, "command": job.words, "name": job.arguments[0],
                "arguments": list(job.arguments), "place": job.place,
                "state": self.jobs.state(job), "exit_code": self.jobs.exit_code(job),
            }
            for job in reversed(self.jobs.all())
        ]  # fmt: skip
