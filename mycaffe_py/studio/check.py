"""A text as the compiler sees it, while it is typed: no pixel is read and no code is run."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict

from mycaffe_py.data.opening import LOOKING
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.plain_json import plain
from mycaffe_py.graph.net_text import NetText, net_text_of
from mycaffe_py.graph.told.describe import NetFacts
from mycaffe_py.graph.told.told_model import PHASES, no_layer, tell_model
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.model_text import net_of
from mycaffe_py.proto.spans import Spans, read_with_spans
from mycaffe_py.snapshot.run_card import TextCard
from mycaffe_py.studio.drawn.badges import badges
from mycaffe_py.studio.drawn.layout import layout


def check_model(path: Path, content: str, shown: str = PHASES[-1]) -> dict[str, Any]:
    """What the page shows of a model text: its layers, its graphs by phase, or its mistake.

    The phases are looked at in their order up to the one that is `shown`, so that the first mistake
    is the command's; `whole` says that there are no more. A page that shows TRAIN has its graph in
    half the time, and asks for the others when it is drawn.

    `layers` are those of the text in file order, with the lines they stand on, their fields, and
    their `twins`, which share their parameters. `nets` are by phase. With an `error` there are
    still the layers, where the text could be read at all.
    """
    found: dict[str, Any] = {"layers": [], "nets": {}, "error": None, "told": ""}
    phases = PHASES[: PHASES.index(shown) + 1]
    found["whole"] = phases == PHASES
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            parsed, spans = read_with_spans(content, pb.NetParameter, str(path), layer_types)
            # One in an older form has no layers that a form could change.
            found["layers"] = _told(content, parsed.message, spans)
            text = net_text_of(net_of(parsed), TextCard(str(path), content))
            found["nets"] = _nets(text, phases)
            if found["whole"] and not found["nets"]:
                raise no_layer(text)
    except MyCaffeError as error:
        found["error"] = error.as_json()
    found["told"] = said.getvalue()
    return found


def _nets(text: NetText, phases: Sequence[str]) -> dict[str, Any]:
    nets = tell_model(text, phases, {}, LOOKING).nets
    return {net.phase: _drawn(net) for net in nets}


def _drawn(net: NetFacts) -> dict[str, Any]:
    """A net as the page draws it; `badges` has those of each layer."""
    told = badges(net)
    return {
        "phase": net.phase, "layers": plain(net.layers), "learned": net.learned,
        "notes": list(net.notes), "layout": plain(layout(net)),
        "badges": [told.get(layer.name, []) for layer in net.layers],
    }  # fmt: skip


def _told(content: str, net: pb.NetParameter, spans: Spans) -> list[dict[str, Any]]:
    layers = []
    first, counted = 1, 0
    for number, layer in enumerate(net.layer):
        span = spans.find(("layer", number))
        assert span is not None
        first += content.count("\n", counted, span.statement_start)
        counted = span.statement_start
        layers.append(
            {
                "number": number,
                "name": layer.name,
                "type": layer.type,
                "bottoms": list(layer.bottom),
                "tops": list(layer.top),
                "first_line": first,
                "last_line": first + content.count("\n", span.statement_start, span.end),
                "fields": MessageToDict(layer, preserving_proto_field_name=True),
                "twins": [],
                "known": layer.type in layer_types,
            }
        )
    _tie(layers)
    return layers


def _tie(layers: list[dict[str, Any]]) -> None:
    """Layers whose parameters have the same names are twins."""
    by_names: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for layer in layers:
        names = tuple(param.get("name", "") for param in layer["fields"].get("param", []))
        if any(names):
            by_names.setdefault((layer["type"], *names), []).append(layer)
    for group in by_names.values():
        for layer in group:
            layer["twins"] = [one["number"] for one in group if one is not layer]
