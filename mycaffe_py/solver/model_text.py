"""Floor 6. A model text on its own, without a solver, in a phase, a level and stages."""

from __future__ import annotations

from mycaffe_py.graph.read import read_net
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.templates import find_text
from mycaffe_py.proto.text import decode
from mycaffe_py.snapshot.run_card import TextCard
from mycaffe_py.solver.texts import NetText


def read_model(name: str, state: pb.NetState) -> NetText:
    """The net of the model text called `name`, a file or a template.

    `state` wins over the text's own in phase and level; its stages are added, as Caffe does for
    its --phase, --level and --stage.
    """
    path = find_text(name, "model")
    card = TextCard(str(path), decode(path.read_bytes(), str(path)))
    parsed = read_net(card.text, card.file)
    merged = State.merged(state.phase, parsed.message.state, state)
    return NetText(parsed.message, parsed.locations, merged, card)
