"""Opening a trained net for a program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, overload

from mycaffe_py.api.blob_net import BlobNet
from mycaffe_py.api.trained_net import TrainedNet
from mycaffe_py.api.turns import TURN
from mycaffe_py.data.pictures.picture_record import FITS, Asked, check_span
from mycaffe_py.engine.threads import wait_briefly
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.evaluate.test_model import open_tested
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.trained.best_snapshot import best_snapshot
from mycaffe_py.trained.snapshot import open_snapshot

StrPath = str | os.PathLike[str]


@overload
def load(
    snapshot: StrPath | None = None,
    *,
    best: bool = False,
    fit: str | None = None,
    invert: bool | None = None,
    value_range: tuple[float, float] | None = None,
    run_code: bool = False,
) -> TrainedNet: ...
@overload
def load(*, model: StrPath, weights: StrPath, run_code: bool = False) -> BlobNet: ...


def load(
    snapshot: StrPath | None = None,
    *,
    model: StrPath | None = None,
    weights: StrPath | None = None,
    best: bool = False,
    fit: str | None = None,
    invert: bool | None = None,
    value_range: tuple[float, float] | None = None,
    run_code: bool = False,
) -> Any:
    """A trained net: of a snapshot, or any net of a text `model` with its `weights`.

    `snapshot` is its .caffemodel, or a folder: then the newest one below it, or with `best` that of
    the best test of its run. Without it this folder is looked through. What comes is a
    `TrainedNet`; with `model` and `weights` a `BlobNet`, which knows its blobs by name and no more.

    Pictures are read as those the net learned from; `fit` ("stretch", "pad", "crop" or "ink"),
    `invert` and `value_range` (which values are black and white) say otherwise. `run_code` lets
    code run that the texts name.

    Errors: `UserError` where there is no such file, one that is foreign or damaged, or weights of
    another net.

    >>> import mycaffe_py as mycaffe
    >>> net = mycaffe.load("snapshots")
    >>> net.weights.name
    'small_iter_150.caffemodel'
    >>> mycaffe.load("snapshots/other.caffemodel")
    Traceback (most recent call last):
        ...
    mycaffe_py.errors.UserError: there is no file or folder 'snapshots/other.caffemodel'.
    """
    wait_briefly()
    for name, given in (("snapshot", snapshot), ("model", model), ("weights", weights)):
        if given is not None and not isinstance(given, str | os.PathLike):
            raise UserError(f"{name} is {given!r}", wanted="a path")
    if model is None and weights is None:
        asked = _asked(fit, invert, value_range)
        path = None if snapshot is None else Path(snapshot)
        if path is not None and not path.exists():
            raise UserError(f"there is no file or folder '{path}'")
        with TURN:
            found = best_snapshot(path) if best else path
            _check_card(found)
            return TrainedNet(open_snapshot(found, run_code=run_code), asked)
    if model is None or weights is None:
        raise UserError(
            f"{'weights' if model is None else 'a model'} alone",
            wanted="a text and its weights",
            do='Write load(model="X.prototxt", weights="X.caffemodel").',
        )
    if snapshot is not None or best or (fit, invert, value_range) != (None, None, None):
        raise UserError("a snapshot and what goes with it do not go with model and weights")
    with TURN:
        return BlobNet(
            open_tested(os.fspath(model), Path(weights), 0, (), run_code=run_code, passes=())
        )


def _check_card(path: Path | None) -> None:
    """Errors: `path` is a file of weights without the run card that a training writes beside it."""
    if path is None or not path.is_file():
        return
    card = SnapshotFiles.beside(path).card
    if not card.is_file():
        raise UserError(
            f"there is no run card '{card}'",
            wanted="it holds the texts and the data this snapshot was made with",
            do="Copy it along with the snapshot. For weights alone write "
            f'load(model="X.prototxt", weights="{path}").',
        )


def _asked(fit: str | None, invert: bool | None, value_range: tuple[float, float] | None) -> Asked:
    """How pictures are to be read. Errors: no such fit, no range."""
    if fit is not None and fit not in FITS:
        raise UserError(f"fit is '{fit}'", do=nearest(str(fit), FITS))
    if value_range is None:
        return Asked(fit, invert)
    try:
        low, high = value_range
        return Asked(fit, invert, check_span((float(low), float(high))))
    except (TypeError, ValueError) as error:
        raise UserError(
            f"value_range is {value_range}", wanted="(low, high), finite and low < high"
        ) from error
