"""Each kind of data set has its form by its own options."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mycaffe_py.data.dataset_kind import all_kinds
from mycaffe_py.errors import UserError
from mycaffe_py.studio.sets.forms import CREATE, IMPORT, form_of, forms
from mycaffe_py.studio.sets.places import Places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "pets").mkdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("time\n")
    return Places({"This folder": tmp_path.resolve()})


def test_every_kind_that_can_be_made_has_a_form() -> None:
    names = [(form.job, form.kind) for form in forms()]
    assert names == [
        *[(CREATE, kind.name) for kind in all_kinds() if kind.help],
        *[(IMPORT, kind.name) for kind in all_kinds() if kind.imports],
    ]


def test_a_form_says_how_each_option_is_filled_in() -> None:
    fields = {field["name"]: field for field in form_of(CREATE, "images").told()["fields"]}
    assert fields["folder"]["kind"] == "folder"
    assert fields["folder"]["required"]
    assert fields["gray"]["kind"] == "switch"
    assert fields["invert"]["kind"] == "yes-no"
    assert fields["test_percent"]["kind"] == "number"
    assert fields["boxes"]["kind"] == "file"
    channels = next(f for f in form_of(CREATE, "mnist").told()["fields"] if f["name"] == "channels")
    assert (channels["kind"], channels["values"], channels["default"]) == ("choice", ["1", "3"], 1)
    origin = next(f for f in form_of(CREATE, "subset").told()["fields"] if f["name"] == "origin")
    assert origin["kind"] == "dataset"


@pytest.mark.parametrize(
    ("job", "kind", "values", "words"),
    [
        (CREATE, "images", {"folder": "pets", "name": "PETS", "size": "8x8", "gray": True},
         ["{root}/pets", "--name=PETS", "--size=8x8", "--gray"]),
        (CREATE, "images", {"folder": "pets", "name": "P", "invert": "no", "fit": ""},
         ["{root}/pets", "--name=P", "--no-invert"]),
        (CREATE, "images", {"folder": "pets", "name": "P", "span": "-1000:400"},
         ["{root}/pets", "--name=P", "--range=-1000:400"]),
        (CREATE, "csv", {"files": ["a.csv", "b.csv"], "name": "LINK", "window": "12"},
         ["{root}/a.csv", "{root}/b.csv", "--name=LINK", "--window=12"]),
        (CREATE, "subset", {"origin": "digits28", "labels": "1,2", "name": "TWO"},
         ["digits28", "--labels=1,2", "--name=TWO"]),
        (CREATE, "mnist", {"channels": "3", "name": "M3"}, ["--name=M3", "--channels=3"]),
        (IMPORT, "lmdb", {"folder": "pets", "name": "OLD", "split": "testing", "bgr": True},
         ["{root}/pets", "--name=OLD", "--split=testing", "--bgr"]),
    ],
)  # fmt: skip
def test_a_form_becomes_the_command(
    places: Places, job: str, kind: str, values: dict[str, Any], words: list[str]
) -> None:
    root = str(places.roots["This folder"])
    wanted = ["dataset", job, kind, *[word.replace("{root}", root) for word in words]]
    assert form_of(job, kind).arguments(places, values) == wanted


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("images", {"folder": "pets"}),
        ("images", {"folder": "/etc", "name": "X"}),
        ("images", {"folder": "pets", "name": "X", "fit": "wide"}),
        ("images", {"folder": "pets", "name": "X\n--force"}),
        ("images", {"folder": "pets", "name": "X", "shell": "rm"}),
        ("images", {"folder": "pets", "name": ["X"]}),
        ("images", {"folder": "pets", "name": "X", "boxes": "../../secret.csv"}),
        ("telecom", {"hours": "many"}),
        ("subset", {"origin": "--force", "labels": "1", "name": "X"}),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_starts(
    places: Places, kind: str, values: dict[str, Any]
) -> None:
    with pytest.raises(UserError):
        form_of(CREATE, kind).arguments(places, values)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UserError):
        form_of(CREATE, "lmdb")
