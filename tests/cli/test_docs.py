"""`mycaffe docs` opens a page of the site that lies in the package, and says where it is."""

import webbrowser
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.cli.docs import site
from tests.conftest import Result

Mycaffe = Callable[..., Result]


@pytest.fixture
def pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of two pages in place of the package's own."""
    folder = tmp_path / "site of two"
    (folder / "reference").mkdir(parents=True)
    for name in ("index", "reference/solver"):
        (folder / f"{name}.html").write_text("<p>a page</p>")
    monkeypatch.setattr(site, "SITE", folder)
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(webbrowser, "open", asked.append)
    return asked


def test_a_page_is_opened_from_its_file(mycaffe: Mycaffe, pages: Path, opened: list[str]) -> None:
    assert mycaffe("docs").out == f"{pages / 'index.html'}\n"
    for name in ("reference/solver", "reference/solver.md", "reference/solver.html"):
        mycaffe("docs", name)
    assert opened[0] == (pages / "index.html").as_uri()
    assert set(opened[1:]) == {(pages / "reference" / "solver.html").as_uri()}


def test_without_a_browser_the_path_is_told(
    mycaffe: Mycaffe, pages: Path, opened: list[str]
) -> None:
    result = mycaffe("docs", "--no-browser")
    assert (result.code, result.out, opened) == (0, f"{pages / 'index.html'}\n", [])


def test_no_browser_at_all_is_no_failure(
    mycaffe: Mycaffe, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(address: str) -> None:
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "open", fails)
    assert mycaffe("docs").code == 0


def test_another_page_and_a_copy_without_pages_are_told(
    mycaffe: Mycaffe, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = mycaffe("docs", "reference/solvr")
    assert result.code == 2
    assert "no page 'reference/solvr'. Did you mean 'reference/solver'?" in result.err
    monkeypatch.setattr(site, "SITE", pages / "none")
    result = mycaffe("docs")
    assert result.code == 2
    assert "built without its documentation" in result.err
    # An installed copy gets its pages from an install after the build, not from the build.
    assert "python -m docs_build, and pip install . again" in result.err
