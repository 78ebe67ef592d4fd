"""The data set `glyphs`: letters of many scripts, parted by script, each written some times."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.array_source import ArraySource, make_source
from mycaffe_py.data.glyphs.drawing import SIDE, reference, written
from mycaffe_py.data.glyphs.fonts import HOW_TO_GET, Letters, letters_of
from mycaffe_py.data.pictures.picture_record import MNIST_WAY
from mycaffe_py.data.pictures.side_by_side import for_each
from mycaffe_py.data.progress import Progress
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

SPLITS = ("training", "validation", "testing")
# Of the scripts; the rest is for training.
_VALIDATION, _TESTING = 0.15, 0.25
# Glyphs whose pictures agree more than this (cosine of their pixels) count as one: o and O.
_ALIKE = 0.92
_FEWEST_SCRIPTS = 7
_AT_ONCE = 256


@dataclass(frozen=True)
class GlyphRecipe:
    """What to draw: up to `letters` of each script in the fonts below `fonts`, each `renderings`
    times."""

    fonts: Path
    renderings: int = 20
    letters: int = 40
    seed: int = 1


@dataclass(frozen=True)
class Glyph:
    """A class: a letter of a script, and the fonts that have it."""

    script: str
    character: int
    fonts: Sequence[Path]

    @property
    def name(self) -> str:
        """What Unicode calls it, in lower case."""
        return unicodedata.name(chr(self.character)).lower()


def make_sources(name: str, recipe: GlyphRecipe) -> dict[str, ArraySource]:
    """All splits. Labels count on from split to split: no two splits share a class.

    Errors: too few scripts, numbers out of range.
    """
    for option, number, least in (
        ("--renderings", recipe.renderings, 2), ("--letters", recipe.letters, 2),
    ):  # fmt: skip
        if number < least:
            raise UserError(f"{option} is {number}", wanted=f"{least} or more")
    plan = _plan(recipe)
    sources, first = {}, 0
    with Progress(recipe.renderings * sum(map(len, plan.values())), "image", "drawing") as bar:
        for split, glyphs in plan.items():
            images = np.zeros((len(glyphs) * recipe.renderings, 1, SIDE, SIDE), np.uint8)
            _draw(images, glyphs, recipe, bar)
            labels = np.repeat(np.arange(first, first + len(glyphs)), recipe.renderings)
            names = {first + place: glyph.name for place, glyph in enumerate(glyphs)}
            source = make_source(f"{name}.{split}", images, labels, names, _words(glyphs))
            sources[split] = dataclasses.replace(source, pictures=MNIST_WAY.to_json())
            first += len(glyphs)
    return sources


def _words(glyphs: Sequence[Glyph]) -> str:
    scripts = sorted({glyph.script for glyph in glyphs})
    return f"letters of {len(scripts)} scripts drawn from fonts: {', '.join(scripts)}"


def _plan(recipe: GlyphRecipe) -> dict[str, list[Glyph]]:
    """The classes of each split, those that look like an earlier one left out."""
    letters = letters_of(recipe.fonts)
    if len(letters) < _FEWEST_SCRIPTS:
        raise UserError(
            f"the fonts in {recipe.fonts} have letters of {len(letters)} scripts",
            wanted=f"{_FEWEST_SCRIPTS} or more: nets learn from some and are measured by others",
            do=HOW_TO_GET,
        )
    taken = np.zeros((recipe.letters * len(letters), SIDE * SIDE), np.float32)
    count = 0
    plan: dict[str, list[Glyph]] = {}
    for split, scripts in _parted(sorted(letters), recipe.seed).items():
        plan[split] = []
        for script in scripts:
            for glyph in _some(script, letters, recipe):
                looks = _looks(glyph)
                if looks is not None and not (taken[:count] @ looks > _ALIKE).any():
                    taken[count] = looks
                    count += 1
                    plan[split].append(glyph)
    return plan


def _parted(scripts: Sequence[str], seed: int) -> Mapping[str, list[str]]:
    """Which scripts each split has."""
    order = stream(seed, "glyphs/scripts").permutation(len(scripts)).tolist()
    testing = max(2, round(_TESTING * len(scripts)))
    validation = max(1, round(_VALIDATION * len(scripts)))
    parts = {
        "testing": order[:testing],
        "validation": order[testing : testing + validation],
        "training": order[testing + validation :],
    }
    return {split: sorted(scripts[place] for place in parts[split]) for split in SPLITS}


def _some(script: str, letters: Letters, recipe: GlyphRecipe) -> list[Glyph]:
    """Letters of a script, by chance where there are more than wanted, in their order."""
    there = sorted(letters[script])
    if len(there) > recipe.letters:
        random = stream(recipe.seed, f"glyphs/letters/{script}")
        there = sorted(random.choice(there, recipe.letters, replace=False).tolist())
    return [Glyph(script, number, letters[script][number]) for number in there]


def _looks(glyph: Glyph) -> NDArray[np.float32] | None:
    """The pixels of a letter as a row of length 1; None where its font cannot be drawn."""
    drawn = _plain(glyph)
    if drawn is None:
        return None
    row = drawn.reshape(-1).astype(np.float32)
    row /= max(float(np.linalg.norm(row)), 1.0)
    return row


def _plain(glyph: Glyph) -> NDArray[np.uint8] | None:
    """A letter as its first font has it; None where that cannot be drawn."""
    try:
        return reference(glyph.fonts[0], glyph.character)
    except OSError:
        return None


def _draw(
    images: NDArray[np.uint8], glyphs: Sequence[Glyph], recipe: GlyphRecipe, bar: Progress
) -> None:
    """Fill `images` (n, 1, SIDE, SIDE), a letter's renderings one after the other.

    A rendering depends on seed, letter and its number alone.
    """

    def draw(place: int) -> None:
        glyph, number = glyphs[place // recipe.renderings], place % recipe.renderings
        random = stream(recipe.seed, "glyphs/written", glyph.character, number)
        fonts = random.permutation(len(glyph.fonts)).tolist()
        # A font may have a glyph without ink; the first drew it.
        for font in [*(glyph.fonts[one] for one in fonts[:3]), glyph.fonts[0]]:
            drawn = _try(font, glyph.character, random)
            if drawn is not None:
                images[place, 0] = drawn
                return
        # Bent out of all ink: as the font has it, which the plan has seen.
        plain = _plain(glyph)
        if plain is not None:
            images[place, 0] = plain

    for start in range(0, len(images), _AT_ONCE):
        some = range(start, min(start + _AT_ONCE, len(images)))
        for_each(draw, some)
        bar.update(len(some))


def _try(font: Path, character: int, random: np.random.Generator) -> NDArray[np.uint8] | None:
    try:
        return written(font, character, random)
    except OSError:
        return None
