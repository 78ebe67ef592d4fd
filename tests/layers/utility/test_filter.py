"""Filter in a net: rows found anew in each batch, from none to all."""

from __future__ import annotations

import numpy as np
import pytest

from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES
from mycaffe_py.graph.told.layer_card import layer_card
from mycaffe_py.layers.base import Array
from tests.gradient import check
from tests.graph.nets import graph_of, inner_product
from tests.layers.harness import LayerRun

LAYER = 'layer { name: "f" type: "Filter" bottom: "x" bottom: "t" bottom: "s" top: "fx" top: "ft" }'


def _input(name: str, *dims: int) -> str:
    shape = " ".join(f"dim: {dim}" for dim in dims)
    return (
        f'layer {{ name: "{name}" type: "Input" top: "{name}" '
        f"input_param {{ shape {{ {shape} }} }} }}\n"
    )


# A learned layer before the Filter and one behind it, and a ReLU that a pass would like to fuse.
TEXT = (
    _input("d", 6, 4)
    + _input("t", 6, 2)
    + _input("s", 6)
    + inner_product("ip1", "d", "x", outputs=5)
    + LAYER
    + inner_product("ip2", "fx", "h", outputs=3)
    + 'layer { name: "act" type: "ReLU" bottom: "h" top: "h" }'
    + inner_product("ip3", "h", "y", outputs=2)
    + 'layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "ft" top: "loss" }'
)
SELECTORS = [[1, 0, 0, 1, 1, 0], [0] * 6, [1] * 6, [0, 0, 0, 0, 0, -2], [1, 0, 1, 0, 1, 1]]


def _feed(net: Net, selector: list[int], seed: int = 0) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    arrays = {
        "d": random.standard_normal((6, 4)),
        "t": random.standard_normal((6, 2)),
        "s": np.array(selector, float),
    }
    net.feed(arrays)
    return arrays


def _only(rows: int) -> Net:
    """The same net on `rows` rows without a Filter."""
    text = TEXT.replace(LAYER, "").replace('"fx"', '"x"').replace('"ft"', '"t"')
    return Net(graph_of(text.replace("dim: 6", f"dim: {rows}")), dtype=np.float64, seed=1)


@pytest.mark.parametrize("passes", [(), ALL_PASSES], ids=["plain", "optimised"])
def test_what_follows_runs_on_the_kept_rows(passes: tuple[str, ...]) -> None:
    """Loss and gradients are those of a net that is given these rows alone, batch after batch."""
    net = Net(graph_of(TEXT, passes=passes), dtype=np.float64, seed=1)
    for batch, selector in enumerate(SELECTORS * 2):
        arrays = _feed(net, selector, batch)
        net.clear_gradients()
        loss = net.forward(batch)
        net.backward()
        kept = np.flatnonzero(selector)
        assert net.blob("fx").shape == (len(kept), 5)
        if not len(kept):
            assert loss == 0
            assert not net.params.diff.any()
            continue
        alone = _only(len(kept))
        alone.feed({"d": arrays["d"][kept], "t": arrays["t"][kept]})
        assert loss == pytest.approx(alone.forward(batch), rel=1e-12)
        alone.backward()
        np.testing.assert_array_equal(net.blob("y"), alone.blob("y"))
        for key, gradient in alone.gradients.items():
            np.testing.assert_allclose(net.gradients[key], gradient, rtol=1e-12, atol=1e-14)


def test_gradients_of_some_rows() -> None:
    net = Net(graph_of(f"force_backward: true {TEXT}"), dtype=np.float64, seed=1)
    _feed(net, SELECTORS[0])
    net.clear_gradients()
    net.forward()
    net.backward()
    assert not net.diffs["x"][[1, 2, 5]].any()
    for name in ("d", "t"):
        check(net.forward, net.blob(name), net.diffs[name].copy(), name=name)
    assert "s" not in net.diffs


def test_the_card_tells_which_bottom_has_no_gradient() -> None:
    assert "gives no gradient to the last bottom" in layer_card("Filter").facts


def test_no_memory_is_taken_for_sizes_that_come_again() -> None:
    net = Net(graph_of(TEXT), seed=1)
    for selector in SELECTORS:
        _feed(net, selector)
        net.forward()
    before, plans = net.arena.grown, dict(net._bindings)
    for selector in SELECTORS:
        _feed(net, selector)
        net.forward()
        net.backward()
    assert net.arena.grown == before
    assert net._bindings == plans


def test_two_filters_in_a_row() -> None:
    text = (
        _input("x", 6, 2)
        + _input("s", 6)
        + 'layer { name: "f" type: "Filter" bottom: "x" bottom: "s" bottom: "s" '
        'top: "fx" top: "fs" }'
        'layer { name: "less" type: "Power" bottom: "fs" top: "ps" power_param { shift: -1 } }'
        'layer { name: "g" type: "Filter" bottom: "fx" bottom: "ps" top: "y" }'
    )
    net = Net(graph_of(text), seed=1)
    for selector in ([0, 1, 2, 0, 1, 2], [1] * 6, [0] * 6, [2] * 6, [0, 2, 0, 2, 1, 1]):
        x = np.random.default_rng(1).standard_normal((6, 2)).astype(np.float32)
        net.feed({"x": x, "s": np.array(selector)})
        net.forward()
        np.testing.assert_array_equal(net.blob("fx"), x[np.array(selector) > 0])
        np.testing.assert_array_equal(net.blob("y"), x[np.array(selector) > 1])


@pytest.mark.parametrize(
    "shapes, tops, words",
    [
        ([(3, 2), (3, 2)], 'top: "y"', "bottom 's' is (3, 2); the last bottom has one value a row"),
        ([(4, 2), (3,)], 'top: "y"', "bottom 'x' is (4, 2); the selector 's' has 3 rows"),
        ([(), (3,)], 'top: "y"', "bottom 'x' is ()"),
        ([(3, 2), (3,)], 'top: "y" top: "z"', "1 bottoms before the selector and 2 tops"),
    ],
)
def test_mistakes(shapes: list[tuple[int, ...]], tops: str, words: str) -> None:
    text = f'layer {{ name: "f" type: "Filter" bottom: "x" bottom: "s" {tops} }}'
    with pytest.raises(UserError) as caught:
        LayerRun(text, [np.zeros(shape) for shape in shapes])
    assert str(caught.value).startswith("test.prototxt:1: layer 'f' (Filter): ")
    assert words in str(caught.value)


def test_a_selector_that_is_nan_is_refused() -> None:
    run = LayerRun(LAYER, [np.zeros((3, 4)), np.zeros((3, 2)), np.array([1, np.nan, 0])])
    with pytest.raises(UserError, match="row 1 of selector 's' holds NaN"):
        run.forward()
