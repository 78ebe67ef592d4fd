"""Which layers a layer's bottoms come from, however far back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from mycaffe_py.graph.model import Node


class Ancestry:
    """The makers of all blobs that the layers `nodes`, in order, read.

    Sets of layers are whole numbers with a bit for each layer, so that large nets cost little.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        # For each layer and bottom: the number of the layer that wrote it last, and as which top.
        self.makers: list[list[tuple[int, int]]] = []
        last: dict[str, tuple[int, int]] = {}
        for number, node in enumerate(nodes):
            self.makers.append([last[blob] for blob in node.bottoms])
            last |= {blob: (number, top) for top, blob in enumerate(node.tops)}

    @cached_property
    def sets(self) -> list[int]:
        """For each layer: itself, and all that it depends on."""
        found: list[int] = []
        for number, makers in enumerate(self.makers):
            bits = 1 << number
            for maker, _ in makers:
                bits |= found[maker]
            found.append(bits)
        return found

    @cached_property
    def written(self) -> dict[str, str]:
        """For each blob that a Split makes, the one that the text names."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if node.layer.type == "Split":
                root = found.get(node.bottoms[0], node.bottoms[0])
                found |= dict.fromkeys(node.tops, root)
        return found

    def behind(self, number: int, bottom: int) -> int:
        """The set of all layers that a bottom of layer `number` depends on."""
        return self.sets[self.makers[number][bottom][0]]

    def listed(self, bits: int) -> list[int]:
        """The numbers in a set, rising, without Split layers."""
        found = []
        while bits:
            number = (bits & -bits).bit_length() - 1
            bits &= bits - 1
            if self.nodes[number].layer.type != "Split":
                found.append(number)
        return found

    def maker(self, number: int, bottom: int = 0) -> tuple[int, int]:
        """Who made a bottom, Split layers passed over: layer and top."""
        maker, top = self.makers[number][bottom]
        while self.nodes[maker].layer.type == "Split":
            maker, top = self.makers[maker][0]
        return maker, top
