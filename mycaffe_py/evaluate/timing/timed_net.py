"""A net made ready to be timed, with the update of its solver where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import fix_weights
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.evaluate.timing.timing import Update
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.net_text import NetText, read_model
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.random_streams import stream
from mycaffe_py.solver.rates import learning_rate
from mycaffe_py.solver.texts import Job, read_job
from mycaffe_py.solver.updates import Updater


@dataclass(frozen=True)
class TimedNet:
    """A net whose inputs are filled; `update` changes its weights, None where nothing learns."""

    net: Net
    update: Update | None = None


def timed_model(name: str, state: pb.NetState, passes: Sequence[str]) -> TimedNet:
    """The net of the model text `name` in `state`, optimised by `passes`."""
    return TimedNet(_made(read_model(name, state), passes))


def timed_solver(name: str, phase: str, passes: Sequence[str]) -> TimedNet:
    """The net of the solver text `name` in `phase`; in TRAIN with its update.

    Errors: it has no TEST net.
    """
    job = read_job(name)
    if phase == "TRAIN":
        net = _made(job.train, passes)
        return TimedNet(net, _update(job, net))
    if not job.tests:
        raise UserError(
            f"{job.card.file} has no TEST net", do="Name the model with --model instead."
        )
    return TimedNet(_made(job.tests[0], passes))


def chosen_passes(words: str) -> tuple[str, ...]:
    """The optimising passes in "all", "none" or a list of names. Errors: an unknown name."""
    if words in ("all", "none"):
        return ALL_PASSES if words == "all" else ()
    names = tuple(word.strip() for word in words.split(","))
    for name in names:
        if name not in ALL_PASSES:
            raise UserError(
                f"there is no pass '{name}'", do=nearest(name, ("all", "none", *ALL_PASSES))
            )
    return names


def _made(text: NetText, passes: Sequence[str]) -> Net:
    """The net, with random numbers where a caller would put its own inputs.

    Zeros would make some layers faster.
    """
    net = Net(compile_net(text, passes=passes))
    for name in net.graph.inputs:
        blob = net.blob(name)
        blob[...] = stream(0, f"time/{name}").random(blob.shape)
    if not any(node.backward for node in net.graph.nodes):
        fix_weights(net)
    return net


def _update(job: Job, net: Net) -> Update:
    updater = Updater(net.params, job.solver, job.where)

    def update(iteration: int) -> None:
        updater.apply(learning_rate(job.solver, iteration, 0)[0], iteration)

    return update
