"""Nets for classes and for pixels as their papers describe them, all layers, but few channels."""

from __future__ import annotations

from collections.abc import Callable


class Text:
    """A net text that grows layer by layer; each method returns the name of the new blob."""

    def __init__(self, height: int, width: int) -> None:
        self.lines = [
            'layer { name: "data" type: "Input" top: "data" input_param { shape { '
            f"dim: 1 dim: 3 dim: {height} dim: {width} }} }} }}"
        ]

    def add(self, kind: str, name: str, bottoms: str, options: str = "", tops: str = "") -> str:
        """A layer that reads `bottoms`, names with blanks between; its top has its name."""
        ports = " ".join(f'bottom: "{bottom}"' for bottom in bottoms.split())
        ports += "".join(f' top: "{top}"' for top in (tops or name).split())
        self.lines.append(f'layer {{ name: "{name}" type: "{kind}" {ports} {options} }}')
        return (tops or name).split()[0]

    def conv(self, name: str, bottom: str, count: int, options: str = "", kind: str = "") -> str:
        """A convolution, 1 x 1 unless `options` say more."""
        size = "" if "kernel" in options else "kernel_size: 1"
        text = f"convolution_param {{ num_output: {count} {size} {options} }}"
        return self.add(kind or "Convolution", name, bottom, text)

    def here(self, kind: str, blob: str, options: str = "") -> str:
        """A layer in place."""
        return self.add(kind, f"{blob}/{kind.lower()}", blob, options, blob)

    def pool(self, name: str, bottom: str, options: str, tops: str = "") -> str:
        """A pooling."""
        return self.add("Pooling", name, bottom, f"pooling_param {{ {options} }}", tops)

    def normed(self, name: str, bottom: str, count: int, options: str = "", kind: str = "") -> str:
        """A convolution without bias, BatchNorm and Scale in place."""
        y = self.conv(name, bottom, count, f"bias_term: false {options}", kind)
        self.here("BatchNorm", y)
        return self.here("Scale", y, "scale_param { bias_term: true }")

    def text(self) -> str:
        """The whole."""
        return "\n".join(self.lines)


def densenet121() -> str:
    """Huang et al., table 1: blocks of 6, 12, 24 and 16 layers; every layer adds 2 channels."""
    net, growth, count = Text(64, 64), 2, 4
    x = net.conv("conv1", "data", count, "bias_term: false kernel_size: 7 stride: 2 pad: 3")

    def activated(name: str, bottom: str) -> str:
        y = net.add("BatchNorm", f"{name}/bn", bottom, "batch_norm_param { eps: 1e-5 }")
        net.here("Scale", y, "scale_param { bias_term: true }")
        return net.here("ReLU", y)

    x = net.pool("pool1", activated("conv1", x), "pool: MAX kernel_size: 3 stride: 2 pad: 1")
    for block, layers in enumerate((6, 12, 24, 16), start=2):
        for layer in range(1, layers + 1):
            name = f"conv{block}_{layer}"
            y = net.conv(f"{name}/x1", activated(f"{name}/x1", x), 4 * growth, "bias_term: false")
            y = activated(f"{name}/x2", y)
            y = net.conv(f"{name}/x2", y, growth, "bias_term: false kernel_size: 3 pad: 1")
            x = net.add("Concat", f"concat_{block}_{layer}", f"{x} {y}")
            count += growth
        if block < 5:
            count //= 2
            x = net.conv(f"conv{block}_blk", activated(f"conv{block}_blk", x), count)
            x = net.pool(f"pool{block}", x, "pool: AVE kernel_size: 2 stride: 2 ceil_mode: false")
    x = net.pool("pool5", activated("conv5_blk", x), "pool: AVE global_pooling: true")
    net.add("Softmax", "prob", net.conv("fc6", x, 10))
    return net.text()


