from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.binary import read_at_most
from mycaffe_py.proto.wire import WireError, encode, fields, read_varint, varints, write_varint

GOLDEN = Path(__file__).parents[1] / "golden"


@settings(max_examples=200)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_fields_or_one_error(raw: bytes) -> None:
    try:
        found = list(fields(memoryview(raw)))
    except WireError:
        return
    assert len(found) <= len(raw)


@given(numbers=st.lists(st.integers(0, 2**64 - 1), max_size=5))
def test_numbers_on_the_wire(numbers: list[int]) -> None:
    raw = b"".join(map(write_varint, numbers))
    assert varints(memoryview(raw)) == numbers
    for size in range(len(write_varint(numbers[0])) if numbers else 0):
        with pytest.raises(WireError):
            read_varint(memoryview(raw[:size]), 0)


@given(
    runs=st.lists(
        st.tuples(st.sampled_from([1, 5, 300]), st.sampled_from([4, 8]), st.integers(1, 70)),
        max_size=6,
    )
)
def test_runs_of_fixed_fields_come_at_once(runs: list[tuple[int, int, int]]) -> None:
    """The same fields one by one, as a plain walk finds them; neighbours of one key are one run."""
    kinds = {4: 5, 8: 1}
    raw, wanted = b"", []
    for place, (number, size, count) in enumerate(runs):
        values = bytes(range(place, place + size)) * count
        raw += encode(number, kinds[size], memoryview(values))
        if wanted and wanted[-1][:2] == (number, kinds[size]):
            wanted[-1] = (number, kinds[size], wanted[-1][2] + values)
        else:
            wanted.append((number, kinds[size], values))
    found = [(n, kind, bytes(value)) for n, kind, value in fields(memoryview(raw))]
    assert found == wanted


def test_a_run_cut_short_is_an_error() -> None:
    raw = encode(5, 5, memoryview(bytes(12)))
    for size in range(1, len(raw)):
        if size % 5:
            with pytest.raises(WireError):
                list(fields(memoryview(raw[:size])))


def test_fields_are_written_as_they_were_read() -> None:
    raw = pb.BlobProto(num=3, data=range(4), shape=pb.BlobShape(dim=[4])).SerializeToString()
    assert b"".join(encode(*field) for field in fields(memoryview(raw))) == raw


def test_a_small_file_is_read_without_room_for_the_largest() -> None:
    """read(2 GiB) asks the system for 2 GiB, which a limit on memory refuses."""
    asked = []

    class Stream(io.BytesIO):
        def read(self, size=-1):
            asked.append(size)
            return super().read(size)

    assert read_at_most(Stream(b"abc"), 1 << 31) == b"abc"
    assert read_at_most(Stream(b"abc"), 2) == b"ab"
    assert max(asked) <= 1 << 20
