"""Floor 7. The map a net learned: squared distances of inputs to trained and enrolled classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.class_means import class_means
from mycaffe_py.evaluate.enrolment import Enrolments
from mycaffe_py.evaluate.run_net import RunNet, not_finite
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.kernels.centroids import NO_DISTANCE, squared_distances

Rows = NDArray[np.float32]


class ClassMap:
    """The RUN net of a snapshot as a map, for inputs like those of `like`.

    `labels` (L,) are the trained classes, `centroids` (L, D) is where they lie.
    A Decode net's own distances count; another net's classes lie at their mean features.
    """

    def __init__(self, snapshot: Snapshot, like: ArraySource, batch: int) -> None:
        """For inputs like those of `like`, `batch` at a time. Errors: no trained class."""
        self.weights = snapshot.files.weights
        self._snapshot = snapshot
        self.like = like
        self.net = RunNet(snapshot, like, batch)
        self._decodes = self.net.kind == "Decode"
        if self._decodes:
            probe = self.net.distances(np.zeros((1, *like.shape), like.dtype))[0]
            self.labels = np.flatnonzero(~(probe >= NO_DISTANCE))
            self.centroids: Rows = self.net.centroids()[0][self.labels]
        else:
            means = class_means(snapshot, self.net)
            self.labels, self.centroids = means.labels, means.means
        if not len(self.labels):
            raise UserError(
                f"{self.weights} knows no class yet: no centroid was learned",
                do="Train at least until one batch of each class has been seen.",
            )

    def embed(self, images: Images) -> Rows:
        """(n, D): where `images` (n, C, H, W) lie. Errors: not finite."""
        return self._checked(self.net.features(images))

    def trained_distances(self, images: Images) -> Rows:
        """(n, L): squared distances to the trained classes, as `mycaffe test` shows them."""
        if self._decodes:
            columns = self.net.distances(images)[:, self.labels]
            return self._checked(columns)
        return _squared(self.embed(images), self.centroids)

    def enrolled_distances(self, images: Images, enrolments: Enrolments) -> Rows:
        """(n, E): squared distances to the mean embedding of each enrolled class."""
        if not enrolments.classes:
            return np.empty((len(images), 0), np.float32)
        return _squared(self.embed(images), enrolments.centroids())

    def _checked(self, rows: Rows) -> Rows:
        if not np.isfinite(rows).all():
            raise not_finite(self._snapshot)
        return rows


def _squared(rows: Rows, centroids: Rows) -> Rows:
    """(n, L), added up as Decode does."""
    found = np.empty((len(rows), len(centroids)), np.float32)
    there = np.ones(len(centroids), np.float32)
    squared_distances(np.ascontiguousarray(rows), np.ascontiguousarray(centroids), there, found)
    return found
