"""docs/licences.md has every package that users are asked to install, with its licence."""

from __future__ import annotations

from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from unittest import mock

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.release.licences import HEAD, PAGE, licence, rows
from tests.release.setup_words import needs

ROWS = rows(PAGE.read_text(encoding="utf-8"))
ASKED = [(extra, Requirement(line)) for extra, lines in needs().items() for line in lines]


@pytest.mark.parametrize(("extra", "asked"), ASKED, ids=str)
def test_each_requirement_has_a_row_that_names_its_extra(extra: str, asked: Requirement) -> None:
    said, by = ROWS[canonicalize_name(asked.name)]
    assert said.strip()
    assert by == "all" or f"`{extra}`" in by


def test_what_needs_nothing_of_ours_has_no_row() -> None:
    """A row goes when its requirement went; what it had asked for, with the next writing."""
    extras = {extra for extra in needs() if extra}
    named = {part.strip("` ") for _, by in ROWS.values() for part in by.split(",")}
    assert named <= {"all", *extras}
    assert PAGE.read_text(encoding="utf-8").startswith(HEAD)


@pytest.mark.parametrize("name", sorted(ROWS))
def test_an_installed_package_tells_a_licence(name: str) -> None:
    try:
        package = distribution(name)
    except PackageNotFoundError:
        return  # an extra that the tests do without
    assert licence(package)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"License-Expression": "MIT", "License": "other"}, "MIT"),
        ({"License": "HPND\n\nThe whole text"}, "HPND"),
        ({"Classifier": "License :: OSI Approved :: BSD License"}, "BSD License"),
        ({}, ""),
    ],
)
def test_a_licence_is_read_from_each_form_of_metadata(lines: dict[str, str], said: str) -> None:
    facts = Message()
    for name, value in lines.items():
        facts[name] = value
    package = mock.Mock(spec=Distribution, metadata=facts)
    assert licence(package) == said
