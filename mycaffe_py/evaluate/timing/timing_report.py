"""The report of `mycaffe time`: what a step of a net takes, on which machine."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from mycaffe_py.evaluate.timing.machine import Machine
from mycaffe_py.evaluate.timing.timing import Timing
from mycaffe_py.evaluate.timing.timing_table import count_note, layer_table, memory_line, totals


@dataclass(frozen=True)
class TimingReport:
    """The `timing` of a net in a phase, on `threads` of a machine.

    `peak_gflops` is what these threads can do at most. `notes` tell what the optimising passes
    have done to the net.
    """

    net: str
    phase: str
    notes: tuple[str, ...]
    machine: Machine
    threads: int
    peak_gflops: float
    timing: Timing

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        timing = self.timing
        return {
            "net": self.net,
            "phase": self.phase,
            "notes": self.notes,
            "machine": dataclasses.asdict(self.machine),
            "threads": self.threads,
            "peak_gflops": self.peak_gflops,
            **dataclasses.asdict(timing),
            "flop": timing.flop,
            "flop_done": timing.flop_done,
        }

    def lines(self) -> list[str]:
        """For people."""
        timing, peak, threads = self.timing, self.peak_gflops, self.threads
        times = f"{_steps(timing.iterations)} on {threads} thread{'s' * (threads > 1)}"
        table = [
            "",
            *layer_table(timing, peak),
            *count_note(timing),
            "",
            *totals(timing, peak),
            "",
            memory_line(timing.memory),
            *self.notes,
        ]
        return [
            f"{self.net}, {self.phase}: {times}",
            f"{self.machine}; peak: {peak:.0f} GFLOP/s, a large matrix product",
            *(f"  {line}".rstrip() for line in table),
        ]


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"medians of {count:,} steps"
