"""Nets that label pixels as their papers and deploy texts build them, but with few channels."""

from __future__ import annotations

from collections.abc import Callable

from tests.end_to_end.small_nets import Text

_CLASSES = 5


def enet() -> str:
    """Paszke et al., table 1: an initial block, two stages down, three up, PReLU everywhere."""
    net = Text(32, 48)
    size = "kernel_size: 3 stride: 2 pad: 1"
    x = net.conv("conv1_0", "data", 5, size)
    pool = net.pool("pool1_0", "data", "pool: MAX kernel_size: 2 stride: 2")
    x = _prelu(net, _bn(net, net.add("Concat", "init", f"{x} {pool}")))
    x = _down(net, "b1_0", x, 8, 12)
    for k in range(1, 5):
        x = _bottleneck(net, f"b1_{k}", x, 12, "kernel_size: 3 pad: 1")
    x = _down(net, "b2_0", x, 12, 16)
    for k, options in enumerate(("", "dilation: 2", "FLAT", "dilation: 4", "", "dilation: 8")):
        spread = options.partition(" ")[2] or "1"
        filters = f"kernel_size: 3 pad: {spread} dilation: {spread}"
        x = _bottleneck(net, f"b2_{k + 1}", x, 16, "" if options == "FLAT" else filters)
    x = _up(net, "b4_0", x, 12, "b2_0")
    x = _bottleneck(net, "b4_1", x, 12, "kernel_size: 3 pad: 1")
    x = _up(net, "b5_0", x, 8, "b1_0")
    x = _bottleneck(net, "b5_1", x, 8, "kernel_size: 3 pad: 1")
    net.conv("deconv6", x, _CLASSES, "kernel_size: 2 stride: 2", "Deconvolution")
    return net.text()


def _bn(net: Text, blob: str) -> str:
    """Statistics worked into scale and shift, as compute_bn_statistics leaves a text."""
    return net.here("BN", blob, "bn_param { bn_mode: INFERENCE }")


def _prelu(net: Text, blob: str) -> str:
    return net.here("PReLU", blob)


def _bottleneck(net: Text, name: str, x: str, count: int, filters: str) -> str:
    """1 x 1, `filters` or a row and a column of 5, 1 x 1; added to what came in."""
    y = _prelu(net, _bn(net, net.conv(f"{name}_reduce", x, 4, "bias_term: false")))
    if filters:
        y = net.conv(f"{name}_conv", y, 4, filters)
    else:
        y = net.conv(
            f"{name}_a", y, 4, "bias_term: false kernel_h: 5 kernel_w: 1 pad_h: 2 pad_w: 0"
        )
        y = net.conv(f"{name}_b", y, 4, "kernel_h: 1 kernel_w: 5 pad_h: 0 pad_w: 2")
    y = _prelu(net, _bn(net, y))
    y = _bn(net, net.conv(f"{name}_expand", y, count, "bias_term: false"))
    return _prelu(net, net.add("Eltwise", name, f"{x} {y}"))


def _down(net: Text, name: str, x: str, before: int, count: int) -> str:
    """Beside a pooling that keeps its places; new channels of the shortcut are made of it."""
    half = "kernel_size: 2 stride: 2 bias_term: false"
    y = _prelu(net, _bn(net, net.conv(f"{name}_reduce", x, 4, half)))
    y = _prelu(net, _bn(net, net.conv(f"{name}_conv", y, 4, "kernel_size: 3 pad: 1")))
    y = _bn(net, net.conv(f"{name}_expand", y, count, "bias_term: false"))
    pooled = f"{name}_pool {name}_mask"
    x = net.pool(f"{name}_pool", x, "pool: MAX kernel_size: 2 stride: 2", pooled)
    more = net.conv(f"{name}_more", x, count - before)
    x = net.add("Concat", f"{name}_wide", f"{x} {more}")
    return _prelu(net, net.add("Eltwise", name, f"{x} {y}"))


def _up(net: Text, name: str, x: str, count: int, down: str) -> str:
    """Beside an Upsample by the places of `down`."""
    y = _prelu(net, _bn(net, net.conv(f"{name}_reduce", x, 4, "bias_term: false")))
    y = net.conv(f"{name}_conv", y, 4, "kernel_size: 2 stride: 2", "Deconvolution")
    y = _bn(net, net.conv(f"{name}_expand", _prelu(net, _bn(net, y)), count, "bias_term: false"))
    # As many channels as the places have, which is as many as the pooling read.
    x = _bn(net, net.conv(f"{name}_less", x, count, "bias_term: false"))
    x = net.add("Upsample", f"{name}_up", f"{x} {down}_mask", "upsample_param { scale: 2 }")
    return _prelu(net, net.add("Eltwise", name, f"{x} {y}"))


def _pspnet_conv(net: Text, name: str, x: str, count: int, options: str = "") -> str:
    """A convolution and PSPNet's BN."""
    y = net.conv(name, x, count, f"bias_term: false {options}")
    return net.here("BN", y, "bn_param { frozen: true momentum: 0.95 }")


def _residual(net: Text, name: str, x: str, options: str, project: str = "") -> str:
    """A bottleneck of ResNet; `project` are the options of a convolution in the shortcut."""
    y = net.here("ReLU", _pspnet_conv(net, f"{name}_1x1_reduce", x, 4, project))
    y = net.here("ReLU", _pspnet_conv(net, f"{name}_3x3", y, 4, options))
    y = _pspnet_conv(net, f"{name}_1x1_increase", y, 8)
    if project:
        x = _pspnet_conv(net, f"{name}_1x1_proj", x, 8, project)
    return net.here("ReLU", net.add("Eltwise", name, f"{x} {y}"))


