"""Sources that come with the package, by name."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.named_sources.mixtures import Mixtures
from mycaffe_py.data.named_sources.named_source import named_source
from mycaffe_py.snapshot.weights import read_weights
from tests.conftest import Result


@pytest.mark.parametrize("module", ["mixtures", "mycaffe_py.data.counters.mixtures"])
@pytest.mark.parametrize("function", ["", "Mixtures"])
def test_mixtures_go_by_their_name_and_by_their_old_path(module: str, function: str) -> None:
    assert named_source(module, function) is Mixtures


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("mixtures", "open_source"),
        ("Mixtures", "Mixtures"),
        ("mycaffe_py.data.counters.mixtures", "open_source"),
        ("mycaffe_py.data.counters.dataset", ""),
        ("my_windows", "windows"),
        ("", ""),
    ],
)
def test_everything_else_is_code_of_the_user(module: str, function: str) -> None:
    assert named_source(module, function) is None


def test_a_snapshot_whose_text_names_the_old_path_goes_on(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    """Written before sources had names: its own run went on to the same weights."""
    for file in Path(__file__).with_name("written_by_path").iterdir():
        shutil.copy(file, tmp_path)
    wanted = [blob.array for blob in read_weights(Path("mix_iter_4.caffemodel")).layers["ip"]]
    Path("mix_iter_4.caffemodel").unlink()
    resumed = mycaffe("resume", "mix_iter_2.solverstate", "--iterations", "4")
    assert resumed.code == 0, resumed.err
    assert '"mycaffe_py.data.counters.mixtures\\"' in Path("mix_iter_4.run.json").read_text()
    found = [blob.array for blob in read_weights(Path("mix_iter_4.caffemodel")).layers["ip"]]
    assert found[0].size == 4
    for blob, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(blob, want, rtol=1e-6)
