"""Runs the inputs of one reader in worker processes and gathers what became of them."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.reader import reader
from tests.fuzz.worker import input_of, samples_of

# How long one input may be under way. A process has waited 20 s for its turn on a busy machine;
# what an input may take of the processor is less, which the worker looks after.
MOST_S = 60.0
_START_S = 120.0
_ROOT = Path(__file__).parents[2]


@dataclass
class Defect:
    """An input, by its number, and what it did."""

    number: int
    told: str

    @property
    def kind(self) -> str:
        """The last line: the error, or how the process ended."""
        return self.told.strip().splitlines()[-1][:160]


@dataclass
class Report:
    """Figures of one reader."""

    name: str
    inputs: int = 0
    defects: list[Defect] = field(default_factory=list)
    peak_bytes: int = 0
    slowest_s: float = 0.0
    slowest_cpu_s: float = 0.0
    slowest: int = -1

    def line(self) -> str:
        """The figures, for people."""
        return (
            f"{self.name:24} {self.inputs:8} inputs {len(self.defects):5} defects  "
            f"peak {self.peak_bytes / 2**20:6.0f} MiB  slowest {self.slowest_s:6.2f} s, "
            f"{self.slowest_cpu_s:.2f} s at work (input {self.slowest})"
        )


def run(
    name: str, seed: int, inputs: int, saved: Path | None = None, most_s: float = MOST_S
) -> Report:
    """Read `inputs` damaged files; those that showed a defect are kept in the folder `saved`."""
    report = Report(name)
    folder = Path(tempfile.mkdtemp(prefix=f"fuzz_{name}_"))
    try:
        first = 0
        while first < inputs:
            first = _part(report, seed, range(first, inputs), folder, most_s)
        report.inputs = inputs
        if saved is not None and report.defects:
            _save(report, seed, folder, saved)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report


def _part(report: Report, seed: int, inputs: range, folder: Path, most_s: float) -> int:
    """One worker; the number of the first input that it did not come to."""
    first, last = inputs.start, inputs.stop
    numbers = [str(number) for number in (seed, first, last)]
    command = [sys.executable, "-m", "tests.fuzz.worker", report.name, *numbers, str(folder)]
    environment = os.environ | {"MYCAFFE_DATA": str(folder / "data"), "MYCAFFE_OFFLINE": "1"}
    with subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.PIPE) as worker:
        reached = first - 1
        for line in _lines(worker, report, most_s):
            told: Any = json.loads(line)
            if isinstance(told, int):
                reached = told
            elif "defect" in told:
                report.defects.append(Defect(told["number"], told["defect"]))
            else:
                _add(report, told)
                reached = last
    if reached < first:
        raise RuntimeError(f"the worker of {report.name} ended before its first input")
    if reached < last:
        code = worker.returncode
        end = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        report.defects.append(Defect(reached, f"the process {end}"))
    return reached + 1


def _lines(worker: subprocess.Popen[bytes], report: Report, most_s: float) -> Any:
    """Its lines; a worker that says nothing for too long is stopped."""
    assert worker.stdout is not None
    pending = b""
    wait = _START_S
    while True:
        ready, _, _ = select.select([worker.stdout], [], [], wait)
        if not ready:
            report.slowest_s = max(report.slowest_s, wait)
            worker.kill()
            return
        more = os.read(worker.stdout.fileno(), 1 << 16)
        if not more:
            return
        *lines, pending = (pending + more).split(b"\n")
        yield from lines
        wait = most_s


def _add(report: Report, told: dict[str, Any]) -> None:
    report.peak_bytes = max(report.peak_bytes, told["peak_bytes"])
    if told["slowest_s"] > report.slowest_s:
        report.slowest_s, report.slowest = told["slowest_s"], told["slowest"]
        report.slowest_cpu_s = told["slowest_cpu_s"]


def _save(report: Report, seed: int, folder: Path, saved: Path) -> None:
    found = reader(report.name)
    samples = samples_of(found, folder / "samples")
    saved.mkdir(parents=True, exist_ok=True)
    for defect in report.defects:
        path = saved / f"{report.name}_{seed}_{defect.number}"
        path.write_bytes(input_of(report.name, found, samples, seed, defect.number))
        path.with_name(path.name + ".txt").write_text(defect.told)
