"""Laid out images: every tap finds at its offset what the definition says it sees."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mycaffe_py.kernels.convolution.conv_planes import lay_plane, plan_planes, slack


def _pairs(least: int, most: int) -> Any:
    return st.tuples(st.integers(least, most), st.integers(least, most))


@given(_pairs(1, 40), _pairs(1, 4), _pairs(1, 4), _pairs(0, 3), _pairs(1, 3))
def test_every_tap_sees_its_pixel(
    size: Any, kernel: Any, stride: Any, pad: Any, dilation: Any
) -> None:
    geometry = list(zip(size, kernel, stride, pad, dilation, strict=True))
    out = tuple((n + 2 * p - (d * (k - 1) + 1)) // s + 1 for n, k, s, p, d in geometry)
    if min(out) < 1:
        return
    image = 1 + np.arange(size[0] * size[1], dtype=np.float32).reshape(size)
    planes = plan_planes(kernel, stride, pad, dilation, out)
    laid = np.full(planes.elements + slack(np.float32), np.nan, np.float32)
    lay_plane(image.reshape(-1), 0, size, planes.phases, planes.size, stride, pad, 0, laid)
    padded = np.pad(image, [(p, p + 20) for p in pad])
    for tap, (ky, kx) in enumerate(np.ndindex(*kernel)):
        rows = np.arange(out[0]) * stride[0] + ky * dilation[0]
        columns = np.arange(out[1]) * stride[1] + kx * dilation[1]
        place = planes.offsets[tap] + np.arange(out[0])[:, None] * planes.size[1]
        found = laid[place + np.arange(out[1])]
        np.testing.assert_array_equal(found, padded[np.ix_(rows, columns)])


def test_a_lone_tap_reads_the_image_as_it_is() -> None:
    planes = plan_planes((1, 1), (1, 1), (0, 0), (1, 1), (5, 6))
    assert planes.in_place and planes.run == (1, 30) and planes.elements == 30
    assert not plan_planes((1, 1), (2, 1), (0, 0), (1, 1), (3, 6)).in_place
