"""3 x 3 convolution patch by patch against sums tap by tap, and the matrices that it stands on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.kernels.blocked.few_products import (
    REACH,
    SIDE,
    image_matrix,
    output_matrix,
    weight_matrix,
)
from mycaffe_py.kernels.blocked.filters import pack_points
from mycaffe_py.kernels.blocked.patches import few_products_pay, plan_patches
from mycaffe_py.kernels.blocked.storage import stored_elements
from mycaffe_py.kernels.blocked.winograd import convolve_patches
from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes
from tests.kernels.blocked import on_each_thread_count
from tests.kernels.channel_blocks.pictures import convolved, from_flat, to_flat

# Images, channels, outputs, sizes, pad, groups.
CASES = {
    "uneven": (3, 20, 17, (13, 10), (1, 1), 1),
    "without padding": (2, 32, 48, (14, 15), (0, 0), 1),
    "wide padding": (1, 16, 33, (9, 11), (2, 0), 1),
    "groups": (2, 64, 96, (9, 9), (1, 1), 2),
    "less than a patch": (1, 16, 16, (3, 2), (1, 1), 1),
    "no picture": (0, 16, 32, (7, 7), (1, 1), 1),
}


def _run(
    case: tuple[Any, ...], *, relu: bool = False, adds: bool = False, mean: float = 0.0
) -> tuple[Any, Any]:
    """What is found on each number of threads, and what is wanted."""
    images, channels, outputs, sizes, pad, groups = case
    random = np.random.default_rng(3)
    dtype = np.dtype(np.float32)
    x = random.normal(mean, size=(images, channels, *sizes)).astype(dtype)
    w = random.normal(size=(outputs, channels // groups, 3, 3)).astype(dtype)
    factor = random.uniform(0.5, 2, outputs).astype(dtype)
    shift = random.normal(size=outputs).astype(dtype)
    wanted = convolved(x, w, 1, pad, 1, groups) * factor[:, None, None] + shift[:, None, None]
    added = random.normal(size=wanted.shape).astype(dtype)
    wanted = wanted + added if adds else wanted
    wanted = np.maximum(wanted, 0) if relu else wanted
    size = lanes(dtype)
    # The results lie at the front of a wider blob, the inputs too.
    whole = (channels + 40, outputs + 20)
    plan = plan_patches(x.shape, wanted.shape, pad, groups, whole, dtype)
    pairs = groups * ((plan.shape.filters + 1) // 2)
    shape = (pairs, REACH**2, plan.shape.blocks * size, 2 * size)
    packed = aligned_empty(shape, dtype)
    packed.fill(np.nan)
    pack_points(w.reshape(*w.shape[:2], 9), factor, groups, weight_matrix(), packed)
    shifts = np.zeros(groups * plan.shape.filters * size, dtype)
    shifts[:outputs] = shift
    source = to_flat(x, whole[0])
    beside = to_flat(added, whole[1]) if adds else source[:0]

    def call() -> Any:
        y = np.full(stored_elements((images, whole[1], *wanted.shape[2:]), dtype), np.nan, dtype)
        convolve_patches(source, packed.reshape(-1), shifts, plan, beside, relu, y)
        return from_flat(y, wanted.shape, whole[1])

    return on_each_thread_count(call), wanted


@pytest.mark.parametrize("name", CASES)
def test_convolves_patches(name: str) -> None:
    found, wanted = _run(CASES[name])
    np.testing.assert_allclose(found[0], wanted, rtol=1e-4, atol=1e-4)


def test_adds_and_rectifies_what_it_writes() -> None:
    found, wanted = _run(CASES["uneven"], relu=True, adds=True)
    np.testing.assert_allclose(found[0], wanted, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    "case", [(1, 288, 288, (14, 14), (1, 1), 1), (2, 64, 64, (40, 40), (1, 1), 1)]
)
def test_threads_that_share_the_work_write_the_same_bits(case: tuple[Any, ...]) -> None:
    found, _ = _run(case)
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.0, 1.0])
def test_many_channels_stay_within_a_hundred_thousandth(mean: float) -> None:
    found, wanted = _run((1, 512, 32, (12, 12), (1, 1), 1), mean=mean)
    assert abs(found[0] - wanted).max() <= 1e-5 * abs(wanted).max()


def test_a_picture_has_the_same_bits_alone_and_beside_others() -> None:
    def bits(images: int) -> Any:
        random = np.random.default_rng(5)
        w = random.normal(size=(32, 32, 9)).astype(np.float32)
        x = random.normal(size=(3, 32, 17, 15)).astype(np.float32)[:images]
        plan = plan_patches(x.shape, x.shape, (1, 1), 1, (32, 32), np.dtype(np.float32))
        size = lanes(np.float32)
        packed = aligned_empty((16 // size, REACH**2, 32, 2 * size), np.float32)
        pack_points(w, np.ones(32, np.float32), 1, weight_matrix(), packed)
        y = np.empty(stored_elements(x.shape, np.float32), np.float32)
        shifts = np.zeros(32, np.float32)
        flat = to_flat(x)
        convolve_patches(flat, packed.reshape(-1), shifts, plan, flat[:0], False, y)
        return from_flat(y, x.shape)

    np.testing.assert_array_equal(bits(3)[:1], bits(1))


def test_nan_reaches_the_outputs_of_its_patches_and_no_others() -> None:
    x = np.ones((1, 16, 12, 12), np.float32)
    x[0, 3, 5, 0] = np.nan
    plan = plan_patches(x.shape, x.shape, (1, 1), 1, (16, 16), np.dtype(np.float32))
    size = lanes(np.float32)
    packed = aligned_empty(((16 // size + 1) // 2, REACH**2, 16, 2 * size), np.float32)
    pack_points(
        np.ones((16, 16, 9), np.float32), np.ones(16, np.float32), 1, weight_matrix(), packed
    )
    flat = to_flat(x)
    y = np.zeros_like(flat)
    convolve_patches(flat, packed.reshape(-1), np.zeros(16, np.float32), plan, flat[:0], True, y)
    found = np.isnan(from_flat(y, x.shape))
    assert found[0, :, 4:7, :2].all()
    assert not found[0, :, 8:].any()
    assert not found[0, :, :, 4:].any()


def test_matrices_make_a_convolution() -> None:
    random = np.random.default_rng(0)
    pixels, taps = random.normal(size=(REACH, REACH)), random.normal(size=(3, 3))
    b, g, a = image_matrix(), weight_matrix(), output_matrix()
    found = a @ ((g @ taps @ g.T) * (b @ pixels @ b.T)) @ a.T
    wanted = [
        [(pixels[i : i + 3, j : j + 3] * taps).sum() for j in range(SIDE)] for i in range(SIDE)
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("channels", "side", "pays"),
    [(256, 14, True), (64, 56, True), (512, 7, False), (512, 5, False), (16, 14, False)],
)
def test_small_pictures_and_little_work_stay_direct(channels: int, side: int, pays: bool) -> None:
    shape = (1, channels, side, side)
    assert few_products_pay(shape, shape, 1) == pays
    many = (9, channels, side, side)
    assert few_products_pay(many, many, 1) == pays
