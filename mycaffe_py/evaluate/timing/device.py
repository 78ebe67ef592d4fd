"""The report of `mycaffe device-query`: the machine that nets run on here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mycaffe_py.evaluate.timing.machine import Machine, peak_gflops, this_machine
from mycaffe_py.kernels.vectors.vector import WIDTH_BYTES

_BITS, _FLOAT_BYTES = 8, 4


@dataclass(frozen=True)
class Device:
    """A machine, the `threads` of it that are used, and what they can do at most."""

    machine: Machine
    threads: int
    vector_bytes: int
    peak_gflops: float

    @staticmethod
    def measured(threads: int) -> Device:
        """The machine at hand, of which `threads` are set to be used."""
        return Device(this_machine(), threads, WIDTH_BYTES, round(peak_gflops(), 1))

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "processor": self.machine.processor,
            "cores": self.machine.cores,
            "threads": self.threads,
            "vector_bits": self.vector_bytes * _BITS,
            "peak_gflops": self.peak_gflops,
            "python": self.machine.python,
            "numpy": self.machine.numpy,
            "numba": self.machine.numba,
        }

    def lines(self) -> list[str]:
        """For people."""
        machine, size = self.machine, self.vector_bytes
        return [
            f"Processor:    {machine.processor}",
            f"Cores:        {machine.cores}, of which {self.threads} are used",
            f"Vectors:      {size * _BITS} bits, {size // _FLOAT_BYTES} floats",
            f"Peak:         {self.peak_gflops:g} GFLOP/s, a large matrix product in float32",
            f"Python:       {machine.python}, numpy {machine.numpy}, numba {machine.numba}",
        ]
