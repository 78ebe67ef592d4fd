"""Builds the nets of a run whose batches are worked on in shards."""

from __future__ import annotations

from mycaffe_py.data.shards.cut import Cut
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from mycaffe_py.graph.compile import ALL_PASSES, compile_net
from mycaffe_py.graph.model import Graph
from mycaffe_py.solver.debug_info import DebugLines, speaking
from mycaffe_py.solver.nets import Nets, build_test_nets, check_learns, runs_code
from mycaffe_py.solver.shards.net import ShardNet
from mycaffe_py.solver.shards.updates import SegmentUpdater
from mycaffe_py.solver.shards.work import ShardWork
from mycaffe_py.solver.team import Together
from mycaffe_py.solver.texts import Job


def build_shards(
    job: Job, seed: int, together: Together
) -> tuple[Nets[Net], SegmentUpdater, ShardWork]:
    """The nets of `job`, the first shard's as the net that learns; what updates them; the work.

    Errors: all that the texts may have wrong, and processes that do not divide the shards.
    """
    cut = _cut(job, together)
    say = DebugLines() if job.solver.debug_info else None
    passes = () if say else ALL_PASSES
    whole = compile_net(job.train, seed=seed, passes=passes)
    nets: list[ShardNet] = []
    for shard in range(cut.first, cut.end):
        if not nets or runs_code(nets[0].graph):
            # An object of the user's code remembers its batch between forward and backward.
            graph = compile_net(job.train, seed=seed, passes=passes, cut=cut)
            graph = speaking(graph, say) if say else graph
        net = ShardNet(graph, seed=seed, beside=nets[0].params if nets else None)
        net.run.cut, net.run.shard = cut, shard
        nets.append(net)
    check_learns(nets[0].graph, job.train)
    _check_code(nets[0].graph)
    tests = build_test_nets(job, seed, nets[0], say)
    work = ShardWork(nets, whole, cut, together, say)
    params = [net.params for net in nets]
    updater = SegmentUpdater(params, job.solver, job.where, work.segments, together)
    work.updater = updater
    return Nets(nets[0], tests, say), updater, work


def _check_code(graph: Graph) -> None:
    """Errors: a layer of the user's code keeps blobs, of which it alone knows how to join them."""
    for node in graph.nodes:
        kept = [key for key in node.params if graph.params[key].lr_mult == 0]
        if kept and node.context.param.HasField("python_param"):
            raise node.context.error(
                f"{len(kept)} of its blobs are not learned (lr_mult 0)",
                at=("type",),
                wanted="in shards of a batch each shard would change what it keeps there by itself",
                do="Train without shards.",
            )


def _cut(job: Job, together: Together) -> Cut:
    shards, ranks = job.solver.shards, together.ranks
    if shards % ranks:
        raise UserError(
            f"{ranks} processes for {shards} shards",
            where=job.where.at("shards"),
            wanted="each process works on as many shards of a batch",
            do=f"Start a number of processes that divides {shards}, or let shards be a multiple "
            f"of {ranks}.",
        )
    return Cut(shards, together.rank * shards // ranks, shards // ranks)
