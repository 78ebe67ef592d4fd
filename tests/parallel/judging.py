"""Judges a table of rows on the processes that mpiexec has started; run by the tests."""

from __future__ import annotations

import hashlib

import numpy as np

from mycaffe_py.parallel.joined import joined
from mycaffe_py.retrieve import pair_counts, ranking, verification_interval
from mycaffe_py.retrieve.clustering import label_agreement
from mycaffe_py.retrieve.marks import summarize
from mycaffe_py.retrieve.table import searched
from mycaffe_py.retrieve.verification import verify
from mycaffe_py.solver.team import Team

QUERIES, GALLERY, CLASSES = 120, 90, 4


def judged(team: Team) -> str:
    """All marks of a table among themselves, and of one with a gallery, cut into many parts."""
    for module in (pair_counts, verification_interval):
        vars(module)["_PAIRS"] = 1000
    vars(ranking)["_TOGETHER_BYTES"] = 0
    random = np.random.default_rng(4)
    # Whole numbers, so that many pairs are exactly as far.
    rows = random.integers(0, 6, (QUERIES + GALLERY, 3)).astype(np.float32)
    labels = random.integers(0, CLASSES, len(rows))
    lines = []
    for gallery in ((), (rows[QUERIES:], labels[QUERIES:])):
        table = searched(rows[:QUERIES], labels[:QUERIES], *gallery)
        ranked = ranking.rank(table, team=team)
        agreement = label_agreement(table.queries, table.query_labels, team=team)
        verified = verify(table, far_levels=(0.2, 0.05), team=team)
        told = hashlib.sha256(ranked.marks.tobytes()).hexdigest()
        lines += [told, repr(summarize(ranked)), repr(agreement), repr(verified)]
    return "\n".join(lines)


if __name__ == "__main__":
    with joined() as members:
        print(judged(members))
