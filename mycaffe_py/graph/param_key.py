"""The name of a parameter: its layer, and its place among the parameters of that layer."""

from __future__ import annotations


class ParamKey(str):
    """The key of parameter `index` of the layer `layer`, spelled "conv1[0]".

    It is its spelling: equal to that text, found by it in every mapping, and as unchangeable as any
    text. Nobody else spells a key or takes one apart.
    """

    __slots__ = ()

    def __new__(cls, layer: str, index: int) -> ParamKey:
        """Spell the key; the name of a layer may itself end in brackets."""
        return super().__new__(cls, f"{layer}[{index}]")

    @property
    def layer(self) -> str:
        """The name of the layer."""
        return self.rpartition("[")[0]

    @property
    def number(self) -> int:
        """The place among the parameters of the layer, from 0."""
        return int(self.rpartition("[")[2].rstrip("]"))

    def __reduce__(self) -> tuple[type[ParamKey], tuple[str, int]]:
        """Copies, and what other processes get, are made anew."""
        return ParamKey, (self.layer, self.number)
