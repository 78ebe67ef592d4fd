"""A head: its text, what it ends in, and the values it wants tried."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mycaffe_py.errors import UserError, Where
from mycaffe_py.graph.net_text import NetText, read_model
from mycaffe_py.graph.select import State
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.run_card import TextCard

SCORE, ENCODING, LABEL = "score", "feat", "same"
PAIR, TRIPLE = ("a", "b"), ("a", "p", "n")
_USUAL_ROWS = 64
_SWEEP = re.compile(r"^\s*#\s*sweep:(.*)$", re.MULTILINE)

Ending = Literal["score", "feat"]


@dataclass(frozen=True)
class Head:
    """A head's text. `images` are the blobs of the images of one example, PAIR or TRIPLE; `rows`
    the examples in a batch; `sweep` the solver fields it wants tried, each with its values."""

    name: str
    text: NetText
    images: tuple[str, ...]
    ending: Ending
    rows: int
    sweep: tuple[tuple[str, tuple[str, ...]], ...]

    def sized(self, rows: int, size: int) -> pb.NetParameter:
        """The net with Input layers for `rows` examples of features of `size` values."""
        net = pb.NetParameter()
        net.CopyFrom(self.text.net)
        for layer in net.layer:
            if layer.type == "Input":
                del layer.input_param.shape[:]
                for top in layer.top:
                    dims = [rows] if top == LABEL else [rows, size]
                    layer.input_param.shape.add(dim=dims)
        return net


def read_head(name: str) -> Head:
    """The head in the text called `name`: a file, or one of those that come with mycaffe.

    Errors: inputs or ending are not those of a head.
    """
    text = replace(read_model(name, kind="head"), state=State(pb.TRAIN))
    stem = Path(text.card.file).stem
    return Head(stem, text, _images(text), _ending(text), _rows(text.net), _sweep(text.card))


def _images(text: NetText) -> tuple[str, ...]:
    fed = {top for layer in text.net.layer if layer.type == "Input" for top in layer.top}
    for images in (PAIR, TRIPLE):
        if set(images) <= fed and fed <= {*images, LABEL}:
            return images
    raise UserError(
        f"the inputs are {', '.join(sorted(fed)) or 'none'}",
        where=text.where.at(),
        wanted="a head begins with Input layers for a, b and same, or for a, p and n",
        do="'mycaffe rank --help' shows how to look at one.",
    )


def _ending(text: NetText) -> Ending:
    made = {top for layer in text.net.layer if layer.type != "Input" for top in layer.top}
    if SCORE in made:
        return "score"
    if ENCODING in made:
        return "feat"
    raise UserError(
        f"there is neither a blob '{SCORE}' nor a blob '{ENCODING}'",
        where=text.where.at(),
        wanted=f"a head ends in '{SCORE}', how alike a pair is, or in '{ENCODING}', an encoding "
        "of the first image",
    )


def _rows(net: pb.NetParameter) -> int:
    for layer in net.layer:
        for shape in layer.input_param.shape:
            if shape.dim:
                return max(1, int(shape.dim[0]))
    return _USUAL_ROWS


def _sweep(card: TextCard) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Fields and their values, from the comments `# sweep: FIELD VALUE VALUE`."""
    found = []
    for match in _SWEEP.finditer(card.text):
        field, *values = match[1].split() or [""]
        if not values:
            line = card.text.count("\n", 0, match.start()) + 1
            raise UserError(
                "a sweep without values",
                where=Where(card.file, line),
                do="Write for instance: # sweep: base_lr 0.01 0.001",
            )
        found.append((field.removeprefix("solver."), tuple(values)))
    return tuple(found)
