"""Omniglot from folders and zips of its form, with pictures made here."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mycaffe_py.data.glyphs.omniglot import make_sources
from mycaffe_py.errors import UserError


def _part(folder: Path, part: str, alphabets: tuple[str, ...]) -> None:
    for place, alphabet in enumerate(alphabets):
        for character in ("character01", "character02"):
            own = folder / part / alphabet / character
            own.mkdir(parents=True)
            for drawer in range(3):
                sheet = Image.new("1", (105, 105), 1)
                end = (80 + 3 * drawer, 30 + 30 * place)
                ImageDraw.Draw(sheet).line([(20, 20 + 5 * drawer), end], fill=0, width=3)
                sheet.save(own / f"0{place}0{character[-1]}_0{drawer}.png")


@pytest.fixture
def omniglot(tmp_path: Path) -> Path:
    folder = tmp_path / "omniglot"
    _part(folder, "images_background", ("Greek", "Korean"))
    _part(folder, "images_evaluation", ("Angelic",))
    return folder


def test_folders(omniglot: Path) -> None:
    sources = make_sources(omniglot, "omniglot", 28, "ink")
    training, testing = sources["training"], sources["testing"]
    assert training.label_names == {
        0: "Greek/character01", 1: "Greek/character02",
        2: "Korean/character01", 3: "Korean/character02",
    }  # fmt: skip
    assert training.labels.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert testing.labels.tolist() == [4, 4, 4, 5, 5, 5]
    assert training.shape == (1, 28, 28)
    assert training.images[:, :, 0].max() == 0
    assert training.images.reshape(12, -1).max(axis=1).min() > 200


def test_zips_hold_the_same(omniglot: Path, tmp_path: Path) -> None:
    plain = make_sources(omniglot, "omniglot", 28, "ink")
    packed = tmp_path / "packed"
    packed.mkdir()
    for part in ("images_background", "images_evaluation"):
        shutil.make_archive(str(packed / part), "zip", omniglot, part)
    with zipfile.ZipFile(packed / "images_background.zip", "a") as store:
        store.writestr("__MACOSX/images_background/Greek/character01/._0001_01.png", b"no picture")
    for split, source in make_sources(packed, "omniglot", 28, "ink").items():
        assert source.checksum == plain[split].checksum
        assert source.label_names == plain[split].label_names


def test_the_whole_sheet(omniglot: Path) -> None:
    whole = make_sources(omniglot, "omniglot", 105, "stretch")["training"]
    assert whole.shape == (1, 105, 105)
    own = np.asarray(Image.open(omniglot / "images_background/Greek/character01/0001_00.png"))
    np.testing.assert_array_equal(whole.images[0, 0] > 127, ~own)


def test_what_is_missing_or_broken_is_told(omniglot: Path, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"):
        make_sources(tmp_path / "none", "omniglot", 28, "ink")
    picture = omniglot / "images_evaluation/Angelic/character01/0001_01.png"
    picture.write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"0001_01\.png: this picture cannot be read"):
        make_sources(omniglot, "omniglot", 28, "ink")
    shutil.rmtree(omniglot / "images_evaluation")
    with pytest.raises(UserError, match=r"images_evaluation\[\.zip\] is missing"):
        make_sources(omniglot, "omniglot", 28, "ink")
    (omniglot / "images_evaluation").mkdir()
    with pytest.raises(UserError, match="has no picture"):
        make_sources(omniglot, "omniglot", 28, "ink")
    shutil.rmtree(omniglot / "images_evaluation")
    (omniglot / "images_evaluation.zip").write_bytes(b"no zip")
    with pytest.raises(UserError, match=r"images_evaluation\.zip: the zip file cannot be read"):
        make_sources(omniglot, "omniglot", 28, "ink")


def test_a_picture_that_unfolds_to_much_is_not_unpacked(omniglot: Path) -> None:
    shutil.rmtree(omniglot / "images_evaluation")
    path = omniglot / "images_evaluation.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as store:
        store.writestr("images_evaluation/A/character01/1.png", bytes(2 << 20))
    with pytest.raises(UserError, match="a picture of 2,097,152 bytes"):
        make_sources(omniglot, "omniglot", 28, "ink")
