"""Values whose memory others have taken since, made again for whoever asks."""

from __future__ import annotations

from collections.abc import Sequence

from mycaffe_py.engine.step import Step
from mycaffe_py.graph.model import Graph
from mycaffe_py.graph.passes.memory import block_homes, value_key


def make_again(graph: Graph, blob: str, steps: Sequence[Step]) -> None:
    """Let `blob` hold its values of the last forward, if it lies where others have been since.

    Such a blob is in blocks, and the layers that make those compute the same however often they
    run. What they read is in blocks, too, or has memory of its own.
    """
    homes = block_homes(graph)
    if value_key(homes.get(blob, blob)) not in graph.lifetimes:
        return
    wanted = {blob}
    run = []
    for step in reversed(steps):
        if wanted & {*step.node.tops}:
            wanted.update(name for name in step.node.bottoms if name in homes)
            run.append(step)
    for step in reversed(run):
        step.forward()
