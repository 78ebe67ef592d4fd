"""The window a filter or a pool slides over a picture: its options and its output size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycaffe_py.errors import UserError
from mycaffe_py.layers.base import LayerContext, Shape

_CONVOLUTION = "convolution_param"


@dataclass(frozen=True)
class SlidingWindow:
    """One value for each spatial axis, in pixels."""

    kernel: Shape
    stride: Shape
    pad: Shape
    dilation: Shape

    @property
    def extents(self) -> Shape:
        """What the window covers, gaps of a dilation included: d (k - 1) + 1."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True))


def convolved(window: SlidingWindow, sizes: Shape) -> Shape:
    """floor((size + 2 pad - extent) / stride) + 1 for each axis."""
    return tuple(
        (size + 2 * p - extent) // s + 1
        for size, p, extent, s in zip(sizes, window.pad, window.extents, window.stride, strict=True)
    )


def convolution_window(ctx: LayerContext, axes: int) -> SlidingWindow:
    """The window of `convolution_param` over `axes` spatial axes."""
    kernel = _spatial(ctx, "kernel_size", ("kernel_h", "kernel_w"), axes, None)
    stride = _spatial(ctx, "stride", ("stride_h", "stride_w"), axes, 1)
    pad = _spatial(ctx, "pad", ("pad_h", "pad_w"), axes, 0)
    dilation = _spatial(ctx, "dilation", (), axes, 1)
    _above_0(ctx, _CONVOLUTION, kernel_size=kernel, stride=stride, dilation=dilation)
    return SlidingWindow(kernel, stride, pad, dilation)


def _above_0(ctx: LayerContext, message: str, **options: Shape) -> None:
    for name, values in options.items():
        if min(values, default=1) < 1:
            raise ctx.error(
                f"{name} {_words(values)}", at=(message, name), wanted="at least 1 for each axis"
            )


def check_fits(ctx: LayerContext, message: str, window: SlidingWindow, sizes: Shape) -> None:
    """Raise where the window covers more than the padded picture."""
    for size, p, extent in zip(sizes, window.pad, window.extents, strict=True):
        if extent > size + 2 * p:
            raise _too_large(ctx, message, window)


def check_some_left(ctx: LayerContext, window: SlidingWindow, pooled_sizes: Shape) -> None:
    """Raise where no pooling window fits the padded picture."""
    if min(pooled_sizes) < 1:
        raise _too_large(ctx, "pooling_param", window)


def _too_large(ctx: LayerContext, message: str, window: SlidingWindow) -> UserError:
    return ctx.error(
        f"a window of {_words(window.extents)} pixels is larger than its input",
        at=(message, "kernel_size"),
        wanted=f"bottom '{ctx.param.bottom[0]}' is {ctx.shapes[0]}, with pad {_words(window.pad)}",
        do="Make the kernel smaller, or pad more.",
    )


def _spatial(
    ctx: LayerContext, name: str, pair: Sequence[str], axes: int, default: int | None
) -> Shape:
    """A repeated option as one value for each axis, or the pair of options for two axes."""
    options = ctx.param.convolution_param
    values = tuple(int(v) for v in getattr(options, name))
    if any(options.HasField(field) for field in pair):
        return _pair(ctx, name, pair, axes)
    if not values and default is None and axes:
        raise ctx.error(
            "no kernel_size", at=(_CONVOLUTION,), do="Write for instance: kernel_size: 5"
        )
    if not values:
        return (default or 0,) * axes
    if len(values) not in (1, axes):
        raise ctx.error(
            f"{len(values)} values of {name}",
            at=(_CONVOLUTION, name, 0),
            wanted=f"one, or one for each of the {axes} spatial axes of {ctx.shapes[0]}",
        )
    return values * axes if len(values) == 1 else values


