"""The link obeys conservation, its limits, and what each fault does to it."""

import numpy as np
import pytest

from mycaffe_py.data.telecom.link import COUNTERS, run
from mycaffe_py.data.telecom.patterns import PATTERNS, conditions, healthy
from mycaffe_py.data.telecom.radio_site import STEPS, WARM_UP_S, WINDOW_S, busy, draw

PLACE = {name: place for place, name in enumerate(COUNTERS)}
COUNT = 200


@pytest.fixture(scope="module")
def runs():
    """Counters by pattern name: a dict of (COUNT, 30) arrays for each."""
    return {pattern.name: _run(pattern) for pattern in PATTERNS}


def _drawn(pattern, count=COUNT, seed=3):
    return draw(seed, f"test/{pattern.name}", count, 0, 8)


def _run(pattern, count=COUNT):
    sites, chance, even = _drawn(pattern, count)
    windows = run(sites, conditions(pattern, even, chance), chance)
    assert windows.shape == (count, WINDOW_S, len(COUNTERS))
    return {name: windows[:, :, place] for name, place in PLACE.items()}


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
def test_counters_obey_the_queue(runs, pattern) -> None:
    sites, chance, even = _drawn(pattern)
    now = conditions(pattern, even, chance)
    found = runs[pattern.name]
    for values in found.values():
        assert np.isfinite(values).all()
        assert (values >= 0).all()
    link = now.link[WARM_UP_S:].T
    carried = sites.capacity_bytes_per_s[:, np.newaxis] * link
    room = sites.buffer_bytes / sites.packet_bytes
    assert (found["bytes_out"] <= carried + 1).all()
    assert (found["queue_length"] <= np.round(room)[:, np.newaxis] + 1).all()
    assert (found["latency"] <= 3000).all()
    # What comes in goes out, waits or is dropped: over the window up to one buffer either way.
    kept = (found["packets_in"] - found["packets_out"] - found["drops"]).sum(axis=1)
    assert (np.abs(kept) <= room + 1).all()


def test_blocked_lets_nothing_but_a_leak_through(runs) -> None:
    out = runs["blocked"]["bytes_out"]
    assert (out <= 0.005 * 16e6).all()
    assert np.mean(out.max(axis=1) == 0) > 0.4
    assert (runs["blocked"]["drops"].sum(axis=1) > 0).all()
    # Users give up: fewer sessions at the end than on a sound link.
    assert (
        runs["blocked"]["active_sessions"].mean() < 0.8 * runs["normal"]["active_sessions"].mean()
    )


def test_at_capacity_the_output_is_flat_and_the_queue_stands(runs) -> None:
    def unevenness(name):
        out = runs[name]["bytes_out"]
        return np.median(out.std(axis=1) / out.mean(axis=1))

    assert unevenness("capacity") < 0.4 * unevenness("normal")
    queue = {name: np.median(runs[name]["queue_length"]) for name in ("capacity", "normal")}
    assert queue["capacity"] > 20 * queue["normal"]
    # Subtle: hardly more packets are lost than a busy evening loses.
    capacity = runs["capacity"]
    assert np.median(capacity["drops"].sum(axis=1) / capacity["packets_in"].sum(axis=1)) < 0.1


def test_what_each_fault_does(runs) -> None:
    def mean(name, counter):
        return runs[name][counter].mean()

    def share(name, part, whole):
        return np.median(runs[name][part].sum(axis=1) / runs[name][whole].sum(axis=1))

    assert 0.005 < share("loss", "drops", "packets_in") < 0.1
    assert np.median((runs["flapping"]["packets_out"] < 1).sum(axis=1)) >= 2
    assert mean("server", "latency") > 3 * mean("normal", "latency")
    assert share("server", "drops", "packets_in") < 0.001
    assert mean("cpu", "latency") > 2 * mean("normal", "latency")
    small = share("storm", "bytes_in", "packets_in") / share("normal", "bytes_in", "packets_in")
    assert small < 0.8
    sessions = mean("cells", "active_sessions") / mean("normal", "active_sessions")
    assert 0.4 < sessions < 0.75
    assert share("loop", "retransmissions", "packets_in") > 0.03
    assert share("loop", "drops", "packets_in") < 0.01


def test_a_fault_begins_at_its_onset() -> None:
    pattern = next(pattern for pattern in PATTERNS if pattern.name == "server")
    _, chance, even = _drawn(pattern)
    now = conditions(pattern, even, chance)
    sound = healthy(COUNT).server
    onset = WARM_UP_S - (2 + 43 * even[:, 1])
    before = np.arange(STEPS)[:, np.newaxis] < onset
    assert np.array_equal(now.server[before], sound[before])
    assert (now.server[WARM_UP_S:] > 1).all()
    assert before.sum(axis=0).max() < WARM_UP_S


def test_a_window_does_not_depend_on_its_neighbours() -> None:
    for pattern in PATTERNS:
        few, many = _run(pattern, 5), _run(pattern, 41)
        for name in COUNTERS:
            assert np.array_equal(few[name], many[name][:5]), (pattern.name, name)


def test_sites_follow_the_day() -> None:
    hours = np.arange(24)
    load = busy(hours)
    assert 0.28 < load.min() < 0.35
    assert 0.98 < load.max() <= 1.01
    assert 3 <= hours[load.argmin()] <= 4
    assert 18 <= hours[load.argmax()] <= 20


def test_other_seeds_and_purposes_draw_others() -> None:
    first = draw(1, "a", 3, 0, 8)[1].burst
    assert not np.array_equal(first, draw(2, "a", 3, 0, 8)[1].burst)
    assert not np.array_equal(first, draw(1, "b", 3, 0, 8)[1].burst)
    assert np.array_equal(first, draw(1, "a", 3, 0, 8)[1].burst)
