"""What the table-driven test needs beyond a layer's docstring example.

A file tests/layers/cases_<family>.py may define
* EXAMPLES: dict[layer type, Setting], for examples whose bottoms are not plain normal numbers;
* CASES: list[Case], further prototxt variants.
Both are collected here by themselves.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mycaffe_py.layers import layer_types
from mycaffe_py.layers.base import Array, Layer, Shape
from mycaffe_py.proto import mycaffe_pb2 as pb

Maker = Callable[[Sequence[Shape], np.random.Generator], list[Array]]
PARTS = ("Formula:", "Shapes:", "Source:", "Example:")


def normal(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Standard normal numbers: almost surely neither ties nor zeros."""
    return [random.normal(size=shape) for shape in shapes]


def positive(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
    """Numbers between 0.1 and 1.1."""
    return [random.uniform(0.1, 1.1, size=shape) for shape in shapes]


def labels(classes: int) -> Maker:
    """All bottoms normal but the last, which holds whole numbers 0 ... classes - 1."""

    def make(shapes: Sequence[Shape], random: np.random.Generator) -> list[Array]:
        made: list[npt.NDArray[np.float64]] = [random.normal(size=s) for s in shapes[:-1]]
        return [*made, random.integers(0, classes, size=shapes[-1]).astype(np.float64)]

    return make


@dataclass(frozen=True)
class Setting:
    """Under which circumstances a layer is tried.

    `prepare` gets an empty folder, which is also the current and the data folder, before planning.
    `params` makes the values of the parameters (None at a place: normal numbers if learned, else
    the filler's). `gradient` False leaves out the gradient checks, `in_place` False those in place;
    `fed` says that the layer writes nothing because a caller fills its tops; `ready` gets the
    plan's facts before the first forward.
    """

    bottoms: Maker = normal
    phase: int = pb.TRAIN
    label_counts: tuple[int, ...] = ()
    params: Callable[[np.random.Generator], list[Array | None]] | None = None
    prepare: Callable[[Path], None] | None = None
    ready: Callable[[Any], None] | None = None
    gradient: bool = True
    in_place: bool = True
    fed: bool = False
    tolerance: float = 1e-5
    float32_tolerance: float = 1e-4


@dataclass(frozen=True)
class Case:
    """A prototxt with one layer and the shapes of its bottoms."""

    name: str
    text: str
    shapes: Sequence[Shape]
    setting: Setting = field(default_factory=Setting)


def example_text(layer: Layer) -> str:
    """The Example part of a layer's docstring."""
    return inspect.cleandoc(layer.__doc__ or "").partition("\nExample:\n")[2]


def _family_modules() -> list[str]:
    return sorted(path.stem for path in Path(__file__).parent.glob("cases_*.py"))


def collect() -> list[Case]:
    """One case for each registered layer's example, then all further cases."""
    settings: dict[str, Setting] = {}
    further: list[Case] = []
    for name in _family_modules():
        module = import_module(f"tests.layers.{name}")
        settings.update(getattr(module, "EXAMPLES", {}))
        further += getattr(module, "CASES", [])
    unknown = set(settings) - set(layer_types)
    assert not unknown, f"EXAMPLES for layer types that do not exist: {sorted(unknown)}"
    examples = []
    for name in layer_types:
        layer = layer_types.get(name)
        setting = settings.get(name, Setting())
        examples.append(Case(name, example_text(layer), layer.example, setting))
    return examples + further