def _pair(ctx: LayerContext, name: str, pair: Sequence[str], axes: int) -> Shape:
    """`kernel_h` and `kernel_w` and the like; a lone pad_h or pad_w leaves the other at 0."""
    options = ctx.param.convolution_param
    found = [field for field in pair if options.HasField(field)]
    if getattr(options, name):
        raise ctx.error(
            f"{name} stands beside {found[0]}",
            at=(_CONVOLUTION, found[0]),
            wanted=f"either {name} or {pair[0]} and {pair[1]}",
        )
    if axes != 2:
        raise ctx.error(
            f"{found[0]} for {axes} spatial axes",
            at=(_CONVOLUTION, found[0]),
            wanted=f"it is for 2 axes, and the bottom is {ctx.shapes[0]}",
            do=f"Use {name} with one value for each axis.",
        )
    if len(found) == 1 and name != "pad":
        other = pair[1] if found[0] == pair[0] else pair[0]
        raise ctx.error(
            f"{found[0]} without {other}",
            at=(_CONVOLUTION, found[0]),
            wanted="both, since neither has a value by itself",
            do=f"Add {other}.",
        )
    return tuple(int(getattr(options, field)) for field in pair)


def pooling_window(ctx: LayerContext, sizes: Shape) -> SlidingWindow:
    """The window of `pooling_param` over a picture of these sizes (H, W)."""
    options = ctx.param.pooling_param
    stride = _pool_pair(ctx, "stride", needs_both=True)
    pad = _pool_pair(ctx, "pad", needs_both=False)
    if options.global_pooling:
        given = [f for f in ("kernel_size", "kernel_h", "kernel_w") if options.HasField(f)]
        if given or pad != (0, 0) or stride != (1, 1):
            raise ctx.error(
                "global_pooling beside a kernel, pad or stride",
                at=("pooling_param", "global_pooling"),
                wanted="it covers the whole picture, in one step",
                do="Delete the others.",
            )
        kernel = sizes
    else:
        kernel = _pool_pair(ctx, "kernel", needs_both=True)
    _above_0(ctx, "pooling_param", kernel_size=kernel, stride=stride)
    if any(p >= k for p, k in zip(pad, kernel, strict=True)):
        raise ctx.error(
            f"pad {_words(pad)} for a kernel of {_words(kernel)}",
            at=("pooling_param", "pad"),
            wanted="pad below the kernel, so that no window lies in the padding alone",
        )
    return SlidingWindow(kernel, stride, pad, (1, 1))


def _pool_pair(ctx: LayerContext, name: str, needs_both: bool) -> Shape:
    """kernel_size, stride or pad: one value for both axes or one with _h and one with _w."""
    options = ctx.param.pooling_param
    single = "kernel_size" if name == "kernel" else name
    found = [f for f in (f"{name}_h", f"{name}_w") if options.HasField(f)]
    if not found:
        if name == "kernel" and not options.HasField(single):
            raise ctx.error(
                "no kernel_size", at=("pooling_param",), do="Write for instance: kernel_size: 2"
            )
        return (int(getattr(options, single)),) * 2
    if options.HasField(single) or (needs_both and len(found) == 1):
        raise ctx.error(
            f"{single} stands beside {found[0]}"
            if options.HasField(single)
            else f"only {found[0]} of {name}_h and {name}_w",
            at=("pooling_param", found[0]),
            wanted=f"either {single}, or both {name}_h and {name}_w",
        )
    return (int(getattr(options, f"{name}_h")), int(getattr(options, f"{name}_w")))


def pooled(window: SlidingWindow, sizes: Shape, ceil: bool) -> Shape:
    """ceil or floor of (size + 2 pad - kernel) / stride, + 1; below 1 where no window is left.

    Rounded up, a window that is larger than its picture by less than the stride counts, and is cut
    to the picture as a last window is.
    A last window that would begin behind the picture and its far padding is dropped. Caffe does so
    only when padding; without it, such a window (stride above kernel) holds nothing at all.
    """
    out = []
    for size, k, s, p in zip(sizes, window.kernel, window.stride, window.pad, strict=True):
        reach = size + 2 * p - k
        steps = -(-reach // s) if ceil else reach // s
        out.append(steps if steps * s >= size + p else steps + 1)
    return tuple(out)


def _words(values: Shape) -> str:
    return " x ".join(map(str, values)) if values else "nothing"
