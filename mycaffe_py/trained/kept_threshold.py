"""The threshold kept beside a snapshot, as `identify` uses it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.figures import distance_text, percent_text
from mycaffe_py.files.checked_json import read_json
from mycaffe_py.files.schema import Count, DamagedError
from mycaffe_py.snapshot.names import THRESHOLD
from mycaffe_py.trained.enrollment_files import beside, fingerprint
from mycaffe_py.trained.final_weights import fingerprint_of_means
from mycaffe_py.trained.snapshot import Snapshot
from mycaffe_py.trained.strangeness import DISTANCE

FORMAT = 1


@dataclass(frozen=True)
class KeptThreshold:
    """Beyond `value` (squared distance) an input is unknown; inf: never. `origin` is for people.

    `score` names what trained classes are judged by, beyond `score_limit` in place of `value`;
    `items` is the fingerprint of the training features it was measured with.
    `floor` is what the limits of enrolled classes do not go below, None where they have none of
    their own (trained/open_space.py). `saturated` says that the features of the trained classes
    have collapsed.
    """

    value: float
    origin: str
    floor: float | None = None
    saturated: bool = False
    score: str = DISTANCE
    score_limit: float = math.inf
    items: str = ""


def given_threshold(value: float) -> KeptThreshold:
    """The threshold that a user names. Errors: it is below 0, or no number."""
    if not value >= 0:
        raise UserError(f"--threshold is {value}", wanted="a squared distance: 0 or more")
    return KeptThreshold(value, f"threshold {value:g}, as given")


def read(snapshot: Snapshot) -> KeptThreshold:
    """The threshold kept beside `snapshot`, if it is of these very weights and class means.

    Else there is none, and nothing is unknown.

    One of an earlier version, which does not say by which class means, counts and is told.
    Errors: the file is damaged.
    """
    path = beside(snapshot.files, THRESHOLD)
    how = "'mycaffe threshold' finds one"
    if not path.is_file():
        return KeptThreshold(math.inf, f"no threshold, so nothing is unknown: {how}")
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
        return KeptThreshold(math.inf, f"no threshold, so nothing is unknown: {why}; {how}")
    origin = _origin(kept, path.name)
    floor = None if kept.enrolled is None else kept.enrolled.floor
    if floor is None:
        origin += "; 'mycaffe threshold' would give enrolled classes a limit of their own"
    if kept.class_means is None:
        origin += "; measured by an earlier version, maybe with other class means: "
        origin += "'mycaffe threshold' does it anew"
    if kept.score is None:
        return KeptThreshold(kept.threshold, origin, floor, kept.saturated)
    score = kept.score
    return KeptThreshold(
        kept.threshold, origin, floor, kept.saturated, score.name, score.threshold, score.items
    )


@dataclass(frozen=True)
class _Share:
    n: Count
    rate: float | None


@dataclass(frozen=True)
class _Enrolled:
    floor: float | None


@dataclass(frozen=True)
class _Score:
    name: str
    threshold: float
    items: str


@dataclass(frozen=True)
class _Kept:
    """The fields of the file that are used."""

    threshold: float
    false_alarms: _Share
    dataset: str
    net: str
    enrolled: _Enrolled | None = None
    saturated: bool = False
    class_means: str | None = None
    score: _Score | None = None


def _origin(kept: _Kept, file: str) -> str:
    """What the threshold is and how it was found, for people."""
    rate = kept.false_alarms.rate
    share = percent_text(math.nan if rate is None else rate)
    known = f"{share} of {kept.false_alarms.n:,} known items of {kept.dataset} lie beyond it"
    if kept.score is None:
        return f"threshold {distance_text(kept.threshold)}: {known} ({file})"
    value = distance_text(kept.score.threshold)
    return f"threshold {value} of the score {kept.score.name}: {known} ({file})"


def _other(kept: _Kept, snapshot: Snapshot) -> str:
    """What has changed since the threshold was measured; "" for nothing."""
    if kept.net != fingerprint(snapshot):
        return "weights"
    if kept.class_means not in (None, fingerprint_of_means(snapshot)):
        return "class means"
    return ""
