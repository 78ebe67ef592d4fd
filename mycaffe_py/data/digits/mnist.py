"""MNIST: its four IDX files, from a folder or a mirror, into the image database."""

from __future__ import annotations

import dataclasses
import os
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.dataset_paths import data_folder, home_expanded
from mycaffe_py.data.digits import idx
from mycaffe_py.data.digits.download import UnreachableError, download
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.looked_for import no_folder
from mycaffe_py.data.pictures.picture_record import MNIST_WAY, measured_record
from mycaffe_py.data.source_head import SourceHead, make_head
from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.files.roomy import joined
from mycaffe_py.files.temporary import temporary_beside

DATASET = "MNIST"
DESCRIPTION = "MNIST handwritten digits (LeCun, Cortes, Burges): 60000 training, 10000 testing"
HOW_TO_GET = (
    "With the four IDX files in a folder: 'mycaffe dataset create mnist --from FOLDER', "
    "or set MYCAFFE_MNIST=FOLDER."
)


_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
# The largest file is 9.9 MB; a mirror that sends more sends something else.
_LIMIT_BYTES = 16 << 20


@dataclass(frozen=True)
class Part:
    """One IDX file: its name without ".gz" and the sha256 of its uncompressed bytes."""

    name: str
    sha256: str


_PARTS = {
    "training": (
        Part(
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        Part(
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    ),
    "testing": (
        Part(
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        Part(
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
}


# Images of each digit.
_COUNTS = {
    "training": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
    "testing": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
}


def how_to_make() -> str:
    """The command that makes the data set, for whoever asks for it before it is there."""
    folder = os.environ.get("MYCAFFE_MNIST")
    here = f"'mycaffe dataset create mnist' makes it from the files in {folder}."
    return here if folder else f"'mycaffe dataset create mnist' downloads it. {HOW_TO_GET}"


def head(split: str, where: Where | None = None) -> SourceHead:
    """What is known of a split before it is made. Errors: no such split."""
    if split not in _COUNTS:
        raise UserError(
            f"dataset '{DATASET}' has no split '{split}'", where=where, do=nearest(split, _COUNTS)
        )
    counts = dict(enumerate(_COUNTS[split]))
    return make_head(f"{DATASET}.{split}", MNIST_WAY.shape, counts, description=DESCRIPTION)


def read_folder(
    folder: Path, dataset: str = DATASET, check: bool = True, channels: int = 1
) -> dict[str, ArraySource]:
    """Both splits from the four IDX files in `folder`; `check` compares MNIST's known sums.

    With 3 `channels` the gray pictures stand in each of them, for nets that want colours.
    Errors: a missing, damaged or wrong file; images and labels that differ in number.
    """
    if not folder.is_dir():
        raise UserError(no_folder(folder), do=HOW_TO_GET)
    sources = {}
    for split, (images_part, labels_part) in _PARTS.items():
        images_path = _find(folder, images_part)
        labels_path = _find(folder, labels_part)
        blocks = idx.image_blocks(images_path, images_part.sha256 if check else None)
        repeated = (np.repeat(block[:, np.newaxis], channels, axis=1) for block in blocks)
        images = joined(repeated, data_folder())
        labels = idx.read_labels(labels_path, labels_part.sha256 if check else None)
        if len(images) != len(labels):
            raise UserError(
                f"{len(labels)} labels for the {len(images)} images in {images_path.name}",
                where=Where(str(labels_path)),
                wanted="each image needs one label",
            )
        source = make_source(
            f"{dataset}.{split}",
            images,
            labels.astype(np.int64),
            description=DESCRIPTION if check else "",
        )
        # What was checked is MNIST, whatever it is called here.
        way = dataclasses.replace(MNIST_WAY, gray=channels == 1)
        record = way.to_json() if check else measured_record(source.images)
        sources[split] = dataclasses.replace(source, pictures=record)
    return sources


def _find(folder: Path, part: Part) -> Path:
    """The file under one of the names it goes by: gzipped or not, "-idx" or ".idx"."""
    for stem in (part.name, part.name.replace("-idx", ".idx")):
        for suffix in (".gz", ""):
            path = folder / f"{stem}{suffix}"
            if path.is_file():
                return path
    raise UserError(
        f"{part.name}[.gz] is missing in {folder}",
        wanted="MNIST is four files, images and labels of both splits",
        do=HOW_TO_GET,
    )


def create(
    path: Path, folder: Path, dataset: str = DATASET, check: bool = True, channels: int = 1
) -> None:
    """Write the dataset file `path` from the IDX files in `folder`."""
    sources = read_folder(folder, dataset, check, channels)
    write_dataset(path, dataset, sources, DESCRIPTION if check else "")


def create_if_possible(path: Path, dataset: str = DATASET, channels: int = 1) -> str | None:
    """Write the dataset file from $MYCAFFE_MNIST or a mirror; else the reason why it cannot be.

    Errors: a folder named by $MYCAFFE_MNIST that does not hold a sound MNIST.
    """
    folder = os.environ.get("MYCAFFE_MNIST")
    if folder:
        create(path, home_expanded(folder, "MYCAFFE_MNIST"), dataset, channels=channels)
        return None
    if os.environ.get("MYCAFFE_OFFLINE", "0") not in ("", "0"):
        return "MYCAFFE_OFFLINE is set, so no download was tried"
    return _fetch_once(path, dataset, channels)


def _fetch_once(path: Path, dataset: str, channels: int) -> str | None:
    """As `_fetch`, but a failure is remembered: a run opens two sources and should wait once."""
    reason = _fetch(path, dataset, channels)
    if reason is None:
        _fetch.cache_clear()
    return reason


@cache
def _fetch(path: Path, dataset: str, channels: int) -> str | None:
    """None when the dataset was written, otherwise what every mirror answered."""
    folder = temporary_beside(path)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        return (
            f"'{path.parent}' cannot be made or written: {error.strerror or error}; MYCAFFE_DATA="
            "FOLDER in the environment keeps data sets elsewhere"
        )
    try:
        for parts in _PARTS.values():
            for part in parts:
                reason = _fetch_part(part, folder)
                if reason is not None:
                    return reason
        create(path, folder, dataset, channels=channels)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return None


def _fetch_part(part: Part, folder: Path) -> str | None:
    """Fetch one file from the first mirror that has it intact."""
    reasons = []
    read = idx.image_blocks if "images" in part.name else idx.read_labels
    path = folder / f"{part.name}.gz"
    for mirror in _MIRRORS:
        try:
            download(f"{mirror}{part.name}.gz", path, _LIMIT_BYTES)
            for _ in read(path, part.sha256):
                pass
        except (UnreachableError, UserError) as error:
            reasons.append(error.found)
        else:
            return None
    return "; ".join(reasons)
