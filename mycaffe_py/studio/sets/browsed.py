"""The data sets that pages look through: told without pixels, opened once, pixels on demand."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, Images
from mycaffe_py.data.dataset_kind import DatasetKind
from mycaffe_py.data.dataset_lookup import all_names, holder_of
from mycaffe_py.data.dataset_paths import split_source_name
from mycaffe_py.data.feature_tables.feature_table import FeatureTable
from mycaffe_py.data.source import open_head, splits_of
from mycaffe_py.errors import MyCaffeError, UserError, nearest

# Each holds its labels, those of the package their images, too.
_KEPT = 4
_ROWS = 256


def all_told() -> list[dict[str, Any]]:
    """Every data set that is there, a damaged one with what is wrong; no pixel is read."""
    return [told(dataset) for dataset in all_names()]


def told(dataset: str) -> dict[str, Any]:
    """A data set as the list shows it, in the words of `mycaffe dataset list --json`."""
    holder = _holder(dataset)
    fact = {
        "dataset": dataset, "kind": holder.name, "built_in": holder.built_in,
        "bytes": 0 if holder.built_in else _bytes(holder.path(dataset)), "sources": [],
        "description": "", "error": "",
    }  # fmt: skip
    try:
        heads = [open_head(f"{dataset}.{split}") for split in splits_of(dataset)]
    except MyCaffeError as error:
        return fact | {"error": str(error)}
    if not heads:
        return fact | {"error": holder.without_splits}
    return fact | {
        "description": heads[0].description,
        "sources": [
            {
                "name": head.name, "images": len(head), "shape": list(head.shape),
                "labels": head.class_count,
                "word": "row" if holder.name == "features" else head.word,
            }
            for head in heads
        ],
    }  # fmt: skip


def browse(name: str) -> ArraySource:
    """The source called `name`. Errors: it is not there, it is damaged."""
    dataset, split = split_source_name(name)
    holder = _holder(dataset)
    return _opened(holder, dataset, split, _state(holder, dataset))


@lru_cache(maxsize=_KEPT)
def _opened(holder: DatasetKind, dataset: str, split: str, state: object) -> ArraySource:
    return holder.browse(dataset, split)


def records_of(source: ArraySource, label: int | None) -> NDArray[np.int64]:
    """The numbers of all images, or of those of a label, in the order of the source."""
    if label is None:
        return np.arange(len(source), dtype=np.int64)
    return np.flatnonzero(source.labels == label)


def mean_of(source: ArraySource, label: int | None) -> NDArray[np.float32]:
    """Mean image (C, H, W) of the source or of one of its labels."""
    if label is None and not isinstance(source, FeatureTable):
        return source.mean()
    records = records_of(source, label)
    if not len(records):
        raise UserError(f"'{source.name}' has no image of label {label}", do="Reload the page.")
    total = np.zeros(source.shape, np.float64)
    for start in range(0, len(records), _ROWS):
        total += source.gather(records[start : start + _ROWS]).sum(axis=0, dtype=np.float64)
    return (total / len(records)).astype(np.float32)


def one(source: ArraySource, record: int) -> Images:
    """The image (C, H, W) of that number. Errors: there is none."""
    if not 0 <= record < len(source):
        raise UserError(f"'{source.name}' has no {source.word} {record}", do="Reload the page.")
    image: Images = source.gather(np.array([record], np.int64))[0]
    return image


def has_lines(source: ArraySource) -> bool:
    """Whether items are drawn as lines: windows of counters, rows of features."""
    return bool(source.counters) or source.shape[2] == 1


def _holder(dataset: str) -> DatasetKind:
    holder = holder_of(dataset)
    if holder is None:
        raise UserError(f"there is no dataset '{dataset}'", do=nearest(dataset, all_names()))
    return holder


def _state(holder: DatasetKind, dataset: str) -> object:
    """Another one once the files have changed."""
    if holder.built_in or not holder.suffix:
        return None
    return tuple((path.name, path.stat().st_mtime_ns) for path in _files(holder.path(dataset)))


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in _files(path))


def _files(path: Path) -> list[Path]:
    return sorted(f for f in path.iterdir() if f.is_file()) if path.is_dir() else [path]
