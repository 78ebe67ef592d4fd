"""Every registered layer keeps the promises of mycaffe_py/layers/base.py."""

from __future__ import annotations

import inspect
import pickle
from io import BytesIO
from pathlib import Path
from typing import get_args, get_origin

import numpy as np
import pytest

from mycaffe_py.data.shards.cut import Cut
from mycaffe_py.engine.compile_ahead import Pickler
from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Array, Layer
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.gradient import check
from tests.layers.cases import PARTS, Case, collect, example_text
from tests.layers.harness import LayerRun


def _layer(case: Case) -> Layer:
    layers = read_text(case.text, pb.NetParameter, case.name).message.layer
    return layer_types.get(layers[len(layers) - 1].type)


def _over(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases], indirect=True)


CASES = collect()
DIFFERENTIABLE = [c for c in CASES if c.setting.gradient and _layer(c).has_backward]
IN_PLACE = [c for c in CASES if _layer(c).may_be_in_place and c.setting.in_place]
BY_ROWS = [c for c in CASES if _layer(c).rows_independent and c.shapes]


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """A case in a folder of its own, which is also the data folder."""
    found: Case = request.param
    if found.setting.prepare is not None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path))
        found.setting.prepare(tmp_path)
    return found


def _run(case: Case, dtype: type = np.float64, in_place: bool = False) -> LayerRun:
    """The case's layer; learned parameters hold normal numbers unless the case says otherwise."""
    random = np.random.default_rng(7)
    bottoms = case.setting.bottoms(case.shapes, random)

    def run(params: list[Array | None]) -> LayerRun:
        made = LayerRun(
            case.text,
            bottoms,
            dtype=dtype,
            phase=case.setting.phase,
            params=params,
            label_counts=case.setting.label_counts,
            in_place=in_place,
            loss_weight=1.7,
        )
        if case.setting.ready is not None:
            case.setting.ready(made.plan.facts)
        return made

    if case.setting.params is not None:
        return run(case.setting.params(random))
    plan = run([]).plan
    return run([random.normal(size=p.shape) if p.learned else None for p in plan.params])


def _upstream(run: LayerRun) -> list[Array]:
    """Random gradients of the tops; for a loss its weight."""
    if run.layer.is_loss:
        return run.loss_gradients()
    random = np.random.default_rng(8)
    return [random.normal(size=spec.shape) for spec in run.plan.tops]


def test_every_layer_is_checked() -> None:
    checked = {_layer(case).type for case in CASES}
    assert checked == set(layer_types)
    assert len(checked) == len(layer_types)


@pytest.mark.parametrize("name", list(layer_types))
def test_docstring_has_all_parts(name: str) -> None:
    layer = layer_types.get(name)
    lines = inspect.cleandoc(layer.__doc__ or "").splitlines()
    assert lines and lines[0].endswith("."), "the docstring starts with one sentence"
    assert [line for line in lines if line in PARTS] == list(PARTS)
    layers = read_text(example_text(layer), pb.NetParameter, name).message.layer
    last = layers[len(layers) - 1]
    assert layer_types.get(last.type) is layer
    assert layer.bottom_count.allows(len(last.bottom))
    assert len(last.bottom) == len(layer.example)


def _facts_of(layer: Layer) -> type | None:
    """What `class ...(Base[Facts])` of a layer says, here or in a base; None without facts."""
    for cls in type(layer).__mro__:
        for base in vars(cls).get("__orig_bases__", ()):
            origin = get_origin(base)
            if isinstance(origin, type) and issubclass(origin, Layer):
                return get_args(base)[0]
    return None


@_over(CASES)
def test_facts_are_of_the_declared_type(case: Case) -> None:
    """So that mypy knows what `io.facts` is in each forward and backward."""
    run = _run(case)
    declared = _facts_of(run.layer)
    assert type(run.plan.facts) is (type(None) if declared is None else declared)


@pytest.mark.parametrize("name", list(layer_types))
def test_methods_name_the_type_of_their_facts(name: str) -> None:
    layer = layer_types.get(name)
    declared = _facts_of(layer)
    wanted = "LayerIO" if declared is None else f"LayerIO[{declared.__name__}]"
    for method in ("forward", "backward"):
        if method in vars(type(layer)):
            found = inspect.signature(vars(type(layer))[method]).parameters["io"].annotation
            assert found == wanted


@_over(CASES)
def test_tops_as_planned(case: Case) -> None:
    """Every element of every top is written, the bottoms stay, and twice gives the same."""
    run = _run(case)
    tops = run.forward()
    assert len(tops) == len(run.plan.tops)
    for array, value in zip(run.io.bottoms, run.inputs, strict=True):
        np.testing.assert_array_equal(array, value)
    for top, again, spec in zip(tops, run.forward(), run.plan.tops, strict=True):
        assert top.shape == spec.shape
        assert case.setting.fed or np.isfinite(top).all(), "an element was not written"
        np.testing.assert_array_equal(top, again)


