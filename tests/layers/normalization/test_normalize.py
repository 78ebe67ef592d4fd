"""Normalize: which of the two layers of that name is meant, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers.normalization.normalize import NormalizeFacts
from tests.layers.harness import LayerRun

X = np.random.default_rng(0).normal(size=(2, 3, 4))


def _run(
    options: str, tops: int = 1, stored: tuple[tuple[int, ...], ...] | None = None
) -> LayerRun:
    named = "".join(f' top: "y{k}"' for k in range(tops))
    text = f'layer {{ name: "n" type: "Normalize" bottom: "x"{named}\n{options} }}'
    return LayerRun(text, [X], stored=stored)


@pytest.mark.parametrize(
    ("options", "tops", "stored", "learns"),
    [
        ("", 1, None, True),
        ("", 1, ((),), True),
        ("", 1, (), False),
        ("", 2, None, False),
        ("norm_param { }", 1, (), True),
        ("normalize_param { }", 1, None, False),
    ],
)
def test_the_layer_is_known_by_its_options_tops_and_weights(
    options: str, tops: int, stored: tuple[tuple[int, ...], ...] | None, learns: bool
) -> None:
    run = _run(options, tops, stored)
    facts: NormalizeFacts = run.plan.facts
    assert (facts.scales, facts.across) == (learns, learns)
    assert [blob.shape for blob in run.plan.params] == [()] * learns


def test_the_second_top_holds_the_lengths() -> None:
    y, length = _run("", 2).forward()
    assert length.shape == (2, 1, 4)
    np.testing.assert_allclose(y * length, X, rtol=1e-12)
    np.testing.assert_allclose(length[:, 0], np.linalg.norm(X, axis=1), rtol=1e-6)


def test_a_constant_scale_comes_from_the_filler() -> None:
    options = (
        "norm_param { channel_shared: false across_spatial: false scale_filler { value: 20 } }"
    )
    (y,) = _run(options).forward()
    np.testing.assert_allclose(np.linalg.norm(y, axis=1), 20, rtol=1e-6)


@pytest.mark.parametrize(
    ("options", "tops", "told"),
    [
        ("norm_param { } normalize_param { }", 1, "norm_param stands beside normalize_param"),
        ("norm_param { }", 2, "two tops with norm_param"),
        ("norm_param { eps: -1 }", 1, "eps -1"),
        ('normalize_param { normalize_type: "L3" }', 1, "normalize_type 'L3'"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(options: str, tops: int, told: str) -> None:
    with pytest.raises(UserError, match=rf"^test.prototxt:\d: layer 'n' \(Normalize\): {told}"):
        _run(options, tops)
