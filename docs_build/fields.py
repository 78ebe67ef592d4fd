"""Fields of model and solver texts, from the comments of protos/mycaffe.proto."""

from __future__ import annotations

from docs_build.written import NOTE, cell, code, table
from mycaffe_py.graph.told.layer_card import message_text
from mycaffe_py.proto import mycaffe_pb2
from mycaffe_py.proto.fields import FieldFacts, fields_of

HEAD = ("field", "meaning")
# Messages of a model text besides the options of layers, in the order of a reader's need.
MODEL = [
    "NetParameter", "LayerParameter", "ParamSpec", "NetStateRule", "TransformationParameter",
    "FillerParameter", "BlobShape",
]  # fmt: skip


def fields_table(message: str) -> str:
    """The fields of a message; those that are only read to be turned into others come last."""
    fields = [field for field in fields_of(message) if not _option(message, field)]
    rows = sorted((field for field in fields), key=lambda field: field.about.startswith("Old"))
    described = getattr(mycaffe_pb2, message).DESCRIPTOR.fields_by_name
    return table(HEAD, [_row(f, described[f.name].has_default_value) for f in rows])


def _option(message: str, field: FieldFacts) -> bool:
    """Whether it holds the options of one layer type, which stand with the type."""
    return message == "LayerParameter" and field.name.endswith("_param") and bool(field.message)


def _row(field: FieldFacts, has_default: bool) -> tuple[str, str]:
    """Two columns, so that it can be read on a telephone, too.

    A default that the proto does not write is none: what silence means, the comment says.
    """
    kind = field.message or field.kind
    if field.repeats:
        kind += " list"
    about = cell(field.about)
    if field.values:
        about += f" One of {', '.join(code(value) for value in field.values)}."
    if has_default and "default" not in field.about.lower():
        plain = f"{field.default}".lower() if field.kind == "bool" else f"{field.default}"
        about += f" Default {code(plain)}." if plain else ""
    return f"{code(field.name)}<br>{kind}", about


def _about(message: str) -> str:
    """The comment above a message."""
    lines = message_text(message).partition("\nmessage ")[0].splitlines()
    return cell(" ".join(line.lstrip("/ ") for line in lines if line.startswith("//")))


def model_page() -> str:
    """The fields of a model text but for the options of layers."""
    lines = [
        NOTE,
        "# Model texts\n",
        "A model text is a NetParameter: some fields of the net, and `layer { ... }` for each "
        "layer. The options of a layer type, `convolution_param` for instance, stand "
        "[with the type](layers.md).\n",
        *(f"## {message}\n\n{_about(message)}\n\n{fields_table(message)}" for message in MODEL),
        "Next: [the fields of solver texts](solver.md).\n",
    ]
    return "\n".join(lines)


def solver_page() -> str:
    """The fields of a solver text."""
    lines = [
        NOTE,
        "# Solver texts\n",
        f"{_about('SolverParameter')}\n",
        "`mycaffe explain solver FILE` tells in words what a solver text will do; "
        "`mycaffe train --set solver.base_lr=0.02` changes a field for one run.\n",
        fields_table("SolverParameter"),
        "Next: [the commands](commands.md).\n",
    ]
    return "\n".join(lines)
