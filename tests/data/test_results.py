import numpy as np
import pytest

from mycaffe_py.data.database import write_dataset
from mycaffe_py.data.place import dataset_path
from mycaffe_py.data.results import Results, read_results, record_results
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from tests.data.made import small_source


@pytest.fixture
def results():
    write_dataset(dataset_path("SMALL"), "SMALL", {"testing": small_source()})
    return Results(
        records=np.array([2, 5]),
        labels=np.array([1, 0]),
        values=np.array([[0.5, 2.0], [1.0, 0.25]], np.float32),
    )


def test_results_come_back(results):
    record_results("SMALL.testing", "a.caffemodel", results)
    found = read_results("SMALL.testing", "a.caffemodel")
    assert np.array_equal(found.records, results.records)
    assert np.array_equal(found.labels, results.labels)
    assert np.array_equal(found.values, results.values)
    assert len(read_results("SMALL.testing", "b.caffemodel").records) == 0


def test_a_second_test_takes_the_place_of_the_first(results):
    record_results("SMALL.testing", "a.caffemodel", results)
    record_results("SMALL.testing", "a.caffemodel", results)
    assert len(read_results("SMALL.testing", "a.caffemodel").records) == 2


def test_results_leave_the_images_alone(results):
    before = open_source("SMALL.testing")
    record_results("SMALL.testing", "a.caffemodel", results)
    assert open_source("SMALL.testing").checksum == before.checksum


def test_built_in_datasets_hold_none(results):
    with pytest.raises(UserError, match="built in"):
        record_results("digits28.testing", "a.caffemodel", results)
