"""The two files of a release: what is in them, and that two builds give the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.release.setup_words import ROOT

pytestmark = pytest.mark.slow
EPOCH = "1796000000"
# Folders at top level that travel inside the package.
TEXTS = ("models", "solvers", "protos")
ENDINGS = {".py", ".pyi", ".prototxt", ".solver", ".proto", ".npz", ".txt", ".typed"}
PAGE_ENDINGS = {".html", ".js", ".css", ".svg", ".woff2", ".ico"}
FOR_PEOPLE = {
    "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "MANIFEST.in", "README.md",
    "SECURITY.md", "pyproject.toml", "setup.py",
}  # fmt: skip


def _tracked() -> list[str]:
    command = [
        "git",
        "-C",
        str(ROOT),
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _build(folder: Path, *what: str) -> dict[str, Path]:
    """Build from a copy of the sources; the files by their ending."""
    source = folder / "source"
    for name in _tracked():
        if not name.startswith("tests/"):
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    command = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        *what,
        "-o",
        str(folder),
        str(source),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return {path.suffix: path for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return _build(tmp_path_factory.mktemp("first"))


def _sources() -> set[str]:
    """The tracked files that belong into the package, by their place in it."""
    tracked = _tracked()
    own = {name for name in tracked if name.startswith("mycaffe_py/")}
    return own | {f"mycaffe_py/{name}" for name in tracked if name.split("/")[0] in TEXTS}


def test_the_wheel_has_the_package_and_nothing_else(release: dict[str, Path]) -> None:
    names = zipfile.ZipFile(release[".whl"]).namelist()
    inside = {name for name in names if not name.partition("/")[0].endswith(".dist-info")}
    assert inside == _sources()
    assert {Path(name).suffix for name in inside} <= ENDINGS | PAGE_ENDINGS
    assert {Path(name).name for name in names if name not in inside} == {
        "LICENSE", "METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt",
    }  # fmt: skip


def test_the_wheel_has_texts_and_pages(release: dict[str, Path]) -> None:
    names = set(zipfile.ZipFile(release[".whl"]).namelist())
    assert {
        "mycaffe_py/models/siamese_28x28.prototxt", "mycaffe_py/models/heads/margin.prototxt",
        "mycaffe_py/solvers/siamese_28x28.solver", "mycaffe_py/protos/mycaffe.proto",
        "mycaffe_py/studio/page/index.html", "mycaffe_py/evaluate/film/page.html",
        "mycaffe_py/data/digits/digits28.npz", "mycaffe_py/py.typed",
    } <= names  # fmt: skip


def test_the_sdist_has_sources_and_docs_and_no_tests(release: dict[str, Path]) -> None:
    with tarfile.open(release[".gz"]) as archive:
        names = {m.name.partition("/")[2] for m in archive if m.isfile()}
    made = {name for name in names if name.startswith("mycaffe_py.egg-info/")}
    own = {name for name in _tracked() if name.split("/")[0] in ("mycaffe_py", "docs", *TEXTS)}
    assert names - made == own | FOR_PEOPLE | {"PKG-INFO", "setup.cfg"}


def test_an_index_would_take_both(release: dict[str, Path]) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, release.values())]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_builds_give_the_same_bytes(release: dict[str, Path], tmp_path: Path) -> None:
    again = _build(tmp_path, "--sdist", "--wheel")
    assert {k: v.read_bytes() for k, v in again.items()} == {
        k: v.read_bytes() for k, v in release.items()
    }
