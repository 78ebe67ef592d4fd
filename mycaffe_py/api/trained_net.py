"""A trained net in a program: encodings, distances, names, classes by example, search."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.api.answers import Answers, answers_of, distances_to, labels_of
from mycaffe_py.api.encoder import Encoder
from mycaffe_py.api.given.given import Given
from mycaffe_py.api.given.inputs import given_to, inputs_like
from mycaffe_py.api.index import Index
from mycaffe_py.api.indexed import items_of_index, stored_index
from mycaffe_py.api.turns import TURN
from mycaffe_py.array_types import FeatureRows
from mycaffe_py.data.pictures.picture_record import Asked
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrollment.enroll import Enroller
from mycaffe_py.trained.identify import KnownClasses
from mycaffe_py.trained.inputs import InputFile
from mycaffe_py.trained.kept_threshold import KeptThreshold, given_threshold, read
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import Snapshot

_READ_AT_ONCE = 64
_CLASSES_BATCH = 16


class TrainedNet:
    """An opened snapshot. Several threads may use one, and get what one of them would get.

    `images` of the methods are paths, Pillow images or arrays, one or many: arrays are (N, H, W) or
    (N, H, W, C) with 1, 3 or 4 channels, one picture (H, W) or (H, W, C). Values are bytes (uint8),
    integers up to 255 or, as in files of 16 bits, up to 65535; floats are also shares, where none
    is above 1. Pictures of any size are read as those the net learned from, as `mycaffe identify`
    reads files: brought to size, inverted, made gray, with the mean and scale of the net's text.

    A net of counters takes windows (N, T, F) or (T, F) in the units of its CSV files, tables whose
    columns have the counters' names, and CSV files. A net that learned from features takes rows
    (N, D), one that a program trained with float images takes those as they are.

    Distances are squared, as those of the commands. All methods raise `UserError` for input that
    cannot be used: a doubtful shape, NaN, no items, a file that is no picture.

    >>> import mycaffe_py as mycaffe
    >>> net = mycaffe.load("snapshots/small_iter_150.caffemodel")
    >>> net.input_shape
    (1, 28, 28)
    >>> net.encode(["four.png", "seven.png"]).shape
    (2, 8)
    >>> label, distance, unknown = net.identify("seven.png")
    >>> str(label[0]), bool(unknown[0])
    ('7', False)
    """

    def __init__(self, snapshot: Snapshot, asked: Asked | None = None) -> None:
        """For `snapshot`; pictures are read as those it learned from, or as `asked`."""
        self._snapshot = snapshot
        self._asked = asked or Asked()
        self._like = inputs_like(snapshot, self._asked)
        self._encoder = Encoder(snapshot, self._like)
        self._threshold: KeptThreshold | None = None
        self._classes: KnownClasses | None = None

    def __repr__(self) -> str:
        return f"<mycaffe_py.TrainedNet {self.weights}>"

    @property
    def weights(self) -> Path:
        """The .caffemodel file."""
        return self._snapshot.files.weights

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(C, H, W) of what is read for the net; windows of counters are (1, T, F)."""
        return self._like.shape

    def encode(self, images: Any) -> FeatureRows:
        """(N, D) float32: the encodings of `images`, also of one picture: (1, D)."""
        return self._encode(given_to(self._like, images))

    def distance(self, a: Any, b: Any) -> Any:
        """Squared distance of two pictures, a float; of N and N pictures, or of 1 and N, (N,).

        Errors: N and M pictures.

        >>> import mycaffe_py as mycaffe
        >>> net = mycaffe.load("snapshots")
        >>> net.distance("seven.png", "seven.png")
        0.0
        >>> bool(net.distance("seven.png", "four.png") > 0)
        True
        """
        first, second = self.encode(a), self.encode(b)
        if len(first) != len(second) and 1 not in (len(first), len(second)):
            raise UserError(
                f"{len(first):,} pictures and {len(second):,}",
                wanted="as many of both, or one of either",
            )
        apart = first.astype(np.float64) - second.astype(np.float64)
        found = (apart**2).sum(axis=1)
        return float(found[0]) if len(found) == 1 else found

    def distances(self, images: Any) -> FeatureRows:
        """(N, L) float32: squared distances to the classes, in the order of `labels`.

        >>> import mycaffe_py as mycaffe
        >>> net = mycaffe.load("snapshots")
        >>> net.distances(["four.png", "seven.png"]).argmin(axis=1).tolist()
        [4, 7]
        """
        features = self._features(images)
        known = self._known()
        with TURN:
            return distances_to(known, features)

    def identify(self, images: Any) -> Answers:
        """(label, distance, unknown), arrays (N,): the nearest class of each of `images`.

        What lies beyond the threshold is "unknown"; an enrolled class has a limit of its own. As
        `mycaffe identify` answers.
        """
        given = given_to(self._like, images)
        features = self._encoder.rows(given, RunNet.features)
        known = self._known()
        with TURN:
            found = known.identify_encodings(features, lambda: given.read(0, given.count))
            return answers_of(found)

    def enroll(self, label: str, images: Any, *, force: bool = False) -> None:
        """Add a class by examples, or examples to an enrolled class, without training.

        It is stored beside the snapshot, as `mycaffe enroll` does it; the next call of `identify`
        knows it. `force` allows the name of a class that was trained.
        Errors: such a name without it, a picture that is enrolled under another name.

        >>> import mycaffe_py as mycaffe
        >>> net = mycaffe.load("snapshots")
        >>> net.enroll("cross", "cross.png")
        >>> net.labels[-2:]
        ['9', 'cross']
        >>> str(net.identify("cross.png").label[0])
        'cross'
        """
        given = given_to(self._like, images)
        arrays = np.concatenate(list(given.parts(_READ_AT_ONCE)))
        files = [
            InputFile(Path(given.name(number)), array, ()) for number, array in enumerate(arrays)
        ]
        with TURN:
            enroller = Enroller(self._snapshot, like=self._like)
            enroller.add_inputs(str(label), files, force)
            self._classes = None

    @property
    def labels(self) -> list[str]:
        """The names of the classes: those trained, then those enrolled."""
        return labels_of(self._known())

    @property
    def threshold(self) -> float:
        """Squared distance beyond which an input is unknown; inf where none was measured.

        It is the one that `mycaffe threshold` stored beside the snapshot, until another is set;
        None takes the stored one again.
        """
        return self._kept_threshold().value

    @threshold.setter
    def threshold(self, value: float | None) -> None:
        try:
            given = None if value is None else given_threshold(float(value))
        except (TypeError, ValueError) as error:
            raise UserError(f"threshold is {value!r}", wanted="a number or None") from error
        with TURN:
            self._threshold = given
            self._classes = None

    def index(self, images: Any, labels: Sequence[object] | None = None) -> Index:
        """An index of `images` to search in, with their `labels` (N,) if there are any.

        Also of a data set by its name, such as "MNIST.testing", and of a folder that holds one
        folder for each class: these bring their labels along. Errors: another number of labels.

        >>> import mycaffe_py as mycaffe
        >>> net = mycaffe.load("snapshots")
        >>> index = net.index(["four.png", "seven.png", "cross.png"], labels=["4", "7", "cross"])
        >>> found = index.find("seven.png", k=2)
        >>> found.rows.shape, found.labels[0, 0].item(), found.paths[0, 0].item()
        ((1, 2), '7', 'seven.png')
        """
        made = items_of_index(self._snapshot, self._like, self._encode, images, labels)
        return Index(made, self.encode)

    def open_index(self, name: str) -> Index:
        """The index that `mycaffe index create --name NAME` has made with this net.

        Errors: there is none of this name, it is damaged, another net made it.
        """
        with TURN:
            return Index(*stored_index(self._snapshot, name))

    def _encode(self, given: Given) -> FeatureRows:
        return self._encoder.rows(given, RunNet.encodings)

    def _features(self, images: Any) -> NDArray[np.float32]:
        """What distances to classes are measured of."""
        return self._encoder.rows(given_to(self._like, images), RunNet.features)

    def _kept_threshold(self) -> KeptThreshold:
        with TURN:
            if self._threshold is None:
                self._threshold = read(self._snapshot)
            return self._threshold

    def _known(self) -> KnownClasses:
        with TURN:
            if self._classes is None:
                self._classes = KnownClasses(
                    self._snapshot, self._like, self._kept_threshold(), _CLASSES_BATCH
                )
            return self._classes
