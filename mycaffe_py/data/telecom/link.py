"""The link itself: sessions, a node, a queue in front of a line, a server behind it.

One step is one second, and all windows take it together. The order within a second: sessions come
and go; they offer packets, new ones, repeated ones and signalling; node and line carry as many as
they can; the rest waits in the buffer or is dropped; lost packets are tried again, and senders
slow down when they notice losses.
"""

from __future__ import annotations

import numpy as np

from mycaffe_py.data.telecom.patterns import Conditions
from mycaffe_py.data.telecom.radio_site import STEPS, WARM_UP_S, WINDOW_S, Chance, Sites, Values

# Counters and their units, in the order of the features.
COUNTERS = {
    "packets_in": "packets/s",
    "packets_out": "packets/s",
    "bytes_in": "bytes/s",
    "bytes_out": "bytes/s",
    "drops": "packets/s",
    "queue_length": "packets",
    "latency": "ms",
    "retransmissions": "packets/s",
    "active_sessions": "sessions",
}

_SIGNAL_BYTES = 120.0
# Setting up a session, and keeping one alive for a second.
_SIGNALS_PER_START = 12.0
_SIGNALS_PER_SESSION = 0.3
# What a signalling packet costs the node, in forwarded packets.
_SIGNAL_COST = 3.0
# A user thinks for a second between an answer and the next request.
_THINK_S = 1.0
# A probe that is not answered counts as this long.
_LONGEST_MS = 3000.0
# What a lost packet adds to an answer: the usual least timer of TCP.
_RETRY_MS = 200.0
# A sender takes back this much of its rate for each lost share, at most half of it a second, and
# makes up a sixth of what is missing when nothing is lost: TCP over round trips of 0.1 s.
_BACK_OFF = 6.0
_RECOVERY = 1 / 6
_LEAST_RATE = 0.02
# One in ten lost packets is not tried again; timers double up to 16 s while nothing arrives.
_PERSISTENCE = 0.9
_LONGEST_TIMER_S = 16.0
# A session that gets nothing through is given up after 20 s on average.
_PATIENCE_S = 20.0
# Packets come in clumps of this many, so that a queue forms below full load too; at full load the
# queue of Kingman's formula would be endless, and here it is cut at 50 clumps.
_CLUMP = 12.0
_LEAST_IDLE = 0.02


