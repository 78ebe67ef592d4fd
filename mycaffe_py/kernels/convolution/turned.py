"""Filters as backward sees them: turned around, and from outputs to inputs."""

from __future__ import annotations

from numba import get_num_threads, prange

from ..jit import parallel_kernel
from ..sharing import call_on

# Values from which it pays to wake the other threads.
_WORTH_SHARING = 1 << 18
# Channels at a time: their turned filters lie in as many places, which the cache then holds.
_TOGETHER = 16


@parallel_kernel
def _turn(w, groups, outputs, channels, taps, turned_out):
    """The arrays are flat; `outputs` and `channels` are those of one group."""
    blocks = (channels + _TOGETHER - 1) // _TOGETHER
    for item in prange(groups * blocks):
        group = item // blocks
        first = item % blocks * _TOGETHER
        last = min(channels, first + _TOGETHER)
        for output in range(outputs):
            start = (group * outputs + output) * channels * taps
            for channel in range(first, last):
                here = start + channel * taps
                there = ((group * channels + channel) * outputs + output) * taps
                for tap in range(taps):
                    turned_out[there + taps - 1 - tap] = w[here + tap]


def turn_filters(w, groups, turned_out):
    """w (K, C / groups, taps ...) as turned (C, K / groups, taps ...), the last tap first.

    Both are contiguous and of one dtype.
    """
    outputs, channels = w.shape[0] // groups, w.shape[1]
    taps = w.size // max(1, w.shape[0] * channels)
    threads = get_num_threads() if w.size >= _WORTH_SHARING else 1
    flat, out = w.reshape(-1), turned_out.reshape(-1)
    call_on(threads, _turn, flat, groups, outputs, channels, taps, out)
