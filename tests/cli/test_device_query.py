"""`mycaffe device-query`, also as Caffe spells it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from mycaffe_py.kernels.vectors.vector import WIDTH_BYTES
from tests.conftest import Result


@pytest.mark.slow
@pytest.mark.parametrize("name", ["device-query", "device_query"])
def test_it_tells_the_machine(mycaffe: Callable[..., Result], name: str) -> None:
    done = mycaffe(name, "-gpu=all")
    assert done.code == 0, done.err
    words = [line.partition(":")[0] for line in done.out.splitlines()]
    assert words == ["Processor", "Cores", "Vectors", "Peak", "Python"]
    assert f"{WIDTH_BYTES * 8} bits, {WIDTH_BYTES // 4} floats" in done.out
    assert "passed over" in done.err


def test_for_machines(mycaffe: Callable[..., Result]) -> None:
    found = json.loads(mycaffe("device-query", "--threads", "1", "--json").out)
    assert found["threads"] == 1 <= found["cores"]
    assert found["vector_bits"] == WIDTH_BYTES * 8
    assert found["peak_gflops"] > 0.1