class Link:
    """The links of n windows from second to second; every array is (n,)."""

    def __init__(self, sites: Sites, now: Conditions, chance: Chance) -> None:
        self.sites = sites
        self.now = now
        self.chance = chance
        count = len(sites.sessions)
        full = sites.capacity_bytes_per_s / (sites.packet_bytes * sites.session_packets_per_s)
        self.wanted = now.demand * (full if now.of_capacity else sites.sessions)
        self.buffer_packets = sites.buffer_bytes / sites.packet_bytes
        self.sessions = np.round(self.wanted)
        self.queue = np.zeros(count)
        self.cells = np.ones(count)
        # Lost packets that are still to be sent again, and how long a sender waits for that.
        self.pending = np.zeros(count)
        self.timer_s = np.ones(count)
        # Shares of what is usual: how fast senders dare to send, how fast the server lets them,
        # and how much of it got through in the last second.
        self.rate = np.ones(count)
        self.answer = np.ones(count)
        self.passed = np.ones(count)

    def second(self, step: int) -> tuple[Values, ...]:
        """Simulate one second more, and return its COUNTERS."""
        started = self._come_and_go(step)
        fresh, again, signals = self._offered(step, started)
        packets = fresh + again + signals
        size = self.sites.packet_bytes * np.exp(0.03 * self.chance.size[step])
        bytes_in = (fresh + again) * size + signals * _SIGNAL_BYTES
        mean_bytes = np.where(packets > 0, bytes_in / np.maximum(packets, 1), size)
        service = self._service(step, mean_bytes, signals / np.maximum(packets, 1))
        served, overflow, waiting = self._carry(packets, service)
        lost = self._lost(step, served)
        delivered = served - lost
        drops = overflow + lost
        share = np.minimum(drops / np.maximum(packets, 1), 1.0)
        self._learn(step, share, fresh + again, packets, drops, delivered)
        return (
            packets,
            delivered,
            np.round(bytes_in),
            np.round(delivered * mean_bytes),
            drops,
            np.round(waiting),
            np.round(self._latency_ms(step, share, waiting, service, delivered), 1),
            again,
            self.sessions,
        )

    def _come_and_go(self, step: int) -> Values:
        """Sessions that start in this second; who ended or gave up is active no more."""
        cells = self.now.cells[step]
        active = np.round(self.sessions * np.minimum(cells / self.cells, 1))
        self.cells = cells
        usual = self.wanted * cells / self.sites.session_s * self.chance.burst[step]
        arrivals = np.round(usual + np.sqrt(usual) * self.chance.arrivals[step])
        started: Values = np.maximum(arrivals, 0)
        # Work is done as fast as packets get through; who gets none through loses patience.
        stuck = (1 - self.passed) ** 4
        due = active * (self.passed / self.sites.session_s + stuck / _PATIENCE_S)
        ended = np.round(due + np.sqrt(due) * self.chance.departures[step])
        self.sessions = np.maximum(active + started - np.clip(ended, 0, active), 0)
        return started

    def _offered(self, step: int, started: Values) -> tuple[Values, Values, Values]:
        """New, repeated and signalling packets."""
        pace = self.rate * self.answer * np.exp(0.05 * self.chance.demand[step])
        fresh = np.round(self.sessions * self.sites.session_packets_per_s * pace)
        again = np.round(self.pending / self.timer_s)
        self.pending = self.pending - again
        signals = np.round(
            started * _SIGNALS_PER_START
            + self.sessions * _SIGNALS_PER_SESSION
            + self.wanted * self.now.attach[step]
        )
        return fresh, again, signals

    def _service(self, step: int, mean_bytes: Values, signal_share: Values) -> Values:
        """Packets that line and node can carry: the line counts bytes, the node packets."""
        line = self.sites.capacity_bytes_per_s * self.now.link[step] / mean_bytes
        cost = 1 + (_SIGNAL_COST - 1) * signal_share
        carried: Values = np.minimum(line, self.sites.cpu_packets_per_s * self.now.cpu[step] / cost)
        return carried

    def _carry(self, packets: Values, service: Values) -> tuple[Values, Values, Values]:
        """Packets served, dropped at the full buffer, and waiting on average."""
        before = self.queue
        served = np.floor(np.minimum(before + packets, service))
        left = before + packets - served
        overflow = np.maximum(np.round(left - self.buffer_packets), 0)
        self.queue = left - overflow
        load = np.minimum(packets / np.maximum(service, 1), 1.0)
        clumps = _CLUMP * load**2 / (1 - load + _LEAST_IDLE)
        standing = 0.5 * (before + self.queue)
        waiting = np.minimum(standing + clumps, np.maximum(standing, self.buffer_packets))
        return served, overflow, waiting

    def _lost(self, step: int, served: Values) -> Values:
        """Packets lost on the line: binomial, by its normal approximation."""
        chance = self.now.loss[step]
        spread = np.sqrt(served * chance * (1 - chance))
        lost: Values = np.round(served * chance + spread * self.chance.loss[step])
        return np.clip(lost, 0, served)

    def _learn(
        self,
        step: int,
        share: Values,
        data: Values,
        packets: Values,
        drops: Values,
        delivered: Values,
    ) -> None:
        """Senders notice the lost `share`: they slow down, wait longer, and try again."""
        kept = self.rate * (1 - np.minimum(_BACK_OFF * share, 0.5))
        self.rate = np.maximum(kept + _RECOVERY * (1 - kept) * (1 - share), _LEAST_RATE)
        longer = np.minimum(2 * self.timer_s, _LONGEST_TIMER_S)
        self.timer_s = np.where(share > 0.9, longer, 1.0)
        of_data = data / np.maximum(packets, 1)
        self.pending = self.pending + of_data * (
            _PERSISTENCE * drops + self.now.repeats[step] * delivered
        )
        sites = self.sites
        usual_s = _THINK_S + sites.rtt_ms / 1000 + sites.server_s
        round_trip_s = (sites.rtt_ms + self.now.radio_ms[step]) / 1000
        self.answer = usual_s / (_THINK_S + round_trip_s + sites.server_s * self.now.server[step])
        through = self.rate * self.answer * (1 - share)
        self.passed = np.where(delivered > 0, np.minimum(through, 1.0), 0.0)

    def _latency_ms(
        self, step: int, share: Values, waiting: Values, service: Values, delivered: Values
    ) -> Values:
        """Request to answer, as probes see it: round trip, queue, server, and what a loss costs."""
        sites = self.sites
        queue_ms = 1000 * waiting / np.maximum(service, 1)
        server_ms = 1000 * sites.server_s * self.now.server[step]
        whole = sites.rtt_ms + self.now.radio_ms[step] + queue_ms + server_ms + _RETRY_MS * share
        whole = whole * np.exp(0.06 * self.chance.latency[step])
        return np.where(delivered > 0, np.minimum(whole, _LONGEST_MS), _LONGEST_MS)


def run(sites: Sites, now: Conditions, chance: Chance) -> Values:
    """Counters (n, WINDOW_S, len(COUNTERS)) of n links in their windows."""
    link = Link(sites, now, chance)
    counters = np.empty((WINDOW_S, len(COUNTERS), len(sites.sessions)))
    for step in range(STEPS):
        found = link.second(step)
        if step >= WARM_UP_S:
            counters[step - WARM_UP_S] = found
    return np.ascontiguousarray(counters.transpose(2, 0, 1))
