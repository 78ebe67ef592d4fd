"""Recognising: the RUN net of siamese_28x28 as test-many uses it, against PyTorch and others.

    python -m tests.benchmarks.recognition_vs_torch [--rounds 30] [--block 10] [--threads 1 2]

Batches of 256 pictures to squared distances to the ten centroids. PyTorch's pictures lie ready as
floats; onnxruntime and OpenVINO, where they are installed, run our ONNX export, which takes bytes;
ours are also timed with everything test-many does, from bytes in the data set on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mycaffe_py.cli.main import main as main_command
from mycaffe_py.evaluate.test_many import BATCH
from mycaffe_py.solver.build import build_solver
from mycaffe_py.solver.saving import save
from mycaffe_py.solver.texts import read_job
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot, open_testing
from tests.benchmarks import interleaved, torch_nets
from tests.benchmarks.onnx_engines import engines_of

_OURS = "ours, the net"
_ITERATIONS = 50


def _trained(folder: Path) -> Path:
    """A snapshot after a moment of training: centroids have to stand somewhere."""
    solver = build_solver(read_job("siamese_28x28"), seed=1)
    for _ in range(_ITERATIONS):
        solver.step()
    return save(solver, folder / "short").weights


def _variants(net: torch_nets.Digits, centroids: torch.Tensor, x: torch.Tensor) -> dict[str, Any]:
    """PyTorch's ways to run a net, all under inference_mode."""

    def distances(pictures: torch.Tensor) -> torch.Tensor:
        return ((net(pictures)[:, None] - centroids) ** 2).sum(2)

    @torch.inference_mode()
    def call(run: Callable[..., Any], pictures: torch.Tensor) -> torch.Tensor:
        return run(pictures)

    last = x.contiguous(memory_format=torch.channels_last)
    compiled, frozen = torch.compile(distances), _frozen(net, x)
    return {
        "PyTorch, eval": lambda: call(distances, x),
        "PyTorch, channels-last": lambda: call(distances, last),
        "PyTorch, traced and optimised": lambda: call(frozen, x),
        "PyTorch, compiled": lambda: call(compiled, x),
        "PyTorch, channels-last, compiled": lambda: call(compiled, last),
    }


def _frozen(net: torch_nets.Digits, x: torch.Tensor) -> Any:
    """TorchScript with weights laid out beforehand; without the distances, which favours it."""
    with torch.inference_mode():
        return torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))


def main() -> None:
    """Print the tables."""
    args = interleaved.options(__doc__ or "", rounds=30, block=10)
    interleaved.print_head("tests.benchmarks.recognition_vs_torch")
    folder = tempfile.TemporaryDirectory()
    weights, onnx = _trained(Path(folder.name)), Path(folder.name, "net.onnx")
    main_command(["export", "onnx", "--snapshot", str(weights), "--out", str(onnx)])
    snapshot = open_snapshot(weights)
    source = open_testing(snapshot)
    ours = RunNet(snapshot, source, BATCH)
    records = np.arange(BATCH)
    expected = torch.from_numpy(ours.distances(source.gather(records)))
    x = torch.from_numpy(ours.net.blob(ours.input).copy())
    raw = source.gather(records).transpose(0, 2, 3, 1).copy()
    theirs = torch_nets.siamese().eval()
    infos = [info for info in ours.net.params.infos if info.learned]
    theirs.take([ours.net.values[info.key] for info in infos])
    centroids = torch.from_numpy(ours.centroids()[0].copy())
    for threads in args.threads:
        interleaved.use_threads(threads)
        interleaved.print_peak(threads)
        calls = _variants(theirs, centroids, x)
        calls = {name: call for name, call in calls.items() if interleaved.works(name, call)}
        torch.testing.assert_close(calls["PyTorch, eval"](), expected, rtol=1e-3, atol=1e-4)
        mine = {
            _OURS: ours.net.forward,
            "ours, as test-many: gather, transform, net": lambda: ours.distances(
                source.gather(records)
            ),
        }
        others = engines_of(onnx, raw, threads)
        found = interleaved.measure({**mine, **calls, **others}, args.rounds, args.block)
        unit = f"{BATCH} pictures, {threads} thread{'s' * (threads > 1)}"
        interleaved.print_table(found, _OURS, unit, BATCH)


if __name__ == "__main__":
    main()
