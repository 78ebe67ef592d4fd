"""The ten patterns: what each fault changes in the simulated link, from its onset on.

A fault acts on the system (its capacity, its processor, its server, its cells), never on a counter.
Its severity is drawn anew for each window; `even` (n, 6) holds the numbers it is drawn from:
severity, onset, and four for the fault's own use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mycaffe_py.data.telecom.radio_site import STEPS, WARM_UP_S, Chance, Values

_Flags = NDArray[np.bool_]

# A fault is at least 2 s old, and at most 45 s, when its window starts.
_YOUNGEST_S = 2
_OLDEST_S = 45
CELLS = 12


@dataclass
class Conditions:
    """What the link works under: arrays (STEPS, n), `demand` (n,); the values are those of health.

    link: share of the capacity that is there; cpu: share of the node's processor; loss: chance of
    a packet to be lost on the line; server: how many times longer the server takes; cells: share
    of the cells on air; attach: signalling packets per second for each session there usually is;
    radio_ms: added to the round trip; repeats: share of delivered packets that are sent once more;
    demand: sessions that come, as a share of the usual number, or where `of_capacity` of what
    fills the link.
    """

    link: Values
    cpu: Values
    loss: Values
    server: Values
    cells: Values
    attach: Values
    radio_ms: Values
    repeats: Values
    demand: Values
    of_capacity: bool = False


def healthy(count: int) -> Conditions:
    """A link without fault for each of `count` windows."""
    shape = (STEPS, count)
    return Conditions(
        link=np.ones(shape),
        cpu=np.ones(shape),
        # One packet in ten thousand is lost on a line in order.
        loss=np.full(shape, 1e-4),
        server=np.ones(shape),
        cells=np.ones(shape),
        attach=np.zeros(shape),
        radio_ms=np.zeros(shape),
        repeats=np.zeros(shape),
        demand=np.ones(count),
    )


def _blocked(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """A closed gate (filter rule, cut fibre): nothing passes but, at times, 0 to 0.5 % of it."""
    leak = 0.005 * np.maximum(even[:, 0] - 0.5, 0) * 2
    now.link[...] = np.where(faulty, leak, now.link)


def _at_capacity(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """More sessions than the link can carry: 1.02 to 1.3 times what fills it, and no defect."""
    now.demand = 1.02 + 0.28 * even[:, 0]
    now.of_capacity = True


def _packet_loss(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """A bad cable or a fading radio hop: 0.3 to 10 % of the packets, more in some seconds."""
    rate = 0.003 * 33 ** even[:, 0]
    swing = np.exp(0.5 * chance.fault - 0.125)
    now.loss[...] = np.where(faulty, np.minimum(rate * swing, 0.5), now.loss)


def _flapping(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """A loose plug: every 5 to 14 s the link is gone, for 1 to 4 s (part of a second counts)."""
    period = 5 + 9 * even[:, 2]
    down = np.minimum(1 + 3 * even[:, 0], 0.5 * period)
    seconds = np.arange(STEPS)[:, np.newaxis]
    # The share of each second that lies in the part of the period in which the link is down.
    start = (seconds + period * even[:, 3]) % period
    gone = np.clip(down - start, 0, 1) + np.clip(start + 1 - period, 0, 1)
    now.link[...] = np.where(faulty, 1 - np.minimum(gone, 1), now.link)


def _slow_server(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """A server that answers 4 to 40 times slower, unevenly: its disk or its database is busy."""
    slower = 4 * 10 ** even[:, 0]
    swing = np.exp(0.3 * chance.fault)
    now.server[...] = np.where(faulty, slower * swing, now.server)


def _cpu_starved(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """Another process takes the node's processor: 12 to 40 % is left, another share each second."""
    left = 0.4 - 0.28 * even[:, 0]
    swing = np.exp(0.5 * chance.fault - 0.125)
    now.cpu[...] = np.where(faulty, np.minimum(left * swing, 1), now.cpu)


def _signalling_storm(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """Devices attach over and over: 10 to 150 small packets a session, in waves of 3 to 9 s.

    The waves come from the timer after which a refused device tries again.
    """
    height = 10 * 15 ** even[:, 0]
    timer = 3 + 6 * even[:, 2]
    seconds = np.arange(STEPS)[:, np.newaxis]
    wave = 1 + 0.6 * np.cos(2 * np.pi * (seconds / timer + even[:, 3]))
    now.attach[...] = np.where(faulty, height * wave * np.exp(0.15 * chance.fault), now.attach)


def _half_the_cells(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """5 to 7 of 12 cells are off air. Their users look for a cell, and some find a distant one.

    Those sit at the rim: 1 to 3 % of all packets are lost on the air and the round trip is 15 to
    40 ms longer; attempts to attach fade within about half a minute to a fifth of their start.
    """
    off = np.floor(5 + 3 * even[:, 0]) / CELLS
    now.cells[...] = np.where(faulty, 1 - off, now.cells)
    rim = 0.01 + 0.02 * even[:, 2]
    now.loss[...] = np.where(faulty, rim * np.exp(0.3 * chance.fault), now.loss)
    now.radio_ms[...] = np.where(faulty, 15 + 25 * even[:, 3], now.radio_ms)
    age = np.cumsum(faulty, axis=0, dtype=np.float64)
    tries = 20 * off * (0.2 + 0.8 * np.exp(-age / 12))
    now.attach[...] = np.where(faulty, tries, now.attach)


def _retransmission_loop(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """Acknowledgements go astray (a wrong route), so that 5 to 60 % of what arrives comes again.

    The copies are acknowledged no better: at 60 % each packet travels 2.5 times.
    """
    again = 0.05 + 0.55 * even[:, 0]
    swing = np.exp(0.1 * chance.fault)
    now.repeats[...] = np.where(faulty, np.minimum(again * swing, 0.9), now.repeats)


def _normal(now: Conditions, even: Values, faulty: _Flags, chance: Chance) -> None:
    """Nothing is wrong: all changes come from the traffic."""


@dataclass(frozen=True)
class Pattern:
    """A pattern: its name on the command line, its label in words, and what it does."""

    name: str
    label: str
    act: Callable[[Conditions, Values, _Flags, Chance], None]


PATTERNS = (
    Pattern("normal", "normal", _normal),
    Pattern("blocked", "blocked", _blocked),
    Pattern("capacity", "at capacity", _at_capacity),
    Pattern("loss", "packet loss", _packet_loss),
    Pattern("flapping", "flapping link", _flapping),
    Pattern("server", "slow server", _slow_server),
    Pattern("cpu", "CPU-starved node", _cpu_starved),
    Pattern("storm", "signalling storm", _signalling_storm),
    Pattern("cells", "half the cells down", _half_the_cells),
    Pattern("loop", "retransmission loop", _retransmission_loop),
)


def conditions(pattern: Pattern, even: Values, chance: Chance) -> Conditions:
    """The conditions of links on which `pattern` has set in before their windows start.

    `even` (n, 6) as above.
    """
    onset = WARM_UP_S - (_YOUNGEST_S + (_OLDEST_S - _YOUNGEST_S) * even[:, 1])
    faulty = np.arange(STEPS)[:, np.newaxis] >= onset
    found = healthy(len(even))
    pattern.act(found, even, faulty, chance)
    return found
