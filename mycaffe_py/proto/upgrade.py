"""Old models and solvers become today's, one small step for each change, oldest first.

Every step is a function of a Draft that does nothing to a net that does not need it. Errors about
an upgraded net still name the line of the old text: each step that renumbers layers moves the
places along (Locations.moved), so ("layer", 3) finds the line of what layer 3 was made from.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from google.protobuf.message import Message

from mycaffe_py.errors import UserError
from mycaffe_py.proto.locations import Locations, Path
from mycaffe_py.proto.mycaffe_pb2 import LayerParameter, NetParameter, SolverParameter
from mycaffe_py.proto.of_forks.upgrade_forks import upgrade_forks
from mycaffe_py.proto.text import Parsed
from mycaffe_py.proto.upgrade_v0 import upgrade_v0
from mycaffe_py.proto.upgrade_v1 import upgrade_v1
from mycaffe_py.proto.upgrading import Draft

M = TypeVar("M", bound=Message)

_MOVED_TO_TRANSFORM = ("scale", "mean_file", "crop_size", "mirror")
_DATA_OPTIONS = ("data_param", "image_data_param", "window_data_param")
_SOLVER_TYPES = {
    SolverParameter.SGD: "SGD",
    SolverParameter.NESTEROV: "Nesterov",
    SolverParameter.ADAGRAD: "AdaGrad",
    SolverParameter.RMSPROP: "RMSProp",
    SolverParameter.ADADELTA: "AdaDelta",
    SolverParameter.ADAM: "Adam",
}


@dataclass(frozen=True)
class Upgraded(Generic[M]):
    """A message in today's form, its places in the text it came from, and what was changed."""

    message: M
    locations: Locations
    notes: tuple[str, ...]


def upgrade_net(net: NetParameter) -> NetParameter:
    """Bring `net` to today's form, in place; returns it. Raises UserError."""
    return upgrade_parsed_net(Parsed(net, Locations.none())).message


def upgrade_parsed_net(parsed: Parsed[NetParameter]) -> Upgraded[NetParameter]:
    """Bring the net to today's form, in place, with its places and notes of the changes."""
    draft = Draft(parsed.message, parsed.locations)
    for step in _STEPS:
        step(draft)
    return Upgraded(draft.net, draft.where, tuple(draft.notes))


def upgrade_parsed_solver(parsed: Parsed[SolverParameter]) -> Upgraded[SolverParameter]:
    """Bring the solver to today's form, in place; the nets inside it too, which Caffe forgets."""
    solver, where = parsed.message, parsed.locations
    notes = _upgrade_solver_type(solver, where)
    for path, net in _inner_nets(solver):
        inner = upgrade_parsed_net(Parsed(net, where.under(*path)))
        where = where.replaced(path, inner.locations)
        notes += inner.notes
    return Upgraded(solver, where, tuple(notes))


def _inner_nets(solver: SolverParameter) -> list[tuple[Path, NetParameter]]:
    nets: list[tuple[Path, NetParameter]] = []
    if solver.HasField("net_param"):
        nets.append((("net_param",), solver.net_param))
    if solver.HasField("train_net_param"):
        nets.append((("train_net_param",), solver.train_net_param))
    tests = enumerate(solver.test_net_param)
    return nets + [(("test_net_param", i), net) for i, net in tests]


def _upgrade_solver_type(solver: SolverParameter, where: Locations) -> list[str]:
    """`solver_type: ADAM` becomes `type: "Adam"`."""
    if not solver.HasField("solver_type"):
        return []
    if solver.HasField("type"):
        raise UserError(
            "both 'type' and 'solver_type' are given",
            where=where.at("solver_type"),
            wanted="'solver_type' is the old form of 'type'",
            do="Remove 'solver_type'.",
        )
    solver.type = _SOLVER_TYPES[solver.solver_type]
    solver.ClearField("solver_type")
    return [f'solver_type is read as type: "{solver.type}"']


