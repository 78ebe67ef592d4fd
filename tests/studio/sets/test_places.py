"""The picker shows names below the home and the studio's folder, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.studio.sets.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    root = tmp_path / "nets"
    for name in ("pets/cat", ".hidden/in", "deep"):
        (root / name).mkdir(parents=True)
    (root / "a.csv").write_text("time\n")
    (tmp_path / "outside").mkdir()
    (root / "out").symlink_to(tmp_path / "outside")
    return Places({"This folder": root.resolve()})


def test_hidden_folders_and_links_are_not_shown(places: Places) -> None:
    told = places.names(str(places.roots["This folder"]))
    assert [one["name"] for one in told["folders"]] == ["deep", "pets"]
    assert [one["name"] for one in told["files"]] == ["a.csv"]
    assert told["above"] == ""


def test_the_roots_come_first(places: Places) -> None:
    assert [one["name"] for one in places.names("")["folders"]] == ["This folder"]


@pytest.mark.parametrize(
    "text",
    ["", " ", "..", "/etc", "/", "pets/../..", "out", ".hidden", ".hidden/in", "a\0b", "~nobody9"],
)
def test_what_leads_out_is_refused(places: Places, text: str) -> None:
    with pytest.raises(UserError):
        places.path(text, folder=True)


def test_a_typed_place_is_found_from_the_folder(places: Places) -> None:
    root = places.roots["This folder"]
    assert places.path("pets", folder=True) == root / "pets"
    assert places.path("a.csv", folder=False) == root / "a.csv"
    with pytest.raises(UserError, match="there is no folder"):
        places.path("a.csv", folder=True)
