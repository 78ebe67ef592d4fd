"""AUC, EER and TAR at FAR of all pairs against counting them one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mycaffe_py.evaluate.threshold.roc import roc
from mycaffe_py.retrieve import pair_counts, verification
from mycaffe_py.retrieve.table import searched
from mycaffe_py.retrieve.verification import verify
from tests.reference.retrieval import Table, pairs


def _table(seed: int, coarse: bool, n: int = 50) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.integers(0, 4, n)
    rows = labels[:, np.newaxis] * 0.7 + random.standard_normal((n, 3))
    return (np.round(rows) if coarse else rows).astype(np.float32), labels


def _check(found, like: list[float], unlike: list[float]) -> None:
    curve = roc(np.array(like), np.array(unlike))
    assert (found.like_n, found.unlike_n) == (len(like), len(unlike))
    assert found.auc.value == pytest.approx(curve.auc, abs=1e-12)
    assert found.eer.value == pytest.approx(curve.eer, abs=1e-12)
    for at in found.at:
        accepted = [t for t in like if sum(u <= t for u in unlike) <= at.far * len(unlike)]
        assert at.tar.value == pytest.approx(len(accepted) / len(like), abs=1e-12)
        if accepted:
            assert at.threshold == pytest.approx(max(accepted), rel=1e-12)
            assert at.reached <= at.far
        else:
            assert math.isnan(at.threshold) and at.reached == 0


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_all_pairs_of_a_table(seed, coarse):
    rows, labels = _table(seed, coarse)
    found = verify(searched(rows, labels), far_levels=(0.1, 0.01, 0.001))
    _check(found, *pairs(Table(rows, labels)))


@pytest.mark.parametrize("coarse", [False, True])
def test_all_pairs_with_a_gallery(coarse):
    rows, labels = _table(7, coarse, 20)
    gallery, others = _table(8, coarse, 45)
    found = verify(searched(rows, labels, gallery, others))
    _check(found, *pairs(Table(rows, labels, gallery, others)))


def test_blocks_do_not_change_the_counts(monkeypatch):
    rows, labels = _table(3, True)
    wanted = verify(searched(rows, labels))
    monkeypatch.setattr(pair_counts, "_PAIRS", 120)
    assert verify(searched(rows, labels)) == wanted


def test_perfect_and_reversed_tables():
    labels = np.array([0, 0, 1, 1])
    found = verify(searched(np.array([[0], [1], [10], [11]]), labels))
    assert (found.auc.value, found.eer.value, found.at[0].tar.value) == (1, 0, 1)
    assert (found.auc.low, found.auc.high) == (1, 1)
    turned = verify(searched(np.array([[0], [10], [1], [11]]), labels))
    assert turned.auc.value < 0.5 and turned.at[0].tar.value == 0


def test_collapsed_embeddings_tell_nothing():
    found = verify(searched(np.ones((12, 2)), np.arange(12) % 3))
    assert found.auc.value == found.eer.value == 0.5
    assert found.at[0].tar.value == 0 and math.isnan(found.at[0].threshold)


@pytest.mark.parametrize("labels", [[0, 1, 2], [5, 5, 5], [1], []])
def test_without_like_or_unlike_pairs_nothing_is_measured(labels):
    found = verify(searched(np.zeros((len(labels), 2)), np.array(labels, int)))
    assert math.isnan(found.auc.value) and math.isnan(found.at[1].tar.value)
    assert found.like_n + found.unlike_n == len(labels) * (len(labels) - 1) // 2


def test_of_many_items_a_sample_is_judged_and_told(monkeypatch):
    rows, labels = _table(1, False, 60)
    monkeypatch.setattr(verification, "MOST_ITEMS", 40)
    found = verify(searched(rows, labels))
    assert (found.items, found.sampled) == (40, True)
    assert found.like_n + found.unlike_n == 40 * 39 // 2
    assert verify(searched(rows, labels)) == found


def test_the_interval_is_about_as_wide_as_fresh_items_spread():
    def auc(seed: int):
        return verify(searched(*_table(seed, False, 80))).auc

    found = [auc(seed) for seed in range(100, 120)]
    spread = np.std([one.value for one in found])
    width = np.mean([one.high - one.low for one in found]) / (2 * 1.96)
    assert 0.6 < width / spread < 1.6
    assert all(one.low <= one.value <= one.high for one in found)


def test_a_rate_beyond_1_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        verify(searched(np.ones((4, 1)), np.array([0, 0, 1, 1])), far_levels=(1.5,))
