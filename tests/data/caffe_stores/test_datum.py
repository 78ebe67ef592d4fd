import numpy as np
import pytest

from mycaffe_py.data.caffe_stores.datum import datum_image, make_datum, parse_datum
from mycaffe_py.data.pictures.picture import UnreadableError
from mycaffe_py.proto.mycaffe_pb2 import Datum
from tests.data.stores import encoded_datum, raw_datum, some_images


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_raw_pixels(dtype) -> None:
    images, labels = some_images(dtype=dtype)
    datum = parse_datum(raw_datum(images[2], int(labels[2])))
    assert datum.label == 6
    found = datum_image(datum, "gray")
    assert found.dtype == dtype
    assert np.array_equal(found, images[2])
    assert make_datum(images[2], 6) == datum


def test_encoded_pixels() -> None:
    image = np.random.default_rng(1).integers(0, 256, (4, 3, 3)).astype(np.uint8)
    datum = parse_datum(encoded_datum(image, 5))
    assert np.array_equal(datum_image(datum), image.transpose(2, 0, 1)[::-1])
    assert np.array_equal(datum_image(datum, bgr=False), image.transpose(2, 0, 1))
    assert datum_image(datum, "gray").shape == (1, 4, 3)


@pytest.mark.parametrize(
    ("datum", "said"),
    [
        (Datum(), r"its shape is \(0, 0, 0\)"),
        (Datum(channels=1, height=2, width=2, data=b"123"), "holds 3 values"),
        (Datum(channels=1, height=2, width=2), "holds 0 values"),
        (Datum(channels=1, height=2, width=2, float_data=[1, 2]), "holds 2 values"),
        (Datum(data=b"no picture", encoded=True), "no picture format"),
    ],
)
def test_what_is_no_image(datum, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        datum_image(datum)


def test_what_is_no_datum() -> None:
    with pytest.raises(UnreadableError, match="no Datum"):
        parse_datum(b"\xff\xff\xff")
