"""Floor 7. A timing told to people."""

from __future__ import annotations

import dataclasses

from mycaffe_py.evaluate.timing import LayerTime, Memory, Timing

_MIB = 2**20
_HEAD = ("layer", "type", "forward ms", "GFLOP/s", "peak", "backward ms", "GFLOP/s", "peak", "step")
_NAMES = 2


def layer_table(timing: Timing, peak: float) -> list[str]:
    """One line a layer; GFLOP/s and their share of `peak` where products are counted."""
    rows = [_HEAD, *(_row(layer, timing, peak) for layer in timing.layers)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    return [_line(row, widths) for row in rows]


def _row(layer: LayerTime, timing: Timing, peak: float) -> tuple[str, ...]:
    back_ms = layer.backward_ms
    return (
        layer.name,
        layer.type,
        f"{layer.forward_ms:.3f}",
        *_pace(layer.forward_flop, layer.forward_ms, peak),
        "" if back_ms is None else f"{back_ms:.3f}",
        *_pace(layer.backward_flop, back_ms or 0.0, peak),
        _percent(layer.total_ms / timing.step_ms),
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    """Names to the left, numbers to the right."""
    cells = [
        cell.ljust(width) if column < _NAMES else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _pace(flop: int, ms: float, peak: float) -> tuple[str, str]:
    """GFLOP/s and their share of the peak; empty where nothing is counted."""
    if not flop or not ms:
        return "", ""
    gflops = flop / ms / 1e6
    return f"{gflops:.1f}", f"{100 * gflops / peak:.0f} %"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def totals(timing: Timing, peak: float) -> list[str]:
    """The parts of a step, and the step."""
    parts = {
        "data": timing.data_ms,
        "forward": timing.forward_ms,
        "backward": timing.backward_ms,
        "update": timing.update_ms,
        "whole step": timing.step_ms,
    }
    lines = [
        f"{name:10}  {ms:9.3f} ms  {_percent(ms / timing.step_ms):>7}"
        for name, ms in parts.items()
        if ms is not None
    ]
    gflops, share = _pace(timing.flop, timing.step_ms, peak)
    if gflops:
        lines[-1] += f"  {gflops} GFLOP/s, {share} of the peak"
    return lines


def memory_line(memory: Memory) -> str:
    """What the arrays take, and what for."""
    kinds = dataclasses.asdict(memory)
    total = kinds.pop("total")
    told = ", ".join(f"{name} {size / _MIB:.2f}" for name, size in kinds.items())
    return f"{total / _MIB:.2f} MiB of arrays: {told}"
