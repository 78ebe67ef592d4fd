"""A named collection to which modules add themselves where they are defined."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Generic, TypeVar

from mycaffe_py.errors import UserError, Where, nearest

T = TypeVar("T")


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
        return self._entries[self.name_of(name, where)]

    def name_of(self, name: str, where: Where | None = None) -> str:
        """The name that the entry called `name` was registered by, which has its right case."""
        if name.lower() not in self._lower:
            self._import(name)
        known = self._lower.get(name.lower())
        if known is None:
            raise UserError(
                f"unknown {self.what} '{name}'", where=where, do=nearest(name, self._entries)
            )
        return known

    def _import(self, name: str) -> None:
        """Import the module named like `name`, or all where that one does not bring it."""
        home = self._known_homes().get(_letters(name))
        if home is not None:
            import_module(home)
        if name.lower() not in self._lower:
            self._import_all()

    def _known_homes(self) -> dict[str, str]:
        if self._homes is None:
            self._homes = _homes(self.package) if self.package else {}
        return self._homes

    def _import_all(self) -> None:
        if self.package and not self._complete:
            for module in _modules(self.package):
                import_module(module)
            self._complete = True

    def __contains__(self, name: object) -> bool:
        """Imports no module but the one named like `name`: numba alone takes half a second."""
        if not isinstance(name, str):
            return False
        if name.lower() not in self._lower:
            self._import(name)
        return name.lower() in self._lower

    def __bool__(self) -> bool:
        return bool(self._entries or self._known_homes()) or len(self) > 0

    def __iter__(self) -> Iterator[str]:
        self._import_all()
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        self._import_all()
        return len(self._entries)


def _homes(package: str) -> dict[str, str]:
    """The module that is named like an entry, by the letters of its name: none is imported.

    "InnerProduct" is looked for in inner_product.py, in whichever folder below the package that is.
    """
    return {_letters(module.rpartition(".")[2]): module for module in _modules(package)}


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _modules(package: str) -> list[str]:
    """The full names of all modules below `package`, also in its sub-folders."""
    spec = find_spec(package)
    found = []
    for module in iter_modules((spec and spec.submodule_search_locations) or ()):
        name = f"{package}.{module.name}"
        found += _modules(name) if module.ispkg else [name]
    return found
