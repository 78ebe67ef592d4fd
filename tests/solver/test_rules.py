"""A solver type is made in one place: the registry of rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mycaffe_py.pycaffe as caffe
from mycaffe_py.kernels.updates import sgd
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter
from mycaffe_py.solver.rules import Pass, Rule, rules
from mycaffe_py.solver.run import Start, train
from tests.solver.tiny import tiny_job


def _calm(p: SolverParameter, one: Pass) -> None:
    """SGD of which delta says how much slower it is."""
    one.run(sgd, 0.0, rate=p.delta)


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another solver type, for the length of a test."""
    monkeypatch.setattr(rules, "_entries", dict(rules._entries))
    monkeypatch.setattr(rules, "_lower", dict(rules._lower))
    rules.add("CalmRule", Rule(1, _calm, ("delta",)))


def solver_text(folder: Path, more: str) -> str:
    tiny_job(folder)
    text = (folder / "tiny.solver").read_text().replace("momentum: 0.9", more)
    (folder / "tiny.solver").write_text(text)
    return str(folder / "tiny.solver")


def test_a_new_rule_has_a_class_for_scripts(calm: None, tmp_path: Path) -> None:
    text = solver_text(tmp_path, "type: 'calmrule' delta: 0.25")
    made = caffe.get_solver(text)
    assert type(made) is caffe.CalmRuleSolver
    assert "CalmRuleSolver" in dir(caffe)
    made.step(2)
    assert caffe.CalmRuleSolver(text).param.type == "CalmRule"


def test_a_new_rule_is_explained(calm: None, tmp_path: Path, mycaffe: Callable[..., Any]) -> None:
    told = mycaffe("explain", "solver", solver_text(tmp_path, "type: 'CalmRule' delta: 0.25"))
    assert "  by CalmRule, delta 0.25\n" in told.out
    told = mycaffe("explain", "solver", solver_text(tmp_path, "type: 'CalmRul'"))
    assert "tiny.solver:4: unknown solver type 'CalmRul'. Did you mean 'CalmRule'?" in told.err


def test_a_new_rule_trains(calm: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    weights = [
        train(tiny_job(tmp_path, solver=text), Start(seed=1)).params.data
        for text in (
            _TEXT + "type: 'CalmRule' delta: 0.25 base_lr: 0.04",
            _TEXT + "type: 'SGD' base_lr: 0.01",
        )
    ]
    np.testing.assert_allclose(weights[0], weights[1], rtol=1e-6)


_TEXT = "net: 'tiny.prototxt' lr_policy: 'fixed' max_iter: 5 snapshot_prefix: 's' "


def test_a_rule_refuses_momentum_unless_its_fields_name_it(
    calm: None, tmp_path: Path, mycaffe: Callable[..., Any]
) -> None:
    told = mycaffe("explain", "solver", solver_text(tmp_path, "type: 'CalmRule' momentum: 0.9"))
    assert "solver type CalmRule has no momentum" in told.err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ({"type": "SGD", "momentum": 0.9}, ["momentum 0.9"]),
        ({"type": "SGD", "delta": 0.1}, []),
        ({"type": "AdaGrad", "delta": 0.125}, ["delta 0.125"]),
        ({"type": "RMSProp"}, []),
        ({"type": "RMSProp", "rms_decay": 0.75, "delta": 0.5}, ["rms_decay 0.75", "delta 0.5"]),
        ({"type": "AdaDelta", "momentum": 0.95}, ["momentum 0.95"]),
        ({"type": "adam"}, ["momentum 0 and 0.999"]),
        ({"type": "AdamW", "adamw_decay": 0.25}, ["momentum 0 and 0.999", "adamw_decay 0.25"]),
    ],
)
def test_words_tell_of_the_fields_that_a_formula_reads(
    text: dict[str, Any], words: list[str]
) -> None:
    assert rules.get(text["type"]).words(SolverParameter(**text)) == words


@pytest.mark.parametrize("kind", list(rules))
def test_fields_are_those_of_the_solver_text_that_the_formula_reads(kind: str) -> None:
    read = set()

    class Text:
        def __getattr__(self, name: str) -> float:
            read.add(name)
            return 0.5

    class Nothing:
        number, rate, decay_mult = 1, np.ones(1), np.ones(1)

        def run(self, *args: object, **kwargs: object) -> None:
            """No kernel is run."""

    rules.get(kind).apply(Text(), Nothing())  # type: ignore[arg-type]
    assert sorted(read) == sorted(rules.get(kind).fields)


def test_scripts_are_told_of_names_that_are_not_there() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'AdanSolver'"):
        caffe.AdanSolver  # noqa: B018
    names: dict[str, object] = {}
    exec("from mycaffe_py.pycaffe import *", names)
    assert names["AdamSolver"] is caffe.AdamSolver
