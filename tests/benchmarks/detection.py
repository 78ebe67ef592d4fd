"""DetectionOutput on what VGG-SSD 300 says of a picture, beside OpenCV's.

python -m tests.benchmarks.detection [--rounds N]. 8,732 prior boxes and 21 classes; 98 % of the
places are background with 0.99 or more, the scores of the others are spread over all classes, and
their boxes lie around a few objects. One thread; the sides take turns.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import cv2
import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.threads import set_threads
from mycaffe_py.evaluate.timing.machine import this_machine
from mycaffe_py.proto import mycaffe_pb2 as pb
from tests.graph.nets import graph_of

PLACES, CLASSES = 8732, 21
LAYER = """
layer { name: "found" type: "DetectionOutput" bottom: "loc" bottom: "conf" bottom: "priors"
  top: "found" detection_output_param {
    num_classes: 21 share_location: true background_label_id: 0 code_type: CENTER_SIZE
    confidence_threshold: 0.01 keep_top_k: 200 nms_param { nms_threshold: 0.45 top_k: 400 } } }
"""
Arrays = dict[str, np.ndarray]


def bottoms() -> Arrays:
    """Offsets, scores and prior boxes of one picture."""
    random = np.random.default_rng(0)
    scores = random.dirichlet(np.ones(CLASSES), PLACES)
    background = random.random(PLACES) < 0.98
    scores[background, 1:] *= 0.01 / scores[background, 1:].sum(axis=1, keepdims=True)
    scores[background, 0] = 0.99
    middles = random.random((8, 2))[random.integers(0, 8, PLACES)]
    middles += random.normal(size=(PLACES, 2)) * 0.05
    half = random.uniform(0.02, 0.15, (PLACES, 2))
    priors = np.hstack([middles - half, middles + half])
    variances = np.tile([0.1, 0.1, 0.2, 0.2], PLACES)
    return {
        "loc": random.normal(size=(1, PLACES * 4)).astype(np.float32),
        "conf": scores.reshape(1, -1).astype(np.float32),
        "priors": np.stack([priors.ravel(), variances])[None].astype(np.float32),
    }


def ours(text: str, arrays: Arrays) -> Callable[[], np.ndarray]:
    """One forward of our net."""
    net = Net(graph_of(text, pb.TEST))
    net.feed(arrays)

    def run() -> np.ndarray:
        net.forward()
        return net.blob("found")

    return run


def opencv(text: str, arrays: Arrays) -> Callable[[], np.ndarray]:
    """One forward of OpenCV's."""
    net = cv2.dnn.readNetFromCaffe(np.frombuffer(text.encode(), np.uint8))

    def run() -> np.ndarray:
        for name, array in arrays.items():
            net.setInput(array, name)
        return net.forward()

    return run


def main() -> None:
    """Print the median of each side in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    set_threads(1)
    cv2.setNumThreads(1)
    arrays = bottoms()
    inputs = "".join(
        f'layer {{ name: "{name}" type: "Input" top: "{name}"\n'
        f"input_param {{ shape {{ {' '.join(f'dim: {extent}' for extent in array.shape)} }} }} }}\n"
        for name, array in arrays.items()
    )
    sides = {side.__name__: side(inputs + LAYER, arrays) for side in (ours, opencv)}
    found = {name: np.sort(run().reshape(-1, 7)[:, 2])[-100:] for name, run in sides.items()}
    np.testing.assert_allclose(found["ours"], found["opencv"], atol=1e-6)
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, run in sides.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) * 1000)
    print(f"{this_machine()}, OpenCV {cv2.__version__}, {options.rounds} rounds")
    for name, spent in times.items():
        print(f"{name:8}{np.median(spent):8.2f} ms   fastest {min(spent):.2f}")


if __name__ == "__main__":
    main()
