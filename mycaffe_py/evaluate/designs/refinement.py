"""The report of `mycaffe refine`: the marks of base and head before and after each stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.progress import Progress
from mycaffe_py.evaluate.designs.judging import Marks
from mycaffe_py.evaluate.designs.parts import Parts
from mycaffe_py.evaluate.designs.refining import (
    Schedule,
    Together,
    learning_part,
    measure_marks,
    refine,
)
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.plain_json import dumps

BEFORE = "before"


@dataclass(frozen=True)
class Refinement:
    """What came out: `marks` before, and after each stage by its name; `weights` at the end."""

    together: Together
    source: str
    split_by: str
    weights: Path
    marks: Mapping[str, Marks]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "head": self.together.head.name,
            "base": self.together.model,
            "blob": self.together.blob,
            "source": self.source,
            "split_by": self.split_by,
            "weights": str(self.weights),
            "marks": {name: asdict(marks) for name, marks in self.marks.items()},
        }

    def lines(self) -> list[str]:
        """For people."""
        first = self.marks[BEFORE]
        count = f"{first.pairs:,} pairs and {first.queries:,} queries"
        head, base = self.together.head.name, self.together.model
        told = ["", f"{head} on {base}: {count} of {self.source}"]
        told.append(f"{'':8}  accuracy, %     AUC  EER, %  recall@1, %")
        told += [
            f"{name:8}  {100 * one.accuracy:11.2f}  {one.auc:6.4f}  {100 * one.eer:6.2f}  "
            f"{100 * one.recall_at_1:11.1f}"
            for name, one in self.marks.items()
        ]
        return told

    def write(self, folder: Path) -> Path:
        """Keep the JSON in `folder`; the file is returned."""
        path = folder / "refine.json"
        write_atomically(path, f"{dumps(self.as_json(), indent=1)}\n".encode())
        return path


def refine_in_stages(
    together: Together, source: ArraySource, parts: Parts, split_by: str, schedule: Schedule
) -> Refinement | None:
    """Measure, train stage by stage, and measure after each one. Stages of 0 iterations are none.

    `parts` are those of `source` by `split_by`. None where somebody stopped the training; then
    `mycaffe resume` goes on.
    """

    def measured(weights: tuple[Path, Path]) -> Marks:
        with Progress(None, "image", "marks") as bar:
            return measure_marks(together, weights, source, parts, schedule.batch, bar.update)

    weights: tuple[Path, ...] = (together.base, together.head_weights)
    found = {BEFORE: measured((together.base, together.head_weights))}
    learned = learning_part(source, parts)
    for stage in schedule.stages:
        if not stage.iterations:
            continue
        end = refine(together, learned, source.shape[0], stage, weights, schedule)
        if end is None:
            return None
        weights = (end,)
        found[stage.name] = measured((end, end))
    return Refinement(together, source.name, split_by, weights[0], found)
