"""The data set of letters: parted by script, without digits, the same from the same seed."""

from __future__ import annotations

import dataclasses
import shutil
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import matplotlib
import numpy as np
import pytest

from mycaffe_py.data.array_source import ArraySource
from mycaffe_py.data.glyphs.dataset import GlyphRecipe, make_sources
from mycaffe_py.data.glyphs.drawing import reference, written
from mycaffe_py.errors import UserError
from mycaffe_py.random_streams import stream

FONTS = Path(matplotlib.get_data_path()) / "fonts/ttf"
SMALL = GlyphRecipe(FONTS, renderings=3, letters=4)


@pytest.fixture(scope="module")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One font of a dozen scripts, and a file that is none."""
    folder = tmp_path_factory.mktemp("fonts")
    shutil.copy(FONTS / "DejaVuSans.ttf", folder)
    (folder / "broken.ttf").write_bytes(b"\0\1\0\0" + bytes(100))
    return folder


@pytest.fixture(scope="module")
def small(fonts: Path) -> Mapping[str, ArraySource]:
    return make_sources("few", dataclasses.replace(SMALL, fonts=fonts))


def _scripts(source: ArraySource) -> set[str]:
    return set(source.description.partition(": ")[2].split(", "))


def test_no_two_splits_share_a_script_or_a_class(small: Mapping[str, ArraySource]) -> None:
    assert list(small) == ["training", "validation", "testing"]
    scripts = [_scripts(source) for source in small.values()]
    assert len(set.union(*scripts)) == sum(map(len, scripts)) >= 7
    labels = [set(source.labels.tolist()) for source in small.values()]
    assert set.union(*labels) == set(range(sum(map(len, labels))))


def test_each_class_is_a_letter_written_some_times(small: Mapping[str, ArraySource]) -> None:
    for source in small.values():
        assert source.shape == (1, 28, 28)
        assert set(np.bincount(source.labels)[source.labels].tolist()) == {3}
        assert all("digit" not in name for name in source.label_names.values())
        assert source.images.reshape(len(source), -1).max(axis=1).min() > 200
        assert '"fit": "ink"' in source.pictures


def test_no_two_renderings_are_the_same(small: Mapping[str, ArraySource]) -> None:
    rows = [image.tobytes() for source in small.values() for image in source.images]
    assert len(set(rows)) == len(rows)


def test_no_two_letters_look_alike(small: Mapping[str, ArraySource], fonts: Path) -> None:
    """O and o are one letter here, and Latin A is not learned where Greek is measured."""
    names = [name for source in small.values() for name in source.label_names.values()]
    rows = []
    for name in names:
        drawn = reference(fonts / "DejaVuSans.ttf", ord(unicodedata.lookup(name.upper())))
        assert drawn is not None
        rows.append(drawn.reshape(-1) / np.linalg.norm(drawn))
    alike = np.stack(rows) @ np.stack(rows).T
    assert alike[~np.eye(len(rows), dtype=bool)].max() <= 0.921


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bits_and_another_one_others(
    small: Mapping[str, ArraySource], fonts: Path
) -> None:
    recipe = dataclasses.replace(SMALL, fonts=fonts)
    again = make_sources("few", recipe)
    other = make_sources("few", dataclasses.replace(recipe, seed=2))
    for split, source in small.items():
        assert source.checksum == again[split].checksum
        assert source.checksum != other[split].checksum


@pytest.mark.slow
def test_a_rendering_does_not_depend_on_how_many_there_are(
    small: Mapping[str, ArraySource], fonts: Path
) -> None:
    more = make_sources("few", dataclasses.replace(SMALL, fonts=fonts, renderings=4))
    for split, source in small.items():
        np.testing.assert_array_equal(
            source.images.reshape(-1, 3, 28, 28), more[split].images.reshape(-1, 4, 28, 28)[:, :3]
        )


def test_a_thin_glyph_gets_thicker_strokes_and_a_space_is_nothing() -> None:
    font = FONTS / "DejaVuSans.ttf"
    plain = reference(font, ord("L"))
    assert plain is not None
    ink = [(image > 127).mean() for image in _some(font, "L")]
    assert max(ink) > 1.5 * min(ink)
    assert reference(font, 0x2003) is None
    assert written(font, 0x2003, stream(1, "x")) is None


def _some(font: Path, sign: str) -> list[np.ndarray]:
    drawn = [written(font, ord(sign), stream(1, "x", number)) for number in range(20)]
    return [image for image in drawn if image is not None]


def test_without_fonts_the_package_to_install_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"0 scripts.*apt-get install fonts-noto-core"):
        make_sources("few", GlyphRecipe(tmp_path))
    with pytest.raises(UserError, match=r"there is no folder .*apt-get install fonts-noto-core"):
        make_sources("few", GlyphRecipe(tmp_path / "none"))


@pytest.mark.parametrize("option", ["renderings", "letters"])
def test_numbers_out_of_range(option: str, fonts: Path) -> None:
    with pytest.raises(UserError, match=f"--{option} is 1; 2 or more"):
        make_sources("few", dataclasses.replace(SMALL, fonts=fonts, **{option: 1}))
