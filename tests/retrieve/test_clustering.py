"""k-means: finds plain clusters, repeats itself, survives rows that are all the same."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from mycaffe_py.retrieve.clustering import k_means, label_agreement


def _blobs() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    labels = random.permutation(np.repeat([3, 8, 9, 20], [5, 30, 40, 25]))
    middles = 30 * random.standard_normal((21, 4))
    return (middles[labels] + random.standard_normal((100, 4))).astype(np.float32), labels


def test_clusters_far_apart_are_the_labels():
    found = label_agreement(*_blobs())
    assert (found.nmi, found.ami) == pytest.approx((1, 1))
    assert (found.k, found.n) == (4, 100)


def test_centres_are_the_means_of_their_rows():
    rows, _ = _blobs()
    found = k_means(rows, 4)
    for number, centre in enumerate(found.centres):
        np.testing.assert_allclose(centre, rows[found.numbers == number].mean(axis=0), rtol=1e-5)
    gaps = rows - found.centres[found.numbers]
    assert found.inertia == pytest.approx((gaps**2).sum(), rel=1e-9)


def test_same_seed_same_bits_on_any_threads():
    rows = np.random.default_rng(3).standard_normal((300, 5)).astype(np.float32)
    before = numba.get_num_threads()
    try:
        found = []
        for threads in {1, min(2, numba.config.NUMBA_NUM_THREADS)}:
            numba.set_num_threads(threads)
            found.append(k_means(rows, 12))
    finally:
        numba.set_num_threads(before)
    for one in found:
        assert np.array_equal(one.numbers, found[0].numbers)
        assert one.inertia == found[0].inertia
    assert k_means(rows, 12, seed=1).inertia != found[0].inertia


@pytest.mark.parametrize("k", [1, 3, 6])
def test_rows_that_are_all_the_same(k):
    found = k_means(np.ones((6, 2), np.float32), k)
    assert found.inertia == 0


def test_as_many_clusters_as_rows():
    assert k_means(np.arange(7.0)[:, np.newaxis], 7).inertia == 0


def test_more_clusters_than_rows_are_refused():
    with pytest.raises(ValueError, match="5 clusters of 4 rows"):
        k_means(np.ones((4, 2)), 5)


def test_no_rows_agree():
    assert label_agreement(np.ones((0, 2)), np.zeros(0, int)).k == 0
