"""The files of other programs that the blocks of docs/caffe_files.md need before they run."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from mycaffe_py.engine.net import Net
from mycaffe_py.engine.weights import layer_weights
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from mycaffe_py.pycaffe.io import array_to_blobproto
from mycaffe_py.snapshot.weights import write_weights
from tests.detect.colour_finder import squares, write_colour_finder
from tests.graph.nets import graph_of
from tests.readme_files import Shell, noise, old_files

# Stands for nets that name what a picture shows.
NAMER = """
name: "Namer"
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 1 dim: 3 dim: 227 dim: 227 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 4 kernel_size: 11 stride: 8
    weight_filler { type: "gaussian" std: 0.01 } } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool"
  pooling_param { pool: MAX kernel_size: 7 stride: 7 } }
layer { name: "score" type: "InnerProduct" bottom: "pool" top: "score"
  inner_product_param { num_output: 1000 weight_filler { type: "gaussian" std: 0.02 } } }
layer { name: "prob" type: "Softmax" bottom: "score" top: "prob" }
"""
LABELS = ["cat", "dog", "bird", "fish", "cow", "horse", "mouse", "frog", "bear", "fox"]
# Without weights it says that everything is a cat.
JOB = """
name: "Job"
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 1 dim: 3 dim: 32 dim: 32 } } }
layer { name: "score" type: "InnerProduct" bottom: "data" top: "score"
  inner_product_param { num_output: 10 } }
layer { name: "softmax" type: "Softmax" bottom: "score" top: "softmax" }
"""


def _write(folder: Path, text: str, weights: str) -> None:
    net = Net(graph_of(text, pb.TEST), seed=1)
    (folder / "deploy.prototxt").write_text(text)
    layers = list(read_text(text, pb.NetParameter).message.layer)
    write_weights(folder / weights, "net", layer_weights(net, layers))


def namer(folder: Path, shell: Shell) -> None:
    _write(folder, NAMER, "squeezenet_v1.1.caffemodel")
    (folder / "synset_words.txt").write_text("".join(f"n{i:08} thing {i}\n" for i in range(1000)))
    noise(300).save(folder / "cat.jpg")


def colour_finder(folder: Path, shell: Shell) -> None:
    """A detector that finds a red and a blue square stands for the published ones."""
    model, weights = write_colour_finder(folder)
    model.rename(folder / "ssd.prototxt")
    weights.rename(folder / "ssd.caffemodel")
    squares().save(folder / "street.jpg")


def job_of_digits(folder: Path, shell: Shell) -> None:
    _write(folder, JOB, "snapshot_iter_30.caffemodel")
    mean = np.full((1, 3, 32, 32), 100, np.float32)
    (folder / "mean.binaryproto").write_bytes(array_to_blobproto(mean).SerializeToString())
    (folder / "labels.txt").write_text("\n".join(LABELS))
    noise(50).save(folder / "cat.jpg")


def sets_of_digits(folder: Path, shell: Shell) -> None:
    old_files(folder, shell)
    (folder / "lenet.caffemodel").rename(folder / "snapshot_iter_30.caffemodel")
    (folder / "mnist_train_lmdb").rename(folder / "train_db")
    shell("mycaffe dataset export digits28.testing lmdb val_db")
    (folder / "labels.txt").write_text("\n".join(LABELS))


def exported_from_mycaffe(folder: Path, shell: Shell) -> None:
    """The tutorial's net as MyCaffe's export writes it: a trailer, and no net in the solver."""
    shell("mycaffe template copy siamese_28x28")
    shell("mycaffe train --solver siamese_28x28.solver --iterations 2")
    (folder / "siamese_28x28.prototxt").rename(folder / "siamese_model_desc.prototxt")
    lines = (folder / "siamese_28x28.solver").read_text().splitlines()
    solver = "\n".join(line for line in lines if not line.startswith("net:"))
    (folder / "siamese_solver_desc.prototxt").write_text(solver)
    weights = (folder / "snapshots" / "siamese_28x28_iter_2.caffemodel").read_bytes()
    mark, place = b"mycaffe.ai", struct.pack("<q", len(weights) + 256)
    ending = bytes(256) + mark + b"1.0.1".ljust(32, b"\0") + place + mark
    (folder / "siamese_weights.mycaffemodel").write_bytes(weights + ending)
