"""What a run says at its start about its nets: user's code in them, branches that differ."""

from __future__ import annotations

from mycaffe_py.graph.told.named_code import code_lines
from mycaffe_py.solver.hooks.hook import Run


def net_lines(solver: Run) -> list[str]:
    """A line for each layer that runs the user's code, and for each two branches that differ."""
    graphs = [net.graph for net in (solver.net, *solver.test_nets)]
    unlike = dict.fromkeys(line for graph in graphs for line in graph.differences)
    return [
        *code_lines(graphs),
        *(f"Warning: {line} They learn as the text has them." for line in unlike),
    ]
