"""Puts values of Python into the fields of messages."""

from __future__ import annotations

from typing import Any

import numpy as np
from google.protobuf.message import Message

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.mistakes import Mistakes


def param_name_dict() -> dict[str, str]:
    """Field of a layer by the type whose parameters it holds: {'LRN': 'lrn_param', ...}.

    Of fields with one kind of parameters it is the first: ReLU6 of a fork has those of ReLU.
    """
    fields: Any = pb.LayerParameter.DESCRIPTOR.fields
    return {
        field.message_type.name.removesuffix("Parameter"): field.name
        for field in reversed(fields)
        if field.message_type is not None and field.name.endswith("_param")
    }


_PARAM_FIELDS = param_name_dict()


def holder_of(layer: pb.LayerParameter, name: str) -> Any:
    """The message in `layer` that has, or should have, a field for its parameter `name`."""
    field = _PARAM_FIELDS.get(layer.type)
    if field is not None and not name.endswith("param"):
        own: Any = getattr(layer, field)
        if name in own.DESCRIPTOR.fields_by_name or name not in layer.DESCRIPTOR.fields_by_name:
            return own
    return layer


def assign_proto(proto: Any, name: str, value: Any) -> None:
    """Set the field `name` of the message `proto`: dicts are messages, lists repeat.

    One value for a repeated field is a list of that value. An unknown name is an AttributeError.
    """
    fields = proto.DESCRIPTOR.fields_by_name
    if name not in fields:
        error = Mistakes.unknown_field(proto.DESCRIPTOR, name)
        raise AttributeError(f"{proto.DESCRIPTOR.name} has no field '{name}'. {error.do or error}")
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    field: Any = getattr(proto, name)
    if hasattr(field, "extend"):
        for item in value if isinstance(value, list | tuple) else [value]:
            _append(field, item)
    elif isinstance(value, dict):
        for inner, entry in value.items():
            assign_proto(field, inner, entry)
    elif isinstance(value, Message):
        field.CopyFrom(value)
    else:
        setattr(proto, name, value)


def _append(field: Any, value: Any) -> None:
    if isinstance(value, dict):
        message = field.add()
        for inner, entry in value.items():
            assign_proto(message, inner, entry)
    else:
        field.append(value.item() if isinstance(value, np.generic) else value)
