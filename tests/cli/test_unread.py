"""One file that cannot be read among many costs that file, and the exit code says so."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.data.source import open_source
from tests.conftest import Result

BROKEN = "'oops.png' cannot be read as a picture: no picture format known to Pillow."


@pytest.fixture
def digits(siamese_snapshot, tmp_path):
    """first.png, oops.png (no picture) and last.png; the labels of the two, which the net knows."""
    shutil.copytree(siamese_snapshot.parent, tmp_path / "snapshots")
    source = open_source("digits28.testing")
    six = int(np.flatnonzero(source.labels == 6)[0])
    for name, number in (("first", 0), ("last", six)):
        Image.fromarray(source.gather(np.array([number]))[0, 0]).save(tmp_path / f"{name}.png")
    (tmp_path / "oops.png").write_bytes(b"oops")
    return [str(label) for label in source.labels[[0, six]]]


FILES = ("first.png", "oops.png", "nothing.png", "last.png")
ERRORS = [f"mycaffe: error: {BROKEN}", "mycaffe: error: 'nothing.png' is not there."]


@pytest.mark.parametrize("command", ["test", "identify"])
def test_the_others_are_answered(mycaffe: Callable[..., Result], digits, command: str) -> None:
    result = mycaffe(command, *FILES)
    assert (result.code, result.err.splitlines()) == (2, ERRORS)
    for name, label in zip(("first", "last"), digits, strict=True):
        assert f"{name}.png: {label}" in result.out


@pytest.mark.parametrize("command", ["test", "identify"])
def test_for_machines_each_file_has_its_entry(
    mycaffe: Callable[..., Result], digits, command: str
) -> None:
    result = mycaffe(command, *FILES, "--json")
    assert result.code == 2
    by_file = {one.get("image", one.get("file")): one for one in json.loads(result.out)}
    assert set(by_file) == set(FILES)
    assert [by_file[f"{name}.png"]["label"] for name in ("first", "last")] == digits
    assert by_file["oops.png"]["error"] == BROKEN


def test_the_other_examples_are_enrolled(mycaffe: Callable[..., Result], digits) -> None:
    result = mycaffe("enroll", "--label", "bars", "first.png", "oops.png", "last.png", "--json")
    assert (result.code, result.err) == (2, f"mycaffe: error: {BROKEN}\n")
    told = json.loads(result.out)
    assert told["enrolled"][0]["files"] == ["first.png", "last.png"]
    assert told["unread"] == {"oops.png": BROKEN}


def test_where_no_example_can_be_read_nothing_is_enrolled(
    mycaffe: Callable[..., Result], digits, tmp_path: Path
) -> None:
    result = mycaffe("enroll", "--label", "bars", "oops.png")
    assert (result.code, result.out, result.err) == (2, "", f"mycaffe: error: {BROKEN}\n")
    assert not list((tmp_path / "snapshots").glob("*.enrolled.*"))