@_over(DIFFERENTIABLE)
def test_gradients(case: Case) -> None:
    """Against central differences; what `backward_reads` leaves out is NaN meanwhile."""
    run = _run(case)
    dtops = _upstream(run)
    run.forward()
    dbottoms = run.backward(dtops)

    def value() -> float:
        return sum(float((t * dt).sum()) for t, dt in zip(run.forward(), dtops, strict=True))

    for index, dx in enumerate(dbottoms):
        if dx is not None:
            x = run.inputs[index]
            check(value, x, dx, name=f"bottom {index} ", tolerance=case.setting.tolerance)
    for index, dw in enumerate(run.io.dparams):
        if dw is not None:
            w = run.values[index]
            check(value, w, dw, name=f"param {index} ", tolerance=case.setting.tolerance)


@_over(DIFFERENTIABLE)
def test_parameter_gradients_add_up(case: Case) -> None:
    run = _run(case)
    dtops = _upstream(run)
    run.forward()
    run.backward(dtops)
    once = [None if dw is None else dw.copy() for dw in run.io.dparams]
    run.forward()
    run.backward(dtops)
    for dw, first in zip(run.io.dparams, once, strict=True):
        if dw is not None and first is not None:
            np.testing.assert_allclose(dw, 2 * first, rtol=1e-10, atol=1e-12)


@_over(DIFFERENTIABLE)
def test_each_gradient_alone_is_the_same(case: Case) -> None:
    """Gradients nobody needs are skipped without touching the others."""
    run = _run(case)
    dtops = _upstream(run)
    run.forward()
    wanted = run.backward(dtops)
    rooms = list(run.io.dbottoms)
    run.io.dparams = [None] * len(run.io.dparams)
    for chosen in range(-1, len(rooms)):
        run.io.dbottoms = [room if i == chosen else None for i, room in enumerate(rooms)]
        run.forward()
        found = run.backward(dtops)
        if rooms and chosen >= 0 and found[chosen] is not None:
            np.testing.assert_array_equal(found[chosen], wanted[chosen])


@_over(CASES)
def test_single_precision_is_close(case: Case) -> None:
    double, single = _run(case), _run(case, np.float32)
    tolerance = case.setting.float32_tolerance
    tops = zip(double.forward(), single.forward(), strict=True)
    if case.setting.fed:
        return
    for exact, rough in tops:
        assert rough.dtype == np.float32
        _assert_close(rough, exact, tolerance)
    if case not in DIFFERENTIABLE:
        return
    dtops = _upstream(double)
    pairs = [*zip(double.backward(dtops), single.backward(dtops), strict=True)]
    pairs += zip(double.io.dparams, single.io.dparams, strict=True)
    for exact_gradient, rough_gradient in pairs:
        if exact_gradient is not None and rough_gradient is not None:
            _assert_close(rough_gradient, exact_gradient, tolerance)


def _assert_close(rough: Array, exact: Array, tolerance: float) -> None:
    largest = max(1.0, float(np.abs(exact).max(initial=0.0)))
    np.testing.assert_allclose(rough, exact, rtol=0, atol=tolerance * largest)


@_over(IN_PLACE)
def test_in_place_is_the_same(case: Case) -> None:
    apart, over = _run(case), _run(case, in_place=True)
    np.testing.assert_array_equal(over.forward()[0], apart.forward()[0])
    if case not in DIFFERENTIABLE:
        return
    dtops = _upstream(apart)
    found, wanted = over.backward(dtops)[0], apart.backward(dtops)[0]
    assert found is not None
    np.testing.assert_array_equal(found, wanted)


@_over(BY_ROWS)
def test_rows_are_independent_where_promised(case: Case) -> None:
    """Row 0 of each top stays the same when all other rows become copies of it."""
    run = _run(case)
    before = run.forward()
    for x in run.inputs:
        x[1:] = x[:1]
    for old, new in zip(before, run.forward(), strict=True):
        np.testing.assert_array_equal(old[0], new[0])


@_over([case for case in CASES if _layer(case).has_backward])
def test_backward_ends_on_zeros(case: Case) -> None:
    """So that its kernels can be compiled by a process without data (engine/compile_ahead.py)."""
    run = _run(case)
    io = run.io
    for arrays in (io.bottoms, io.tops, io.dbottoms, io.dtops, list(io.scratch.values())):
        for array in arrays:
            if array is not None:
                array[...] = 0
    with np.errstate(all="ignore"):
        run.layer.backward(io)


@_over([case for case in CASES if _layer(case).has_backward])
def test_facts_travel(case: Case) -> None:
    """As that process is given them."""
    facts = _run(case).plan.facts
    file = BytesIO()
    Pickler(file).dump(facts)
    assert repr(pickle.loads(file.getvalue())) == repr(facts)


@_over(CASES)
def test_state_waits_for_all_shards_of_a_batch(case: Case) -> None:
    """And has then learned what it learns of a batch as a whole."""
    whole, shard = _run(case), _run(case)
    state = [i for i, blob in enumerate(whole.plan.params) if not blob.learned]
    if not state:
        return
    whole.forward()
    shard.io.run.cut = Cut(2, 0, 2)
    shard.forward()
    seen = shard.layer.observed(shard.io)
    if seen:
        assert all(np.array_equal(shard.io.params[i], shard.values[i]) for i in state)
        shard.layer.learn(shard.io, [tuple(array.copy() for array in seen)])
    for i in state:
        np.testing.assert_array_equal(shard.io.params[i], whole.io.params[i])
