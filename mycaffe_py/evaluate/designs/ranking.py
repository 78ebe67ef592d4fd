"""The report of `mycaffe rank`: designs compared, for people, for machines and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.source import open_source
from mycaffe_py.evaluate.designs.chart import draw_ranking
from mycaffe_py.evaluate.designs.parts import Parts, split
from mycaffe_py.evaluate.designs.table import Row, rank, table_json, table_lines
from mycaffe_py.evaluate.designs.workbench import Comparison, Result
from mycaffe_py.evaluate.pictures.if_possible import drawn_if_possible
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.plain_json import dumps


@dataclass(frozen=True, eq=False)
class Ranking:
    """The `rows` of a comparison, the best first, on these `parts` of its table `source`."""

    comparison: Comparison
    source: ArraySource
    parts: Parts
    rows: Sequence[Row]

    @staticmethod
    def of(comparison: Comparison, results: Sequence[Result]) -> Ranking:
        """The ranking by the `results` of all runs."""
        source = open_source(comparison.source)
        parts = split(source, comparison.split_by, comparison.unseen)
        return Ranking(comparison, source, parts, rank(results))

    @property
    def title(self) -> str:
        """What the designs were judged on, in one line."""
        names = [self.source.label_names.get(label, str(label)) for label in self.parts.unseen]
        kind = f"classes {', '.join(names)}" if names else "images set aside"
        pairs, queries = max(row.pairs for row in self.rows), max(row.queries for row in self.rows)
        return f"{self.source.name}, judged by {kind}: {pairs:,} pairs, {queries:,} queries"

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        parts = self.parts
        sizes = {"learn": len(parts.learn), "tune": len(parts.tune), "judge": len(parts.judge)}
        return {
            "features": self.source.name,
            "checksum": self.source.checksum,
            "split_by": self.comparison.split_by,
            "unseen": list(parts.unseen),
            "pairs": self.comparison.pairs,
            "images": sizes,
            "designs": table_json(self.rows),
        }

    def lines(self) -> list[str]:
        """For people."""
        told = [self.title, "", *table_lines(self.rows), ""]
        if any(row.baseline for row in self.rows):
            told.append("* a baseline. Seconds: of one run's training.")
        return told

    def write(self) -> Path:
        """Keep the JSON in the folder of the comparison; the file is returned."""
        path = self.comparison.folder / "rank.json"
        write_atomically(path, f"{dumps(self.as_json(), indent=1)}\n".encode())
        return path

    def draw(self) -> Path | None:
        """The picture beside it; None where it cannot be drawn, which is told."""
        path = self.comparison.folder / "rank.png"
        return drawn_if_possible(lambda: draw_ranking(path, self.title, self.rows))