def pspnet() -> str:
    """Zhao et al., figure 3, on a dilated ResNet: poolings of 1, 2, 3 and 6 cells, stretched."""
    net = Text(41, 41)
    x = "data"
    for k, options in enumerate(("stride: 2", "", ""), start=1):
        conv = _pspnet_conv(net, f"conv1_{k}_3x3", x, 6, f"kernel_size: 3 pad: 1 {options}")
        x = net.here("ReLU", conv)
    x = net.pool("pool1", x, "pool: MAX kernel_size: 3 stride: 2 pad: 1")
    stages = (("stride: 1", 1), ("stride: 2", 1), ("stride: 1", 2), ("stride: 1", 4))
    for stage, (project, spread) in enumerate(stages, start=2):
        options = f"kernel_size: 3 pad: {spread} dilation: {spread}"
        x = _residual(net, f"conv{stage}_1", x, options, project)
        x = _residual(net, f"conv{stage}_2", x, options)
    parts = [x]
    for cells in (1, 2, 3, 6):
        side = 6 // cells
        y = net.pool(f"pool_{cells}", x, f"pool: AVE kernel_size: {side} stride: {side}")
        y = net.here("ReLU", _pspnet_conv(net, f"pool_{cells}_conv", y, 2))
        size = "interp_param { height: 6 width: 6 }"
        parts.append(net.add("Interp", f"pool_{cells}_interp", y, size))
    x = net.add("Concat", "concat", " ".join(parts))
    x = net.here("ReLU", _pspnet_conv(net, "conv5_4", x, 6, "kernel_size: 3 pad: 1"))
    x = net.conv("conv6", net.here("Dropout", x, "dropout_param { dropout_ratio: 0.1 }"), _CLASSES)
    net.add("Interp", "conv6_interp", x, "interp_param { zoom_factor: 8 }")
    return net.text()


def icnet() -> str:
    """Zhao et al.: ICNet, figure 2: a shrunk picture in a deep branch, two fusions."""
    net = Text(65, 97)
    half = net.add("Interp", "data_sub2", "data", "interp_param { shrink_factor: 2 }")
    x, three = half, "kernel_size: 3 pad: 1 stride: 2"
    for k in range(1, 4):
        x = net.here("ReLU", _pspnet_conv(net, f"sub2_{k}", x, 6, three))
    middle = x
    x = net.add("Interp", "sub4", x, "interp_param { shrink_factor: 2 }")
    x = _residual(net, "sub4_1", x, "kernel_size: 3 pad: 2 dilation: 2", "stride: 1")
    fine = "data"
    for k in range(1, 4):
        fine = net.here("ReLU", _pspnet_conv(net, f"sub1_{k}", fine, 6, three))
    for k, beside in ((1, middle), (2, fine)):
        x = net.add("Interp", f"interp_{k}", x, "interp_param { zoom_factor: 2 }")
        x = _pspnet_conv(net, f"coarse_{k}", x, 8, "kernel_size: 3 pad: 2 dilation: 2")
        y = _pspnet_conv(net, f"fine_{k}", beside, 8)
        x = net.here("ReLU", net.add("Eltwise", f"sum_{k}", f"{x} {y}"))
    x = net.conv("conv6_cls", net.add("Interp", "up", x, "interp_param { zoom_factor: 2 }"), 5)
    net.add("Interp", "conv6_interp", x, "interp_param { zoom_factor: 4 }")
    return net.text()


def deeplab_largefov() -> str:
    """Chen et al., 2015: VGG-16 with holes in its last stage, a hole of 12 in fc6; old form."""
    parts = ['input: "data" input_dim: 1 input_dim: 3 input_dim: 65 input_dim: 49']

    def layer(kind: str, name: str, bottom: str, top: str, options: str = "") -> str:
        top = f'top: "{top}"' if top else ""
        parts.append(f'layers {{ bottom: "{bottom}" {top} name: "{name}" type: {kind} {options} }}')
        return name

    def conv(name: str, bottom: str, count: int, options: str) -> str:
        text = f"convolution_param {{ num_output: {count} {options} }}"
        layer("CONVOLUTION", name, bottom, name, text)
        layer("RELU", f"relu_{name}", name, name)
        return name

    x = "data"
    for stage, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        hole = "pad: 2 hole: 2" if stage == 5 else "pad: 1"
        for k in range(1, convolutions + 1):
            x = conv(f"conv{stage}_{k}", x, 3 + stage, f"kernel_size: 3 {hole}")
        stride = 2 if stage < 4 else 1
        options = f"pooling_param {{ pool: MAX kernel_size: 3 stride: {stride} pad: 1 }}"
        x = layer("POOLING", f"pool{stage}", x, f"pool{stage}", options)
    average = "pooling_param { pool: AVE kernel_size: 3 stride: 1 pad: 1 }"
    x = layer("POOLING", "pool5a", x, "pool5a", average)
    x = conv("fc6", x, 10, "kernel_size: 3 pad: 12 hole: 12")
    layer("DROPOUT", "drop6", x, x, "dropout_param { dropout_ratio: 0.5 }")
    x = conv("fc7", x, 10, "kernel_size: 1")
    text = f"convolution_param {{ num_output: {_CLASSES} kernel_size: 1 }}"
    x = layer("CONVOLUTION", "fc8", x, "fc8", text)
    x = layer("INTERP", "fc8_interp", x, "fc8_interp", "interp_param { zoom_factor: 8 }")
    layer("MAT_WRITE", "fc8_mat", x, "", 'mat_write_param { prefix: "fc8/" source: "ids.txt" }')
    return "\n".join(parts)


PIXEL_NETS: dict[str, Callable[[], str]] = {
    "ENet": enet,
    "PSPNet": pspnet,
    "ICNet": icnet,
    "DeepLab-LargeFOV": deeplab_largefov,
}
