"""The net of an encoder fits the shape of the data."""

import pytest

from mycaffe_py.api.encoder_text import EncoderOptions, model_text
from mycaffe_py.proto.model_text import read_net

OPTIONS = EncoderOptions(16, (32, 8), 0.4, 100, 64, 0.001, 0.0)


def layers(shape: tuple[int, int, int], classes: int = 3) -> list[str]:
    net = read_net(model_text(shape, classes, OPTIONS, 0.0, 1.0), "encoder.prototxt").message
    return [layer.name for layer in net.layer if layer.type in ("Convolution", "Pooling")]


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ((64, 1, 1), []),
        ((1, 8, 8), ["conv1", "pool1"]),
        ((3, 7, 30), []),
        ((1, 28, 28), ["conv1", "pool1", "conv2", "pool2"]),
    ],
)
def test_images_get_as_many_stages_as_their_size_allows(
    shape: tuple[int, int, int], found: list[str]
) -> None:
    assert layers(shape) == found


@pytest.mark.parametrize(
    ("classes", "batch"), [(2, (64, 2, 32)), (10, (60, 10, 6)), (1000, (64, 32, 2))]
)
def test_a_batch_holds_several_of_each_of_its_classes(
    classes: int, batch: tuple[int, int, int]
) -> None:
    net = read_net(model_text((4, 1, 1), classes, OPTIONS, 0.0, 1.0), "encoder.prototxt").message
    param = net.layer[0].data_param
    assert (param.batch_size, param.labels_per_batch, param.images_per_label) == batch
