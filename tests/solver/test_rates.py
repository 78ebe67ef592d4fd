"""Learning rate policies against Caffe's formulas, written out."""

import math
from typing import Any

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.solver.rates import check_policy, learning_rate, steps_before

BASE = {"base_lr": 0.02, "gamma": 0.5, "power": 0.75, "stepsize": 10, "max_iter": 50}
AT_25 = {
    "fixed": 0.02,
    "step": 0.02 * 0.5**2,
    "exp": 0.02 * 0.5**25,
    "inv": 0.02 * (1 + 0.5 * 25) ** -0.75,
    "poly": 0.02 * 0.5**0.75,
    "sigmoid": 0.02 / (1 + math.exp(-0.5 * 15)),
    "sigmoid_inv": 0.02 * (1 - 1 / (1 + math.exp(-0.5 * 15))),
}


def solver(policy: str, **changes: Any) -> SolverParameter:
    return SolverParameter(lr_policy=policy, **{**BASE, **changes})


@pytest.mark.parametrize("policy", AT_25)
def test_rate_at_iteration_25(policy: str) -> None:
    text = solver(policy)
    check_policy(text, Locations.none())
    assert learning_rate(text, 25)[0] == pytest.approx(AT_25[policy], rel=1e-6)


def test_multistep_counts_one_step_a_call_and_remembers() -> None:
    text = solver("multistep", stepvalue=[1, 4])
    step = 0
    rates = []
    for iteration in range(6):
        rate, step = learning_rate(text, iteration, step)
        rates.append(rate / text.base_lr)
    assert rates == [1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert learning_rate(text, 100, 0)[1] == 1


def test_sigmoid_survives_far_iterations() -> None:
    text = solver("sigmoid", gamma=10, stepsize=100_000)
    assert learning_rate(text, 0)[0] == 0
    assert learning_rate(text, 1_000_000)[0] == pytest.approx(0.02, rel=1e-6)


def test_poly_ends_at_nothing() -> None:
    assert learning_rate(solver("poly"), 50)[0] == 0


@pytest.mark.parametrize("policy", [*AT_25, "multistep"])
def test_the_rate_rises_evenly_and_then_follows_its_policy(policy: str) -> None:
    plain = solver(policy, stepvalue=[12, 30])
    text = solver(policy, stepvalue=[12, 30], warmup_iter=20, warmup_start_lr=0.004)
    check_policy(text, Locations.none())
    rates = [learning_rate(text, i)[0] for i in (0, 5, 10, 19)]
    assert rates == pytest.approx([0.004, 0.008, 0.012, 0.0192])
    for iteration in (20, 25, 49):
        step = steps_before(text, iteration)
        assert learning_rate(text, iteration, step) == learning_rate(plain, iteration, step)


def test_drops_during_the_warm_up_are_counted() -> None:
    text = solver("multistep", stepvalue=[2], warmup_iter=5)
    step = 0
    for iteration in range(6):
        rate, step = learning_rate(text, iteration, step)
    assert (rate, step) == (pytest.approx(0.01), 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (solver("fixed", warmup_start_lr=0.1), "warmup_start_lr without warmup_iter"),
        (solver("stp"), "unknown lr_policy 'stp'. Did you mean 'step'?"),
        (solver(""), "lr_policy is missing"),
        (SolverParameter(base_lr=1, lr_policy="exp"), "gamma is missing"),
        (solver("sigmoid", gamma=-1), "gamma is -1"),
        (solver("step", stepsize=0), "stepsize is 0"),
        (solver("poly", max_iter=0), "max_iter is 0"),
        (solver("multistep", stepvalue=[9, 4]), "stepvalue entries are [9, 4]"),
    ],
)
def test_unusable_policies_are_named(text: SolverParameter, words: str) -> None:
    with pytest.raises(UserError) as error:
        check_policy(text, Locations.none("my.solver"))
    assert words in str(error.value)
    assert str(error.value).startswith("my.solver")


@pytest.mark.parametrize("values", [[], [1, 4], [0, 0, 3, 3, 3, 9], [20]])
def test_the_counter_is_known_without_asking_for_every_iteration(values: list[int]) -> None:
    text = solver("multistep", stepvalue=values)
    step = 0
    for iteration in range(12):
        assert steps_before(text, iteration) == step
        step = learning_rate(text, iteration, step)[1]


def test_a_rate_beyond_all_numbers_is_infinite_as_in_cpp() -> None:
    assert learning_rate(solver("exp", gamma=2.0), 100_000)[0] == math.inf
    assert learning_rate(solver("poly", power=-1.0), 50)[0] == math.inf
