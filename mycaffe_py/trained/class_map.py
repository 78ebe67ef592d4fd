"""The map that a net has learned: squared distances of inputs to trained and enrolled classes."""

from __future__ import annotations

import numpy as np

from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.errors import UserError
from mycaffe_py.kernels.losses.centroids import NO_DISTANCE, squared_distances
from mycaffe_py.trained.class_means import class_means
from mycaffe_py.trained.enrollment import Enrollments
from mycaffe_py.trained.run_net import RunNet, not_finite
from mycaffe_py.trained.snapshot import Snapshot


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
        self._decodes = self.net.by_distance
        if self._decodes:
            probe = self.net.distances(np.zeros((1, *like.shape), like.dtype))[0]
            self.labels = np.flatnonzero(~(probe >= NO_DISTANCE))
            self.centroids: FeatureRows = self.net.centroids()[0][self.labels]
        else:
            means = class_means(snapshot, self.net)
            self.labels, self.centroids = means.labels, means.means
        if not len(self.labels):
            raise UserError(
                f"{self.weights} knows no class yet: no centroid was learned",
                do="Train at least until one batch of each class has been seen.",
            )

    def embed(self, images: Images) -> FeatureRows:
        """(n, D): the encodings of `images` (n, C, H, W). Errors: values that are not finite."""
        return self._checked(self.net.features(images))

    def trained_distances(self, images: Images) -> FeatureRows:
        """(n, L): squared distances to the trained classes, as `mycaffe test` shows them."""
        if self._decodes:
            columns = self.net.distances(images)[:, self.labels]
            return self._checked(columns)
        return _squared(self.embed(images), self.centroids)

    def trained_distances_of(self, encodings: FeatureRows) -> FeatureRows:
        """The same for inputs whose `encodings` (n, D) are those of `embed`."""
        if self._decodes:
            return self._checked(self.net.distances_of(encodings)[:, self.labels])
        return _squared(encodings, self.centroids)

    def enrolled_distances(self, images: Images, enrollments: Enrollments) -> FeatureRows:
        """(n, E): squared distances to the mean embedding of each enrolled class."""
        if not enrollments.classes:
            return np.empty((len(images), 0), np.float32)
        return self.enrolled_distances_of(self.embed(images), enrollments)

    def enrolled_distances_of(
        self, encodings: FeatureRows, enrollments: Enrollments
    ) -> FeatureRows:
        """The same for inputs whose `encodings` (n, D) are those of `embed`."""
        if not enrollments.classes:
            return np.empty((len(encodings), 0), np.float32)
        return _squared(encodings, enrollments.centroids())

    def _checked(self, rows: FeatureRows) -> FeatureRows:
        if not np.isfinite(rows).all():
            raise not_finite(self._snapshot)
        return rows


def _squared(rows: FeatureRows, centroids: FeatureRows) -> FeatureRows:
    """(n, L): squared distances of `rows` (n, D) to `centroids` (L, D), summed as Decode does."""
    found = np.empty((len(rows), len(centroids)), np.float32)
    there = np.ones(len(centroids), np.float32)
    squared_distances(np.ascontiguousarray(rows), np.ascontiguousarray(centroids), there, found)
    return found
