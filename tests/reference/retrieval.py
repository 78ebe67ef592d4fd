"""Retrieval as a student would write it, in plain loops, and the tables marks were recorded on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """Queries and a gallery with labels; the gallery is None where they are searched themselves."""

    queries: np.ndarray
    query_labels: np.ndarray
    gallery: np.ndarray | None = None
    gallery_labels: np.ndarray | None = None


def recorded_tables() -> dict[str, Table]:
    """The embeddings of tests/golden/retrieval, float32."""
    random = np.random.default_rng(20)

    def rows(labels: np.ndarray, spread: float) -> np.ndarray:
        middles = np.random.default_rng(21).standard_normal((40, 16))
        noise = random.standard_normal((len(labels), 16))
        return (middles[labels] + spread * noise).astype(np.float32)

    even = random.permutation(np.repeat(np.arange(10), 40))
    # Sizes from 1 to 40: the only item of a label has nothing to find.
    uneven = random.permutation(np.repeat(np.arange(40), np.arange(1, 41)))
    asked = random.integers(0, 12, 150)
    return {
        "even": Table(rows(even, 0.9), even),
        "uneven": Table(rows(uneven, 1.2), uneven),
        "gallery": Table(rows(asked, 0.8), asked, rows(even, 0.8), even),
    }


def recorded_clusters(rows: np.ndarray, k: int) -> np.ndarray:
    """Each row's nearest of the first k rows."""
    return np.array([np.argmin([distance(row, one) for one in rows[:k]]) for row in rows])


def distance(a: np.ndarray, b: np.ndarray, metric: str = "squared") -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    if metric == "squared":
        return float(((a - b) ** 2).sum())
    lengths = math.sqrt((a * a).sum()) * math.sqrt((b * b).sum())
    return 1 - float((a * b).sum()) / lengths if lengths else 1.0


def ranking(query, rows, own=-1, metric="squared") -> list[tuple[float, int]]:
    """(distance, row) of all rows but the query's own, nearest first."""
    return sorted(
        (distance(query, row, metric), number) for number, row in enumerate(rows) if number != own
    )


def marks(right: list[bool]) -> list[float]:
    """Marks of one query from whether each place of its ranking is right."""
    count = sum(right)
    if not count:
        return [math.nan] * 8
    precision = [sum(right[: i + 1]) / (i + 1) for i in range(len(right))]
    found = [float(any(right[:k])) for k in (1, 2, 4, 8)]
    found.append(sum(right[:count]) / count)
    found.append(sum(p for p, r in zip(precision[:count], right[:count], strict=True) if r) / count)
    found.append(sum(p for p, r in zip(precision, right, strict=True) if r) / count)
    return [*found, 1 / (right.index(True) + 1)]


def pairs(table: Table) -> tuple[list[float], list[float]]:
    """Distances of like and of unlike pairs; among themselves each pair once."""
    like, unlike = [], []
    rows, labels = table.gallery, table.gallery_labels
    for q, query in enumerate(table.queries):
        others = range(len(rows)) if rows is not None else range(q + 1, len(table.queries))
        for other in others:
            row = (table.queries if rows is None else rows)[other]
            label = (table.query_labels if labels is None else labels)[other]
            (like if label == table.query_labels[q] else unlike).append(distance(query, row))
    return like, unlike


def groups(rows: np.ndarray, within: float) -> list[list[int]]:
    """Rows that hang together by pairs within a distance: groups of two or more."""
    left, found = set(range(len(rows))), []
    while left:
        group, edge = set(), [min(left)]
        while edge:
            one = edge.pop()
            group.add(one)
            edge += [o for o in left - group if distance(rows[one], rows[o]) <= within]
        left -= group
        if len(group) > 1:
            found.append(sorted(group))
    return found
