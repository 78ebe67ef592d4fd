"""A detector in the manner of SSD, whole: through pycaffe, and in OpenCV's reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from mycaffe_py import pycaffe as caffe
from tests.detect.small_ssd import write_small_ssd

PICTURE = np.random.default_rng(1).uniform(-100, 100, (1, 3, 64, 64)).astype(np.float32)


def _sorted(rows: Any) -> npt.NDArray[np.float32]:
    """Rows by class and score."""
    table: npt.NDArray[np.float32] = np.reshape(rows, (-1, 7))
    return table[np.lexsort((-table[:, 2], table[:, 1]))]


@pytest.mark.slow
def test_opencv_finds_the_same(tmp_path: Path) -> None:
    model, weights, net = write_small_ssd(tmp_path)
    net.feed({"data": PICTURE})
    net.forward()
    theirs = cv2.dnn.readNetFromCaffe(str(model), str(weights))
    theirs.setInput(PICTURE)
    found = theirs.forward("detection_out").reshape(-1, 7)
    wanted = _sorted(found[found[:, 2] > 0])
    assert len(wanted) > 5 and len(set(wanted[:, 1])) > 1
    np.testing.assert_allclose(_sorted(net.blob("detection_out")), wanted, rtol=0, atol=1e-4)
    for blob in ("norm", "mbox_loc", "mbox_conf_flatten", "mbox_priorbox"):
        theirs.setInput(PICTURE)
        np.testing.assert_allclose(
            net.blob(blob), theirs.forward(blob), rtol=0, atol=1e-4, err_msg=blob
        )


@pytest.mark.slow
def test_scripts_see_as_many_rows_as_there_are_objects(tmp_path: Path) -> None:
    model, weights, net = write_small_ssd(tmp_path)
    net.feed({"data": PICTURE})
    net.forward()
    wanted = net.blob("detection_out")
    theirs = caffe.Net(str(model), str(weights), caffe.TEST)
    theirs.blobs["data"].data[...] = PICTURE
    detections = theirs.forward()["detection_out"]
    np.testing.assert_array_equal(detections, wanted)
    assert detections.shape == (1, 1, wanted.shape[2], 7) and 5 < wanted.shape[2] <= 40
    theirs.blobs["data"].data[...] = 0
    several = theirs.forward()["detection_out"].shape[2]
    assert several != detections.shape[2]
    theirs.blobs["data"].data[...] = PICTURE
    np.testing.assert_array_equal(theirs.forward()["detection_out"], wanted)
