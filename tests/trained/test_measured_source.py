from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from mycaffe_py.data.array_source import make_source
from mycaffe_py.data.counters.scaling import fitted
from mycaffe_py.errors import UserError
from mycaffe_py.trained.measured_source import as_learned


def windows(seed, count=6):
    return np.random.default_rng(seed).gamma(2, 100 * seed, (count, 4, 2))


def counters(values, names=("a", "b"), step_s=1.0):
    return fitted(values, names, ("", ""), step_s, "time")


def source(values, scaling, labels, names):
    made = make_source("OTHER.x", scaling.scaled(values), np.array(labels), names)
    return replace(made, counters=scaling.to_json())


def net_of(scaling):
    text = scaling.to_json() if scaling else ""
    return SimpleNamespace(testing=SimpleNamespace(counters=text))


def test_windows_get_the_scaling_the_net_learned() -> None:
    values = windows(3)
    own, other = counters(windows(1)), counters(windows(2))
    found = as_learned(net_of(own), source(values, other, [0] * 6, {0: "x"}), {})
    np.testing.assert_allclose(found.images, own.scaled(values), rtol=1e-4, atol=1e-5)
    assert found.counters == own.to_json()


def test_labels_are_matched_by_their_names() -> None:
    pictures = make_source(
        "OTHER.x", np.zeros((4, 1, 2, 2), np.uint8), np.array([0, 1, 2, 1]),
        {0: "new", 1: "cat", 2: "newer"},
    )  # fmt: skip
    found = as_learned(net_of(None), pictures, {0: "dog", 5: "cat"})
    assert found.labels.tolist() == [6, 5, 7, 5]
    assert found.label_names == {0: "dog", 5: "cat", 6: "new", 7: "newer"}
    assert as_learned(net_of(None), pictures, {}).labels.tolist() == [0, 1, 2, 1]


@pytest.mark.parametrize("other", [{"names": ("a", "c")}, {"step_s": 2.0}])
def test_other_counters_are_refused(other) -> None:
    found = source(windows(1), counters(windows(1), **other), [0] * 6, {})
    with pytest.raises(UserError, match=r"OTHER\.x has windows of 4 steps.*the net takes windows"):
        as_learned(net_of(counters(windows(1))), found, {})


def test_pictures_are_no_windows() -> None:
    found = source(windows(1), counters(windows(1)), [0] * 6, {})
    with pytest.raises(UserError, match=r"OTHER\.x has windows of counters; the net takes pict"):
        as_learned(net_of(None), found, {})
