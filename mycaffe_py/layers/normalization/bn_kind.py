"""Which of the two layers named BN a text means, and the parameters of each."""

from __future__ import annotations

from dataclasses import replace

from mycaffe_py.layers.base import LayerContext, ParamBlob, Shape
from mycaffe_py.layers.fillers import filled

_PSPNET = ("slope_filler", "bias_filler", "momentum", "eps", "frozen", "engine")
_SEGNET = ("scale_filler", "shift_filler", "bn_mode")
# How many parameters SegNet's layer has; PSPNet's has two more, its means and variances.
_SEGNET_PARAMS = 2


def is_segnet(ctx: LayerContext) -> bool:
    """Told by the options; without any by the weights, the tops and the `param` entries.

    Errors: options of both.
    """
    options = ctx.param.bn_param
    given = [field.name for field, _ in options.ListFields()]
    kinds = {name in _SEGNET for name in given}
    if len(kinds) == 2:
        odd = next(name for name in given if (name in _SEGNET) != (given[0] in _SEGNET))
        raise ctx.error(
            f"{odd} stands beside {given[0]}",
            at=("bn_param", odd),
            wanted=f"{', '.join(_PSPNET)} are options of PSPNet's BN, and {', '.join(_SEGNET)} of "
            "SegNet's, which is another layer",
            do="Remove one of them.",
        )
    if kinds:
        return True in kinds
    if ctx.stored is not None:
        return len(ctx.stored) == _SEGNET_PARAMS
    return ctx.top_count > 1 or len(ctx.param.param) == _SEGNET_PARAMS


def params_of(ctx: LayerContext, channels: int, *, segnet: bool) -> tuple[ParamBlob, ...]:
    """Factors and shifts, and PSPNet's means and variances."""
    shape: Shape = (1, channels, 1, 1)
    names = ("scale_filler", "shift_filler") if segnet else ("slope_filler", "bias_filler")
    options = ctx.param.bn_param
    learned = tuple(
        filled(shape, getattr(options, name), ctx.where.at("bn_param", name)) for name in names
    )
    if segnet:
        return learned
    if options.frozen:
        learned = tuple(replace(blob, learned=False) for blob in learned)
    return (*learned, ParamBlob(shape, learned=False), ParamBlob(shape, learned=False))
