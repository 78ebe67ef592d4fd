"""The Siamese training step from kernels alone, timed part by part on 1 and on 2 threads.

    python -m tests.benchmarks.kernels [--rounds 40]

64 pairs of 28 x 28 images (128 rows), the net of siamese_28x28: forward, backward, SGD update.
The same step as a net, against PyTorch: siamese_vs_torch.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from mycaffe_py.kernels.conv_pool.blocks import block_count, pack, unpack
from mycaffe_py.kernels.conv_pool.conv_pool_forward import conv_pool_forward
from mycaffe_py.kernels.conv_pool.conv_pool_winograd import conv_pool_winograd, winograd_scratch
from mycaffe_py.kernels.conv_pool.patches import plan_patches
from mycaffe_py.kernels.conv_pool.sparse_weights import sparse_weights, weight_scratch
from mycaffe_py.kernels.conv_pool.winograd_images import images_scratch, winograd_images
from mycaffe_py.kernels.losses.contrastive import contrastive_backward, contrastive_forward
from mycaffe_py.kernels.products.gemm import gemm, packed_size
from mycaffe_py.kernels.products.inner_product import add_bias_and_rectify, mask_by_output
from mycaffe_py.kernels.updates import sgd
from mycaffe_py.kernels.vectors.vector import aligned_empty, lanes
from mycaffe_py.layers.bias_sums import add_bias_sums

IMAGES = 128
SHAPES = {
    "conv1_w": (20, 1, 5, 5),
    "conv1_b": (20,),
    "conv2_w": (50, 20, 5, 5),
    "conv2_b": (50,),
    "ip1_w": (500, 800),
    "ip1_b": (500,),
    "ip2_w": (10, 500),
    "ip2_b": (10,),
    "feat_w": (2, 10),
    "feat_b": (2,),
}


class Step:
    """All arrays of one training step, and its parts in order."""

    def __init__(self, seed: int = 0, dtype: Any = np.float32) -> None:
        random = np.random.default_rng(seed)
        self.dtype = np.dtype(dtype)
        self.lanes = lanes(dtype)
        self.blocks = block_count(IMAGES, dtype)
        self.images = random.random((IMAGES, 1, 28, 28)).astype(dtype)
        self.similar = random.integers(0, 2, IMAGES // 2).astype(dtype)
        self._parameters(random)
        self._activations()
        self._gradients()

    def _empty(self, *shape: int, dtype: Any = None) -> Any:
        return aligned_empty(shape, dtype or self.dtype)

    def _parameters(self, random: np.random.Generator) -> None:
        sizes = [int(np.prod(shape)) for shape in SHAPES.values()]
        self.start = np.cumsum([0, *sizes[:-1]])
        self.count = np.array(sizes)
        arenas = [self._empty(sum(sizes)) for _ in range(3)]
        self.flat_w, self.flat_d, self.flat_h = arenas
        self.flat_d[:] = 0
        self.flat_h[:] = 0
        cuts = self.start[1:]
        self.w, self.d = (
            {
                name: piece.reshape(shape)
                for (name, shape), piece in zip(SHAPES.items(), np.split(arena, cuts), strict=True)
            }
            for arena in (self.flat_w, self.flat_d)
        )
        for name, shape in SHAPES.items():
            fan_in = int(np.prod(shape[1:]))
            scale = 0.0 if name.endswith("_b") else np.sqrt(1.0 / fan_in)
            self.w[name][...] = scale * random.standard_normal(shape)
        self.rate = np.where(np.arange(10) % 2 == 0, 0.01, 0.02).astype(self.dtype)
        self.decay = np.full(10, 0.0005, self.dtype)
        self.no_decay = np.zeros(10, self.dtype)

    def _activations(self) -> None:
        blocks, size = self.blocks, self.lanes
        self.x0 = self._empty(blocks, 1, 28, 28, size)
        self.x1 = self._empty(blocks, 20, 12, 12, size)
        self.x2 = self._empty(blocks, 50, 4, 4, size)
        self.codes1 = self._empty(*self.x1.shape, dtype=np.uint8)
        self.codes2 = self._empty(*self.x2.shape, dtype=np.uint8)
        self.x2_rows = self._empty(IMAGES, 800)
        self.y1 = self._empty(IMAGES, 500)
        self.y2 = self._empty(IMAGES, 10)
        self.feat = self._empty(IMAGES, 2)
        self.distance = self._empty(IMAGES // 2)
        self.match = self._empty(IMAGES // 2)

    def _gradients(self) -> None:
        self.packed = self._empty(
            max(packed_size(500, 800, self.dtype), packed_size(800, 500, self.dtype))
        )
        self.d_feat = self._empty(IMAGES, 2)
        self.d_y2 = self._empty(IMAGES, 10)
        self.d_y1 = self._empty(IMAGES, 500)
        self.d_x2 = self._empty(IMAGES, 800)
        self.d_x2_images = self.d_x2.reshape(IMAGES, 50, 4, 4)
        self.plan1 = plan_patches((1, 28, 28), (5, 5), self.dtype)
        self.plan2 = plan_patches((20, 12, 12), (5, 5), self.dtype)
        self.weights1 = weight_scratch(self.plan1, (20, 12, 12), self.dtype)
        self.weights2 = weight_scratch(self.plan2, (50, 4, 4), self.dtype)
        self.winograd2 = winograd_scratch(SHAPES["conv2_w"], self.dtype)
        self.images2 = images_scratch((20, 12, 12), SHAPES["conv2_w"], self.dtype)
        self.d_x1 = self._empty(IMAGES, 20, 12, 12)

    def parts(self) -> dict[str, Callable[[], Any]]:
        """Name and call of every part of the step, in order."""
        w, d = self.w, self.d
        return {
            "pack": lambda: pack(self.images, self.x0),
            "conv1+pool1": lambda: conv_pool_forward(
                self.x0, w["conv1_w"], w["conv1_b"], self.codes1, self.x1
            ),
            "conv2+pool2": lambda: conv_pool_winograd(
                self.x1, w["conv2_w"], w["conv2_b"], self.winograd2, self.codes2, self.x2
            ),
            "unpack": lambda: unpack(self.x2, self.x2_rows),
            "ip1+relu": lambda: self._forward("ip1", self.x2_rows, self.y1, relu=True),
            "ip2": lambda: self._forward("ip2", self.y1, self.y2),
            "feat": lambda: self._forward("feat", self.y2, self.feat),
            "loss": self._loss,
            "zero": lambda: self.flat_d.fill(0),
            "d feat": lambda: self._backward("feat", self.y2, self.d_feat, self.d_y2),
            "d ip2": lambda: self._backward("ip2", self.y1, self.d_y2, self.d_y1),
            "d relu": lambda: mask_by_output(self.y1, self.d_y1),
            "d ip1": lambda: self._backward("ip1", self.x2_rows, self.d_y1, self.d_x2),
            "dw conv2": lambda: sparse_weights(
                self.plan2,
                self.x1,
                self.codes2,
                self.d_x2_images,
                self.weights2,
                d["conv2_w"],
                d["conv2_b"],
            ),
            "dx conv2": lambda: winograd_images(
                self.d_x2_images, self.codes2, self.winograd2.u, self.images2, self.d_x1
            ),
            "dw conv1": lambda: sparse_weights(
                self.plan1,
                self.x0,
                self.codes1,
                self.d_x1,
                self.weights1,
                d["conv1_w"],
                d["conv1_b"],
            ),
            "update": self._update,
        }

    def _forward(self, name: str, x: Any, y_out: Any, *, relu: bool = False) -> None:
        """An inner product, as the layers InnerProduct and InnerProductReLU compute it."""
        gemm(x, self.w[f"{name}_w"], y_out, transpose_b=True, packed=self.packed)
        if relu:
            add_bias_and_rectify(self.w[f"{name}_b"], y_out)
        else:
            y_out += self.w[f"{name}_b"]

    def _backward(self, name: str, x: Any, dy: Any, dx_out: Any) -> None:
        """The gradients of an inner product, those of its parameters added."""
        gemm(dy, x, self.d[f"{name}_w"], transpose_a=True, accumulate=True, packed=self.packed)
        add_bias_sums(dy, 2, self.d[f"{name}_b"])
        gemm(dy, self.w[f"{name}_w"], dx_out, packed=self.packed)

    def _loss(self) -> None:
        half = IMAGES // 2
        a, b = self.feat[:half], self.feat[half:]
        total = contrastive_forward(
            a, b, self.similar, 1.0, 1.0, False, False, self.distance, self.match
        )
        self.loss = total / (2 * half)
        for q, out in ((1 / half, self.d_feat[:half]), (-1 / half, self.d_feat[half:])):
            contrastive_backward(a, b, self.similar, self.distance, 1.0, 1.0, False, False, q, out)

    def _update(self) -> None:
        one = self.dtype.type(1)
        momentum = self.dtype.type(0.9)
        sgd(
            self.start,
            self.count,
            self.rate,
            self.decay,
            self.no_decay,
            one,
            momentum,
            self.flat_d,
            self.flat_w,
            self.flat_h,
        )

    def run(self) -> None:
        for call in self.parts().values():
            call()


def _ms(call: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    call()
    return 1e3 * (time.perf_counter() - begin)


def _print_parts(rounds: int) -> None:
    step = Step()
    parts = step.parts()
    for name, call in parts.items():
        print(f"  first call of {name:12s} {_ms(call):8.0f} ms")
    for threads in (1, 2):
        numba.set_num_threads(threads)
        samples: dict[str, list[float]] = {name: [] for name in parts}
        for _ in range(rounds):
            for name, call in parts.items():
                samples[name].append(_ms(call))
        medians = {name: float(np.median(values)) for name, values in samples.items()}
        least = sum(min(values) for values in samples.values())
        print(
            f"threads {threads}: sum of medians {sum(medians.values()):.2f}, least {least:.2f} ms"
        )
        print("  " + "  ".join(f"{name} {value:.3f}" for name, value in medians.items()))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    _print_parts(parser.parse_args().rounds)


if __name__ == "__main__":
    main()
