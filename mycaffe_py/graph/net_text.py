"""The text of a net on its way from a name to the compiler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycaffe_py.graph.model import Located
from mycaffe_py.graph.select import State, located_layers, select
from mycaffe_py.layers import layer_types
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations
from mycaffe_py.proto.model_text import read_net
from mycaffe_py.proto.templates import Kind, find_text
from mycaffe_py.proto.text import text_of_file
from mycaffe_py.proto.upgrade import Upgraded
from mycaffe_py.snapshot.run_card import TextCard

_MADE_BY_CODE = TextCard("", "")


@dataclass(frozen=True)
class NetText:
    """A net as it will be compiled: in today's form, with all overrides worked in.

    `where` tells where its fields stand in the text, and `state` is what the include and exclude
    rules of its layers are compared with. `card` holds the text and its file (both are empty for a
    net that code has made), `notes` tell what was upgraded.
    """

    net: pb.NetParameter
    where: Locations
    state: State
    card: TextCard = _MADE_BY_CODE
    notes: tuple[str, ...] = ()

    def in_phase(self, phase: int) -> NetText:
        """The same text in another phase, at the same level and stages."""
        return replace(self, state=replace(self.state, phase=phase))

    def in_state(self, phase: int, *states: pb.NetState) -> NetText:
        """The same text in `phase`, where neither its own state nor `states` say another.

        Later states win in phase and level; the stages of all of them add up.
        """
        return replace(self, state=State.merged(phase, self.net.state, *states))

    def layers(self) -> list[Located]:
        """All layers, in file order, each with its own places."""
        return located_layers(self.net, self.where)

    def selected(self) -> list[Located]:
        """The layers that are there in this state, in file order."""
        return select(self.layers(), self.state)


def text_card(path: Path) -> TextCard:
    """The text of the file at `path`. Raises UserError."""
    return TextCard(str(path), text_of_file(path))


def net_text(card: TextCard, overrides: Sequence[str] = ()) -> NetText:
    """The net of a text that was found already, in the state that the text itself gives.

    `overrides` are the assignments after `--set net.` on the command line. Raises UserError.
    """
    return net_text_of(read_net(card.text, card.file, layer_types, overrides), card)


def net_text_of(read: Upgraded[pb.NetParameter], card: TextCard) -> NetText:
    """The same of a text that was read already."""
    return NetText(read.message, read.locations, State(), card, read.notes).in_state(pb.TEST)


def read_model(name: str, state: pb.NetState | None = None, kind: Kind = "model") -> NetText:
    """The net of the model text called `name`: a file, or a template of this `kind`.

    `state` wins over the text's own in phase and level; its stages are added, as Caffe does for
    its --phase, --level and --stage.
    """
    text = net_text(text_card(find_text(name, kind)))
    return text if state is None else text.in_state(state.phase, state)
