"""A Siamese encoder as an estimator of scikit-learn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassifierMixin,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from mycaffe_py.api.encoder_checks import EncoderError, check_classes, check_options, images_of
from mycaffe_py.api.encoder_text import EncoderOptions
from mycaffe_py.api.learned_encoder import learn
from mycaffe_py.array_types import FeatureRows

_SEEDS = 2**31 - 1
# Mean and spread of a value in a picture are taken from this many items.
_MEASURED = 2000


class SiameseEncoder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator
):
    """Learns a map on which items of one class lie together, and tells classes by it.

    X is a table (n, features), or images (n, height, width) or (n, height, width, channels). A
    table is standardised and goes through fully connected layers; images go through stages of
    convolution and pooling first. `transform` gives points of length 1, float32; `predict` the
    class whose mean point is nearest. Learned from triplets in each batch: two items of a class
    shall be nearer to each other than one of them is to an item of another class, by `margin`.

    Parameters: `n_components` numbers of a point; `hidden` sizes of the fully connected layers
    before them; `margin`; `max_iter` batches of `batch_size` items; `learning_rate` of the first
    batch, from which Adam's rate falls to 0; `weight_decay`; `random_state`: with the same int the
    same bits are learned; `threads` of the kernels, None for as many as numba uses, which changes
    no bit; `on_event` is called with each event of the run, a dict as in events.jsonl.

    After fit: `classes_`; `centroids_` (classes, n_components), the mean points; `mean_` and
    `scale_`, by which values are standardised; `n_features_in_`, the length of X's second axis;
    `n_iter_`. What scikit-learn refuses by a ValueError is one here, too.

    >>> from sklearn.datasets import load_digits
    >>> from mycaffe_py.sklearn import SiameseEncoder
    >>> X, y = load_digits(return_X_y=True)
    >>> encoder = SiameseEncoder(max_iter=60, random_state=0).fit(X[:900], y[:900])
    >>> encoder.transform(X[900:]).shape
    (897, 16)
    >>> bool(encoder.score(X[900:], y[900:]) > 0.8)
    True
    """

    def __init__(
        self,
        n_components: int = 16,
        *,
        hidden: Sequence[int] = (256,),
        margin: float = 0.4,
        max_iter: int = 300,
        batch_size: int = 128,
        learning_rate: float = 0.003,
        weight_decay: float = 0.0,
        random_state: Any = None,
        threads: int | None = None,
        on_event: Any = None,
    ) -> None:
        self.n_components = n_components
        self.hidden = hidden
        self.margin = margin
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.random_state = random_state
        self.threads = threads
        self.on_event = on_event

    def fit(self, X: Any, y: Any) -> SiameseEncoder:
        """Learn from X with the classes y (n,). Errors: X or y that are none, a single class."""
        options = check_options(self._options())
        X, y = validate_data(self, X, y, allow_nd=True)
        check_classification_targets(y)
        self.classes_, numbers = np.unique(y, return_inverse=True)
        check_classes(self.classes_.tolist())
        self._item_shape = X.shape[1:]
        self.mean_, self.scale_ = _scaling(X)
        given = self._standardised(X)
        images = images_of(given)
        of_pictures = (0.0, 1.0) if X.ndim == 2 else (float(self.mean_), 1 / float(self.scale_))
        self.learned_ = learn(
            given,
            y.tolist(),
            images.shape[1:],
            options,
            of_pictures,
            seed=self._seed(),
            threads=self.threads,
            on_event=self.on_event,
        )
        self.n_iter_ = options.max_iter
        points = self.learned_.points(images).astype(np.float64)
        means = [points[numbers == number].mean(axis=0) for number in range(len(self.classes_))]
        self.centroids_ = np.stack(means).astype(np.float32)
        return self

    def transform(self, X: Any) -> FeatureRows:
        """The points (n, n_components) of X. Errors: not fitted, items of another shape."""
        check_is_fitted(self)
        X = validate_data(self, X, allow_nd=True, reset=False)
        if X.shape[1:] != self._item_shape:
            raise EncoderError(
                f"X has items of shape {X.shape[1:]}",
                wanted=f"{self._item_shape}, as in fit",
            )
        points: FeatureRows = self.learned_.points(images_of(self._standardised(X)))
        return points

    def distances(self, X: Any) -> FeatureRows:
        """(n, classes): squared distances of the points of X to the mean point of each class."""
        apart = self.transform(X)[:, np.newaxis] - self.centroids_[np.newaxis]
        squared: FeatureRows = (apart * apart).sum(axis=2)
        return squared

    def predict(self, X: Any) -> NDArray[Any]:
        """(n,) the classes of X: those whose mean points are nearest."""
        check_is_fitted(self)
        nearest: NDArray[Any] = self.classes_[self.distances(X).argmin(axis=1)]
        return nearest

    def save(self, folder: str | Path) -> Path:
        """Write the snapshot into `folder`, for `mycaffe` and load(). Returns the weights' file.

        It takes pictures as they are, and rows of a table standardised by `mean_` and `scale_`.
        """
        check_is_fitted(self)
        return self.learned_.write(Path(folder)).weights

    def _options(self) -> EncoderOptions:
        return EncoderOptions(
            self.n_components,
            self.hidden,
            self.margin,
            self.max_iter,
            self.batch_size,
            self.learning_rate,
            self.weight_decay,
        )

    def _standardised(self, X: NDArray[Any]) -> NDArray[Any]:
        """A table standardised; images as they are, as the net itself standardises them."""
        if X.ndim != 2:
            return X
        rows: NDArray[Any] = ((X - self.mean_) / self.scale_).astype(np.float32)
        return rows

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer) and 0 <= self.random_state <= _SEEDS:
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(_SEEDS))

    @property
    def _n_features_out(self) -> int:
        """Asked for by get_feature_names_out."""
        return int(self.centroids_.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float32"]
        tags.input_tags.three_d_array = True
        return tags


def _scaling(X: NDArray[Any]) -> tuple[Any, Any]:
    """Mean and spread of each column of a table, or of all values of images; no spread is 1."""
    if X.ndim == 2:
        mean, spread = X.mean(axis=0, dtype=np.float64), X.std(axis=0, dtype=np.float64)
    else:
        some = X[:: -(-len(X) // _MEASURED)].astype(np.float64)
        mean, spread = np.float64(some.mean()), np.float64(some.std())
    return mean, np.where(spread > 0, spread, 1.0)
