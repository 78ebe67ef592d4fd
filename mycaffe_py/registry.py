"""Floor 0. A named collection to which modules add themselves where they are defined."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Generic, TypeVar

from mycaffe_py.errors import UserError, Where, nearest

T = TypeVar("T")

# The lines by which a class says how it is called.
_NAMING = re.compile(r"^    (?:type|spellings) = (.+)$", re.MULTILINE)
_QUOTED = re.compile(r'"([^"]+)"')


class Registry(Generic[T]):
    """Maps names to entries; look-ups ignore case, so MyCaffe's spellings work too."""

    def __init__(self, what: str, package: str = "") -> None:
        """`what` names one entry in error messages, e.g. "layer type".

        The modules of `package` are imported when an entry of theirs is first asked for: a net has
        ten layer types, and to import the other fifty with their kernels took 0.12 s of each start.
        """
        self.what = what
        self.package = package
        self._homes: dict[str, str] | None = None
        # To look through the package again for each unknown name took 10 ms.
        self._complete = False
        self._entries: dict[str, T] = {}
        self._lower: dict[str, str] = {}

    def add(self, name: str, entry: T) -> T:
        """Register `entry`; a name taken twice is a programming error."""
        if name.lower() in self._lower:
            raise RuntimeError(f"{self.what} '{name}' is registered twice")
        self._entries[name] = entry
        self._lower[name.lower()] = name
        return entry

    def alias(self, spelling: str, name: str) -> None:
        """Let `spelling` find the entry registered as `name`."""
        self._lower[spelling.lower()] = name

    def get(self, name: str, where: Where | None = None) -> T:
        """Return the entry called `name`; an unknown name is the user's mistake."""
        if name.lower() not in self._lower:
            self._import(name)
        known = self._lower.get(name.lower())
        if known is None:
            raise UserError(
                f"unknown {self.what} '{name}'", where=where, do=nearest(name, self._entries)
            )
        return self._entries[known]

    def _import(self, name: str) -> None:
        """Import the module that says it has `name`, or all when none says so."""
        home = self._known_homes().get(name.lower())
        if home is not None:
            import_module(home)
        else:
            self._import_all()

    def _known_homes(self) -> dict[str, str]:
        if self._homes is None:
            self._homes = _homes(self.package) if self.package else {}
        return self._homes

    def _import_all(self) -> None:
        if self.package and not self._complete:
            for found in iter_modules(import_module(self.package).__path__):
                import_module(f"{self.package}.{found.name}")
            self._complete = True

    def __contains__(self, name: object) -> bool:
        """Imports nothing where the sources tell: an error in a text would wait for numba."""
        if not isinstance(name, str):
            return False
        if name.lower() not in self._lower and name.lower() not in self._known_homes():
            self._import_all()
            return name.lower() in self._lower
        return True

    def __bool__(self) -> bool:
        return bool(self._entries or self._known_homes()) or len(self) > 0

    def __iter__(self) -> Iterator[str]:
        self._import_all()
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        self._import_all()
        return len(self._entries)


def _homes(package: str) -> dict[str, str]:
    """The module of each name in small letters, read off the source files: none is imported.

    Only a hint, and empty where the sources are not installed.
    """
    spec = find_spec(package)
    found = {}
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in Path(folder).glob("*.py"):
            for names in _NAMING.findall(path.read_text(encoding="utf-8")):
                for name in _QUOTED.findall(names):
                    found[name.lower()] = f"{package}.{path.stem}"
    return found
