"""What a film shows, ready to be drawn: places, looks, loss curve and words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.colours import ShownClass, shown_classes
from mycaffe_py.evaluate.film.space import Places, Space, to_space
from mycaffe_py.evaluate.pictures.curves import Curve
from mycaffe_py.snapshot.film import Film, FilmHead, Frame

# A curve of more points than the picture has columns shows nothing more.
_MOST_LOSSES = 400
_EARLY_MARGIN = 0.2
_STEPS = 7


@dataclass(frozen=True, eq=False)
class Show:
    """A film in two or three dimensions.

    `iterations` (F,) of the frames; `column` (M,) the class of each item. `lower` and `upper` (d,)
    are the ends of the axes; `step` is a round distance of grid lines. `warning` names data that
    stand in for others, or is "". `caption` has two lines.
    """

    title: str
    warning: str
    caption: tuple[str, str]
    iterations: NDArray[np.int64]
    classes: tuple[ShownClass, ...]
    column: NDArray[np.int64]
    space: Space
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    step: float
    loss: Curve

    @property
    def solid(self) -> bool:
        """Whether it has three dimensions."""
        return len(self.space.axes) == 3

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.iterations)

    def at(self, position: float) -> tuple[float, Places, Places]:
        """Iteration, points and centroids at a frame number, between two frames on straight ways.

        A centroid is there once the frame before has it.
        """
        low = min(int(position), self.frames - 1)
        high = min(low + 1, self.frames - 1)
        part = np.float32(position - low)

        def between(rows: NDArray[np.floating]) -> Places:
            first, second = rows[low].astype(np.float32), rows[high].astype(np.float32)
            moved: Places = first + (second - first) * part
            return moved

        iteration = float(between(self.iterations.astype(np.float64)))
        return iteration, between(self.space.points), between(self.space.centroids)


def make_show(film: Film, title: str, circles: str = "") -> Show:
    """All that is drawn of `film`; `circles` says what the large ones are, if not the film's own.

    Errors: no frame in it, none whose points are finite.
    """
    head, frames = film.head, _finite_frames(film)
    labels = np.asarray(head.labels)
    classes, column = np.unique(labels, return_inverse=True)
    centroids = [_centroids(head, frame, classes, column) for frame in frames]
    space = to_space([frame.points for frame in frames], centroids)
    lower, upper = _range(space)
    step = _round_step(float((upper - lower).max()) / _STEPS)
    return Show(
        title=title,
        warning=_warning(head),
        caption=_caption(head, space, (lower, upper), step, circles),
        iterations=np.asarray([frame.iteration for frame in frames]),
        classes=shown_classes([head.label_names.get(one, str(one)) for one in classes.tolist()]),
        column=column,
        space=space,
        lower=lower,
        upper=upper,
        step=step,
        loss=loss_curve(frames),
    )


def up_to(film: Film, iteration: int) -> Film:
    """The film as it was at `iteration`."""
    return replace(film, frames=tuple(f for f in film.frames if f.iteration <= iteration))


def loss_curve(frames: tuple[Frame, ...]) -> Curve:
    """Mean losses of equal stretches of iterations, at most 400 of them."""
    parts = [(f.iteration - len(f.losses) + np.arange(1, len(f.losses) + 1)) for f in frames]
    iterations = np.concatenate([np.empty(0), *parts])
    losses = np.concatenate([np.empty(0), *(f.losses.astype(np.float64) for f in frames)])
    if not len(losses):
        return Curve((), ())
    groups = -(-len(losses) // _MOST_LOSSES)
    starts = np.arange(0, len(losses), groups)
    counts = np.diff(np.append(starts, len(losses)))
    middles = np.add.reduceat(iterations, starts) / counts
    means = np.add.reduceat(losses, starts) / counts
    return Curve(tuple(middles.round().astype(int).tolist()), tuple(means.tolist()))


def _finite_frames(film: Film) -> tuple[Frame, ...]:
    frames = tuple(frame for frame in film.frames if np.isfinite(frame.points).all())
    if not frames:
        raise UserError(
            "the film has no frame to show" if not film.frames else "no frame's points are finite",
            do="Train on with 'mycaffe resume'." if not film.frames else "Lower base_lr.",
        )
    return frames


def _centroids(
    head: FilmHead, frame: Frame, classes: NDArray[np.int64], column: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(K, D): what Decode has learned of each class; without Decode the mean of its points."""
    found = np.full((len(classes), head.width), np.nan, np.float32)
    if head.decodes:
        known = np.isin(frame.centroid_labels, classes)
        rows = np.searchsorted(classes, frame.centroid_labels[known])
        found[rows] = frame.centroids[known]
        return found
    for number in range(len(classes)):
        found[number] = frame.points[column == number].mean(axis=0)
    return found


def _range(space: Space) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of the axes: all of the later half of the frames, and a margin of 4 %.

    For what is farther out early on there is up to a fifth of that more: the first steps of a net
    may throw points far out, and the map would be small for ever after. No axis is shorter than a
    twentieth of the longest.
    """
    rows = np.concatenate([space.points, space.centroids], axis=1).astype(np.float64)
    late = rows[len(rows) // 2 :]
    lower, upper = np.nanmin(late, axis=(0, 1)), np.nanmax(late, axis=(0, 1))
    margin = (upper - lower) * _EARLY_MARGIN
    lower = np.maximum(np.nanmin(rows, axis=(0, 1)), lower - margin)
    upper = np.minimum(np.nanmax(rows, axis=(0, 1)), upper + margin)
    longest = float((upper - lower).max()) or 1.0
    half = np.maximum(upper - lower, longest / 20) / 2 * 1.08
    middle = (upper + lower) / 2
    return middle - half, middle + half


def _round_step(about: float) -> float:
    """1, 2 or 5 times a power of ten, the nearest above `about`."""
    power = 10.0 ** np.floor(np.log10(about))
    return float(next(power * digit for digit in (1, 2, 5, 10) if power * digit >= about * 0.999))


def _warning(head: FilmHead) -> str:
    if not head.stand_in_for:
        return ""
    return f"STAND-IN DATA: {head.source} instead of {head.stand_in_for}"


def _caption(
    head: FilmHead,
    space: Space,
    ends: tuple[NDArray[np.float64], ...],
    step: float,
    circles: str,
) -> tuple[str, str]:
    own = "the centroids that training was at" if head.decodes else "the means of the points"
    many, all_of = len(head.labels), f"{head.items:,} items of {head.source}"
    sample = f"{many:,} of {all_of}" if many < head.items else f"all {all_of}"
    first = f"Small markers: {sample}, the same in every frame. Large circles: {circles or own}."
    second = f"{space.told}. Seed {head.seed}."
    if len(space.axes) > 2:
        second += f" Grid lines every {step:g}."
    outside = ((space.points < ends[0]) | (space.points > ends[1])).any(axis=(1, 2)).sum()
    if outside:
        second += f" In {outside} early frames some points lie farther out than shown."
    return first, second
