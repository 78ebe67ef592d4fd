"""How classes look on a map: a colour and a marker for each, on light and dark ground.

The colours were chosen by search so that any two differ by 15 or more (CIE 1976 difference) for
people with protanopia and deuteranopia (simulated after Machado, Oliveira and Fernandes, 2009), and
by 36 for others; each stands out from white by 2.0 and from the dark ground by 2.3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Green, red, orange, blue, sky, purple, olive, grey, brown, pink: the first class is the good one.
COLOURS = (
    "#03b382", "#d92640", "#fea31a", "#0668ec", "#34aef8",
    "#8f3cb5", "#a18e12", "#696969", "#824008", "#f78dc7",
)  # fmt: skip
# In matplotlib's letters: circle, square, triangle, diamond, triangle down, plus, cross, ...
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p", "h", "*")


@dataclass(frozen=True)
class Ground:
    """Colours of what is around the points."""

    background: str
    ink: str
    faint: str
    warning: str


LIGHT = Ground("#ffffff", "#22262b", "#dfe3e8", "#b00020")
DARK = Ground("#14161a", "#e8eaed", "#343a42", "#ff8a80")


@dataclass(frozen=True)
class ShownClass:
    """A class with its look."""

    name: str
    colour: str
    marker: str

    @property
    def ink(self) -> str:
        """The colour of words on it: black where it is light."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return "#000000" if 0.299 * red + 0.587 * green + 0.114 * blue > 130 else "#ffffff"


def shown_classes(names: Sequence[str]) -> tuple[ShownClass, ...]:
    """A look for each class in order; after ten the colours come again with other markers."""
    count = len(COLOURS)
    return tuple(
        ShownClass(name, COLOURS[i % count], MARKERS[(i + i // count) % len(MARKERS)])
        for i, name in enumerate(names)
    )
