"""Floor 7. The threshold kept beside a snapshot, as `identify` uses it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.checked_json import read_json
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.enrolment_files import beside, fingerprint
from mycaffe_py.evaluate.figures import distance_text, percent_text
from mycaffe_py.evaluate.final_weights import fingerprint_of_means
from mycaffe_py.evaluate.snapshot import Snapshot
from mycaffe_py.schema import Count, DamagedError
from mycaffe_py.snapshot.names import THRESHOLD

FORMAT = 1


@dataclass(frozen=True)
class Threshold:
    """Beyond `value` (squared distance) an input is unknown; inf: never. `origin` is for people.

    `floor` is what the limits of enrolled classes do not go below, None where they have none of
    their own (open_space.py); `saturated` says that the features of trained classes have collapsed.
    """

    value: float
    origin: str
    floor: float | None = None
    saturated: bool = False


def read(snapshot: Snapshot) -> Threshold:
    """The threshold kept for these very weights and class means, else none.

    One of an earlier version, which does not say by which class means, counts and is told.
    Errors: the file is damaged.
    """
    path = beside(snapshot.files, THRESHOLD)
    how = "'mycaffe threshold' finds one"
    if not path.is_file():
        return Threshold(math.inf, f"no threshold, so nothing is unknown: {how}")
    try:
        kept = read_json(path, _Kept, FORMAT)
    except DamagedError as error:
        raise UserError(
            f"the threshold '{path}' is damaged ({error})",
            do="'mycaffe threshold' writes it anew.",
        ) from error
    other = _other(kept, snapshot)
    if other:
        why = f"the one in {path.name} was measured with other {other}"
        return Threshold(math.inf, f"no threshold, so nothing is unknown: {why}; {how}")
    known = f"{kept.false_alarms.n:,} known items of {kept.dataset}"
    rate = kept.false_alarms.rate
    text = f"{percent_text(math.nan if rate is None else rate)} of {known}"
    origin = f"threshold {distance_text(kept.threshold)}: {text} lie beyond it ({path.name})"
    floor = None if kept.enrolled is None else kept.enrolled.floor
    if floor is None:
        origin += "; 'mycaffe threshold' would give enrolled classes a limit of their own"
    if kept.class_means is None:
        origin += "; measured by an earlier version, maybe with other class means: "
        origin += "'mycaffe threshold' does it anew"
    return Threshold(kept.threshold, origin, floor, kept.saturated)


@dataclass(frozen=True)
class _Share:
    n: Count
    rate: float | None


@dataclass(frozen=True)
class _Enrolled:
    floor: float | None


@dataclass(frozen=True)
class _Kept:
    """What is used of the file."""

    threshold: float
    false_alarms: _Share
    dataset: str
    net: str
    enrolled: _Enrolled | None = None
    saturated: bool = False
    class_means: str | None = None


def _other(kept: _Kept, snapshot: Snapshot) -> str:
    """What has changed since it was measured, "" for nothing."""
    if kept.net != fingerprint(snapshot):
        return "weights"
    if kept.class_means not in (None, fingerprint_of_means(snapshot)):
        return "class means"
    return ""