def upgrade_data_transform(draft: Draft) -> None:
    """Scale, mean, crop and mirror leave the options of data layers for transform_param."""
    for field, layers in (("layers", draft.net.layers), ("layer", draft.net.layer)):
        all_layers: Any = layers
        for i, layer in enumerate(all_layers):
            for options in _DATA_OPTIONS:
                if layer.HasField(options):
                    _move_to_transform(draft, layer, options, (field, i))


def _move_to_transform(draft: Draft, layer: Any, options: str, path: Path) -> None:
    old = getattr(layer, options)
    for name in _MOVED_TO_TRANSFORM:
        if not old.HasField(name):
            continue
        if layer.HasField("transform_param") and layer.transform_param.HasField(name):
            raise UserError(
                f"'{name}' is given in {options} and in transform_param",
                where=draft.where.at(*path, options, name),
                wanted="the first is the old form of the second",
                do=f"Remove it from {options}.",
            )
        setattr(layer.transform_param, name, getattr(old, name))
        old.ClearField(name)
        draft.notes.append(f"layer '{layer.name}': {options}.{name} is read as transform_param's")


def upgrade_inputs(draft: Draft) -> None:
    """`input` and its sizes become a first layer of type Input; names alone mean nothing.

    Where they stand is kept, for the error of a layer that reads such an input.
    """
    net = draft.net
    count = len(net.input)
    if net.input_shape or net.input_dim:
        layer = LayerParameter(name="input", type="Input", top=net.input)
        if net.input_shape:
            layer.input_param.shape.extend(net.input_shape)
        else:
            for i in range(0, len(net.input_dim), 4):
                layer.input_param.shape.add(dim=net.input_dim[i : i + 4])
        _check_input_sizes(draft, layer)
        layers = [layer, *net.layer]
        origins: list[Path] = [("input", 0), *(("layer", i) for i in range(len(net.layer)))]
        net.ClearField("layer")
        net.layer.extend(layers)
        draft.where = draft.where.moved("layer", origins)
        draft.notes.append(f"{count} net inputs are read as a layer of type Input")
    elif net.input:
        draft.where = draft.where.named("input", net.input)
    for field in ("input", "input_shape", "input_dim"):
        net.ClearField(field)


def _check_input_sizes(draft: Draft, layer: LayerParameter) -> None:
    net = draft.net
    shapes = len(layer.input_param.shape)
    if shapes != len(net.input) or (not net.input_shape and len(net.input_dim) % 4):
        raise UserError(
            f"{len(net.input)} net inputs with {len(net.input_shape)} input_shape "
            f"and {len(net.input_dim)} input_dim",
            where=draft.where.at("input"),
            wanted="one input_shape or four input_dim for each input",
        )


def upgrade_batch_norm(draft: Draft) -> None:
    """The means of BatchNorm and BN are not weights: they are not learned.

    They are the first three arrays of BatchNorm, the third and fourth of PSPNet's BN, of which
    nothing is learned when it is frozen.
    """
    for layer in draft.net.layer:
        if layer.type == "BatchNorm" and len(layer.param) >= 3:
            means = layer.param[:3]
        elif layer.type == "BN":
            means = layer.param[0 if layer.bn_param.frozen else 2 :]
        else:
            continue
        if any(spec.lr_mult or spec.decay_mult for spec in means):
            what = (
                "the arrays of a frozen BN"
                if layer.bn_param.frozen
                else f"the means of {layer.type}"
            )
            draft.notes.append(f"layer '{layer.name}': {what} are not learned")
        for spec in means:
            spec.lr_mult = 0
            spec.decay_mult = 0


_STEPS: tuple[Callable[[Draft], None], ...] = (
    upgrade_v0,
    upgrade_data_transform,
    upgrade_v1,
    upgrade_forks,
    upgrade_inputs,
    upgrade_batch_norm,
)
