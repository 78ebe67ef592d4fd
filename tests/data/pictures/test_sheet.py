import dataclasses

import numpy as np

from mycaffe_py.data.pictures.sheet import as_picture, contact_sheet, mean_sheet
from tests.data.made import small_source


def _solid():
    """Images that are red for label 0, green for 1, blue for 2."""
    source = small_source(shape=(3, 10, 10))
    for label in range(3):
        source.images[source.labels == label] = 0
        source.images[source.labels == label, label] = 255
    return dataclasses.replace(source, image_mean=None)


def test_a_row_for_each_label() -> None:
    sheet = np.asarray(contact_sheet(_solid(), columns=4))
    rows = [np.flatnonzero((sheet == colour).all(axis=2).any(axis=1)) for colour in np.eye(3) * 255]
    assert rows[0].max() < rows[1].min() < rows[1].max() < rows[2].min()
    # Enlarged by a whole factor: 10 pixels become 60.
    assert [len(row) for row in rows] == [60, 60, 60]
    red = (sheet == [255, 0, 0]).all(axis=2)
    assert red.sum() == 4 * 60 * 60


def test_fewer_images_than_columns() -> None:
    red = (np.asarray(contact_sheet(_solid(), columns=16)) == [255, 0, 0]).all(axis=2)
    assert red.sum() == 10 * 60 * 60


def test_means_side_by_side() -> None:
    sheet = np.asarray(mean_sheet(_solid()))
    for colour in np.eye(3) * 255:
        assert (sheet == colour).all(axis=2).sum() == 60 * 60
    assert (sheet == 85).all(axis=2).sum() >= 60 * 60


def test_many_labels_and_long_names_still_fit() -> None:
    source = small_source(count=90, classes=90, shape=(1, 3, 300))
    source.label_names.update({label: f"a rather long name {label}" for label in range(90)})
    width, height = contact_sheet(source).size
    assert width < 16 * 310 + 400
    assert height < 41 * 60
    assert mean_sheet(source).size[1] < 41 * 60


def test_two_channels_show_the_first_and_floats_are_rounded() -> None:
    image = np.array([[[1.6, 300.0]], [[9.0, 9.0]]], np.float32)
    assert np.asarray(as_picture(image)).tolist() == [[2, 255]]
