"""What a net takes along when it changes to its plain graph in the middle of a batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mycaffe_py.engine.step import Step
from mycaffe_py.graph.model import Graph
from mycaffe_py.layers.base import Array, Shape


@dataclass(frozen=True)
class Begun:
    """The tops of the sources that have run, by name, and what layers carry between batches."""

    tops: Mapping[str, Array]
    carried: Sequence[Array]

    @staticmethod
    def of(steps: Sequence[Step], carried: Sequence[Array]) -> Begun:
        """The tops of `steps`, which have run."""
        tops = {
            name: array
            for node, io in steps
            for name, array in zip(node.tops, io.tops, strict=True)
        }
        return Begun(tops, carried)

    def shapes(self, plain: Graph) -> dict[str, Shape]:
        """The shapes of the tops that vary in the `plain` graph."""
        varying = {node.tops[i] for node in plain.nodes for i in node.plan.varying}
        return {name: top.shape for name, top in self.tops.items() if name in varying}

    def copy_to(self, blobs: Mapping[str, Array], carried: Sequence[Array]) -> None:
        """Copy everything to the arrays of the plain graph."""
        for name, top in self.tops.items():
            blobs[name][...] = top
        for there, array in zip(carried, self.carried, strict=True):
            there[...] = array
