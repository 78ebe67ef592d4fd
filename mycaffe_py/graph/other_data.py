"""The data layers of a net's text, made to read other data sets than those that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.locations import Locations

_PHASES = (pb.TRAIN, pb.TEST, pb.RUN)
# The layers that a data set can stand in for, with their options.
KINDS = {"Data": "data_param", "ImageData": "image_data_param", "MemoryData": "memory_data_param"}


def read_instead(net: pb.NetParameter, where: Locations, sources: Mapping[int, str]) -> Locations:
    """Let the data layers of `net` read the source of `sources` in each phase that has one.

    Batch size, pairs, balance and transform stay as the text has them. A layer of several phases
    becomes one for each of them. Returns the places of the changed net, `where` being those before.
    """
    layers: list[pb.LayerParameter] = []
    origins: list[tuple[str | int, ...]] = []
    for number, layer in enumerate(net.layer):
        made = [layer]
        if layer.type in KINDS:
            parts = {phase: _in_phase(layer, phase) for phase in sources}
            replaced = {phase: part for phase, part in parts.items() if part is not None}
            if replaced:
                made = [_reading(part, sources[phase]) for phase, part in replaced.items()]
                rest = _elsewhere(layer, replaced)
                made += [rest] if rest is not None else []
        copies = [pb.LayerParameter.FromString(one.SerializeToString()) for one in made]
        layers += copies
        origins += [("layer", number)] * len(copies)
    del net.layer[:]
    net.layer.extend(layers)
    return where.moved("layer", origins)


def _in_phase(layer: pb.LayerParameter, phase: int) -> pb.LayerParameter | None:
    """A copy of `layer` that is there in `phase` alone; None where it never is."""
    copy = _copy(layer)
    if layer.include:
        rules = [rule for rule in _by_phase(layer.include) if rule.phase == phase]
        del copy.include[:]
        copy.include.extend(rules)
        return copy if rules else None
    if any(_only_phase(rule) and _meant(rule, phase) for rule in layer.exclude):
        return None
    if not layer.exclude:
        copy.include.add(phase=phase)
    else:
        # A layer has either kind of rules.
        for other in _PHASES:
            if other != phase:
                copy.exclude.add(phase=other)
    return copy


def _elsewhere(layer: pb.LayerParameter, phases: Iterable[int]) -> pb.LayerParameter | None:
    """A copy of `layer` that is not there in `phases`; None where it is nowhere else."""
    copy = _copy(layer)
    gone = set(phases)
    if layer.include:
        rules = [rule for rule in _by_phase(layer.include) if rule.phase not in gone]
        del copy.include[:]
        copy.include.extend(rules)
        return copy if rules else None
    for phase in sorted(gone):
        copy.exclude.add(phase=phase)
    return copy


def _by_phase(rules: Iterable[pb.NetStateRule]) -> list[pb.NetStateRule]:
    """`rules` with one for each phase in place of one for all."""
    found = []
    for rule in rules:
        every = not rule.HasField("phase") or rule.phase == pb.ALL
        for phase in _PHASES if every else (rule.phase,):
            one = pb.NetStateRule()
            one.CopyFrom(rule)
            one.phase = phase
            found.append(one)
    return found


def _meant(rule: pb.NetStateRule, phase: int) -> bool:
    return not rule.HasField("phase") or rule.phase in (phase, pb.ALL)


def _only_phase(rule: pb.NetStateRule) -> bool:
    """Whether `rule` says nothing of levels and stages."""
    return {field.name for field, _ in rule.ListFields()} <= {"phase"}


def _reading(layer: pb.LayerParameter, source: str) -> pb.LayerParameter:
    """`layer` as a Data layer that reads `source`."""
    param = layer.data_param
    if layer.type != "Data":
        param.batch_size = getattr(layer, KINDS[layer.type]).batch_size
        layer.ClearField(KINDS[layer.type])
        layer.type = "Data"
    layer.ClearField("python_source_param")
    param.ClearField("stand_in")
    param.ClearField("rand_skip")
    param.source = source
    param.backend = pb.DataParameter.IMAGEDB
    return layer


def _copy(layer: pb.LayerParameter) -> pb.LayerParameter:
    copy = pb.LayerParameter()
    copy.CopyFrom(layer)
    return copy
