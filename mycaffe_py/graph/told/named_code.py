"""Tells which code of the user's own a net runs, and which file holds it."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from mycaffe_py.data.named_sources.named_source import named_source
from mycaffe_py.graph.model import Graph


def code_lines(graphs: Iterable[Graph]) -> list[str]:
    """A line for each layer whose code is no part of mycaffe-py, once for all `graphs`."""
    lines = []
    for graph in graphs:
        for node in graph.nodes:
            param = node.context.param
            for field, name in (("python_param", "layer"), ("python_source_param", "function")):
                if not param.HasField(field):
                    continue
                options = getattr(param, field)
                module = sys.modules.get(options.module)
                if module is None or named_source(options.module, getattr(options, name)):
                    continue
                file = getattr(module, "__file__", None) or "this program"
                lines.append(
                    f"Code: layer '{param.name}' ({param.type}) runs '{getattr(options, name)}' of "
                    f"module '{options.module}' from {file}"
                )
    return list(dict.fromkeys(lines))
