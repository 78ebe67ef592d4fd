"""A net of a few weights on random numbers, and its solver, for tests of everything around them."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.hooks.hook import Hook
from mycaffe_py.solver.solver import Solver
from mycaffe_py.solver.texts import Job, read_job

NET = """
name: "tiny"
layer { name: "x" type: "DummyData" top: "x"
  dummy_data_param { shape { dim: 8 dim: 5 } data_filler { type: "gaussian" } } }
layer { name: "t" type: "DummyData" top: "t"
  dummy_data_param { shape { dim: 8 dim: 3 } data_filler { type: "gaussian" } } }
layer { name: "ip1" type: "InnerProduct" bottom: "x" top: "h"
  inner_product_param { num_output: 4 weight_filler { type: "xavier" } } }
layer { name: "act" type: "TanH" bottom: "h" top: "h" }
layer { name: "ip2" type: "InnerProduct" bottom: "h" top: "y"
  inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "loss" }
"""
SOLVER = """
net: "tiny.prototxt"
base_lr: 0.02
momentum: 0.9
lr_policy: "multistep"
gamma: 0.5
stepvalue: 3
stepvalue: 9
max_iter: 12
snapshot_prefix: "snapshots/tiny"
"""


def tiny_job(folder: Path, extra: str = "", net: str = NET, solver: str = SOLVER) -> Job:
    """The job of the two texts, written to `folder`; `extra` are more solver fields."""
    (folder / "tiny.prototxt").write_text(net)
    (folder / "tiny.solver").write_text(solver + extra)
    return read_job(str(folder / "tiny.solver"))


def tiny_solver(folder: Path, extra: str = "", *hooks: Hook, seed: int = 1) -> Solver:
    """A solver of the tiny net."""
    return build_solver(tiny_job(folder, extra), seed, hooks)
