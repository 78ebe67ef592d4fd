"""What forks of Caffe call otherwise becomes Caffe's own word for it.

So layers, exports and other programs know one form: ceil_mode and torch_pooling are round_mode,
hole is dilation, and the two depthwise layers are Convolutions with a group for each channel. The
forks' Lstm is another layer than Caffe's LSTM, and names of types ignore case: it gets its own.
"""

from __future__ import annotations

from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import (
    ConvolutionParameter,
    EltwiseParameter,
    ImageDataParameter,
    LayerParameter,
    PoolingParameter,
)
from mycaffe_py.proto.of_forks.upgrade_priors import upgrade_priors
from mycaffe_py.proto.of_forks.upgrade_proposal import upgrade_proposal
from mycaffe_py.proto.upgrading import Draft

_DEPTHWISE = ("convolutiondepthwise", "depthwiseconvolution")
_CTPN_LSTM = "CTPNLstm"
_HOLES = ("hole", "hole_h", "hole_w")


def upgrade_forks(draft: Draft) -> None:
    """Rename types and options of forks for which Caffe has words of its own."""
    for i, layer in enumerate(draft.net.layer):
        _round_mode(draft, i, layer)
        _dilation(draft, i, layer)
        _depthwise(draft, layer)
        _lstm(draft, layer)
        _has_label(draft, layer)
        _sum_of_one(draft, layer)
        upgrade_proposal(draft, layer)
    upgrade_priors(draft)


def _round_mode(draft: Draft, i: int, layer: LayerParameter) -> None:
    """`ceil_mode: false` and `torch_pooling: true` become `round_mode: FLOOR`."""
    if not layer.HasField("pooling_param"):
        return
    options = layer.pooling_param
    floors = {
        "round_mode": options.round_mode == PoolingParameter.FLOOR,
        "ceil_mode": not options.ceil_mode,
        "torch_pooling": options.torch_pooling,
    }
    said = [name for name in floors if options.HasField(name)]
    for name in said[1:]:
        if floors[name] != floors[said[0]]:
            raise UserError(
                f"{name} says otherwise than {said[0]}",
                where=draft.where.at("layer", i, "pooling_param", name),
                wanted="ceil_mode: false and torch_pooling: true both mean round_mode: FLOOR",
                do=f"Remove {name}.",
            )
    for name in said:
        if name != "round_mode":
            options.round_mode = PoolingParameter.FLOOR if floors[name] else PoolingParameter.CEIL
            options.ClearField("ceil_mode" if name == "ceil_mode" else "torch_pooling")
            draft.notes.append(f"layer '{layer.name}': {name} is read as round_mode")


def _dilation(draft: Draft, i: int, layer: LayerParameter) -> None:
    """`hole: 2` becomes `dilation: 2`; hole_h and hole_w become one dilation for each axis."""
    options = layer.convolution_param
    said = [name for name in _HOLES if options.HasField(name)]
    if not said:
        return
    if options.dilation or ("hole" in said and len(said) > 1):
        raise UserError(
            f"{said[-1]} stands beside {'dilation' if options.dilation else said[0]}",
            where=draft.where.at("layer", i, "convolution_param", said[-1]),
            wanted="either dilation, or hole, or hole_h and hole_w: they are one thing",
            do="Keep dilation, one value for all axes or one for each.",
        )
    options.dilation.extend(_holes(options))
    for name in _HOLES:
        options.ClearField(name)
    draft.notes.append(f"layer '{layer.name}': {' and '.join(said)} is read as dilation")


def _holes(options: ConvolutionParameter) -> list[int]:
    if options.HasField("hole"):
        return [options.hole]
    return [options.hole_h, options.hole_w]


def _depthwise(draft: Draft, layer: LayerParameter) -> None:
    """Both depthwise types become Convolution; the one that has no group gets one."""
    # A damaged binary may hold bytes that are no text.
    kind = str(layer.type).replace("_", "").lower()
    if kind not in _DEPTHWISE:
        return
    options = layer.convolution_param
    if kind == "convolutiondepthwise" and not options.HasField("group"):
        # It makes one channel of each that it reads, so both are num_output many.
        options.group = options.num_output
    draft.notes.append(f"layer '{layer.name}': {layer.type} is read as Convolution")
    layer.type = "Convolution"


def _lstm(draft: Draft, layer: LayerParameter) -> None:
    """The Lstm of CTPN and caffe_ocr, known by its options, whose weights lie otherwise."""
    if layer.type.lower() == "lstm" and layer.HasField("lstm_param"):
        draft.notes.append(f"layer '{layer.name}': Lstm with lstm_param is read as {_CTPN_LSTM}")
        layer.type = _CTPN_LSTM


def _sum_of_one(draft: Draft, layer: LayerParameter) -> None:
    """FlowNet2's Eltwise of one bottom, which has a factor at most, becomes Power."""
    if layer.type.lower() != "eltwise" or len(layer.bottom) != 1:
        return
    options = layer.eltwise_param
    if len(options.coeff) > 1 or (options.coeff and options.operation != EltwiseParameter.SUM):
        return
    if options.coeff:
        layer.power_param.scale = options.coeff[0]
    layer.ClearField("eltwise_param")
    layer.type = "Power"
    draft.notes.append(f"layer '{layer.name}': Eltwise of one bottom is read as Power")


def _has_label(draft: Draft, layer: LayerParameter) -> None:
    """`has_label: false` of the first DeepLab becomes `label_type: NONE` of the second."""
    options = layer.image_data_param
    if not options.HasField("has_label"):
        return
    if not options.has_label and not options.HasField("label_type"):
        options.label_type = ImageDataParameter.NONE
    options.ClearField("has_label")
    draft.notes.append(f"layer '{layer.name}': has_label is read as label_type")
