"""Sets one field of a message from the command line: base_lr=0.02."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from mycaffe_py.errors import UserError, Where, nearest
from mycaffe_py.printable import shown, storable
from mycaffe_py.proto.mistakes import Mistakes
from mycaffe_py.proto.tokens import Tokens
from mycaffe_py.proto.values import Value, read_value

_STEP = re.compile(r"([^.\[\]]+)(?:\[([^\]]*)\])?(?:\.|\Z)")


def set_field(
    message: Message, path: str, value: str | None = None, option: str = "override "
) -> None:
    """Set the field at `path` to `value`; without one, `path` holds both: "base_lr=0.02".

    An entry of a repeated message is picked by its name or its number: layer[conv1], layer.conv1 or
    layer[3] (only brackets can hold a name with a dot); of several entries with that name, such as
    the TRAIN and the TEST data layer, all are set. A repeated number takes a list: stepvalue=10,20.
    Raises UserError for an unknown field, entry or value; nothing is changed then. The message
    begins with `option`, so that it shows the assignment as it was written.
    """
    if value is None:
        path, sign, value = path.partition("=")
        if not sign:
            raise UserError(
                f"override '{shown(path)}' without a value", do="Write it as FIELD=VALUE."
            )
    where = Where(f"{option}{shown(path)}={shown(value)}")
    if storable(value) != value:
        raise UserError("the value is no UTF-8", where=where, wanted="a text is UTF-8")
    steps = _steps(path, where)
    owners: list[Any] = [message]
    while len(steps) > 1:
        owners = _enter(owners, steps, where)
    if not steps:
        raise UserError("no field is named", where=where, wanted=f"a field behind '{shown(path)}'")
    field = _field(owners[0], steps[0], where)
    if field.message_type is not None:
        known = field.message_type.fields_by_name
        raise UserError(
            f"'{field.name}' holds further fields",
            where=where,
            wanted="one of them is to be set",
            do=f"Write {shown(path)}.FIELD=VALUE, where FIELD is {' or '.join(sorted(known))}.",
        )
    for owner, found in [(owner, _read(field, value.strip(), where)) for owner in owners]:
        owner.ClearField(field.name)
        if field.has_presence:
            setattr(owner, field.name, found[0])
        else:
            getattr(owner, field.name).extend(found)


def _steps(path: str, where: Where) -> list[str]:
    """Names and selectors in turn: "layer[a.b].name" gives layer, a.b, name."""
    steps = []
    place = 0
    while place < len(path):
        found = _STEP.match(path, place)
        if not found:
            raise UserError(
                "no path to a field", where=where, wanted="names with dots between, layer[NAME]"
            )
        steps += [step for step in found.groups() if step is not None]
        place = found.end()
    return steps


def _field(message: Message, name: str, where: Where) -> FieldDescriptor:
    known: dict[str, Any] = {f.name: f for f in message.DESCRIPTOR.fields}
    if name not in known:
        descriptor: Any = message.DESCRIPTOR
        raise Mistakes.unknown_field(descriptor, name, where.file)
    field: FieldDescriptor = known[name]
    return field


def _enter(owners: list[Any], steps: list[str], where: Where) -> list[Any]:
    """The messages one step further in; the steps taken are removed from `steps`."""
    field = _field(owners[0], steps.pop(0), where)
    if field.message_type is None:
        raise UserError(
            f"'{field.name}' holds a value",
            where=where,
            wanted=f"it has no field '{shown(steps[0])}'",
        )
    if field.has_presence:
        return [getattr(owner, field.name) for owner in owners]
    selector = steps.pop(0)
    entered = [e for owner in owners for e in _pick(getattr(owner, field.name), selector)]
    if not entered:
        names = [_name(entry) for owner in owners for entry in getattr(owner, field.name)]
        raise UserError(
            f"no {field.name} '{shown(selector)}'",
            where=where,
            wanted=f"there are {len(names)}, picked by name or by number from 0",
            do=nearest(shown(selector), {name for name in names if name}),
        )
    return entered


def _pick(entries: Any, selector: str) -> list[Any]:
    named = [entry for entry in entries if _name(entry) == selector]
    if named:
        return named
    is_number = re.fullmatch("[0-9]{1,9}", selector) is not None
    return [entries[int(selector)]] if is_number and int(selector) < len(entries) else []


def _name(entry: Any) -> str:
    return str(entry.name) if "name" in entry.DESCRIPTOR.fields_by_name else ""


def _read(field: FieldDescriptor, text: str, where: Where) -> list[Value]:
    """The values in `text`: one, or for a repeated field a list with or without brackets."""
    is_string = field.type == FieldDescriptor.TYPE_STRING
    if is_string and field.has_presence and text[:1] not in ("'", '"'):
        return [text]
    try:
        tokens = Tokens(text, where.file)
        in_brackets = not field.has_presence and tokens.take("[")
        values = [read_value(tokens, field)]
        while not field.has_presence and tokens.take(","):
            values.append(read_value(tokens, field))
        if in_brackets and not tokens.take("]"):
            tokens.fail(f"{tokens.found()} in the list", wanted="',' or ']'")
        if tokens.next:
            comma = re.fullmatch(r"[+-]?[0-9]+,[0-9]+([eE].*)?", text)
            point = f"A decimal number has a point: {text.replace(',', '.')}." if comma else ""
            tokens.fail(f"{tokens.found()} behind the value", do=point)
    except UserError as error:
        raise UserError(error.found, where=where, wanted=error.wanted, do=error.do) from None
    return values
