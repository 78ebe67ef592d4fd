"""Record what pytorch-metric-learning and scikit-learn say of the tables of tests/reference.

Run once from the top folder, in an environment with pytorch-metric-learning 2.9.0, faiss-cpu and
scikit-learn:  python -m tests.golden.retrieval.record
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytorch_metric_learning
import sklearn
import torch
from pytorch_metric_learning.utils.accuracy_calculator import AccuracyCalculator
from sklearn.metrics import (
    adjusted_mutual_info_score,
    average_precision_score,
    normalized_mutual_info_score,
    roc_auc_score,
    roc_curve,
)

from tests.reference.retrieval import Table, pairs, ranking, recorded_clusters, recorded_tables

NAMES = (
    "precision_at_1", "r_precision", "mean_average_precision_at_r", "mean_average_precision",
    "mean_reciprocal_rank", "NMI", "AMI",
)  # fmt: skip


def by_pml(table: Table, macro: bool) -> dict[str, float]:
    """Marks by PML, the whole gallery being ranked."""
    rows = table.queries if table.gallery is None else table.gallery
    k = len(rows) - (table.gallery is None)
    calculator = AccuracyCalculator(
        include=NAMES,
        avg_of_avgs=macro,
        k=k,
        device=torch.device("cpu"),
        kmeans_func=lambda x, count: torch.from_numpy(recorded_clusters(x.numpy(), count)),
    )
    reference = () if table.gallery is None else (table.gallery, table.gallery_labels)
    given = [torch.from_numpy(part) for part in (table.queries, table.query_labels, *reference)]
    return {name: float(value) for name, value in calculator.get_accuracy(*given).items()}


def by_sklearn(table: Table) -> dict[str, float]:
    """AUC, EER, TAR, NMI, AMI and mean average precision by scikit-learn."""
    like, unlike = pairs(table)
    truth = np.repeat([1, 0], [len(like), len(unlike)])
    scores = -np.array(like + unlike)
    far, tar, _ = roc_curve(truth, scores, drop_intermediate=False)
    place = int(np.argmax(far >= 1 - tar))
    before, after = (1 - tar - far)[place - 1], (far - 1 + tar)[place]
    share = before / (before + after)
    labels = table.query_labels
    clusters = recorded_clusters(table.queries, len(np.unique(labels)))
    return {
        "AUC": roc_auc_score(truth, scores),
        "EER": far[place - 1] + share * (far[place] - far[place - 1]),
        "TAR@0.01": tar[far <= 0.01].max(),
        "TAR@0.001": tar[far <= 0.001].max(),
        "mAP": average_precision(table),
        "NMI": normalized_mutual_info_score(labels, clusters),
        "AMI": adjusted_mutual_info_score(labels, clusters),
    }


def average_precision(table: Table) -> float:
    """Mean over the queries that can find something."""
    rows = table.queries if table.gallery is None else table.gallery
    labels = table.query_labels if table.gallery_labels is None else table.gallery_labels
    found = []
    for q, query in enumerate(table.queries):
        order = ranking(query, rows, q if table.gallery is None else -1)
        right = [labels[row] == table.query_labels[q] for _, row in order]
        if any(right):
            found.append(average_precision_score(right, [-d for d, _ in order]))
    return float(np.mean(found))


def main() -> None:
    """Write recorded.json beside this file."""
    versions = {
        "pytorch-metric-learning": pytorch_metric_learning.__version__,
        "scikit-learn": sklearn.__version__,
    }
    tables = {
        name: {
            "PML": by_pml(table, macro=False),
            "PML macro": by_pml(table, macro=True),
            "scikit-learn": by_sklearn(table),
        }
        for name, table in recorded_tables().items()
    }
    path = Path(__file__).parent / "recorded.json"
    path.write_text(json.dumps({"versions": versions, "tables": tables}, indent=1) + "\n")


if __name__ == "__main__":
    main()
