"""Which convolutions run without columns, and that both ways give the same."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.kernels.convolution.conv_write import ROWS
from tests.layers.vision.test_convolution import convolution
from tests.reference.im2col import convolution as reference


@pytest.mark.parametrize(
    ("options", "shape", "direct"),
    [
        (f"num_output: {ROWS} kernel_size: 3", (2, 3, 5, 6), True),
        (f"num_output: {ROWS - 1} kernel_size: 3", (2, 3, 5, 6), False),
        (f"num_output: {2 * ROWS} kernel_size: 3 group: 2", (2, 4, 5, 6), True),
        ("num_output: 4 kernel_size: 3 group: 2", (2, 4, 5, 6), False),
        ("num_output: 4 kernel_size: 3 group: 4", (2, 4, 5, 6), True),
        (f"num_output: {ROWS} kernel_size: 3", (2, 3, 5), True),
        (f"num_output: {ROWS} kernel_size: 2", (1, 2, 3, 3, 3), False),
    ],
)
def test_where_the_kernels_fit(options: str, shape: tuple[int, ...], direct: bool) -> None:
    run = convolution(f'{options} weight_filler {{ type: "xavier" }}', np.zeros(shape))
    assert (run.plan.facts.direct is not None) == direct
    if run.plan.facts.depthwise is None:
        assert run.plan.scratch["columns"].use == ("backward" if direct else "through")
    else:
        assert "columns" not in run.plan.scratch


def test_lines_are_pictures_of_one_row() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(2, 3, 9))
    w, b = random.normal(size=(ROWS, 3, 3)), random.normal(size=ROWS)
    run = convolution(f"num_output: {ROWS} kernel_size: 3 pad: 1 stride: 2", x, params=[w, b])
    (y,) = run.forward()
    geometry = ((1, 2), (0, 1), (1, 1), (1, 5))
    wanted = reference(x[:, :, None], w[:, :, None], b, *geometry, 1)
    np.testing.assert_allclose(y, wanted[:, :, 0], atol=1e-12)
