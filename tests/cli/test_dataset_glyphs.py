"""`mycaffe dataset create glyphs | omniglot`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import pytest
from PIL import Image, ImageDraw

from mycaffe_py.data.glyphs import fonts
from mycaffe_py.data.source import open_head, open_source
from mycaffe_py.errors import UserError
from tests.conftest import Result

FONTS = Path(matplotlib.get_data_path()) / "fonts/ttf"


def test_create_glyphs(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe(
        *("dataset", "create", "glyphs", "--fonts", str(FONTS), "--name", "few"),
        *("--letters", "3", "--renderings", "2"),
    )
    assert result.code == 0, result.err
    assert "letters of" in result.out
    assert open_source("few.testing").shape == (1, 28, 28)
    assert mycaffe("dataset", "verify", "few").code == 0


def test_glyphs_are_made_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "FOLDER", FONTS.parent / "nowhere")
    assert open_head("glyphs.training").shape == (1, 28, 28)
    with pytest.raises(UserError, match="apt-get install fonts-noto-core"):
        open_source("glyphs.training")
    told: list[str] = []
    instead = open_source("glyphs.training", "digits28.training", notify=told.append)
    assert instead.stand_in_for == "glyphs.training"
    assert "apt-get install fonts-noto-core" in told[0]
    with pytest.raises(UserError, match="Did you mean 'testing'"):
        open_head("glyphs.testin")


def test_create_omniglot(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    for part in ("images_background", "images_evaluation"):
        own = tmp_path / part / "Greek" / "character01"
        own.mkdir(parents=True)
        sheet = Image.new("1", (105, 105), 1)
        ImageDraw.Draw(sheet).line([(20, 20), (80, 50 + len(part))], fill=0, width=3)
        sheet.save(own / "0001_01.png")
    arguments = ("dataset", "create", "omniglot", "--from", str(tmp_path))
    result = mycaffe(*arguments)
    assert result.code == 0, result.err
    assert "omniglot.testing: 1 image" in result.out
    refused = mycaffe(*arguments, "--size", "3", "--name", "X")
    assert (refused.code, "--size is 3; 8 to 105 pixels" in refused.err) == (2, True)
