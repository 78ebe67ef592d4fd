"""CTPNLstm by its definition, from batch to batch, bounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from tests.layers.harness import LayerRun
from tests.reference.forks_lstm import forks_lstm


def _text(bottoms: int = 1, options: str = "num_output: 3") -> str:
    ports = "".join(f' bottom: "x{k}"' for k in range(bottoms))
    return f'layer {{ name: "l" type: "CTPNLstm"{ports} top: "y" lstm_param {{ {options} }} }}'


def _params(inputs: int) -> list[Any]:
    random = np.random.default_rng(3)
    return [random.normal(size=shape) for shape in ((12, inputs), (12, 3), 12)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_without_marks_all_sequences_start_at_step_0(dtype: Any) -> None:
    x = np.random.default_rng(0).normal(size=(5, 2, 4))
    cont = np.ones((5, 2))
    cont[0] = 0
    params = _params(4)
    (y,) = LayerRun(_text(), [x], params=params, dtype=dtype).forward()
    wanted = forks_lstm(x, cont, params, *np.zeros((2, 2, 3)))
    np.testing.assert_allclose(y, wanted, atol=1e-6 if dtype == np.float32 else 1e-14)


def test_with_marks_the_state_goes_on() -> None:
    random = np.random.default_rng(1)
    x, cont = random.normal(size=(6, 2, 4)), random.integers(0, 2, (6, 2)).astype(float)
    cont[3] = 2.5  # any number but 0 goes on
    params = _params(4)
    run = LayerRun(_text(2), [x[:3], cont[:3]], params=params)
    for name in ("h", "c"):
        run.io.scratch[name][...] = 0
    found = []
    for part in (slice(0, 3), slice(3, 6)):
        run.io.bottoms[0][...], run.io.bottoms[1][...] = x[part], cont[part]
        run.layer.forward(run.io)
        found.append(run.io.tops[0].copy())
    wanted = forks_lstm(x, cont, params, *np.zeros((2, 2, 3)))
    np.testing.assert_allclose(np.concatenate(found), wanted, atol=1e-14)


@pytest.mark.parametrize("options", ["num_output: 3 batch_size: 2", "num_output: 3"])
def test_steps_and_rows_may_share_an_axis(options: str) -> None:
    x = np.random.default_rng(2).normal(size=(6, 4))
    rows = 2 if "batch_size" in options else 1
    params = _params(4)
    (flat,) = LayerRun(_text(1, options), [x], params=params).forward()
    (apart,) = LayerRun(_text(), [x.reshape(-1, rows, 4)], params=params).forward()
    assert flat.shape == (6, 3)
    np.testing.assert_array_equal(flat, apart.reshape(6, 3))


def test_the_bound_holds_at_each_step() -> None:
    x = np.random.default_rng(4).normal(size=(4, 2, 3))
    gradients = []
    for bound in ("", "clipping_threshold: 0.01"):
        run = LayerRun(_text(1, f"num_output: 3 {bound}"), [x], params=_params(3))
        run.forward()
        run.backward([np.ones((4, 2, 3))])
        gradients.append(run.io.scratch["dgates"].copy())
    free, bounded = gradients
    assert np.abs(bounded).max() == pytest.approx(0.01)
    # The last step hears of no other: there the bound alone makes the difference.
    np.testing.assert_allclose(bounded[-1], free[-1].clip(-0.01, 0.01), rtol=1e-6)


def test_the_blobs_are_those_of_the_fork() -> None:
    plan = LayerRun(_text(), [np.zeros((2, 1, 5))]).plan
    assert [blob.shape for blob in plan.params] == [(12, 5), (12, 3), (12,)]


def test_no_steps_and_no_rows_are_nothing() -> None:
    for shape in ((0, 2, 3), (3, 0, 3)):
        run = LayerRun(_text(), [np.zeros(shape)])
        assert run.forward()[0].shape == (*shape[:2], 3)
        assert run.backward([np.zeros((*shape[:2], 3))])[0].shape == shape


@pytest.mark.parametrize(
    ("options", "shapes", "told"),
    [
        ("", [(2, 2, 3)], "no num_output"),
        ("num_output: 3", [(2,)], "steps, rows and their numbers"),
        ("num_output: 3", [(2, 2, 0)], "at least one input"),
        ("num_output: 3 batch_size: 4", [(6, 3)], "batch_size 4"),
        ("num_output: 3 batch_size: 0", [(6, 3)], "batch_size 0"),
        ("num_output: 3 clipping_threshold: -1", [(2, 2, 3)], "clipping_threshold -1"),
        ("num_output: 3", [(4, 2, 3), (4, 3)], "which asks for (4, 2)"),
    ],
)
def test_what_cannot_be_is_told(options: str, shapes: Any, told: str) -> None:
    with pytest.raises(UserError) as error:
        LayerRun(_text(len(shapes), options), [np.zeros(shape) for shape in shapes])
    assert told in str(error.value)