def se_resnet50() -> str:
    """Hu et al., table 1: 3, 4, 6 and 3 blocks; the shortcut is what Axpy adds."""
    net = Text(64, 64)
    x = net.here("ReLU", net.normed("conv1", "data", 4, "kernel_size: 7 stride: 2 pad: 3"))
    x = net.pool("pool1", x, "pool: MAX kernel_size: 3 stride: 2")
    for stage, (blocks, width) in enumerate(zip((3, 4, 6, 3), (4, 4, 8, 8), strict=True), start=2):
        for block in range(1, blocks + 1):
            name = f"conv{stage}_{block}"
            stride = f"stride: {2 if block == 1 and stage > 2 else 1}"
            y = net.here("ReLU", net.normed(f"{name}_1x1_reduce", x, width, stride))
            y = net.here("ReLU", net.normed(f"{name}_3x3", y, width, "kernel_size: 3 pad: 1"))
            y = net.normed(f"{name}_1x1_increase", y, 2 * width)
            s = net.pool(f"{name}_global_pool", y, "pool: AVE global_pooling: true")
            s = net.here("ReLU", net.conv(f"{name}_1x1_down", s, 2))
            s = net.add("Sigmoid", f"{name}_prob", net.conv(f"{name}_1x1_up", s, 2 * width))
            if block == 1:
                x = net.normed(f"{name}_1x1_proj", x, 2 * width, stride)
            x = net.here("ReLU", net.add("Axpy", name, f"{s} {y} {x}"))
    x = net.pool("pool5", x, "pool: AVE global_pooling: true")
    classes = net.add("InnerProduct", "classifier", x, "inner_product_param { num_output: 10 }")
    net.add("Softmax", "prob", classes)
    return net.text()


def shufflenet() -> str:
    """Zhang et al., table 1, 3 groups: stages of 4, 8 and 4 units."""
    net = Text(64, 64)
    x = net.here("ReLU", net.normed("conv1", "data", 6, "kernel_size: 3 stride: 2 pad: 1"))
    x = net.pool("pool1", x, "pool: MAX kernel_size: 3 stride: 2")
    before = 6
    for stage, (units, count) in enumerate(zip((4, 8, 4), (12, 24, 48), strict=True), start=2):
        for unit in range(1, units + 1):
            name, first = f"stage{stage}_{unit}", unit == 1
            groups = "" if stage == 2 and first else "group: 3"
            y = net.here("ReLU", net.normed(f"{name}_conv1", x, 12, groups))
            y = net.add("ShuffleChannel", f"{name}_mix", y, "shuffle_channel_param { group: 3 }")
            options = f"kernel_size: 3 pad: 1 stride: {2 if first else 1}"
            y = net.normed(f"{name}_conv2", y, 12, options, "ConvolutionDepthwise")
            y = net.normed(f"{name}_conv3", y, count - before if first else count, "group: 3")
            if first:
                x = net.pool(f"{name}_match", x, "pool: AVE kernel_size: 3 stride: 2")
                x = net.here("ReLU", net.add("Concat", name, f"{x} {y}"))
            else:
                x = net.here("ReLU", net.add("Eltwise", name, f"{x} {y}"))
            before = count
    x = net.pool("pool_ave", x, "pool: AVE global_pooling: true")
    net.add("Softmax", "prob", net.conv("fc", x, 10))
    return net.text()


def segnet(options: str = "") -> str:
    """Badrinarayanan et al.: encoder and decoder of 5 stages, here 22 rows, an odd size."""
    net, sizes, x = Text(22, 32), [], "data"
    height, width = 22, 32
    for stage, convolutions in enumerate((2, 2, 3, 3, 3), start=1):
        for k in range(1, convolutions + 1):
            x = _with_bn(net, f"conv{stage}_{k}", x, 4 + stage)
        sizes.append((height, width))
        height, width = -(-height // 2), -(-width // 2)
        pool = f"pool{stage}"
        x = net.pool(pool, x, "pool: MAX kernel_size: 2 stride: 2", f"{pool} {pool}_mask")
        if stage > 2:
            x = net.here("Dropout", x, f"dropout_param {{ dropout_ratio: 0.5 {options} }}")
    for stage, convolutions in zip((5, 4, 3, 2, 1), (3, 3, 3, 2, 2), strict=True):
        rows, columns = sizes.pop()
        size = f"upsample_param {{ scale: 2 upsample_h: {rows} upsample_w: {columns} }}"
        x = net.add("Upsample", f"upsample{stage}", f"{x} pool{stage}_mask", size)
        for k in range(convolutions, 0, -1):
            x = _with_bn(net, f"conv{stage}_{k}_D", x, 4 + stage - (k == 1 and stage > 1))
    net.add("Softmax", "prob", net.conv("scores", x, 5, "kernel_size: 3 pad: 1"))
    return net.text()


def _with_bn(net: Text, name: str, bottom: str, count: int) -> str:
    x = net.conv(name, bottom, count, "kernel_size: 3 pad: 1")
    net.here("BN", x, "bn_param { bn_mode: INFERENCE }")
    return net.here("ReLU", x)


NETS: dict[str, Callable[[], str]] = {
    "DenseNet-121": densenet121,
    "SE-ResNet-50": se_resnet50,
    "ShuffleNet": shufflenet,
    "SegNet": segnet,
}
