"""`mpiexec mycaffe index` writes the index that one process writes, byte for byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.cli.main import main
from mycaffe_py.random_streams import stream
from mycaffe_py.retrieve.index.index_card import index_folder
from tests.evaluate.bases import write_base
from tests.parallel.launching import launch

pytestmark = pytest.mark.slow
PICTURES = 150


def _pictures(folder: Path) -> None:
    values = stream(0, "test/pictures").integers(0, 256, (PICTURES, 28, 28), np.uint8)
    for number, image in enumerate(values):
        path = folder / str(number % 3) / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    (folder / "0" / "broken.png").write_bytes(b"no picture")


def _files() -> dict[str, bytes]:
    """All files; numbers of the names, which count the changes, are left out."""
    return {p.name: p.read_bytes() for p in index_folder("T").iterdir() if p.is_file()}


def test_processes_write_the_index_of_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model, weights = write_base(tmp_path)
    _pictures(tmp_path / "pictures")
    create = (
        "index", "create", "pictures", "--model", str(model), "--weights", str(weights),
        "--blob", "fc", "--name", "T", "--skip-unreadable",
    )  # fmt: skip
    add = ("index", "add", "T", "pictures", "digits28.testing", "--skip-unreadable")
    found = []
    for launched in (False, True):
        shutil.rmtree(index_folder("T"), ignore_errors=True)
        for words in (create, add):
            if launched:
                done = launch(3, "mycaffe_py", *words, cwd=tmp_path)
                assert done.returncode == 0, done.stderr
                assert done.stdout.count("index T: ") == 1
                assert done.stderr.count("left out: ") == 1
            else:
                assert main(words) == 0
            found.append(_files())
    assert len(found[0]) > 2
    assert found[2:] == found[:2]


def test_a_picture_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    model, weights = write_base(tmp_path)
    _pictures(tmp_path / "pictures")
    done = launch(
        2, "mycaffe_py", "index", "create", "pictures", "--model", str(model),
        "--weights", str(weights), "--blob", "fc", cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 1
    assert "broken.png" in done.stderr
