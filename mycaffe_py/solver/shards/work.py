"""A step on the shards of a batch: those of this process, brought together with all others.

Forward of all shards; what they noted is told to all; backward of all shards with losses weighed so
that the divisor is the whole batch's; sums in the order of a tree; update; weights to all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mycaffe_py.data.shards.cut import Cut
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.graph.model import Graph
from mycaffe_py.layers.base import Array
from mycaffe_py.solver.debug_info import DebugLines
from mycaffe_py.solver.shards.joins import axis_of, join_of, joined, shares_of
from mycaffe_py.solver.shards.net import Noted, Part, ShardNet
from mycaffe_py.solver.shards.segments import Segments
from mycaffe_py.solver.shards.tree import nodes_within, summed
from mycaffe_py.solver.shards.updates import SegmentUpdater
from mycaffe_py.solver.team import Together
from mycaffe_py.solver.work import Found, Work


class ShardWork(Work):
    """The work of one process on the shards `cut` gives it; `nets` has a net for each of them.

    `whole` is the graph for the whole batch. debug_info tells of the first shard alone.
    """

    def __init__(
        self,
        nets: Sequence[ShardNet],
        whole: Graph,
        cut: Cut,
        together: Together,
        debug: DebugLines | None = None,
    ) -> None:
        super().__init__(nets[0])
        self.nets = nets
        self.cut = cut
        self.together = together
        self.debug = debug
        self.segments = Segments.of(nets[0].params.data.size, together.ranks)
        self.updater: SegmentUpdater | None = None
        graph = nets[0].graph
        names = [*nets[0].loss_weights(), *graph.outputs]
        self._joins = {name: join_of(name, whole, graph) for name in names}
        self._axes = {name: axis_of(name, whole, graph) for name in graph.outputs}
        self._outputs: dict[str, list[Part]] = {}
        # Arrays to receive gradients in; made once, as new memory costs a fault for each page.
        self._got: list[list[Array]] = []

    @property
    def own_nets(self) -> Sequence[Net]:
        """That of each shard of this process, in their order."""
        return self.nets

    def forward(self, batch: int) -> float:
        """Compute the shards, and tell all processes what they noted. Errors: those of any."""
        all_noted = self._agreed(batch)
        self._outputs = {
            name: [noted.outputs[name] for noted in all_noted] for name in all_noted[0].outputs
        }
        self._learn(all_noted)
        return self._weigh(all_noted)

    def _agreed(self, batch: int) -> list[Noted]:
        """What all shards noted, in their order."""
        own: list[Noted] | MyCaffeError
        try:
            own = [self._note(net, batch) for net in self.nets]
        except MyCaffeError as error:
            own = error
        found: list[Noted] = []
        for told in self.together.agree(own):
            if isinstance(told, MyCaffeError):
                raise told
            found += told
        return found

    def _note(self, net: ShardNet, batch: int) -> Noted:
        self._speak(net)
        return net.note(batch)

    def _speak(self, net: ShardNet) -> None:
        if self.debug is not None:
            self.debug.muted = net.run.shard > 0

    def _learn(self, all_noted: Sequence[Noted]) -> None:
        """Let layers with state learn from all shards, in their order."""
        for node, io in self.net.steps:
            found = [n.observed[node.name] for n in all_noted if node.name in n.observed]
            if found:
                node.layer.learn(io, found)

    def _weigh(self, all_noted: Sequence[Noted]) -> float:
        """Let each shard's losses count by their shares; returns the loss of the batch."""
        weights = self.nets[0].loss_weights()
        shares: list[dict[str, float]] = [{} for _ in all_noted]
        terms = []
        for name, weight in weights.items():
            parts = [noted.losses[name] for noted in all_noted]
            for place, share in enumerate(shares_of(self._joins[name], parts)):
                shares[place][name] = share
                terms.append(weight * share * float(parts[place].values) if share else 0.0)
        for net in self.nets:
            net.weigh(shares[net.run.shard])
        return math.fsum(terms) if all(map(math.isfinite, terms)) else sum(terms)

    def backward(self) -> None:
        """Compute the gradients of all shards of this process."""
        for net in self.nets:
            self._speak(net)
            net.backward()

    def reduce(self) -> None:
        """Sum the gradients; this process gets the sums of its own segment."""
        whole, ranks, rank = (0, self.cut.shards), self.together.ranks, self.together.rank
        parts = {(net.run.shard, net.run.shard + 1): net.params.diff for net in self.nets}
        own = {
            node: summed(node, parts)
            for node in nodes_within(whole, (self.cut.first, self.cut.end))
        }
        if ranks > 1:
            self._exchange(whole, own, rank, ranks)
        if self.updater is not None and self.updater.solver.clip_gradients >= 0:
            self.updater.measure()

    def _exchange(
        self, whole: tuple[int, int], own: dict[tuple[int, int], Array], rank: int, ranks: int
    ) -> None:
        """Send the sums of each segment to its owner, and finish those of our own segment."""
        mine, share = self.segments[rank], self.cut.count
        theirs = [nodes_within(whole, (q * share, (q + 1) * share)) for q in range(ranks)]
        if not self._got:
            like = self.net.params.diff[mine]
            self._got = [
                [] if q == rank else [np.empty_like(like) for _ in theirs[q]] for q in range(ranks)
            ]
        got = self._got
        sent = [
            [] if q == rank else [total[self.segments[q]] for total in own.values()]
            for q in range(ranks)
        ]
        self.together.team.swap(sent, got)
        parts = {node: total[mine] for node, total in own.items()}
        for q in range(ranks):
            parts |= zip(theirs[q], got[q], strict=True) if q != rank else {}
        np.copyto(self.net.params.diff[mine], summed(whole, parts))

    def spread(self) -> None:
        """Give all processes the weights of our segment, and take theirs."""
        self._bring(self.net.params.data, range(self.together.ranks))
        if self.updater is not None and self.updater.solver.snapshot_diff:
            self._bring(self.net.params.diff, range(self.together.ranks))

    def gather(self, arrays: Sequence[Array]) -> None:
        """Bring the segments of flat arrays together in the first process."""
        for array in arrays:
            self._bring(array, range(1))

    def _bring(self, flat: Array, to: range) -> None:
        """Bring all segments of `flat` to the processes `to`."""
        rank, ranks = self.together.rank, self.together.ranks
        others = [q for q in range(ranks) if q != rank]
        sent: list[list[Array]] = [[] for _ in range(ranks)]
        got: list[list[Array]] = [[] for _ in range(ranks)]
        for q in others:
            if q in to:
                sent[q] = [flat[self.segments[rank]]]
            if rank in to:
                got[q] = [flat[self.segments[q]]]
        self.together.team.swap(sent, got)

    def outputs(self) -> dict[str, Any]:
        """The outputs of the last batch over all shards, as plain numbers or lists."""
        return {
            name: joined(self._joins[name], parts, self._axes[name])
            for name, parts in self._outputs.items()
        }

    def carried(self) -> list[Array]:
        """What layers carry from batch to batch, shard by shard."""
        own = [array for net in self.nets for array in net.carried()]
        return [array for told in self.together.agree(own) for array in told]

    def carry_on(self, saved: Sequence[Array]) -> None:
        """Go on with what `carried` was; what comes of another number of shards is left alone."""
        each = len(self.net.carried())
        if len(saved) != each * self.cut.shards:
            return
        for net in self.nets:
            first = net.run.shard * each
            Work(net).carry_on(saved[first : first + each])

    def look(self, at: Callable[[Net], Found | None]) -> Found | None:
        """The first thing that `at` finds in a net, in the order of the shards."""
        own = next((found for net in self.nets if (found := at(net)) is not None), None)
        told: list[Found | None] = self.together.agree(own)
        return next((found for found in told if found is not None), None)
