"""What a net answers to a program."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.trained.identify import Identified, KnownClasses


class Answers(NamedTuple):
    """Arrays (N,): `label` of the nearest class or "unknown", its squared `distance`, `unknown`."""

    label: NDArray[np.str_]
    distance: NDArray[np.float32]
    unknown: NDArray[np.bool_]


def answers_of(found: Sequence[Identified]) -> Answers:
    """The arrays of `found`."""
    return Answers(
        np.array([one.label for one in found], np.str_),
        np.array([one.distance for one in found], np.float32),
        np.array([one.unknown for one in found], np.bool_),
    )


def labels_of(known: KnownClasses) -> list[str]:
    """The classes in the order of the columns of `distances_to`: trained, then enrolled ones."""
    return list(dict.fromkeys([*known.trained, *known.carried.enrollments.labels]))


def distances_to(known: KnownClasses, features: FeatureRows) -> FeatureRows:
    """(N, L): squared distances to all classes; the smaller one where one is trained and enrolled.

    `features` (N, D) are those of `ClassMap.embed`.
    """
    learned = known.map.trained_distances_of(features)
    added = known.map.enrolled_distances_of(features, known.carried.enrollments)
    labels = labels_of(known)
    found = np.full((len(features), len(labels)), np.inf, np.float32)
    for number, name in enumerate(known.trained):
        found[:, labels.index(name)] = learned[:, number]
    for number, name in enumerate(known.carried.enrollments.labels):
        column = labels.index(name)
        found[:, column] = np.minimum(found[:, column], added[:, number])
    return found
