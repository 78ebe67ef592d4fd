"""Data layers that are made to read other data sets."""

import pytest

from mycaffe_py.graph.net_text import net_text
from mycaffe_py.graph.other_data import read_instead
from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.snapshot.run_card import TextCard

REST = """
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 2 } }
"""
SOURCES = {pb.TRAIN: "mine.training", pb.TEST: "mine.testing"}


def read(layers: str, sources=SOURCES):
    """By phase, (layer name, type, source) of the changed net's data layers, and its text."""
    text = net_text(TextCard("net.prototxt", layers + REST))
    where = read_instead(text.net, text.where, sources)
    text = type(text)(text.net, where, text.state, text.card)
    found = {}
    for phase in (pb.TRAIN, pb.TEST, pb.RUN):
        chosen = text.in_phase(phase).selected()
        found[pb.Phase.Name(phase)] = [
            layer.param.data_param.source for layer in chosen if not layer.param.bottom
        ]
    return found, text


def data(rules: str = "", more: str = "") -> str:
    return f"""layer {{ name: "d" type: "Data" top: "data" top: "label" {rules} {more}
      data_param {{ source: "MNIST.training" stand_in: "digits28.training" backend: LMDB
                    batch_size: 8 images_per_blob: 2 }} }}"""


@pytest.mark.parametrize(
    ("layers", "run"),
    [
        (data("include { phase: TRAIN }") + data("include { phase: TEST }"), []),
        (data(), ["MNIST.training"]),
        (data("include { phase: TRAIN } include { phase: TEST }"), []),
        (data("exclude { phase: RUN }"), []),
        (data("include { not_stage: 'x' }"), ["MNIST.training"]),
        (data("exclude { stage: 'x' }"), ["MNIST.training"]),
    ],
)
def test_each_phase_reads_its_own_data_however_the_rules_say_it(layers, run) -> None:
    found, _ = read(layers)
    assert found == {"TRAIN": ["mine.training"], "TEST": ["mine.testing"], "RUN": run}


@pytest.mark.parametrize("rules", ["", "include { phase: ALL }", "exclude { phase: RUN }"])
def test_a_phase_without_data_keeps_that_of_the_text(rules) -> None:
    found, _ = read(data(rules), {pb.TRAIN: "mine.training"})
    assert (found["TRAIN"], found["TEST"]) == (["mine.training"], ["MNIST.training"])


def test_how_batches_are_made_stays_and_the_stand_in_goes() -> None:
    _, text = read(data(more="transform_param { scale: 0.5 }"))
    layer = text.in_phase(pb.TRAIN).selected()[0].param
    assert layer.transform_param.scale == 0.5
    assert (layer.data_param.batch_size, layer.data_param.images_per_blob) == (8, 2)
    assert not layer.data_param.stand_in
    assert layer.data_param.backend == pb.DataParameter.IMAGEDB


@pytest.mark.parametrize(
    "layer",
    [
        'type: "ImageData" image_data_param { source: "list.txt" batch_size: 8 }',
        'type: "MemoryData" memory_data_param { batch_size: 8 channels: 1 height: 2 width: 2 }',
        'type: "Data" data_param { batch_size: 8 } python_source_param { module: "m" }',
    ],
)
def test_layers_that_read_other_stores_become_data_layers(layer) -> None:
    _, text = read(f'layer {{ name: "d" top: "data" top: "label" {layer} }}')
    param = text.in_phase(pb.TEST).selected()[0].param
    assert (param.type, param.data_param.source) == ("Data", "mine.testing")
    assert param.data_param.batch_size == 8
    assert not param.HasField("python_source_param")


def test_places_still_point_at_the_text() -> None:
    _, text = read(data() + "\n\n")
    assert text.net.layer[3].name == "ip"
    assert text.where.at("layer", 3, "inner_product_param").line == 7
    assert text.where.at("layer", 1, "data_param").line == 2
