"""The command that adds an extra works when it is followed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

import pytest

from mycaffe_py import installing
from mycaffe_py.installing import install_extra

PIP = f"{sys.executable} -m pip install"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in a folder above the python that runs, whose path would then be told in short."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture
def installed_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretend to be installed, from a place that pip tells of."""

    def pretend(told: dict[str, object] | None) -> None:
        folder = tmp_path / "mycaffe_py-1.dist-info"
        folder.mkdir()
        extra = 'Provides-Extra: plot\nRequires-Dist: matplotlib<4,>=3.9; extra == "plot"\n'
        (folder / "METADATA").write_text(f"Name: mycaffe-py\nVersion: 1\n{extra}")
        if told is not None:
            (folder / "direct_url.json").write_text(json.dumps(told))
        monkeypatch.setattr(installing, "distribution", lambda name: Distribution.at(folder))
        monkeypatch.setattr(installing, "find_spec", lambda name: "pip")

    return pretend


def test_a_folder_that_is_still_there_is_named(
    tmp_path: Path, installed_from: Callable[..., None]
) -> None:
    installed_from({"url": (tmp_path / "a b").as_uri(), "dir_info": {}})
    (tmp_path / "a b").mkdir()
    assert install_extra("plot") == f"{PIP} '{tmp_path}/a b[plot]'"


def test_an_editable_one_stays_editable(
    tmp_path: Path, installed_from: Callable[..., None]
) -> None:
    installed_from({"url": tmp_path.as_uri(), "dir_info": {"editable": True}})
    assert install_extra("plot") == f"{PIP} -e '{tmp_path}[plot]'"


@pytest.mark.parametrize("told", [None, {}, {"url": "file:///gone"}, {"url": "https://x/y.whl"}])
def test_else_the_packages_are_named(
    told: dict[str, object] | None, installed_from: Callable[..., None]
) -> None:
    installed_from(told)
    assert install_extra("plot") == f"{PIP} 'matplotlib<4,>=3.9'"


def test_sources_that_were_never_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Distribution:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installing, "distribution", missing)
    folder = Path(installing.__file__).parents[1]
    assert install_extra("plot").endswith(f" install '{folder}[plot]'") or " --python " in (
        install_extra("plot")
    )


def test_a_python_without_pip_has_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "find_spec", lambda name: None)
    assert install_extra("plot").startswith(f"uv pip install --python {sys.executable} ")


def test_a_python_below_this_folder_is_named_in_short(monkeypatch: pytest.MonkeyPatch) -> None:
    python = Path(sys.executable)
    monkeypatch.chdir(python.parents[1])
    assert f" {python.relative_to(python.parents[1])} " in f" {install_extra('plot')} "


def test_packages_for_another_python_are_not_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lines = [
        f"Requires-Dist: {name}; python_version {when} and extra == 'leveldb'"
        for name, when in (("old", "< '3.13'"), ("new", ">= '3.13'"), ("always", ">= '3.9'"))
    ]
    (tmp_path / "METADATA").write_text("\n".join(["Name: mycaffe-py", "Version: 1", *lines, ""]))
    monkeypatch.setattr(installing, "distribution", lambda name: Distribution.at(tmp_path))
    one = "old" if sys.version_info < (3, 13) else "new"
    assert install_extra("leveldb").endswith(f" install '{one}' 'always'")
