"""Floor 7. The class means of a net, kept beside its snapshot for all who ask for its classes.

`<prefix>_iter_<n>.classes.json` holds the sha256 of the weights it belongs to. What does not fit is
told in one line and made anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import MyCaffeError
from mycaffe_py.snapshot.atomic import write_atomically
from mycaffe_py.snapshot.checksum import checksum

FORMAT = 2
_NO_ROWS = np.zeros((0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class LayerMeans:
    """Mean features `means` (L, D) of the `labels` (L,), as the layer looks at them.

    For Decode's target KNN also features themselves, `kept` (n, D): the first kept_counts[0] are of
    the first label, and so on.
    """

    labels: NDArray[np.int64]
    means: NDArray[np.float32]
    kept: NDArray[np.float32]
    kept_counts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ClassMeans:
    """Means of `items` items of the training data `source` by layer, the one that answers first."""

    layers: Mapping[str, LayerMeans]
    source: str
    items: int
    checksum: str = ""

    @property
    def labels(self) -> NDArray[np.int64]:
        """Those of the layer that answers."""
        return next(iter(self.layers.values())).labels

    @property
    def means(self) -> NDArray[np.float32]:
        """Those of the layer that answers."""
        return next(iter(self.layers.values())).means

    def line(self) -> str:
        """For people."""
        return (
            f"{len(self.labels):,} class means of the final features, of {self.items:,} items of "
            f"{self.source}"
        )


@cache
def say(text: str) -> None:
    """One line to standard error, once."""
    print(text, file=sys.stderr, flush=True)


def kept_means(path: Path, net: str, layers: Sequence[str]) -> ClassMeans | None:
    """The means at `path` if they are those of `layers` of the net with this fingerprint.

    None where there are none; what lies there instead is told.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        say(f"the class means '{path}' cannot be read ({error}) and are made anew")
        return None
    try:
        raw = json.loads(text)
        ours = raw["net"] == net and raw["format"] == FORMAT and set(raw["layers"]) == set(layers)
        if ours:
            return _from_json(raw, layers)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        say(f"the class means '{path}' are damaged ({error}) and are made anew")
        return None
    say(f"the class means '{path}' are of other weights and are made anew")
    return None


def keep(means: ClassMeans, path: Path, net: str, weights: Path) -> None:
    """Write them, and tell so; where that cannot be done, tell that."""
    raw = {
        "format": FORMAT,
        "weights": checksum(weights),
        "net": net,
        "source": means.source,
        "source_checksum": means.checksum,
        "items": means.items,
        "layers": {name: _layer_json(layer) for name, layer in means.layers.items()},
    }
    try:
        write_atomically(path, f"{json.dumps(raw)}\n".encode())
    except MyCaffeError as error:
        say(f"{means.line()}; they cannot be kept, so each command makes them: {error}")
        return
    say(f"{means.line()}, kept in {path}")


def _layer_json(layer: LayerMeans) -> dict[str, Any]:
    raw = {"labels": layer.labels.tolist(), "means": _decimals(layer.means)}
    if len(layer.kept):
        raw |= {"kept_counts": layer.kept_counts.tolist(), "kept": _decimals(layer.kept)}
    return raw


def _decimals(rows: NDArray[np.float32]) -> list[list[float]]:
    """The shortest decimals that give the same float32 again."""
    return [[float(str(value)) for value in row] for row in rows]


def _from_json(raw: Any, names: Sequence[str]) -> ClassMeans:
    layers = {}
    for name in names:
        one = raw["layers"][name]
        labels = np.asarray(one["labels"], np.int64)
        means = np.asarray(one["means"], np.float32)
        counts = np.asarray(one.get("kept_counts", np.zeros(len(labels))), np.int64)
        kept = np.asarray(one.get("kept", _NO_ROWS), np.float32)
        rows = kept if len(kept) else means
        if means.shape[:1] != labels.shape or counts.shape != labels.shape or means.ndim != 2:
            raise ValueError(f"{means.shape} means for {labels.shape} labels")
        if counts.sum() != len(kept) or rows.shape[1:] != means.shape[1:] or (labels < 0).any():
            raise ValueError(f"{len(kept)} kept features for {labels.shape} labels")
        if not (np.isfinite(means).all() and np.isfinite(kept).all()):
            raise ValueError("a mean is not finite")
        layers[name] = LayerMeans(labels, means, kept, counts)
    return ClassMeans(layers, str(raw["source"]), int(raw["items"]), str(raw["source_checksum"]))
