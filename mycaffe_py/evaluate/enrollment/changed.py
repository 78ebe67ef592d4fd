"""The report of `mycaffe enroll`: what is enrolled for a snapshot, and what has just changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.figures import distance_text
from mycaffe_py.files.read_each import Unread
from mycaffe_py.trained.enrollment import Enrollments
from mycaffe_py.trained.snapshot import Snapshot

# Files named of each class; the rest are counted.
_SHOWN_FILES = 3


@dataclass(frozen=True)
class Changed:
    """What is enrolled now, and in which file it is stored.

    `note` says for people where the enrollments are from. `label` is the class that was added, ""
    for none, and `nearest` the class closest to it with the squared distance. `already` are files
    that were among its examples before, `unread` those that could not be read. `done` tells what
    had to be done to a file to read it, a line for each.
    """

    snapshot: Snapshot
    enrollments: Enrollments
    file: Path | None = None
    note: str = ""
    label: str = ""
    already: Sequence[str] = ()
    nearest: tuple[str, float] | None = None
    unread: Sequence[Unread] = ()
    done: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        pairs = zip(self.enrollments.classes.items(), self.enrollments.centroids(), strict=True)
        return {
            "snapshot": str(self.snapshot.files.weights),
            "enrolled": [
                {
                    "label": label,
                    "examples": len(own),
                    "files": [example.file for example in own],
                    "centroid": [float(value) for value in centroid],
                }
                for (label, own), centroid in pairs
            ],
            "already": list(self.already),
            "unread": {str(one.path): str(one.error) for one in self.unread},
            "done": list(self.done),
            "stored_in": str(self.file) if self.file else None,
            "note": self.note,
        }

    def lines(self) -> list[str]:
        """For people."""
        told = [str(self.snapshot.files.weights)]
        if self.note:
            told.append(f"enrollments {self.note}")
        told += self.done
        told += [f"{file} is among the examples already" for file in self.already]
        told += self._table() if self.enrollments.classes else ["nothing is enrolled"]
        if self.nearest is not None:
            other, distance = self.nearest
            apart = distance_text(distance)
            told.append(f"nearest to '{self.label}' is {other}, squared distance {apart}")
        if self.file:
            told.append(f"stored in {self.file}")
        return told

    def _table(self) -> list[str]:
        """A line for each enrolled class."""
        classes = self.enrollments.classes
        width = max(len("enrolled"), *(len(name) for name in classes))
        rows = ["", f"{'enrolled':{width}}  examples  from"]
        for name, own in classes.items():
            files = ", ".join(example.file for example in own[:_SHOWN_FILES])
            left = len(own) - _SHOWN_FILES
            more = f", and {left} more" if left > 0 else ""
            rows.append(f"{name:{width}}  {len(own):8,}  {files}{more}")
        return [*rows, ""]
