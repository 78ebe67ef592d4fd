"""Floor 6. What a run says at its start of its nets: the user's code in them, unlike branches."""

from __future__ import annotations

from mycaffe_py.graph.named_code import code_lines
from mycaffe_py.solver.solver import Solver


def net_lines(solver: Solver) -> list[str]:
    """A line for each layer that runs code of the user's, and for each two unlike branches."""
    graphs = [net.graph for net in (solver.net, *solver.test_nets)]
    unlike = dict.fromkeys(line for graph in graphs for line in graph.differences)
    return [
        *code_lines(graphs),
        *(f"Warning: {line} They learn as the text has them." for line in unlike),
    ]
