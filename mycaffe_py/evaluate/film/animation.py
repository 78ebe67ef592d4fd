"""A film as an animated GIF or WebP."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError
from mycaffe_py.evaluate.film.colours import LIGHT, Ground
from mycaffe_py.evaluate.film.picture import SIZE_PX, Picture
from mycaffe_py.evaluate.film.show import Show
from mycaffe_py.files.atomic import write_atomically

# GIF counts in hundredths of a second.
_PICTURE_S = 0.08
# The last map is what people want to look at.
_HELD_SHARE = 0.2
_HELD_MOST_S = 2.0
_FIRST_YAW = math.radians(-60)
_TURN = math.radians(130)
# Steps from one colour to the next at an edge. In all at most 255 colours, as GIF wants one more,
# and none nearly as light as paper: Pillow's search, which is coarse, would take it for that.
_SHADES = 5
_WEBP_QUALITY = 80
_MOST_S = 120.0
_LEAST_PX = 320


@dataclass(frozen=True)
class Moment:
    """A picture: frame number, turn in radians, and how long it stays."""

    position: float
    yaw: float
    milliseconds: int


def moments(show: Show, seconds: float) -> list[Moment]:
    """A film of so many seconds: all frames take equally long, then the last one is held.

    So what happens early, where frames are dense, is seen slowly. In three dimensions the box turns
    all the time; in two the held one is a single picture. Errors: no sensible length.
    """
    if not 0.5 <= seconds <= _MOST_S:
        raise UserError(f"--seconds {seconds:g}", wanted=f"a film takes 0.5 to {_MOST_S:g} seconds")
    count = round(seconds / _PICTURE_S)
    held = round(min(_HELD_MOST_S, seconds * _HELD_SHARE) / _PICTURE_S)
    moving = max(2, count - held)
    positions = np.linspace(0, show.frames - 1, moving).tolist()
    one = round(1000 * _PICTURE_S)
    if not show.solid:
        return [*(Moment(p, 0.0, one) for p in positions[:-1]),
                Moment(positions[-1], 0.0, one * (held + 1))]  # fmt: skip
    positions += [positions[-1]] * held
    yaws = np.linspace(_FIRST_YAW, _FIRST_YAW + _TURN, len(positions)).tolist()
    return [Moment(p, yaw, one) for p, yaw in zip(positions, yaws, strict=True)]


def animate(
    show: Show, path: Path, seconds: float, ground: Ground = LIGHT, width: int = SIZE_PX[0]
) -> int:
    """Write `path`, .gif or .webp by its ending, and return how many pictures it has.

    `width` in pixels; the height follows. A GIF made smaller elsewhere may lose its colours: here
    it is made smaller before its one palette is applied. A film of one frame is one picture in two
    dimensions, and turns in three. Errors: no sensible length or width.
    """
    size = _size(width)
    picture = Picture(show, ground)
    told = moments(show, seconds)
    durations = [moment.milliseconds for moment in told]
    gif = path.suffix.lower() == ".gif"
    palette = _palette(show, ground) if gif else None

    def images() -> Iterator[Image.Image]:
        for moment in Progress(len(told), "picture", leave=False).over(told):
            image = picture.draw(moment.position, moment.yaw)
            if image.size != size:
                image = image.resize(size, Image.Resampling.LANCZOS)
            dither = Image.Dither.NONE
            yield image.quantize(palette=palette, dither=dither) if palette else image

    drawn = images()
    first = next(drawn)
    options = {"optimize": False} if gif else {"quality": _WEBP_QUALITY, "method": 4}

    write_atomically(
        path,
        lambda file: first.save(
            file, format="GIF" if gif else "WEBP", save_all=True, append_images=drawn,
            duration=durations, loop=0, **options,
        ),
    )  # fmt: skip
    return len(told)


def _size(width: int) -> tuple[int, int]:
    if not _LEAST_PX <= width <= SIZE_PX[0]:
        raise UserError(
            f"--width {width}", wanted=f"a film is {_LEAST_PX} to {SIZE_PX[0]} pixels wide"
        )
    return width, round(width * SIZE_PX[1] / SIZE_PX[0])


def _palette(show: Show, ground: Ground) -> Image.Image:
    """One palette for all pictures: every colour in it, and those of its smoothed edges."""
    hues = dict.fromkeys(look.colour for look in show.classes)
    paper, ink = _rgb(ground.background), _rgb(ground.ink)
    edges = [(_rgb(c), paper, _SHADES) for c in (*hues, ground.warning)]
    edges += [(_rgb(hue), ink, _SHADES - 1) for hue in hues]
    edges += [(ink, paper, 2 * _SHADES), (_rgb(ground.faint), paper, 2)]
    mixed = [
        one + (other - one) * step / count for one, other, count in edges for step in range(count)
    ]
    colours = np.unique(np.asarray([paper, *mixed]).round().astype(np.uint8), axis=0)
    palette = Image.new("P", (1, 1))
    palette.putpalette(colours.tobytes())
    return palette


def _rgb(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], np.float64)
