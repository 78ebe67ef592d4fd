from pathlib import Path

import pytest

from mycaffe_py.data.dataset_lookup import dataset_names
from mycaffe_py.data.dataset_paths import (
    check_dataset_name,
    data_folder,
    dataset_path,
    split_source_name,
)
from mycaffe_py.errors import UserError, Where


def test_the_chosen_folder_wins() -> None:
    assert data_folder({"MYCAFFE_DATA": "/chosen", "XDG_DATA_HOME": "/x"}) == Path("/chosen")


@pytest.mark.parametrize(
    ("platform", "environment", "wanted"),
    [
        ("linux", {"XDG_DATA_HOME": "/x"}, Path("/x/mycaffe")),
        ("linux", {}, Path.home() / ".local/share/mycaffe"),
        ("darwin", {}, Path.home() / "Library/Application Support/mycaffe"),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/mycaffe")),
        ("win32", {}, Path.home() / "AppData/Local/mycaffe"),
    ],
)
def test_each_system_has_its_place(platform: str, environment, wanted) -> None:
    assert data_folder(environment, platform) == wanted


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "a b", "a\0b", "-x"])
def test_names_that_could_leave_the_folder_are_refused(name: str) -> None:
    with pytest.raises(UserError, match="no dataset name"):
        check_dataset_name(name)


def test_a_source_name_is_dataset_and_split() -> None:
    assert split_source_name("MNIST.3_ch.testing") == ("MNIST.3_ch", "testing")


@pytest.mark.parametrize("name", ["MNIST", "MNIST.", ""])
def test_a_source_name_needs_a_split(name: str) -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:7: source .* names no split"):
        split_source_name(name, Where("net.prototxt", 7))


def test_only_datasets_are_listed() -> None:
    assert dataset_names() == []
    folder = data_folder()
    for name in ("B.sqlite", "A.sqlite", ".A.sqlite.12.new", "notes.txt"):
        (folder / name).touch()
    assert dataset_names() == ["A", "B"]
    assert dataset_path("A") == folder / "A.sqlite"


@pytest.mark.parametrize("variable", ["MYCAFFE_DATA"])
def test_a_home_that_is_not_there_is_named(variable: str) -> None:
    with pytest.raises(UserError, match=r"MYCAFFE_DATA is '~nouser/x'.*no home of '~nouser'"):
        data_folder({variable: "~nouser/x"})
