"""Marks against those of pytorch-metric-learning and scikit-learn on the same embeddings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.retrieve.agreement import (
    adjusted_mutual_information,
    normalized_mutual_information,
)
from mycaffe_py.retrieve.marks import summarize
from mycaffe_py.retrieve.ranking import rank
from mycaffe_py.retrieve.table import searched
from mycaffe_py.retrieve.verification import verify
from tests.reference.retrieval import recorded_clusters, recorded_tables

RECORDED = json.loads(
    (Path(__file__).parents[1] / "golden/retrieval/recorded.json").read_text(encoding="utf-8")
)
TABLES = recorded_tables()
PML_NAMES = {
    "recall@1": "precision_at_1",
    "R-precision": "r_precision",
    "MAP@R": "mean_average_precision_at_r",
    "mAP": "mean_average_precision",
    "MRR": "mean_reciprocal_rank",
}


def _searched(name: str):
    table = TABLES[name]
    return searched(table.queries, table.query_labels, table.gallery, table.gallery_labels)


@pytest.mark.parametrize("name", TABLES)
def test_marks_are_those_of_pytorch_metric_learning(name: str) -> None:
    marks = summarize(rank(_searched(name)))
    wanted = RECORDED["tables"][name]
    for ours, theirs in PML_NAMES.items():
        assert marks[ours].micro == pytest.approx(wanted["PML"][theirs], abs=1e-6)
        assert marks[ours].macro == pytest.approx(wanted["PML macro"][theirs], abs=1e-6)
    assert marks["mAP"].micro == pytest.approx(wanted["scikit-learn"]["mAP"], abs=1e-6)


@pytest.mark.parametrize("name", TABLES)
def test_verification_is_that_of_scikit_learn(name: str) -> None:
    found = verify(_searched(name))
    wanted = RECORDED["tables"][name]["scikit-learn"]
    assert found.auc.value == pytest.approx(wanted["AUC"], abs=1e-6)
    assert found.eer.value == pytest.approx(wanted["EER"], abs=1e-6)
    assert [at.far for at in found.at] == [0.01, 0.001]
    assert found.at[0].tar.value == pytest.approx(wanted["TAR@0.01"], abs=1e-6)
    assert found.at[1].tar.value == pytest.approx(wanted["TAR@0.001"], abs=1e-6)


@pytest.mark.parametrize("name", TABLES)
def test_clusters_agree_with_labels_as_scikit_learn_says(name: str) -> None:
    table = TABLES[name]
    k = len(np.unique(table.query_labels))
    clusters = recorded_clusters(table.queries, k)
    wanted = RECORDED["tables"][name]["scikit-learn"]
    nmi = normalized_mutual_information(table.query_labels, clusters)
    assert nmi == pytest.approx(wanted["NMI"], abs=1e-6)
    ami = adjusted_mutual_information(table.query_labels, clusters)
    assert ami == pytest.approx(wanted["AMI"], abs=1e-6)
