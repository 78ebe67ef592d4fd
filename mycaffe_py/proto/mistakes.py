"""What is wrong in a text, gathered while it is read and told in one error.

A name that nobody knows or a value that does not fit leaves the rest of the text readable, so the
reader goes on and the user mends all of it at once. Names of forks are told fork by fork.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from google.protobuf.descriptor import Descriptor

from mycaffe_py.errors import UserError, Where
from mycaffe_py.printable import shown
from mycaffe_py.proto import forks
from mycaffe_py.proto.mycaffe_pb2 import V1LayerParameter
from mycaffe_py.proto.slips import field_advice, type_advice
from mycaffe_py.proto.upgrade_v1 import type_name

# Of a text with nothing right in it, the first ones help; the rest are counted.
_MOST_TOLD = 12
_MOST_KEPT = 1000
_MOST_LINES = 4


@dataclass
class _Mistake:
    """One mistake and the lines it is on.

    `error` makes the error it would be on its own, with a list of known names where `alone`;
    `theirs` are the forks that would take it, `instead` says what to write for it here.
    """

    kind: str
    name: str
    error: Callable[[bool], UserError]
    theirs: forks.Forks = ()
    instead: str = ""
    lines: list[int] = field(default_factory=list)


class Mistakes:
    """The mistakes of one text, in the order in which they were met.

    `old_types` are the layer types that the text gives in the old form, CONVOLUTION.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.old_types: set[int] = set()
        self._todays: list[str] = []
        self._found: dict[tuple[str, str], _Mistake] = {}
        self._more = 0

    @staticmethod
    def unknown_field(message: Descriptor, name: str, file: str = "") -> UserError:
        """The error for the field `name` named outside a text, where `file` says."""
        mistakes = Mistakes(file)
        mistakes.field(message, name, 0)
        return mistakes.error()

    @staticmethod
    def unknown_type(name: str, known: Collection[str]) -> UserError:
        """The error for the layer type `name` named outside a text."""
        mistakes = Mistakes("")
        mistakes.layer_type(name, 0, known)
        return mistakes.error()

    def __bool__(self) -> bool:
        return bool(self._found)

    def field(self, message: Descriptor, name: str, line: int, column: int = 0) -> None:
        """The field `name`, which `message` does not have, at this line and column."""
        told, where = shown(name), Where(self.file, line, column)

        def error(alone: bool) -> UserError:
            advice = field_advice(told, message)
            if alone and not advice:
                advice = f"Known: {', '.join(sorted(message.fields_by_name))}."
            wanted = f"{message.name} has no such field"
            return UserError(f"unknown field '{told}'", where=where, wanted=wanted, do=advice)

        theirs = forks.with_field(message.name, name)
        instead = forks.instead_of_field(message.name, name)
        self._add(message.name, _Mistake("field", told, error, theirs, instead), line)

    def layer_type(self, name: str, line: int, known: Collection[str], column: int = 0) -> None:
        """The layer type `name`, which is not among the `known` ones, at this line and column."""
        told, where = shown(name), Where(self.file, line, column)

        def error(alone: bool) -> UserError:
            advice = type_advice(told, known)
            if alone and not advice:
                advice = f"Known: {', '.join(sorted(known))}."
            return UserError(f"unknown layer type '{told}'", where=where, do=advice)

        theirs, instead = forks.with_layer(name), forks.instead_of_layer(name)
        self._add("", _Mistake("layer", told, error, theirs, instead), line)

    def todays_form(self, what: str, line: int) -> None:
        """`what` is of today's form, and it stands in a layer of the old form, `layers`."""
        self._todays.append(what)
        where = Where(self.file, line)
        self._add("", _Mistake("form", "", lambda _: self._form_error(where)), line)

    def other(self, error: UserError, word: str = "") -> None:
        """A mistake that `error` tells of; `word` is the value that does not fit."""
        line = error.where.line if error.where else 0
        theirs, instead = forks.with_value(word), forks.instead_of_value(word)
        mistake = _Mistake("value", shown(word), lambda _: error, theirs, instead)
        self._add(error.found, mistake, line)

    def error(self) -> UserError:
        """All mistakes in one."""
        found = sorted(self._found.values(), key=lambda m: (m.lines[0], m.kind != "layer"))
        first = found[0].error(False).where
        line = found[0].lines[0]
        column = first.column if first is not None and first.line == line else 0
        where = Where(self.file, line, column)
        if len(found) == 1 and not found[0].theirs:
            return _alone(found[0])
        told = _told(found, self._more)
        if len(told) > 1:
            names = all(mistake.theirs or mistake.kind != "value" for mistake in found)
            count = len(found) + self._more
            told = [f"{count} {'unknown names' if names else 'mistakes'}:", *told]
        return UserError("\n  ".join(told), where=where)

    def _form_error(self, where: Where) -> UserError:
        do = "Write 'layer' instead of 'layers'."
        if self.old_types:
            old = sorted(self.old_types)[:_MOST_LINES]
            words = V1LayerParameter.LayerType.Name
            do += (
                " The two do not mix: in all other layers too, with "
                + ", ".join(f'"{type_name(number)}" for {words(number)}' for number in old)
                + " and param { lr_mult: 1 decay_mult: 1 } for blobs_lr: 1 weight_decay: 1."
            )
        told = list(dict.fromkeys(self._todays))[:_MOST_TOLD]
        return UserError(
            f"{' and '.join(told)} in 'layers'",
            where=where,
            wanted="that is the old form, which today's types and fields are not part of",
            do=do,
        )

    def _add(self, owner: str, mistake: _Mistake, line: int) -> None:
        key = (f"{mistake.kind} {owner}", mistake.name)
        if key not in self._found and len(self._found) == _MOST_KEPT:
            self._more += 1
            return
        lines = self._found.setdefault(key, mistake).lines
        if line not in lines[-1:]:
            lines.append(line)


