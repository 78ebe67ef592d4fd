"""How a process waits for the others."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

# So long it looks again and again, each time giving its core away: as long as steps of processes
# that have a core each commonly differ.
_LOOK_S = 1e-3
# Then it sleeps between looks, so that where there are more processes than cores, or other work,
# the others can go on: a share of what it has waited, within limits. To wake up takes some 20 us of
# a processor, and a nap's end may be so much too late.
_NAP_SHARE = 1 / 32
_SHORTEST_NAP_S = 50e-6
_LONGEST_NAP_S = 500e-6


def wait_until(done: Callable[[], bool]) -> None:
    """Return when `done` says so."""
    if done():
        return
    began = time.monotonic()
    while not done():
        waited = time.monotonic() - began
        if waited < _LOOK_S:
            os.sched_yield()
        else:
            time.sleep(min(max(waited * _NAP_SHARE, _SHORTEST_NAP_S), _LONGEST_NAP_S))
