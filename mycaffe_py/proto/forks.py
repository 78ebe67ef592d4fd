"""Finds the fork that a layer type or field is from, if neither Caffe nor MyCaffe has it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mycaffe_py.proto.fork_remedies import INSTEAD
from mycaffe_py.proto.fork_table import FORKS, Fork

Forks = tuple[Fork, ...]

_LAYER_MESSAGES = ("LayerParameter", "V1LayerParameter")


def with_layer(name: str) -> Forks:
    """The forks with a layer type of this name; DENSE_CRF of an old text is DenseCRF."""
    return _having(_plain(name), lambda fork: [_plain(layer) for layer in fork.layers.split()])


def with_field(message: str, name: str) -> Forks:
    """The forks whose `message` has a field of this name."""
    if message in _LAYER_MESSAGES:
        return _having(name, lambda fork: fork.params.split())
    return _having(name, lambda fork: fork.fields.get(message, "").split())


def with_value(word: str) -> Forks:
    """The forks with this word for an enum field."""
    return _having(word, lambda fork: fork.values.split())


def instead_of_layer(name: str) -> str:
    """What to write for a fork's layer type; "" if nothing is the same."""
    return next((text for known, text in INSTEAD.items() if _plain(known) == _plain(name)), "")


def instead_of_field(message: str, name: str) -> str:
    """What to write for a fork's field; "" if nothing is the same."""
    return INSTEAD.get(name if message in _LAYER_MESSAGES else f"{message}.{name}", "")


def instead_of_value(word: str) -> str:
    """What to write for a fork's enum word; "" if nothing is the same."""
    return INSTEAD.get(word, "")


def whose(forks: Forks) -> str:
    """The forks in words: "the SSD fork (weiliu89/caffe)"."""
    if len(forks) == 1:
        return f"the {forks[0].name} fork ({forks[0].repository})"
    told = [f"{fork.name} ({fork.repository})" for fork in forks]
    return f"the forks {', '.join(told[:-1])} and {told[-1]}"


def _having(name: str, words: Callable[[Fork], Sequence[str]]) -> Forks:
    return tuple(fork for fork in FORKS if name in words(fork))


def _plain(name: str) -> str:
    return name.lower().replace("_", "")
