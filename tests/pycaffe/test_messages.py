import numpy as np
import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.pycaffe import io

VALUES = np.arange(24, dtype=np.float64) / 8  # eighths, which single precision has exactly


def test_a_blob_of_old_has_four_axes() -> None:
    blob = pb.BlobProto(num=2, channels=1, height=3, width=4, data=VALUES)
    assert np.array_equal(io.blobproto_to_array(blob), VALUES.reshape(2, 1, 3, 4))


def test_a_blob_of_any_shape_and_its_gradient() -> None:
    blob = pb.BlobProto(shape=pb.BlobShape(dim=[4, 6]), data=VALUES, diff=-VALUES)
    assert np.array_equal(io.blobproto_to_array(blob), VALUES.reshape(4, 6))
    assert np.array_equal(io.blobproto_to_array(blob, return_diff=True), -VALUES.reshape(4, 6))


def test_doubles_are_read_where_there_is_nothing_else() -> None:
    blob = pb.BlobProto(shape=pb.BlobShape(dim=[24]), double_data=VALUES / 3)
    assert np.array_equal(io.blobproto_to_array(blob), VALUES / 3)


def test_half_precision_is_read() -> None:
    halves = np.array([1.5, 2], np.float16).tobytes()
    blob = pb.BlobProto(raw_data_type="FLOAT16", raw_data=halves, shape=pb.BlobShape(dim=[2]))
    assert io.blobproto_to_array(blob).tolist() == [1.5, 2]


def test_a_blob_without_a_shape_is_a_scalar() -> None:
    scalar = io.blobproto_to_array(pb.BlobProto(data=[123]))
    assert scalar.shape == ()
    assert scalar == 123
    with pytest.raises(ValueError, match="reshape"):
        io.blobproto_to_array(pb.BlobProto(data=VALUES))


@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 4), (1, 2, 3, 4, 1)])
def test_there_and_back(shape) -> None:
    array = np.random.default_rng(1).standard_normal(shape).astype(np.float32)
    blob = io.array_to_blobproto(array, diff=2 * array)
    assert np.array_equal(io.blobproto_to_array(blob), array)
    assert np.array_equal(io.blobproto_to_array(blob, return_diff=True), 2 * array)
    assert io.blobproto_to_array(blob).shape == shape


def test_lists_of_arrays() -> None:
    arrays = [VALUES.reshape(2, 12), np.float64([7])]
    text = io.arraylist_to_blobprotovector_str(arrays)
    assert isinstance(text, bytes)
    for found, array in zip(io.blobprotovector_str_to_arraylist(text), arrays, strict=True):
        assert np.array_equal(found, array)


def test_bytes_and_floats_of_a_datum() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    datum = pb.Datum.FromString(io.array_to_datum(pixels, label=3).SerializeToString())
    assert (datum.label, datum.data, len(datum.float_data)) == (3, pixels.tobytes(), 0)
    back = io.datum_to_array(datum)
    assert back.dtype == np.uint8
    assert np.array_equal(back, pixels)
    back += 1  # writable
    floats = io.array_to_datum(VALUES.reshape(2, 3, 4))
    assert not floats.HasField("label")
    assert io.datum_to_array(floats).dtype == np.float64
    assert np.array_equal(io.datum_to_array(floats), VALUES.reshape(2, 3, 4))


def test_the_order_of_axes_in_memory_does_not_matter() -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(4, 3, 2).transpose(2, 1, 0)
    assert np.array_equal(io.datum_to_array(io.array_to_datum(pixels)), pixels)


def test_what_is_no_datum() -> None:
    with pytest.raises(ValueError, match="Incorrect array shape"):
        io.array_to_datum(np.zeros((3, 4)))
    with pytest.raises(ValueError, match="picture file"):
        io.datum_to_array(pb.Datum(encoded=True, data=b"\x89PNG"))
