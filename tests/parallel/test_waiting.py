"""A process that waits is quick where the others are, and leaves its core to them where not."""

from __future__ import annotations

import pytest

from mycaffe_py.parallel import waiting

# What a look takes here.
LOOK_S = 1e-6


class Clock:
    """Time that passes by looks and naps alone."""

    def __init__(self, ready_s: float) -> None:
        self.now_s = 0.0
        self.ready_s = ready_s
        self.looks = 0
        self.naps: list[float] = []

    def done(self) -> bool:
        self.looks += 1
        return self.now_s >= self.ready_s

    def monotonic(self) -> float:
        return self.now_s

    def sched_yield(self) -> None:
        self.now_s += LOOK_S

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now_s += seconds


def _waited(ready_s: float, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock(ready_s)
    monkeypatch.setattr(waiting, "time", clock)
    monkeypatch.setattr(waiting, "os", clock)
    waiting.wait_until(clock.done)
    return clock


def test_what_is_there_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _waited(0, monkeypatch)
    assert (clock.looks, clock.naps, clock.now_s) == (1, [], 0)


def test_a_short_wait_is_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _waited(0.9e-3, monkeypatch)
    assert clock.naps == []
    assert clock.now_s == pytest.approx(0.9e-3, abs=2 * LOOK_S)


@pytest.mark.parametrize("ready_s", [2e-3, 10e-3, 1.0])
def test_a_long_wait_is_slept_through_and_ends_in_time(
    monkeypatch: pytest.MonkeyPatch, ready_s: float
) -> None:
    clock = _waited(ready_s, monkeypatch)
    # The looks of the first millisecond, then a nap for each half of one at most.
    assert clock.looks < 1100 + ready_s / 400e-6 + 100
    assert clock.now_s - ready_s <= max(ready_s / 31, 51e-6)
    assert max(clock.naps) <= 501e-6
