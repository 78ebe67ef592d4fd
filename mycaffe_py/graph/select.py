"""Which layers a net has in a given phase, level and set of stages (Caffe's FilterNet)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.graph.model import Located
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations


@dataclass(frozen=True)
class State:
    """What include and exclude rules are compared with."""

    phase: int = pb.TEST
    level: int = 0
    stages: tuple[str, ...] = ()

    @staticmethod
    def merged(phase: int, *states: pb.NetState) -> State:
        """Later states win in phase and level; stages add up."""
        level = 0
        stages: list[str] = []
        for state in states:
            phase = state.phase if state.HasField("phase") else phase
            level = state.level if state.HasField("level") else level
            stages += state.stage
        return State(phase, level, tuple(stages))


def meets(rule: pb.NetStateRule, state: State) -> bool:
    """Whether `rule` holds; a field that is not set holds for every state."""
    if rule.HasField("phase") and rule.phase not in (state.phase, pb.ALL):
        return False
    if rule.HasField("min_level") and state.level < rule.min_level:
        return False
    if rule.HasField("max_level") and state.level > rule.max_level:
        return False
    if any(stage not in state.stages for stage in rule.stage):
        return False
    return all(stage not in state.stages for stage in rule.not_stage)


def _kept(layer: Located, state: State) -> bool:
    include: Sequence[pb.NetStateRule] = layer.param.include
    exclude: Sequence[pb.NetStateRule] = layer.param.exclude
    if include and exclude:
        raise UserError(
            f"layer '{layer.param.name}' has both include and exclude rules",
            where=layer.where.at("exclude", 0),
            wanted="a layer may have one kind",
            do="Say with include when it is there, or with exclude when it is not.",
        )
    if include:
        return any(meets(rule, state) for rule in include)
    return not any(meets(rule, state) for rule in exclude)


def located_layers(net: pb.NetParameter, where: Locations) -> list[Located]:
    """The layers of `net` in file order, each with its own places."""
    return [Located(param, where.under("layer", i)) for i, param in enumerate(net.layer)]


def select(layers: Sequence[Located], state: State) -> list[Located]:
    """The layers that are there in `state`, in file order."""
    return [layer for layer in layers if _kept(layer, state)]
