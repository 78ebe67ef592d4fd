"""Sources of batches that come with the package. A text may name them without consent.

No other code of the package can be called by a text.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from mycaffe_py.array_types import Shape
from mycaffe_py.data.opening import RUNNING, Opening
from mycaffe_py.registry import Registry


class NamedSource(ABC):
    """A source whose item i is batch i: images (N, C, H, W) and labels (N,).

    `type` is what python_source_param has as module, `spellings` are older names of it.
    """

    type: ClassVar[str]
    spellings: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def __init__(
        self, seed: int, batch_size: int, param_str: str, opening: Opening = RUNNING
    ) -> None:
        """Open what it needs; `opening` says whether data may be made."""

    @classmethod
    @abstractmethod
    def shapes(cls, batch_size: int, param_str: str) -> list[Shape]:
        """Shapes of the images and labels of a batch; reads heads of data alone."""

    @abstractmethod
    def __getitem__(self, number: int) -> Any:
        """Batch `number`."""


named_sources: Registry[type[NamedSource]] = Registry("source", "mycaffe_py.data.named_sources")


def register(cls: type[NamedSource]) -> type[NamedSource]:
    """Make a source known under its type and its older names."""
    named_sources.add(cls.type, cls)
    for spelling in cls.spellings:
        named_sources.alias(spelling, cls.type)
    return cls


def named_source(module: str, function: str) -> type[NamedSource] | None:
    """The source called `module`, whose class `function` may be named too; None: the user's code.

    Names count letter by letter: a module of the user's may differ in capitals.
    """
    if module not in named_sources:
        return None
    found = named_sources.get(module)
    exact = module in (found.type, *found.spellings)
    return found if exact and function in ("", found.__name__) else None
