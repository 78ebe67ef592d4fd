"""Downsample, Accum and DataAugmentation: FlowNet2's maps and pictures by their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import BlobSpec
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.layers.harness import LayerRun, context_of
from tests.reference.flow import downsampled
from tests.reference.resize import between_corners


def _text(kind: str, options: str = "", bottoms: int = 1) -> str:
    ports = " ".join(f'bottom: "x{k}"' for k in range(bottoms))
    name = {"DataAugmentation": "augmentation"}.get(kind, kind.lower())
    return f'layer {{ name: "l" type: "{kind}" {ports} top: "y"\n{name}_param {{ {options} }} }}'


def _numbers(*shape: int) -> Any:
    return np.random.default_rng(0).normal(size=shape)


@pytest.mark.parametrize("size", [(6, 8), (5, 8), (3, 4), (2, 2), (4, 7)])
def test_downsample_by_the_definition(size: tuple[int, int]) -> None:
    x = _numbers(2, 3, 6, 8)
    options = f"top_height: {size[0]} top_width: {size[1]}"
    (y,) = LayerRun(_text("Downsample", options), [x]).forward()
    np.testing.assert_allclose(y[1], downsampled(x[1], *size), atol=1e-14)


@pytest.mark.parametrize("size", [(7, 8), (1, 8), (6, 0)])
def test_downsample_keeps_corners_and_makes_nothing_larger(size: tuple[int, int]) -> None:
    options = f"top_height: {size[0]} top_width: {size[1]}"
    with pytest.raises(UserError, match="no more than it has"):
        LayerRun(_text("Downsample", options), [_numbers(1, 1, 6, 8)])


def test_accum_joins_what_it_brings_to_the_size_of_a_reference() -> None:
    a, b, like = _numbers(2, 1, 3, 4), _numbers(2, 2, 6, 2), np.zeros((2, 9, 5, 7))
    (y,) = LayerRun(_text("Accum", "have_reference: true", 3), [a, b, like]).forward()
    wanted = [between_corners(x, 5, 7) for x in (a, b)]
    np.testing.assert_allclose(y, np.concatenate(wanted, axis=1), atol=1e-13)


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ("", (6, 4)),
        ("size_divisible_by: 5", (10, 5)),
        # One side is a multiple already: as in the fork nothing becomes larger then.
        ("size_divisible_by: 4", (6, 4)),
        ("top_height: 9 top_width: 8", (9, 8)),
        ("top_height: 9 top_width: 4", (6, 4)),
    ],
)
def test_accum_without_a_reference(options: str, size: tuple[int, int]) -> None:
    bottoms = [_numbers(2, 1, 3, 4), _numbers(2, 2, 6, 2)]
    (y,) = LayerRun(_text("Accum", options, 2), bottoms).forward()
    assert y.shape == (2, 3, *size)


@pytest.mark.parametrize(
    ("options", "shapes", "told"),
    [
        ("", [(2, 1, 3, 4), (3, 1, 3, 4)], "2 items"),
        ("have_reference: true", [(2, 1, 3, 4)], "one bottom"),
        ("top_height: 4000000000 top_width: 9", [(1, 1, 3, 4)], "at most 65536"),
        ("", [(2, 3)], "maps with pixels"),
    ],
)
def test_accum_refused(options: str, shapes: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        LayerRun(_text("Accum", options, len(shapes)), [np.zeros(shape) for shape in shapes])


@pytest.mark.parametrize(("per_pixel", "number"), [("true", 1), ("false", 2)])
def test_the_stored_mean_is_taken_off(per_pixel: str, number: int) -> None:
    x, count = _numbers(2, 3, 4, 5), np.ones((1, 1, 1, 1))
    means = [count, _numbers(1, 3, 4, 5), _numbers(1, 3, 1, 1)]
    options = f"recompute_mean: 9 mean_per_pixel: {per_pixel}"
    run = LayerRun(_text("DataAugmentation", options), [x], params=means, phase=pb.TEST)
    (y,) = run.forward()
    np.testing.assert_allclose(y, x - means[number], atol=1e-15)


def test_means_of_pictures_of_another_size_are_those_of_channels() -> None:
    text = _text("DataAugmentation", "recompute_mean: 9")
    stored = ((1, 1, 1, 1), (1, 3, 8, 8), (1, 3, 1, 1))
    ctx = context_of(text, [BlobSpec((2, 3, 4, 5))], stored=stored)
    plan = layer_types.get("DataAugmentation").plan(ctx)
    assert tuple(param.shape for param in plan.params) == stored
    assert plan.facts.held == 2


def test_a_given_mean_is_taken_off() -> None:
    x = _numbers(2, 3, 4, 5)
    options = "mean_per_pixel: false mean: 1 mean: 2 mean: 3"
    (y,) = LayerRun(_text("DataAugmentation", options), [x]).forward()
    np.testing.assert_allclose(y, x - np.array([1, 2, 3]).reshape(3, 1, 1), atol=1e-15)
    with pytest.raises(UserError, match="three channels"):
        LayerRun(_text("DataAugmentation", options), [_numbers(2, 4, 4, 5)])


def test_pictures_are_not_changed_by_chance() -> None:
    with pytest.raises(UserError, match=r"crop_width 9.*deploy text"):
        LayerRun(_text("DataAugmentation", "crop_width: 9 crop_height: 9"), [_numbers(1, 3, 9, 9)])
