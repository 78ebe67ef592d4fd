"""Steps of siamese_28x28 in TensorFlow, for siamese_vs_tensorflow: run by a Python that has it.

    python tests/benchmarks/tensorflow_steps.py FILE.npz THREADS [--compiled]

The file holds the weights in layer order (w0, w1, ...), pairs (B, 2N, 1, 28, 28), the first of all
pairs before the second, and similar (B, N). For each line on standard input it trains on the next
batch, and prints the loss.
"""

from __future__ import annotations

import sys

import numpy as np
import tensorflow as tf

MARGIN, RATE, MOMENTUM = 2.0, 0.01, 0.9


def variables(weights: list[np.ndarray]) -> list[tf.Variable]:
    """Weights and biases with the channels last, as TensorFlow's kernels want them."""
    found = []
    for number, array in enumerate(weights):
        if array.ndim == 4:
            array = array.transpose(2, 3, 1, 0)
        elif number == 4:  # behind 50 maps of 4 x 4
            array = array.reshape(-1, 50, 4, 4).transpose(2, 3, 1, 0).reshape(800, -1)
        elif array.squeeze().ndim == 2:
            array = array.squeeze().T
        found.append(tf.Variable(array.reshape(-1) if array.size == array.shape[-1] else array))
    return found


def features(values: list[tf.Variable], x: tf.Tensor) -> tf.Tensor:
    """One branch, (N, 2)."""
    for place in (0, 2):
        x = tf.nn.conv2d(x, values[place], 1, "VALID") + values[place + 1]
        x = tf.nn.max_pool2d(x, 2, 2, "VALID")
    x = tf.nn.relu(tf.reshape(x, (-1, 800)) @ values[4] + values[5])
    for place in (6, 8):
        x = x @ values[place] + values[place + 1]
    return x


def loss_of(values: list[tf.Variable], both: tf.Tensor, similar: tf.Tensor) -> tf.Tensor:
    """The contrastive loss of pairs."""
    a, b = tf.split(features(values, both), 2)
    squared = tf.reduce_sum((a - b) ** 2, axis=1)
    gap = tf.nn.relu(MARGIN - tf.sqrt(squared + 1e-12))
    terms = similar * squared + (1 - similar) * gap**2
    return tf.reduce_sum(terms) / (2 * tf.cast(tf.size(similar), tf.float32))


def main() -> None:
    """Answer line by line."""
    given = np.load(sys.argv[1])
    threads = int(sys.argv[2])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    count = sum(name.startswith("w") for name in given.files)
    values = variables([given[f"w{number}"] for number in range(count)])
    moments = [tf.Variable(tf.zeros_like(value)) for value in values]
    batches = [
        (tf.constant(pairs.transpose(0, 2, 3, 1)), tf.constant(similar))
        for pairs, similar in zip(given["pairs"], given["similar"], strict=True)
    ]

    @tf.function(jit_compile="--compiled" in sys.argv)
    def step(both: tf.Tensor, similar: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss = loss_of(values, both, similar)
        for value, moment, gradient in zip(
            values, moments, tape.gradient(loss, values), strict=True
        ):
            tf.raw_ops.ResourceApplyMomentum(
                var=value.handle,
                accum=moment.handle,
                lr=RATE * (2 if value.shape.rank == 1 else 1),
                grad=gradient,
                momentum=MOMENTUM,
            )
        return loss

    print(f"TensorFlow {tf.__version__}", flush=True)
    for number, _ in enumerate(sys.stdin):
        print(float(step(*batches[number % len(batches)])), flush=True)


if __name__ == "__main__":
    main()
