"""What is remembered of classes that were added to a trained net by examples."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.errors import UserError, nearest
from mycaffe_py.files.checked_json import parse_json
from mycaffe_py.files.schema import Axes, DamagedError

Vector = NDArray[np.float32]
Input = NDArray[np.uint8] | NDArray[np.float32]

FORMAT = 1
# What `identify` answers when no class is near enough, so no class may be called so.
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class Example:
    """One enrolled input: the file it came from, the key of its stored input, its embedding (D,)"""

    file: str
    key: str
    embedding: Vector


@dataclass(frozen=True)
class Enrollments:
    """Examples by label, in the order they were enrolled.

    `net` is the fingerprint of the net that made the embeddings, `weights` the name of its file;
    `counters` is the JSON of the scaling that stored windows went through, "" for pictures.
    """

    net: str
    weights: str
    counters: str = ""
    classes: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The enrolled labels."""
        return list(self.classes)

    @property
    def examples(self) -> list[Example]:
        """The examples of all labels, one label after the other."""
        return [example for examples in self.classes.values() for example in examples]

    def centroids(self) -> Vector:
        """(L, D): the mean embedding of each label."""
        means = [np.mean([e.embedding for e in own], axis=0) for own in self.classes.values()]
        return np.asarray(means, np.float32)

    def with_examples(self, label: str, added: Iterable[Example]) -> tuple[Enrollments, list[str]]:
        """A copy with more examples of `label`, and the files that it had as examples already.

        Errors: the same input enrolled under another label.
        """
        owners = {e.key: name for name, own in self.classes.items() for e in own}
        kept, known = list(self.classes.get(label, ())), []
        for example in added:
            owner = owners.setdefault(example.key, label)
            if owner != label:
                raise UserError(
                    f"'{example.file}' is enrolled as '{owner}'",
                    wanted=f"one example cannot be '{label}' too",
                    do=f"'mycaffe enroll --remove \"{owner}\"' forgets that class.",
                )
            if any(example.key == other.key for other in kept):
                known.append(example.file)
            else:
                kept.append(example)
        return replace(self, classes={**self.classes, label: tuple(kept)}), known

    def without(self, label: str) -> Enrollments:
        """A copy without one label. Errors: nobody enrolled it."""
        if label not in self.classes:
            names = nearest(label, self.classes) if self.classes else "Nothing is enrolled."
            raise UserError(f"no class '{label}' is enrolled for {self.weights}", do=names)
        left = {name: own for name, own in self.classes.items() if name != label}
        return replace(self, classes=left)

    def in_map_of(self, other: Enrollments, examples: Sequence[Example]) -> Enrollments:
        """The same labels, embedded by the net of `other`: `examples` in the order of ours."""
        new = iter(examples)
        classes = {name: tuple(next(new) for _ in own) for name, own in self.classes.items()}
        return replace(other, classes=classes)

    def as_text(self) -> str:
        """JSON, one line for each example; `from_text` reads it back bit for bit."""
        classes = [
            f"  {json.dumps(name)}: [\n"
            + ",\n".join(f"   {json.dumps(_as_json(example))}" for example in own)
            + "\n  ]"
            for name, own in self.classes.items()
        ]
        inner = "{\n" + ",\n".join(classes) + "\n }" if classes else "{}"
        head = {"format": FORMAT, "weights": self.weights, "net": self.net}
        head |= {"counters": self.counters} if self.counters else {}
        lines = [f" {json.dumps(name)}: {json.dumps(value)}," for name, value in head.items()]
        return "\n".join(["{", *lines, f' "classes": {inner}', "}", ""])

    @staticmethod
    def from_text(text: bytes | str) -> Enrollments:
        """Read JSON. Errors: DamagedError where it is not what `as_text` wrote."""
        kept = parse_json(text, _Kept, FORMAT)
        classes = {
            name: tuple(Example(one.file, one.input, one.embedding) for one in own)
            for name, own in kept.classes.items()
        }
        found = Enrollments(kept.net, kept.weights, kept.counters, classes)
        if len({example.embedding.shape for example in found.examples}) > 1:
            raise DamagedError("embeddings of different lengths")
        if not all(classes.values()):
            raise DamagedError("a class without examples")
        return found


def checked_label(text: str) -> str:
    """`text` without spaces around it. Errors: nothing left, more than one line, 'unknown'."""
    label = text.strip()
    if not label or not label.isprintable():
        raise UserError(f"--label is {text!r}", wanted="a name of one line")
    if label.lower() == UNKNOWN:
        raise UserError(
            f"--label is '{label}'",
            wanted="identify says that of what is near no class",
            do="Choose another name.",
        )
    return label


def input_key(array: Input) -> str:
    """16 hex digits that stand for an input's shape, type and values."""
    digest = hashlib.sha256(f"{array.shape} {array.dtype.name}".encode())
    little_endian = array.dtype.newbyteorder("<")
    digest.update(np.ascontiguousarray(array, dtype=little_endian).data)
    return digest.hexdigest()[:16]


def _as_json(example: Example) -> dict[str, Any]:
    # The shortest decimals that give the same float32 again.
    numbers = [float(str(value)) for value in example.embedding]
    return {"file": example.file, "input": example.key, "embedding": numbers}


@dataclass(frozen=True, eq=False)
class _KeptExample:
    file: str
    input: str
    embedding: Annotated[Vector, Axes(1)]


@dataclass(frozen=True)
class _Kept:
    """The file, field by field."""

    net: str
    weights: str
    classes: Mapping[str, tuple[_KeptExample, ...]]
    counters: str = ""
