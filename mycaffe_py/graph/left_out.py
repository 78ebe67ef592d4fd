"""Layers that a graph leaves out because only code that may not run could tell their shapes."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.graph.model import Unknown
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter


class LeftOut:
    """Collects such layers, and all that read what they make, in file order."""

    def __init__(self) -> None:
        self.layers: list[Unknown] = []
        # Blobs of unknown shape, each with the name it has in the text.
        self._blobs: dict[str, str] = {}

    def reads(self, param: LayerParameter) -> bool:
        """Whether a bottom of a layer is of unknown shape."""
        return any(bottom in self._blobs for bottom in param.bottom)

    def add(
        self, param: LayerParameter, kind: str, written: Sequence[str], place: int, why: str = ""
    ) -> None:
        """Leave out a layer that stands before node number `place`.

        `why` is given for a layer that is left out for a reason of its own.
        `written` are the names of its bottoms in the text, as far as graph nodes tell. Splits are
        in no text: their tops go by the name of what they split.
        """
        bottoms = tuple(self._blobs.get(name, name) for name in written)
        if kind == "Split":
            self._blobs |= dict.fromkeys(param.top, bottoms[0])
            return
        self._blobs |= {name: name for name in param.top}
        self.layers.append(Unknown(param.name, kind, bottoms, tuple(param.top), place, why))
