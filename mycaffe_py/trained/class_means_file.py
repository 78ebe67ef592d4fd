"""The class means of a net, kept beside its snapshot for all who ask for its classes.

`<prefix>_iter_<n>.classes.json` holds the sha256 of the weights it belongs to. What does not fit is
told in one line and made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import MyCaffeError, reason_of
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.files.checked_json import load_json, read_bounded
from mycaffe_py.files.schema import Axes, Count, DamagedError, fit
from mycaffe_py.notices import remark
from mycaffe_py.snapshot.checksum import checksum

FORMAT = 2
# Of decimals: twenty million kept numbers.
_MOST_BYTES = 256 << 20
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
    """Class means by layer, the layer that answers first, of `items` items of the data `source`."""

    layers: Mapping[str, LayerMeans]
    source: str
    items: int
    checksum: str = ""

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels (L,) of the layer that answers."""
        return next(iter(self.layers.values())).labels

    @property
    def means(self) -> NDArray[np.float32]:
        """The means (L, D) of the layer that answers."""
        return next(iter(self.layers.values())).means

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) of where the classes lie: with equal ones distances are equal."""
        digest = hashlib.sha256()
        for name, layer in self.layers.items():
            digest.update(name.encode())
            for array in (layer.labels, layer.means, layer.kept_counts, layer.kept):
                digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def line(self) -> str:
        """What they are, in a line for people."""
        return (
            f"{len(self.labels):,} class means of the final features, of {self.items:,} items of "
            f"{self.source}"
        )


@cache
def say(text: str) -> None:
    """Write a line to standard error, the same one only once."""
    remark(text)


def kept_means(path: Path, net: str, layers: Sequence[str]) -> ClassMeans | None:
    """The means at `path` if they are those of `layers` of the net with this fingerprint.

    None where there are none; what lies there instead is told.
    """
    try:
        raw = load_json(read_bounded(path, _MOST_BYTES))
        head = fit(raw, _Head)
        ours = head.net == net and head.format == FORMAT and set(head.layers) == set(layers)
        if ours:
            return _from_json(raw, layers)
    except FileNotFoundError:
        return None
    except OSError as error:
        say(f"the class means '{path}' cannot be read ({reason_of(error)}) and are made anew")
        return None
    except DamagedError as error:
        say(f"the class means '{path}' are damaged ({error}) and are made anew")
        return None
    say(f"the class means '{path}' are of other weights and are made anew")
    return None


def keep(means: ClassMeans, path: Path, net: str, weights: Path) -> None:
    """Write the means beside the snapshot and say so, or say why they cannot be written."""
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


@dataclass(frozen=True)
class _Head:
    """Whose means the file holds, and of which layers."""

    net: str
    format: int
    layers: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class _KeptLayer:
    labels: Annotated[NDArray[np.int64], Axes(1)]
    means: Annotated[NDArray[np.float32], Axes(2)]
    kept_counts: Annotated[NDArray[np.int64], Axes(1)] | None = None
    kept: Annotated[NDArray[np.float32], Axes(2)] | None = None


@dataclass(frozen=True)
class _Kept:
    """The file, field by field."""

    source: str
    source_checksum: str
    items: Count
    layers: Mapping[str, _KeptLayer]


def _from_json(raw: Any, names: Sequence[str]) -> ClassMeans:
    file = fit(raw, _Kept)
    layers = {name: _layer(file.layers[name]) for name in names}
    return ClassMeans(layers, file.source, file.items, file.source_checksum)


def _layer(one: _KeptLayer) -> LayerMeans:
    labels, means = one.labels, one.means
    counts = np.zeros(len(labels), np.int64) if one.kept_counts is None else one.kept_counts
    kept = _NO_ROWS if one.kept is None else one.kept
    rows = kept if len(kept) else means
    if means.shape[:1] != labels.shape or counts.shape != labels.shape:
        raise DamagedError(f"{means.shape} means for {labels.shape} labels")
    if (labels < 0).any() or (counts < 0).any() or (counts > len(kept)).any():
        raise DamagedError("a label or a count that cannot be")
    if counts.sum() != len(kept) or rows.shape[1:] != means.shape[1:]:
        raise DamagedError(f"{len(kept)} kept features for {labels.shape} labels")
    return LayerMeans(labels, means, kept, counts)
