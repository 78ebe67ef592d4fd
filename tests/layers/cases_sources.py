"""Settings and variants of the layers that read files or arrays, and of the one that writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from PIL import Image

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.caffe_stores.store_copy import write_lmdb
from tests.layers.cases import Case, Setting

_SIDE = 12


def _pictures() -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.random.default_rng(3).integers(0, 256, (3, _SIDE, _SIDE, 3)).astype(np.uint8)


def _listed(folder: Path) -> None:
    """Three pictures, list.txt, windows.txt, and pairs.txt with labels for each pixel."""
    lines = []
    windows = []
    for number, picture in enumerate(_pictures()):
        Image.fromarray(picture).save(folder / f"{number}.png")
        lines.append(f"{number}.png {number}")
        windows.append(f"# {number}\n{number}.png 3 {_SIDE} {_SIDE} 2\n1 0.9 1 1 9 8\n1 0 3 0 5 11")
    Image.fromarray(_pictures()[0, :, :, 0]).save(folder / "labels.png")
    (folder / "pairs.txt").write_text("\n".join(f"{k}.png labels.png" for k in range(3)))
    (folder / "list.txt").write_text("\n".join(lines))
    (folder / "windows.txt").write_text("\n".join(windows))


def _rows(folder: Path) -> None:
    """Two HDF5 files and files.txt."""
    for name, count in (("a", 3), ("b", 4)):
        with h5py.File(folder / f"{name}.h5", "w") as file:
            file["data"] = np.random.default_rng(count).normal(size=(count, 2, 3, 1, 2))
            file["label"] = np.arange(count)
    (folder / "files.txt").write_text("a.h5\nb.h5")


def _records(folder: Path) -> None:
    """An LMDB folder."""
    images = _pictures().transpose(0, 3, 1, 2)
    write_lmdb(make_source("X.all", images, np.arange(3)), folder / "records")


def _fill_memory(facts: Any) -> None:
    numbers = np.random.default_rng(1)
    facts.feed.reset(numbers.normal(size=(4, 1, 4, 3)), np.arange(4))


def _nothing(folder: Path) -> None:
    """An empty folder to write into."""


EXAMPLES = {
    "DenseImageData": Setting(prepare=_listed),
    "ImageSegData": Setting(prepare=_listed),
    "ImageData": Setting(prepare=_listed),
    "WindowData": Setting(prepare=_listed),
    "HDF5Data": Setting(prepare=_rows),
    "HDF5Output": Setting(prepare=_nothing),
    "MemoryData": Setting(ready=_fill_memory),
}

CASES = [
    Case(
        "Data from LMDB",
        'layer { name: "r" type: "Data" top: "data" top: "label"'
        " transform_param { crop_size: 5 mirror: true mean_value: 7 }"
        ' data_param { source: "records" batch_size: 4 backend: LMDB } }',
        (),
        Setting(prepare=_records),
    ),
    Case(
        "ImageData shuffled and cropped",
        'layer { name: "p" type: "ImageData" top: "data" top: "label"'
        " transform_param { crop_size: 5 mirror: true }"
        ' image_data_param { source: "list.txt" batch_size: 4 shuffle: true is_color: false } }',
        (),
        Setting(prepare=_listed),
    ),
    Case(
        "ImageSegData filled up",
        'layer { name: "p" type: "ImageSegData" top: "data" top: "label"'
        " transform_param { crop_size: 15 mirror: true scale: 0.5 }"
        ' image_data_param { source: "list.txt" batch_size: 4 label_type: IMAGE shuffle: true } }',
        (),
        Setting(prepare=_listed),
    ),
    Case(
        "ImageSegData resized",
        'layer { name: "p" type: "ImageSegData" top: "data" top: "label"'
        " transform_param { crop_height: 7 crop_width: 9 scale_factors: 0.5 scale_factors: 2 }"
        ' image_data_param { source: "pairs.txt" batch_size: 4 } }',
        (),
        Setting(prepare=_listed),
    ),
    Case(
        "DenseImageData cut",
        'layer { name: "p" type: "DenseImageData" top: "data" top: "label"'
        " transform_param { mean_value: 7 } dense_image_data_param {"
        ' source: "pairs.txt" batch_size: 4 crop_height: 7 crop_width: 9 mirror: true } }',
        (),
        Setting(prepare=_listed),
    ),
    Case(
        "HDF5Data shuffled",
        'layer { name: "h" type: "HDF5Data" top: "label" top: "data"'
        ' hdf5_data_param { source: "files.txt" batch_size: 5 shuffle: true } }',
        (),
        Setting(prepare=_rows),
    ),
]
