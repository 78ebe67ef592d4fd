from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, text_format
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mycaffe_py.errors import UserError
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import decode, read_text, read_text_file, write_text
from tests.proto.messages import STRICT, golden_texts, messages, text_class


def _same(mine: Any, theirs: Any) -> bool:
    """Equal, not-a-numbers too."""
    return bool(
        mine.SerializeToString(deterministic=True) == theirs.SerializeToString(deterministic=True)
    )


@pytest.mark.parametrize("path", golden_texts(), ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_golden_texts_are_read_as_protobuf_reads_them(path: Path) -> None:
    message_class = text_class(path)
    theirs = text_format.Parse(path.read_text(encoding="utf-8"), message_class())
    assert read_text_file(path, message_class).message == theirs


def test_there_are_golden_texts() -> None:
    assert len(golden_texts()) >= 80


@pytest.mark.parametrize("name", STRICT)
def test_strict_texts_are_read_as_protobuf_reads_them(name: str) -> None:
    theirs = text_format.Parse(STRICT[name], pb.NetParameter())
    assert _same(read_text(STRICT[name], pb.NetParameter).message, theirs)


@pytest.mark.slow
@settings(max_examples=150)
@given(message=messages(pb.NetParameter))
def test_what_is_written_is_read_back(message: pb.NetParameter) -> None:
    assert read_text(write_text(message), pb.NetParameter).message == message
    one_line = text_format.MessageToString(message, as_one_line=True, as_utf8=True)
    assert read_text(one_line, pb.NetParameter).message == message


@pytest.mark.parametrize(
    ("text", "strict"),
    [
        ("lr_policy: inv", 'lr_policy: "inv"'),
        ("snapshot_prefix: examples/siamese/a-b.c", 'snapshot_prefix: "examples/siamese/a-b.c"'),
        (r"net: C:\models\a.prototxt", r'net: "C:\\models\\a.prototxt"'),
        ("ap_version: 11point", 'ap_version: "11point"'),
        ("type: SGD}", None),
        ("test_compute_loss: False debug_info: TRUE", "test_compute_loss: 0 debug_info: true"),
        ("solver_mode: cpu", "solver_mode: CPU"),
        ("max_iter: 1e4 stepsize: 5.0", "max_iter: 10000 stepsize: 5"),
        ("base_lr: 1 gamma: 0x10", "base_lr: 1.0 gamma: 16"),
        ("net_param\n{\n\tname: a\n}\r\n", 'net_param { name: "a" }'),
        ("ransom_seed: 7", "random_seed: 7"),
        ("random_seed: - 7", "random_seed: -7"),
        (r'net: "a\?"', 'net: "a?"'),
        ("weights: [a.b, 'c d']", 'weights: "a.b" weights: "c d"'),
    ],
)
def test_the_dialect_of_mycaffe(text: str, strict: str | None) -> None:
    if strict is None:
        with pytest.raises(UserError):
            read_text(text, pb.SolverParameter)
        return
    theirs = text_format.Parse(strict, pb.SolverParameter())
    assert read_text(text, pb.SolverParameter).message == theirs


ERRORS = [
    (
        "layer {\n convolution_param {\n kernal_size: 3 } }",
        "f:3: unknown field 'kernal_size'; ConvolutionParameter has no such field. "
        "Did you mean 'kernel_size'?",
    ),
    (
        "name: a\nforce_backward: maybe",
        "f:2: 'maybe' is no value for 'force_backward'; it holds true or false.",
    ),
    (
        'force_backward: "true"',
        "f:1: 'true' is no value for 'force_backward'; it holds true or false. "
        "Leave the quotes away.",
    ),
    (
        "layer { name: a\n name: b }",
        "f:2: 'name' is given twice; it holds one value, which line 1 gives. "
        "Remove one of the two.",
    ),
    (
        "state { }\nstate { }",
        "f:2: 'state' is given twice; it holds one value, which line 1 gives. "
        "Remove one of the two.",
    ),
    (
        "input_dim: 3000000000",
        "f:1: '3000000000' is no value for 'input_dim'; "
        "it holds a whole number from -2147483648 to 2147483647.",
    ),
    ("input_dim: 1.5", "f:1: '1.5' is no value for 'input_dim'; it holds a whole number."),
    (
        "layer { loss_weight: 1e39 }",
        "f:1: '1e39' is no value for 'loss_weight'; it holds a number up to 3.4e38.",
    ),
    (
        'name: "a\nforce_backward: true',
        "f:1: a string without its closing quote; a string ends on the line it starts on. "
        "Close it, or write \\n for a new line inside it.",
    ),
    (
        'name: "a\\q"',
        "f:1: unknown escape '\\q' in a string. Write \\\\ for a backslash, or / in paths.",
    ),
    (
        'name: "\\xff"',
        "f:1: '\\xff' is no value for 'name'; it holds text, in UTF-8.",
    ),
    (
        "layer {\n\nconvolution_param {\n name",
        "f:4: unknown field 'name'; ConvolutionParameter has no such field. "
        "Known: axis, bias_filler, bias_term, dilation, engine, force_nd_im2col, group, "
        "hole, hole_h, hole_w, kernel_h, "
        "kernel_size, kernel_w, num_output, pad, pad_h, pad_w, stride, stride_h, stride_w, "
        "weight_filler.",
    ),
    (
        "\nlayer {\n\n name: a",
        "f:2: the bracket of 'LayerParameter' is never closed; a '}' before the end of the text.",
    ),
    ("layer { >", "f:1: '>' where the name of a field should be; this is inside LayerParameter."),
    ("}", "f:1: '}' where the name of a field should be; this is inside NetParameter."),
    ("layer: 5", "f:1: '5' behind 'layer'; '{', because it holds further fields."),
    ("name 'a'", "f:1: ''' behind 'name'; a ':' and its value."),
    ("input: [a b]", "f:1: 'b' in the list of 'input'; ',' or ']'."),
    ("input: [a", "f:1: the end of the text in the list of 'input'; ',' or ']'."),
    ("name:", "f:1: the end of the text where the value of 'name' should be; it holds a text."),
    (
        "state { phase: TRIAN }",
        "f:1: 'TRIAN' is no value for 'phase'; it holds one of TRAIN, TEST, RUN, ALL. "
        "Did you mean 'TRAIN'?",
    ),
    (
        "layer {\n clip_param { min: 0 } }",
        "f:2: 'max' is missing; it has no default. Write max: and its value.",
    ),
]


@pytest.mark.parametrize(("text", "error"), ERRORS, ids=[e[0] for e in ERRORS])
def test_errors(text: str, error: str) -> None:
    with pytest.raises(UserError) as caught:
        read_text(text, pb.NetParameter, "f")
    assert str(caught.value) == error


def test_brackets_have_a_greatest_depth() -> None:
    def nested(depth: int) -> str:
        return "nested_type {" * depth + "}" * depth

    read_text(nested(100), descriptor_pb2.DescriptorProto)
    with pytest.raises(UserError, match="brackets 101 deep"):
        read_text(nested(101), descriptor_pb2.DescriptorProto)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for name in ("missing", ".", "nul\0l"):
        with pytest.raises(UserError):
            read_text_file(tmp_path / name, pb.NetParameter)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_comment_ends_with_its_line_whatever_the_line_ends(end: str, tmp_path: Path) -> None:
    """With the line ends of old Macs a text that began with a comment was nothing else."""
    path = tmp_path / "ends.prototxt"
    path.write_bytes(f"# one{end}name: 'n' # two{end}layer {{ name: 'l' }}{end}odd: 1".encode())
    with pytest.raises(UserError, match=r"ends.prototxt:4: unknown field 'odd'"):
        read_text_file(path, pb.NetParameter)


def test_bytes_that_are_not_utf8_are_read_as_latin1(tmp_path: Path) -> None:
    path = tmp_path / "latin"
    path.write_bytes(
        b'name: "gr\xf6\xdfe" # gr\xf6\xdfe\ninput: "gr\xc3\xb6\xc3\x9fe" # \xc4\xe3\n'
    )
    net = read_text_file(path, pb.NetParameter).message
    assert (net.name, list(net.input)) == ("größe", ["größe"])


def test_the_mark_of_windows_editors_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "net"
    path.write_bytes(b'\xef\xbb\xbfname: "a"\r\n')
    assert read_text_file(path, pb.NetParameter).message.name == "a"


PIECES = st.sampled_from(
    [
        "layer", "name", "input_dim", "convolution_param", "state", "phase", "blobs", "data",
        "loss_weight", "{", "}", "<", ">", "[", "]", ":", ",", ";", '"', "'", "\\", "#", "\n", " ",
        "-", "010", "zz", "layers", "type", "\u201c", "\uff1a", "\u2212", "\u200b",
        "1", "1e5", "0x", "inf", "nan", "true", "TRAIN", '"a"', "'\\x", "\0", "\ud800", "é",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(text=st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_is_read_or_refused_at_a_place(text: str) -> None:
    try:
        read_text(text, pb.NetParameter, "f")
    except UserError as error:
        assert str(error).startswith("f:")


@settings(max_examples=100)
@given(raw=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused_at_a_place(raw: bytes) -> None:
    try:
        read_text(decode(raw, "f"), pb.NetParameter, "f")
    except UserError as error:
        assert str(error).startswith("f:")


@pytest.mark.slow
@settings(max_examples=300)
@given(
    start=st.sampled_from([*STRICT.values(), *(p.read_text() for p in golden_texts()[::9])]),
    place=st.integers(0, 400),
    cut=st.integers(0, 6),
    put=st.lists(PIECES, max_size=2).map("".join),
)
def test_what_protobuf_reads_is_read_the_same(start: str, place: int, cut: int, put: str) -> None:
    # Half characters are in no file, and protobuf's reader makes something up for them.
    text = (start[:place] + put + start[place + cut :]).replace("\ud800", "")
    # Octal numbers are refused where protobuf reads them.
    assume(not re.search(r"\b0[0-7]", text))
    try:
        mine = read_text(text, pb.NetParameter).message
    except UserError:
        mine = None
    try:
        theirs = text_format.Parse(text, pb.NetParameter())
    except (text_format.ParseError, UnicodeError, DeprecationWarning):
        return  # the warning is about an escape that protobuf for other languages refuses
    if not theirs.IsInitialized():
        return
    assert mine is not None, text
    assert _same(mine, theirs)


HOSTILE = {
    "open brackets": lambda n: "layer {" * n,
    "escapes": lambda n: 'name: "' + "\\n" * n + '"',
    "backslashes without end": lambda n: 'name: "' + "\\" * n,
    "comments": lambda n: "#\n" * n,
    "digits": lambda n: "input_dim: " + "9" * n,
    "digits of a float": lambda n: "layer { loss_weight: " + "9" * n + " }",
    "unknown name": lambda n: "x" * n + ": 1",
    "strings": lambda n: "name: " + '"" ' * n,
    "values": lambda n: "input_dim: [" + "1," * n + "1]",
    "layers": lambda n: "layer{}" * n,
    "one unknown field many times": lambda n: "zz: 1 " * (n // 4),
    "many unknown fields": lambda n: "".join(f"z{i}: 1 " for i in range(n // 4)),
    "unknown brackets": lambda n: "a{" * n,
    "brackets of known and unknown fields": lambda n: "layer { a { " * n,
    "values that do not fit": lambda n: "input_dim: x " * (n // 4),
    "a field given again": lambda n: 'name: "a" ' * (n // 4),
    "old layers in quotes": lambda n: 'layers { type: "Input" }' * (n // 8),
    "curly quotes": lambda n: 'name: "' + "\u201c" * n,
    "blank lines": lambda n: "\n" * n + "- x",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_length_alone(name: str) -> None:
    def seconds(n: int) -> float:
        text = HOSTILE[name](n)
        start = time.process_time()
        try:
            read_text(text, pb.NetParameter)
        except UserError as error:
            assert len(str(error)) < 2000
        return time.process_time() - start

    # Eightfold length takes 8 times as long; 64 times if the square of the length counted.
    assert seconds(80_000) < 0.5 + 30 * seconds(10_000)
