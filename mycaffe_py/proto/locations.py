"""Where each message and field of a text stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mycaffe_py.errors import Where

Step = str | int
Path = tuple[Step, ...]


@dataclass
class Place:
    """A line of the text, and the places inside what starts there."""

    line: int = 0
    inside: dict[Step, Place] = field(default_factory=dict)
    column: int = 0

    def enter(self, step: Step, line: int, column: int = 0) -> Place:
        """The place one step further in; new ones start at `line` and `column`."""
        if step not in self.inside:
            self.inside[step] = Place(line, column=column)
        return self.inside[step]


@dataclass(frozen=True)
class Locations:
    """The places of a text, found by path: ("layer", 3, "convolution_param", "kernel_size", 0).

    A path step is a field's name, then, for a repeated field, the number of the entry.
    """

    file: str = ""
    root: Place = field(default_factory=Place)

    def at(self, *path: Step) -> Where:
        """The place of `path`, or of the nearest message around it that is known."""
        return self._nearest(path)[0]

    def known(self, *path: Step) -> Where | None:
        """The place of `path` itself, None where nothing is known of it."""
        where, place = self._nearest(path)
        return where if place is not None else None

    def under(self, *path: Step) -> Locations:
        """The same places seen from inside the message at `path`."""
        where, place = self._nearest(path)
        return Locations(self.file, place or _bare(where))

    def moved(self, name: str, origins: Sequence[Path]) -> Locations:
        """These places with entry i of the repeated field `name` found at the path `origins[i]`."""
        entries: dict[Step, Place] = {}
        for i, origin in enumerate(origins):
            where, place = self._nearest(origin)
            entries[i] = place or _bare(where)
        first = entries[0].line if entries else self.root.line
        inside: Mapping[Step, Place] = {**self.root.inside, name: Place(first, entries)}
        return Locations(self.file, Place(self.root.line, dict(inside)))

    def named(self, field: str, names: Sequence[str]) -> Locations:
        """These places with entry i of the repeated `field` found under ("field", names[i]) too."""
        place = self.root.inside.get(field, Place())
        own = Place(place.line, dict(place.inside))
        own.inside |= {names[i]: at for i, at in place.inside.items() if isinstance(i, int)}
        return Locations(self.file, Place(self.root.line, {**self.root.inside, field: own}))

    def replaced(self, path: Path, part: Locations) -> Locations:
        """These places with those at `path` exchanged for `part`, as `under(path)` gave it."""
        if not path:
            return Locations(self.file, part.root)
        inner = self.under(path[0]).replaced(path[1:], part)
        return Locations(
            self.file, Place(self.root.line, {**self.root.inside, path[0]: inner.root})
        )

    @staticmethod
    def none(file: str = "") -> Locations:
        """No places known, for messages that come from no text."""
        return Locations(file)

    def _nearest(self, path: Path) -> tuple[Where, Place | None]:
        """The nearest known place around `path`, and the place itself if it is known."""
        place, nearest = self.root, self.root
        for step in path:
            if step not in place.inside:
                return self._where(nearest), None
            place = place.inside[step]
            nearest = place if place.line else nearest
        return self._where(nearest), place

    def _where(self, place: Place) -> Where:
        return Where(self.file, place.line, place.column)


def _bare(where: Where) -> Place:
    """A place of which nothing inside is known."""
    return Place(where.line, column=where.column)
