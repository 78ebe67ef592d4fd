"""A timing told to people."""

from __future__ import annotations

import dataclasses

from mycaffe_py.evaluate.timing.timing import LayerTime, NetMemory, Timing

_MIB = 2**20
_HEAD = ("layer", "type", "forward ms", "GFLOP/s", "peak", "backward ms", "GFLOP/s", "peak", "step")
_NAMES = 2


def layer_table(timing: Timing, peak: float) -> list[str]:
    """One line a layer; where products are counted, GFLOP/s of direct loops, and which share of
    `peak` the products make that are really done.
    """
    rows = [_HEAD, *(_row(layer, timing, peak) for layer in timing.layers)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    return [_line(row, widths) for row in rows]


def _row(layer: LayerTime, timing: Timing, peak: float) -> tuple[str, ...]:
    back_ms = layer.backward_ms
    return (
        layer.name,
        layer.type,
        f"{layer.forward_ms:.3f}",
        *_pace(layer.forward_flop, layer.forward_done, layer.forward_ms, peak),
        "" if back_ms is None else f"{back_ms:.3f}",
        *_pace(layer.backward_flop, layer.backward_done, back_ms or 0.0, peak),
        _percent(layer.total_ms / timing.step_ms),
    )


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    """Names to the left, numbers to the right."""
    cells = [
        cell.ljust(width) if column < _NAMES else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _pace(flop: int, done: int, ms: float, peak: float) -> tuple[str, str]:
    """GFLOP/s of direct loops, and the share of the peak really used; empty without a count."""
    if not flop or not ms:
        return "", ""
    return f"{flop / ms / 1e6:.1f}", f"{100 * done / ms / 1e6 / peak:.0f} %"


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
    gflops, share = _pace(timing.flop, timing.flop_done, timing.step_ms, peak)
    if gflops:
        lines[-1] += f"  {_counts(timing, gflops)}, {share} of the peak"
    return lines


def _counts(timing: Timing, gflops: str) -> str:
    """Both counts, where they differ: what direct loops would take, and what is done."""
    if timing.flop_done == timing.flop:
        return f"{gflops} GFLOP/s"
    done = timing.flop_done / timing.step_ms / 1e6
    return f"{gflops} GFLOP/s counted as direct loops, {done:.1f} GFLOP/s really done"


def count_note(timing: Timing) -> list[str]:
    """What the columns count, where kernels take fewer products than direct loops."""
    if timing.flop_done == timing.flop:
        return []
    return [
        f"GFLOP/s: as if by direct loops ({timing.flop / 1e9:.3f} GFLOP a step). peak: share of it "
        f"that is really used",
        f"({timing.flop_done / 1e9:.3f} GFLOP: Winograd's way and the maxima of a pool leave out "
        "products).",
    ]


def memory_line(memory: NetMemory) -> str:
    """What the arrays take, and what for."""
    kinds = dataclasses.asdict(memory)
    total = kinds.pop("total")
    told = ", ".join(f"{name} {size / _MIB:.2f}" for name, size in kinds.items())
    return f"{total / _MIB:.2f} MiB of arrays: {told}"
