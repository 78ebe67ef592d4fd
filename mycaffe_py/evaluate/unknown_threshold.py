"""Floor 7. From which distance on an input is of no known class, measured on held-out items.

Known: items of trained classes, at their distance to the nearest class. Unknown: the same items
with their own class taken out of the map, each class in turn. Items of labels that were never
trained, if the data has any, are unknown as they are and are counted apart.

    threshold = the smallest distance beyond which at most the wished share of known items lies

It holds for trained classes. Enrolled ones have limits of their own (open_space.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.label_match import class_names
from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.class_map import ClassMap
from mycaffe_py.evaluate.learned_labels import label_names
from mycaffe_py.evaluate.measured_source import as_learned, none_known
from mycaffe_py.evaluate.open_space import floor_between, saturated
from mycaffe_py.evaluate.roc import Roc, Share, roc, threshold_for
from mycaffe_py.evaluate.snapshot import Snapshot

BATCH = 256


@dataclass(frozen=True)
class LabelShares:
    """One class: its items called unknown, and caught when the class itself was taken out.

    Of a class never trained (`trained` False) the items are unknown as they are.
    """

    label: int
    trained: bool
    called_unknown: Share
    caught: Share


@dataclass(frozen=True, eq=False)
class Measured:
    """What `threshold` (squared distance) does to the items of `source`.

    `wished` is the share of known items that may be called unknown; `called_unknown` is what
    became of it, `caught` of the items of left-out classes, `strangers` of those never trained.
    `right` are the known items that get their own name; `trained_on` says that the net learned from
    the source it is measured on. `known` (n,), `left_out` (n,) and
    `never_trained` (k,) are the distances to the nearest class.
    """

    source: ArraySource
    trained_on: bool
    wished: float
    threshold: float
    called_unknown: Share
    right: Share
    caught: Share
    strangers: Share
    labels: tuple[LabelShares, ...]
    curve: Roc
    strangers_curve: Roc
    known: NDArray[np.float64]
    left_out: NDArray[np.float64]
    never_trained: NDArray[np.float64]

    @property
    def floor(self) -> float:
        """Under the limits of enrolled classes (open_space.py), as a squared distance."""
        return floor_between(self.threshold, self.left_out)

    @property
    def saturated(self) -> bool:
        """Whether trained classes have hardly any spread against the distances between them."""
        return saturated(self.known, self.left_out)


def check_rate(rate: float) -> None:
    """Errors: no share between 0 and 1."""
    if not 0 <= rate < 1:
        raise UserError(
            f"--false-alarms is {rate:g}",
            wanted="a share of the known items: 0 or more and less than 1, 0.01 for 1 %",
        )


def measure(snapshot: Snapshot, source: ArraySource, rate: float) -> Measured:
    """Find the threshold for a share `rate` of false alarms among the items of `source`.

    Classes of another data set are those of the net that have the same names.
    Errors: no item of a trained class, inputs that are not like the net's.
    """
    check_rate(rate)
    names = label_names(snapshot)
    source = as_learned(snapshot, source, names)
    classes = ClassMap(snapshot, source, min(BATCH, len(source)))
    distances = _distances(classes, source)
    known = np.isin(source.labels, classes.labels)
    if not known.any():
        raise none_known(snapshot, source, list(class_names(source).values()), names)
    near = distances.min(axis=1)
    labels, own = source.labels[known], np.searchsorted(classes.labels, source.labels[known])
    others = distances[known]
    right_name = others.argmin(axis=1) == own
    others[np.arange(len(others)), own] = np.inf
    # With one class nothing is left when it is taken out, and nothing can be said.
    left_out = others.min(axis=1) if len(classes.labels) > 1 else np.empty(0)
    found = threshold_for(near[known], rate)
    alarms = near[known] > found
    caught = left_out > found
    strange, strangers = near[~known] > found, source.labels[~known]
    trained_on = any(
        card.phase == "TRAIN" and card.source == source.name for card in snapshot.card.datasets
    )
    return Measured(
        source=source,
        trained_on=trained_on,
        wished=rate,
        threshold=found,
        called_unknown=_share(alarms),
        right=_share(right_name & ~alarms),
        caught=_share(caught),
        strangers=_share(strange),
        labels=(
            *(_of_label(label, labels, alarms, caught) for label in np.unique(labels)),
            *(
                LabelShares(int(label), False, Share(0, 0), _share(strange[strangers == label]))
                for label in np.unique(strangers)
            ),
        ),
        curve=roc(near[known], left_out),
        strangers_curve=roc(near[known], near[~known]),
        known=near[known],
        left_out=left_out,
        never_trained=near[~known],
    )


def _distances(classes: ClassMap, source: ArraySource) -> NDArray[np.float64]:
    parts = []
    with Progress(len(source), "item", leave=False) as bar:
        for start in range(0, len(source), BATCH):
            records = np.arange(start, min(start + BATCH, len(source)))
            parts.append(classes.trained_distances(source.gather(records)))
            bar.update(len(records))
    return np.concatenate(parts).astype(np.float64)


def _share(hits: NDArray[np.bool_]) -> Share:
    return Share(int(hits.sum()), len(hits))


def _of_label(
    label: int, labels: NDArray[np.int64], alarms: NDArray[np.bool_], caught: NDArray[np.bool_]
) -> LabelShares:
    mine = labels == label
    return LabelShares(int(label), True, _share(alarms[mine]), _share(caught[mine[: len(caught)]]))
