"""What one_shot_telecom compares the net with: raw windows, statistics of them, and scikit-learn.

An encoding is learned from windows of the known patterns alone, as the net is. Each encoder takes
training windows (n, T, F) with labels and gives a function from windows to rows (n, D).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Encode = Callable[[np.ndarray], np.ndarray]

# Of the covariance within classes: this share is replaced by an equal spread in all directions.
# 0.01, 0.1 and 0.3 gave 82.4, 81.1 and 79.4 % of validation windows.
_SHRINKAGE = 0.01
_LAGS = (1, 3, 5)
# Not divisible by ten or seven: labels come in turn.
_EVERY = 8


def raw(windows: np.ndarray) -> np.ndarray:
    """(n, T * F)."""
    return windows.reshape(len(windows), -1)


def statistics(windows: np.ndarray) -> np.ndarray:
    """(n, 11 F): mean, deviation, least, most, median, slope, roughness, rise, correlations."""
    steps = windows.shape[1]
    time = np.arange(steps) - (steps - 1) / 2
    mean, deviation = windows.mean(axis=1), windows.std(axis=1)
    centred = windows - mean[:, np.newaxis]
    correlations = [
        (centred[:, lag:] * centred[:, :-lag]).mean(axis=1) / (deviation**2 + 1e-3) for lag in _LAGS
    ]
    parts = [
        mean,
        deviation,
        windows.min(axis=1),
        windows.max(axis=1),
        np.median(windows, axis=1),
        (windows * time[:, np.newaxis]).sum(axis=1) / (time * time).sum(),
        np.abs(np.diff(windows, axis=1)).mean(axis=1),
        windows[:, -1] - windows[:, 0],
        *correlations,
    ]
    return np.concatenate(parts, axis=1)


def standardised(features: Encode, windows: np.ndarray) -> Encode:
    """Each feature with mean 0 and deviation 1 over the known patterns."""
    rows = features(windows)
    mean, deviation = rows.mean(axis=0), rows.std(axis=0) + 1e-6
    return lambda more: (features(more) - mean) / deviation


def whitened(features: Encode, windows: np.ndarray, labels: np.ndarray) -> Encode:
    """Scaled and turned so that windows of one pattern spread alike in all directions.

    Distances are Mahalanobis': the metric that linear discriminant analysis learns.
    """
    plain = standardised(features, windows)
    rows = plain(windows)
    for label in np.unique(labels):
        rows[labels == label] -= rows[labels == label].mean(axis=0)
    within = rows.T @ rows / len(rows)
    even = np.eye(len(within)) * np.trace(within) / len(within)
    turn = np.linalg.cholesky(np.linalg.inv((1 - _SHRINKAGE) * within + _SHRINKAGE * even))
    return lambda more: plain(more) @ turn


def encoder(features: Encode, windows: np.ndarray, labels: np.ndarray, whiten: bool) -> Encode:
    """One of the two."""
    return whitened(features, windows, labels) if whiten else standardised(features, windows)


def logistic(known: np.ndarray, labels: np.ndarray, strength: float) -> Callable[..., np.ndarray]:
    """Logistic regression on the known patterns and the examples, learned anew for each draw.

    Every class weighs the same however few examples it has. Of the known windows every eighth is
    taken, 120 of a pattern: all of them would take minutes.
    """
    from sklearn.linear_model import LogisticRegression

    kept = np.arange(0, len(known), _EVERY)

    def decide(rows: np.ndarray, examples: np.ndarray, drawn: list[int]) -> np.ndarray:
        new = [label for label in drawn if label not in labels]
        added = examples[[drawn.index(label) for label in new]]
        model = LogisticRegression(C=strength, class_weight="balanced", max_iter=200)
        model.fit(np.concatenate([known[kept], added]), np.concatenate([labels[kept], new]))
        return model.predict(rows)

    return decide
