"""A branch in words: its layers with comments, and once more for the second item of a pair."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mycaffe_py.proto.fitted.trunk import Block

_FILLERS = """\
    weight_filler { type: "msra" variance_norm: FAN_IN }
    bias_filler { type: "constant" value: 0 }"""


def branch(made: Sequence[Block], batch: int, twin: bool = False) -> str:
    """The layers of a branch that reads `data`; a `twin` reads `data_p`, with the same weights."""
    return "\n".join(_Branch(batch, twin).layers(made))


class _Branch:
    """Writes layers one after the other."""

    def __init__(self, batch: int, twin: bool) -> None:
        self.batch = batch
        self.twin = twin
        self.tail = "_p" if twin else ""

    def layers(self, made: Sequence[Block]) -> Iterator[str]:
        """Each layer of each block, with a comment where it is the first branch."""
        bottom = "data"
        for block in made:
            if block.kind == "convolution":
                yield from self._convolution(block, bottom)
                bottom = block.name.replace("conv", "pool")
            elif block.kind == "average":
                yield self._average(block, bottom)
                bottom = block.name
            else:
                yield self._product(block, bottom)
                bottom = block.name
            if block.kind in ("convolution", "product"):
                yield self._relu(block, bottom)

    def _convolution(self, block: Block, bottom: str) -> Iterator[str]:
        pool = block.name.replace("conv", "pool")
        told = f"{block.outputs} filters of {block.kernel}x{block.kernel}"
        yield self._layer(
            f"{told}: {block.name} {self._shape(block.before)}.",
            block.name,
            "Convolution",
            bottom,
            block.name,
            f"""\
  convolution_param {{
    num_output: {block.outputs}
    kernel_size: {block.kernel}
{_FILLERS}
  }}
""",
            learns=True,
        )
        yield self._layer(
            f"The largest of each 2x2: {pool} {self._shape(block.shape)}.",
            pool,
            "Pooling",
            block.name,
            pool,
            "  pooling_param { pool: MAX kernel_size: 2 stride: 2 }\n",
        )

    def _average(self, block: Block, bottom: str) -> str:
        size = block.kernel
        return self._layer(
            f"Large pictures lose little: the mean of each {size}x{size}, "
            f"{block.name} {self._shape(block.shape)}.",
            block.name,
            "Pooling",
            bottom,
            block.name,
            f"  pooling_param {{ pool: AVE kernel_size: {size} stride: {size} }}\n",
        )

    def _product(self, block: Block, bottom: str) -> str:
        sums = f"{block.name} {self._shape(block.shape)}"
        told = (
            f"The point of the item, {sums}."
            if block.kind == "point"
            else f"Every output is a weighted sum of all numbers: {sums}."
        )
        return self._layer(
            told,
            block.name,
            "InnerProduct",
            bottom,
            block.name,
            f"  inner_product_param {{\n    num_output: {block.outputs}\n{_FILLERS}\n  }}\n",
            learns=True,
        )

    def _relu(self, block: Block, bottom: str) -> str:
        name = f"relu_{block.name}"
        return self._layer("Negative values become 0, in place.", name, "ReLU", bottom, bottom)

    def _layer(
        self,
        comment: str,
        name: str,
        kind: str,
        bottom: str,
        top: str,
        options: str = "",
        learns: bool = False,
    ) -> str:
        tail = self.tail
        lines = [] if self.twin else [f"# {comment}"]
        lines += [
            "layer {",
            f'  name: "{name}{tail}"',
            f'  type: "{kind}"',
            f'  bottom: "{bottom}{tail}"',
            f'  top: "{top}{tail}"',
        ]
        if self.twin:
            lines.append("  exclude { phase: RUN }")
        if learns:
            lines.append(f'  param {{ name: "{name}_w" lr_mult: 1 }}')
            lines.append(f'  param {{ name: "{name}_b" lr_mult: 2 decay_mult: 0 }}')
        return "\n".join(lines) + f"\n{options}}}\n"

    def _shape(self, shape: Sequence[int]) -> str:
        return f"({', '.join(map(str, (self.batch, *shape)))})"
