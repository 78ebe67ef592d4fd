"""Checks of the solver text's plain fields, before any net is built."""

from __future__ import annotations

from mycaffe_py.errors import UserError
from mycaffe_py.proto.finite import check_finite
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.mycaffe_pb2 import SolverParameter

# Field, least value, why.
_LEAST = (
    ("max_iter", 1, "it is the number of updates to make"),
    ("iter_size", 1, "it is the number of batches an update learns from"),
    ("average_loss", 1, "it is the number of losses the displayed one is the mean of"),
    ("snapshot", 0, "it is the number of iterations between snapshots, 0 for none"),
    ("display", 0, "it is the number of iterations between lines, 0 for none"),
    ("patience", 0, "it is the number of tests without a better figure that end a run, 0 for none"),
    ("shards", 1, "it is the number of parts in which a batch is worked on"),
    ("weight_decay", 0, "weights would grow without end"),
    ("warmup_iter", 0, "it is the number of iterations in which the rate rises, 0 for none"),
    ("warmup_start_lr", 0, "a step against it would make the loss larger"),
    ("base_lr", 0, "a step against it would make the loss larger"),
)


def check_numbers(solver: SolverParameter, where: Locations) -> None:
    """Raise UserError for the first field a run cannot work with."""
    check_finite(solver, where)
    for name, wanted in (("base_lr", "the learning rate"), ("max_iter", "how long to train")):
        if not solver.HasField(name):
            raise UserError(
                f"{name} is missing",
                where=where.at(),
                wanted=f"the solver must know {wanted}",
            )
    for name, least, why in _LEAST:
        value = getattr(solver, name)
        if not value >= least:
            raise UserError(
                f"{name} is {value:g}", where=where.at(name), wanted=f"at least {least}: {why}"
            )
    if solver.test_iter and solver.test_interval < 1:
        raise UserError(
            f"test_interval is {solver.test_interval}",
            where=where.at("test_interval"),
            wanted="at least 1: with test_iter given, tests take place every that many iterations",
        )
    for index, count in enumerate(solver.test_iter):
        if count < 1:
            raise UserError(
                f"test_iter is {count}",
                where=where.at("test_iter", index),
                wanted="at least 1: it is the number of batches of a test",
            )
