"""Sources that come with the package, by name."""

import pytest

from mycaffe_py.data.counters.mixtures import Mixtures
from mycaffe_py.data.named_sources import named_source


@pytest.mark.parametrize("module", ["mixtures", "mycaffe_py.data.counters.mixtures"])
@pytest.mark.parametrize("function", ["", "Mixtures"])
def test_mixtures_go_by_their_name_and_by_their_old_path(module, function):
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
def test_everything_else_is_code_of_the_user(module, function):
    assert named_source(module, function) is None
