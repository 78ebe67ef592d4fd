"""Which Data layers of a net are kept in step, and which one of two leads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mycaffe_py.data.follow import check_decided
from mycaffe_py.errors import UserError, nearest
from mycaffe_py.graph.model import Located

_DATA = "Data"


def leaders(layers: Sequence[Located]) -> dict[str, str]:
    """The leading layer of each Data layer that follows one, by name.

    Of two layers, of which one names the other in synchronize_with, that with synchronize_target or
    `primary_data: false` follows; where neither has it, the one that names the other.

    Errors: an unknown layer, one that is no Data layer, a circle, a layer that names no leader or
    has two.
    """
    by_name = {layer.param.name: layer for layer in layers}
    found: dict[str, str] = {}
    for layer in layers:
        if layer.param.type == _DATA and layer.param.data_param.synchronize_with:
            other = _other(layer, by_name)
            follower, leader = _in_order(layer, other)
            _enter(found, follower, leader)
    for layer in layers:
        asked = layer.param.type == _DATA and layer.param.data_param.synchronize_target
        if asked and layer.param.name not in found:
            raise _without_leader(layer)
    for name in found:
        _check_circle(by_name[name], found)
        check_decided(by_name[name].param, by_name[found[name]].param, by_name[name].where)
    return found


def leaders_first(layers: Sequence[Located]) -> list[Located]:
    """The layers in their order, but a leader in front of what follows it: it is planned first."""
    found = leaders(layers)
    if not found:
        return list(layers)
    by_name = {layer.param.name: layer for layer in layers}
    done: list[Located] = []
    for layer in layers:
        chain = [layer]
        while layer.param.type == _DATA and chain[-1].param.name in found:
            chain.append(by_name[found[chain[-1].param.name]])
        done += [one for one in reversed(chain) if not any(one is other for other in done)]
    return done


def _other(layer: Located, by_name: Mapping[str, Located]) -> Located:
    """The layer that `layer` names."""
    name = layer.param.data_param.synchronize_with
    where = layer.where.at("data_param", "synchronize_with")
    title = f"layer '{layer.param.name}' (Data)"
    data = [one for one, other in by_name.items() if other.param.type == _DATA]
    if name not in by_name:
        others = [one for one in data if one != layer.param.name]
        raise UserError(
            f"{title}: synchronize_with names layer '{name}', which this net has not",
            where=where,
            wanted="the name of another Data layer that is there in the same phase",
            do=nearest(name, others),
        )
    other = by_name[name]
    for one in (layer, other):
        code = one.param.HasField("python_source_param")
        if one.param.type != _DATA or code:
            kind = "reads Python code" if code else f"is a {one.param.type} layer"
            raise UserError(
                f"{title}: synchronize_with: layer '{one.param.name}' {kind}",
                where=where,
                wanted="both layers are Data layers that read data sets",
            )
    return other


def _in_order(layer: Located, other: Located) -> tuple[Located, Located]:
    """Of two layers, of which the first names the second, the follower and the leader."""
    back = other.param.data_param.synchronize_with
    if _is_marked(other) and not _is_marked(layer) and back in ("", layer.param.name):
        return other, layer
    return layer, other


def _is_marked(layer: Located) -> bool:
    param = layer.param.data_param
    return param.synchronize_target or not param.primary_data


def _enter(found: dict[str, str], follower: Located, leader: Located) -> None:
    name = follower.param.name
    known = found.setdefault(name, leader.param.name)
    if known != leader.param.name:
        raise UserError(
            f"layer '{name}' (Data) would follow two layers, '{known}' and '{leader.param.name}'",
            where=follower.where.at("data_param"),
            wanted="a layer follows one other layer; several may follow the same one",
            do=f"Write synchronize_with: \"{known}\" in each layer that follows '{known}'.",
        )


def _without_leader(layer: Located) -> UserError:
    return UserError(
        f"layer '{layer.param.name}' (Data): synchronize_target, but no layer to follow",
        where=layer.where.at("data_param", "synchronize_target"),
        wanted="synchronize_with names the layer to follow, here, or this layer in the other one",
    )


def _check_circle(layer: Located, found: Mapping[str, str]) -> None:
    walked = [layer.param.name]
    while walked[-1] in found:
        walked.append(found[walked[-1]])
        if walked[-1] == walked[0]:
            raise UserError(
                f"Data layers follow one another in a circle: {' -> '.join(walked)}",
                where=layer.where.at("data_param", "synchronize_with"),
                wanted="one layer leads, and chooses the labels of a batch",
                do=f"Delete synchronize_with in layer '{walked[0]}'.",
            )
        if walked[-1] in walked[:-1]:
            return
