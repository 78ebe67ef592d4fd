"""docs/licences.md from the metadata of what is installed: python -m tests.release.licences

Install all extras before: pip install '.[dev,faiss]'. The row of a package that is not installed,
as it is for another Python, stays as it stands; where there is none, that is an error.
"""

from __future__ import annotations

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.release.setup_words import ROOT, needs

PAGE = ROOT / "docs/licences.md"
HEAD = """\
# Licences of what it needs

MyCaffe-Py is under the BSD 2-Clause License. These packages are installed with it, or with an
extra, and are under licences of their own; `pip` fetches them, none of them travels inside. (The
pages that `mycaffe docs` opens use scripts and styles of MkDocs, BSD-2-Clause, and Material for
MkDocs, MIT, whose licences lie beside them.) The licence is what the package's own metadata say;
`python -m tests.release.licences` writes this page.

| package | licence | needed by |
|---|---|---|
"""
FOOT = """
Next: [what is promised](promises.md).
"""
LONGEST = 60


def licence(package: Distribution) -> str:
    """What the metadata of a package say, in their shortest form."""
    facts = package.metadata
    trove = [
        value.rpartition(" :: ")[2]
        for value in facts.get_all("Classifier") or []
        if value.startswith("License :: ") and value != "License :: OSI Approved"
    ]
    # A whole text stands in License at times; its first line names it.
    words = (facts.get("License") or "").strip().split("\n")[0]
    said = facts.get("License-Expression") or ", ".join(trove) or words
    if not said or len(said) > LONGEST:
        said = words or said
    return said


def _wanted(requirement: str, extras: tuple[str, ...]) -> Requirement | None:
    """The requirement if its marker holds here, for one of the extras that are asked for."""
    found = Requirement(requirement)
    here = found.marker is None or any(found.marker.evaluate({"extra": extra}) for extra in extras)
    return found if here else None


def _asked_by(package: Requirement) -> list[Requirement]:
    """What an installed package asks for in turn."""
    try:
        lines = distribution(package.name).requires or []
    except PackageNotFoundError:
        return []
    return [found for line in lines if (found := _wanted(line, ("", *package.extras)))]


def whole(requirements: list[str]) -> set[str]:
    """The names of what is asked for, on any Python, and of what that asks for in turn."""
    names: set[str] = set()
    open_ones = [Requirement(line) for line in requirements]
    while open_ones:
        asked = open_ones.pop()
        name = canonicalize_name(asked.name)
        if name in names:
            continue
        names.add(name)
        open_ones += _asked_by(asked)
    return names


def _licence_of(name: str, before: dict[str, tuple[str, str]]) -> str:
    try:
        return licence(distribution(name))
    except PackageNotFoundError:
        return before[name][0]


def table() -> str:
    """The rows: all packages by name, with the extras that bring them."""
    before = rows(PAGE.read_text(encoding="utf-8"))
    needed: dict[str, list[str]] = {}
    for extra, requirements in needs().items():
        for name in whole(requirements):
            needed.setdefault(name, []).append(extra)
    lines = []
    for name in sorted(needed):
        by = "all" if "" in needed[name] else ", ".join(f"`{extra}`" for extra in needed[name])
        lines.append(f"| {name} | {_licence_of(name, before)} | {by} |\n")
    return "".join(lines)


def rows(page: str) -> dict[str, tuple[str, str]]:
    """Licence and need of each package, read from the page."""
    found = re.findall(r"^\| ([\w.-]+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    return {name: (said, by) for name, said, by in found if name != "package"}


if __name__ == "__main__":
    PAGE.write_text(HEAD + table() + FOOT, encoding="utf-8")
    print(PAGE)