def _alone(mistake: _Mistake) -> UserError:
    error = mistake.error(True)
    if len(mistake.lines) == 1:
        return error
    found = f"{error.found} ({_lines(mistake.lines)})"
    return UserError(found, where=error.where, wanted=error.wanted, do=error.do)


def _told(found: Sequence[_Mistake], more: int) -> list[str]:
    """One line for each group of a fork's names, for what stands for them, for each mistake."""
    groups: dict[tuple[str, forks.Forks], list[_Mistake]] = {}
    own: list[_Mistake] = []
    for mistake in found:
        if mistake.theirs:
            groups.setdefault((mistake.kind, mistake.theirs), []).append(mistake)
        else:
            own.append(mistake)
    told = [_group(kind, theirs, group) for (kind, theirs), group in groups.items()]
    for mistake in own[:_MOST_TOLD]:
        error = mistake.error(False)
        bare = UserError(error.found, wanted=error.wanted, do=error.do)
        told.append(f"{_lines(mistake.lines)}: {bare}")
    left = len(own[_MOST_TOLD:]) + more
    return told + [f"and {left} more"] * (left > 0)


def _group(kind: str, theirs: forks.Forks, group: Sequence[_Mistake]) -> str:
    """ "PriorBox, DetectionOutput: layers of the SSD fork (weiliu89/caffe); lines 7, 9"."""
    names = ", ".join(mistake.name for mistake in group)
    what = f"a {kind}" if len(group) == 1 else f"{kind}s"
    lines = sorted({line for mistake in group for line in mistake.lines})
    told = f"{names}: {what} of {forks.whose(theirs)}"
    told += f"; {_lines(lines)}." if any(lines) else "."
    ways: dict[str, list[str]] = {}
    for mistake in group:
        ways.setdefault(mistake.instead, []).append(mistake.name)
    for way, meant in ways.items():
        if way:
            told += f" For {', '.join(meant)}: {way}."
    return told


def _lines(lines: Sequence[int]) -> str:
    if len(lines) == 1:
        return f"line {lines[0]}"
    told = ", ".join(str(line) for line in lines[:_MOST_LINES])
    left = len(lines) - _MOST_LINES
    return f"lines {told}" + (f" and {left} more" if left > 0 else "")
