"""The harness finds layers that break their promises."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.layers.base import LayerIO
from mycaffe_py.layers.common.inner_product import InnerProduct
from tests.layers.harness import LayerRun

TEXT = """layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"
    inner_product_param { num_output: 2 weight_filler { type: "gaussian" } } }"""


@pytest.fixture
def run() -> LayerRun:
    return LayerRun(TEXT, [np.ones((2, 3))])


def test_what_is_not_declared_is_poisoned(run: LayerRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InnerProduct, "backward_reads", ("bottoms",))
    run.forward()
    (dx,) = run.backward([np.ones((2, 2))])
    assert np.isnan(dx).all(), "the weights were read without being declared"
    assert np.isfinite(run.io.dparams[0]).all()


def test_an_unwritten_top_stays_poisoned(run: LayerRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def forward(_: InnerProduct, io: LayerIO) -> None:
        io.tops[0][:1] = 0

    monkeypatch.setattr(InnerProduct, "forward", forward)
    (y,) = run.forward()
    assert np.isnan(y[1]).all()


def test_in_place_shares_both_arrays() -> None:
    text = 'layer { name: "r" type: "ReLU" bottom: "x" top: "x" }'
    run = LayerRun(text, [np.array([-1.0, 1.0])], in_place=True)
    (y,) = run.forward()
    assert run.io.tops[0] is run.io.bottoms[0]
    np.testing.assert_array_equal(y, [0, 1])
    np.testing.assert_array_equal(run.backward([np.array([5.0, 7.0])]), [[0, 7]])
