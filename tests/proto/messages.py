"""Random messages of any class, and texts that protobuf itself reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from hypothesis import strategies as st

from mycaffe_py.proto import mycaffe_pb2 as pb

GOLDEN = Path(__file__).parents[1] / "golden"

STRICT = {
    "comments": '# a net\nname: "a" # its name\n#end',
    "separators": 'name: "a", layer { name: "b"; type: "c", top: "d" };',
    "angle brackets": "layer < convolution_param: < kernel_size: 3 > >",
    "colon before braces": "layer: { include: { phase: TRAIN } }",
    "lists": "layer { convolution_param { kernel_size: [ 3, 5 ] pad: [] } loss_weight: [1,-2.5] }",
    "list of messages": 'layer { param: [ { name: "w" }, { lr_mult: 2 } ] }',
    "adjacent strings": 'name: "a" \'b\'\n  "c"',
    "escapes": r'name: "\n\t\\\"\'\x41\101\u00e9\U0001F600\a\b\f\v\r"',
    "unicode": 'name: "größe ✓"',
    "numbers": "input_dim: 0x10 input_dim: 07 input_dim: -5",
    "floats": "layer { loss_weight: 1 loss_weight: .5 loss_weight: 1. loss_weight: 1e-3f }",
    "not finite": "layer { loss_weight: inf loss_weight: -inf loss_weight: nan }",
    "booleans": "force_backward: true debug_info: f layer { propagate_down: [1, 0, t, True] }",
    "enums": "state { phase: TEST } layer { phase: 1 }",
    "both slice axes": "layer { slice_param { axis: 1 slice_dim: 1 slice_point: 1 } }",
    "old layers": 'layers { type: RELU bottom: "a" top: "a" }',
    "empty": "",
    "no blanks": 'name:"a"layer{name:"b"top:"c"}',
}


def golden_texts() -> list[Path]:
    """All texts beside the recorded cases of a real Caffe."""
    return sorted(GOLDEN.rglob("*.prototxt"))


def text_class(path: Path) -> type[Message]:
    """The class of the message in the golden text at `path`."""
    return pb.SolverParameter if path.name == "solver.prototxt" else pb.NetParameter


_NUMBERS: dict[str, st.SearchStrategy[Any]] = {
    "CPPTYPE_INT32": st.integers(-(2**31), 2**31 - 1),
    "CPPTYPE_INT64": st.integers(-(2**63), 2**63 - 1),
    "CPPTYPE_UINT32": st.integers(0, 2**32 - 1),
    "CPPTYPE_UINT64": st.integers(0, 2**64 - 1),
    "CPPTYPE_FLOAT": st.floats(width=32, allow_nan=False),
    "CPPTYPE_DOUBLE": st.floats(allow_nan=False),
    "CPPTYPE_BOOL": st.booleans(),
}


def _value(field: Any) -> st.SearchStrategy[Any]:
    for name, strategy in _NUMBERS.items():
        if field.cpp_type == getattr(field, name):
            return strategy
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.type == field.TYPE_BYTES:
        return st.binary(max_size=4)
    return st.text(max_size=4)


@st.composite
def messages(draw: st.DrawFn, message_class: type[Message], depth: int = 3) -> Message:
    """A message of `message_class` with a few fields set."""
    message: Any = message_class()
    fields = list(message.DESCRIPTOR.fields)
    needed = [f for f in fields if not message.IsInitialized() and f.has_presence]
    chosen = draw(st.lists(st.sampled_from(fields), max_size=4, unique_by=lambda f: f.name))
    for field in {f.name: f for f in [*needed, *chosen]}.values():
        count = 1 if field.has_presence else draw(st.integers(0, 2))
        for _ in range(count):
            if field.message_type is not None:
                if depth:
                    inner = draw(messages(field.message_type._concrete_class, depth - 1))
                    target = getattr(message, field.name)
                    (target if field.has_presence else target.add()).CopyFrom(inner)
            elif field.has_presence:
                setattr(message, field.name, draw(_value(field)))
            else:
                getattr(message, field.name).append(draw(_value(field)))
    return message
