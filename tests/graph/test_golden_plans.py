"""The graph of every template, as text, after each pass of the compiler.

The texts lie in tests/golden/plans. Where a change of the compiler is wanted, they are written anew
by

    UPDATE_PLANS=1 python -m pytest tests/graph/test_golden_plans.py

and the difference that git then shows belongs into the same commit.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycaffe_py.data.opening import LOOKING
from mycaffe_py.graph.compile import OPTIMISING, compile_net
from mycaffe_py.graph.model import Graph, Node
from mycaffe_py.graph.net_text import read_model
from mycaffe_py.graph.told.describe import shape_text
from mycaffe_py.graph.verify import verify
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import heads, templates

PLANS = Path(__file__).parents[1] / "golden" / "plans"
NAMES = [template.name for template in (*templates(), *heads())]
pytestmark = pytest.mark.usefixtures("digits_only")


def _line(graph: Graph, node: Node) -> str:
    """One layer: type, name, blobs with shapes, owners of its parameters, what runs backward."""
    tops = ", ".join(f"{top} {shape_text(graph.blobs[top].shape)}" for top in node.tops)
    parts = [f"{node.layer.type} {node.name}: {', '.join(node.bottoms)} -> {tops}"]
    if node.params:
        parts.append(f"params {' '.join(node.params)}")
    if node.backward:
        parts.append(f"backward {''.join('01'[flag] for flag in node.propagate)}")
    return "; ".join(parts).rstrip()


def _lines(graph: Graph) -> list[str]:
    """The layers in order, the rows of stacked blobs, and what each fused layer is made of."""
    lines = [_line(graph, node) for node in graph.nodes]
    for name, rows in graph.rows.items():
        lines.append(f"rows {name} = {rows.blob}[{rows.start}:{rows.start + rows.count}]")
    for name, nodes in graph.fused.items():
        lines.append(f"fused {name} = {', '.join(node.name for node in nodes)}")
    for name in sorted(graph.blocked):
        lines.append(f"blocked {name}")
    return lines


def _stages(graph: Graph) -> Iterator[str]:
    """All lines of the plain graph, then for each pass the lines that go (-) and come (+)."""
    before = _lines(graph)
    yield from before
    yield from (f"note {note}" for note in graph.notes)
    for name, optimise in OPTIMISING.items():
        told = graph.notes
        graph = verify(optimise(graph), name)
        after = _lines(graph)
        yield f"== {name}"
        changes = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
        yield from (line for line in changes if not line.startswith("@@"))
        yield from (f"note {note}" for note in graph.notes if note not in told)
        before = after


def _plan(name: str) -> str:
    head = name.startswith("heads/")
    text = read_model(name.removeprefix("heads/"), kind="head" if head else "model")
    trained = head or any(layer.include for layer in text.net.layer)
    lines: list[str] = []
    for phase in ("TRAIN", "TEST") if trained else ("TEST",):
        graph = compile_net(text.in_phase(pb.Phase.Value(phase)), opening=LOOKING)
        lines += [f"==== {graph.name or name}, {phase}", *_stages(graph), ""]
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
def test_the_plan_of_a_template_is_as_it_was(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MYCAFFE_DATA", str(tmp_path))
    file = PLANS / f"{name.replace('/', '_')}.txt"
    plan = _plan(name)
    if os.environ.get("UPDATE_PLANS"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(plan, encoding="utf-8")
    assert plan.splitlines() == file.read_text(encoding="utf-8").splitlines()


def test_no_plan_is_kept_of_a_template_that_is_gone() -> None:
    kept = {file.stem for file in PLANS.glob("*.txt")}
    assert kept == {name.replace("/", "_") for name in NAMES}
