"""The queries that fared worst, as a sheet: the query at the left, its nearest at the right."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.figures import distance_text
from mycaffe_py.retrieve.judged.measured import Retrieval
from mycaffe_py.retrieve.picture_rows import Shown, draw_rows
from mycaffe_py.retrieve.ranking import MARK_NAMES

_QUERIES = 20
_NEIGHBOURS = 8


def draw_worst(found: Retrieval, path: Path) -> int:
    """Write the PNG `path` and return how many queries it shows, the worst first.

    A green frame means the query's class, a red one another. Errors: the file cannot be written.
    """
    rows, near = found.worst(_QUERIES, _NEIGHBOURS)
    title = (
        f"The {len(rows)} worst of {found.net.marks.n:,} queries of {found.asked.queries.name}, "
        "by R-precision"
    )
    shown = [
        _search(found, int(row), near.rows[place].tolist(), near.distances[place].tolist())
        for place, row in enumerate(rows)
    ]
    return draw_rows(path, title, shown)


def _search(found: Retrieval, row: int, near: list[int], far: list[float]) -> list[Shown]:
    label = int(found.table.query_labels[row])
    precision = found.ranking.marks[row, MARK_NAMES.index("R-precision")]
    picture = found.asked.queries.image(int(found.asked.records[row]))
    query = Shown(picture, (_name(found, label), f"R-prec. {100 * precision:.0f} %"))
    return [query, *(_neighbour(found, label, *one) for one in zip(near, far, strict=True))]


def _neighbour(found: Retrieval, wanted: int, row: int, distance: float) -> Shown:
    label = int(found.table.gallery_labels[row])
    picture = found.asked.among.image(int(found.asked.among_records[row]))
    return Shown(picture, (_name(found, label), distance_text(distance)), label == wanted)


def _name(found: Retrieval, label: int) -> str:
    return found.asked.queries.label_names.get(label, str(label))
