"""The links that are simulated: how large, how busy, and the chance in their traffic.

Every window is another link of one kind (a microwave hop behind a dozen cells), so that no level
of a counter alone gives a fault away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.random_streams import stream

Values = NDArray[np.float64]

WINDOW_S = 30
# The traffic runs for so long before a window starts: two mean session lengths.
WARM_UP_S = 60
STEPS = WARM_UP_S + WINDOW_S

# Even random numbers of a window: the first for its link, the others for its fault.
SITE_DRAWS = 11
FAULT_DRAWS = 6
# Of the first: which says how high the bursts are, and which when in its hour a window starts.
_BURST_DRAW = 9
_HOUR_DRAW = 10
# Normal random numbers of each second, in the order of `Chance`.
_NORMALS = 8
# Bursts (a popular clip, a train that arrives) begin every 40 s and last 5 s, on average.
_BURST_STARTS_PER_S = 1 / 40
_BURST_ENDS_PER_S = 1 / 5
# The slow swing of demand: spread of its logarithm, and how much of it is left a second later.
_SWING = 0.16
_SWING_KEPT = 0.8


@dataclass(frozen=True)
class Sites:
    """One link for each window: arrays (n,)."""

    capacity_bytes_per_s: Values
    buffer_bytes: Values
    cpu_packets_per_s: Values
    rtt_ms: Values
    packet_bytes: Values
    session_packets_per_s: Values
    session_s: Values
    server_s: Values
    sessions: Values


@dataclass(frozen=True)
class Chance:
    """What chance does in each second: arrays (STEPS, n); all but `burst` are standard normal."""

    burst: Values
    arrivals: Values
    departures: Values
    demand: Values
    size: Values
    loss: Values
    fault: Values
    latency: Values


def draw(
    seed: int, purpose: str, count: int, first_hour: int, slots: int, first: int = 0
) -> tuple[Sites, Chance, Values]:
    """Links, chance and the even numbers (n, FAULT_DRAWS) for the faults of `count` windows from
    number `first` on.

    The day has `slots` hours for these windows, `first_hour` and others evenly spaced; they take
    turns in them. Window i depends on seed, purpose, these and i alone.
    """
    even = np.empty((count, SITE_DRAWS + FAULT_DRAWS))
    normal = np.empty((count, STEPS, _NORMALS))
    bursts = np.empty((count, STEPS))
    for window in range(count):
        numbers = stream(seed, f"telecom/{purpose}", first + window)
        even[window] = numbers.random(SITE_DRAWS + FAULT_DRAWS)
        normal[window] = numbers.standard_normal((STEPS, _NORMALS))
        bursts[window] = numbers.random(STEPS)
    turn = np.arange(first, first + count) % slots
    hours = first_hour + 24 / slots * turn + even[:, _HOUR_DRAW]
    sites = _sites(even[:, :SITE_DRAWS], hours)
    by_step = np.ascontiguousarray(normal.transpose(2, 1, 0))
    burst = _bursts(bursts.T, by_step[0], even[:, _BURST_DRAW])
    return sites, Chance(burst, *by_step[1:]), even[:, SITE_DRAWS:]


def busy(hours: Values) -> Values:
    """The daily rhythm: share (0.3 ... 1) of the most there is, at an hour of the day.

    Least at 4 in the morning, a shoulder at noon, most at 7 in the evening.
    """
    day = 2 * np.pi * hours / 24
    load: Values = 0.67 + 0.28 * np.cos(day - 4.45) + 0.13 * np.cos(2 * day - 10.73)
    return load


def _sites(even: Values, hours: Values) -> Sites:
    capacity = _between(8e6, 16e6, even[:, 0])
    packet = _between(650, 1050, even[:, 1])
    server_s = _between(0.02, 0.08, even[:, 2])
    rtt_ms = _between(15, 90, even[:, 3])
    session_packets = _between(60, 110, even[:, 4])
    # In the evening half to nine tenths of the link are used, and bursts fill it for seconds.
    used = _between(0.5, 0.9, even[:, 5]) * busy(hours)
    return Sites(
        capacity_bytes_per_s=capacity,
        # 0.15 to 0.5 s of traffic, as access links are built.
        buffer_bytes=capacity * _between(0.15, 0.5, even[:, 6]),
        # The node forwards 1.8 to 3 times what the link carries.
        cpu_packets_per_s=capacity / packet * _between(1.8, 3, even[:, 7]),
        rtt_ms=rtt_ms,
        packet_bytes=packet,
        session_packets_per_s=session_packets,
        session_s=_between(20, 50, even[:, 8]),
        server_s=server_s,
        sessions=used * capacity / (packet * session_packets),
    )


def _bursts(even: Values, normal: Values, first: Values) -> Values:
    """What demand is multiplied with (STEPS, n): a slow swing, and bursts of 1.3 to 2.2."""
    swing = np.zeros(even.shape[1])
    running = np.zeros(even.shape[1], dtype=np.bool_)
    height = 1.3 + 0.9 * first
    factor = np.empty_like(even)
    for step, chance in enumerate(even):
        swing = _SWING_KEPT * swing + _SWING * np.sqrt(1 - _SWING_KEPT**2) * normal[step]
        running = np.where(running, chance >= _BURST_ENDS_PER_S, chance < _BURST_STARTS_PER_S)
        factor[step] = np.exp(swing) * np.where(running, height, 1.0)
    return factor


def _between(low: float, high: float, even: Values) -> Values:
    return low + (high - low) * even
