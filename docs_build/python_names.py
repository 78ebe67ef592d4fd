"""The Python interface of the reference, from signatures and docstrings."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import mycaffe_py
from docs_build.written import NOTE, docstring, fence
from mycaffe_py.sklearn import SiameseEncoder

# Longer signatures are broken into lines.
LONGEST = 90
# In the order in which a program meets them.
NAMES = [
    "train", "load", "TrainedNet", "BlobNet", "Index", "blob_from_image", "blob_from_images",
    "UserError", "MyCaffeError",
]  # fmt: skip


def python_page() -> str:
    """Everything in `mycaffe_py.__all__`, and the estimator."""
    assert {*NAMES, "__version__"} == set(mycaffe_py.__all__), "a name is forgotten"
    lines = [
        NOTE,
        "# Python\n",
        "What `import mycaffe_py as mycaffe` gives; [From Python](../python.md) shows how it is "
        "used. Scripts that say `import caffe` have [an interface of their own]"
        "(../caffe_files.md#from-pycaffe).\n",
    ]
    for name in NAMES:
        lines += _told(f"mycaffe.{name}", getattr(mycaffe_py, name), 2)
    lines += _told("mycaffe_py.sklearn.SiameseEncoder", SiameseEncoder, 2)
    return "\n".join([*lines, "Next: [the files](../files.md).\n"])


def _told(name: str, thing: Any, depth: int) -> Iterator[str]:
    short = name.rpartition(".")[2]
    yield f"{'#' * depth} {name}\n"
    if not inspect.isclass(thing) or issubclass(thing, Exception):
        if inspect.isfunction(thing):
            yield fence(f"{short}{_signature(thing)}", "python")
        yield f"{docstring(thing)}\n"
        return
    if not thing.__module__.startswith("mycaffe_py.api"):
        yield fence(f"{short}{_signature(thing)}", "python")
    yield f"{docstring(thing)}\n"
    for inner, member in vars(thing).items():
        if inner.startswith("_") or not (
            inspect.isfunction(member) or isinstance(member, property)
        ):
            continue
        if not inspect.getdoc(member):
            continue
        yield f"{'#' * (depth + 1)} {short}.{inner}\n"
        if inspect.isfunction(member):
            yield fence(f"{inner}{_signature(member)}", "python")
        yield f"{docstring(member)}\n"


def _signature(thing: Any) -> str:
    """The signature, an argument a line where it is long."""
    found = inspect.signature(thing)
    parameters = [one for one in found.parameters.values() if one.name != "self"]
    shown = _unquoted(str(found.replace(parameters=parameters)))
    if len(shown) < LONGEST:
        return shown
    inside, gives = shown.rpartition(") -> ")[0::2]
    # The parts of the long line, as str() has parted them; a comma inside brackets parts nothing.
    parts = re.split(r", (?![^\[(]*[\])])", inside.removeprefix("("))
    return "(\n" + "".join(f"    {part},\n" for part in parts) + f") -> {gives}"


def _unquoted(signature: str) -> str:
    """Without the quotes that annotations have as they are not evaluated."""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", signature)
