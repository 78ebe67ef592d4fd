"""NMI and AMI on groupings whose agreement is known."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.retrieve.agreement import (
    adjusted_mutual_information,
    normalized_mutual_information,
)

# Labels, clusters, NMI, AMI: as scikit-learn 1.9.1 gives them.
CASES = [
    ([0, 0, 1, 1], [5, 5, -2, -2], 1.0, 1.0),
    ([0, 0, 1, 1], [0, 0, 0, 0], 0.0, 0.0),
    ([0, 0, 1, 1], [0, 1, 0, 1], 0.0, -0.5),
    ([0, 0, 0], [0, 0, 0], 1.0, 1.0),
    ([0, 1, 2], [0, 1, 2], 1.0, 1.0),
    ([0, 1, 2], [0, 0, 0], 0.0, 0.0),
    ([0, 0, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1], 0.5158037429793889, 0.2987924581708903),
    ([0, 0, 1, 2], [0, 1, 2, 3], 0.8571428571428571, 0.0),
    ([], [], 1.0, 1.0),
]


@pytest.mark.parametrize(("labels", "clusters", "nmi", "ami"), CASES)
def test_known_groupings(labels, clusters, nmi, ami):
    first, second = np.array(labels, int), np.array(clusters, int)
    assert normalized_mutual_information(first, second) == pytest.approx(nmi, abs=1e-12)
    assert adjusted_mutual_information(first, second) == pytest.approx(ami, abs=1e-12)
    assert normalized_mutual_information(second, first) == pytest.approx(nmi, abs=1e-12)


def test_groups_at_random_agree_by_nmi_but_not_by_ami():
    random = np.random.default_rng(0)
    labels, clusters = random.integers(0, 20, 200), random.integers(0, 20, 200)
    assert normalized_mutual_information(labels, clusters) > 0.3
    assert abs(adjusted_mutual_information(labels, clusters)) < 0.05


def test_thousands_of_groups_are_compared_at_once():
    labels = np.arange(20_000) // 10
    found = adjusted_mutual_information(labels, np.roll(labels, 5))
    assert found == pytest.approx(0.6986027749388516, abs=1e-9)


def test_groupings_of_other_lengths_are_refused():
    with pytest.raises(ValueError, match="groupings of shapes"):
        normalized_mutual_information(np.zeros(3), np.zeros(4))
