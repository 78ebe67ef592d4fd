"""The timer, on a clock that the test turns."""

import time

import pytest

import mycaffe_py.pycaffe as caffe


def test_milliseconds_between_start_and_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    timer = caffe.Timer()
    assert timer.ms == 0
    timer.start()
    now[0] += 0.5
    assert timer.ms == 500
    timer.stop()
    now[0] += 3
    assert timer.ms == 500
    timer.start()
    now[0] += 0.25
    timer.stop()
    assert timer.ms == 250
