from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.trained.encodings import batches, encodings_of
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot


def test_the_last_batch_holds_what_is_left() -> None:
    source = open_source("digits28.testing")
    parts = list(batches(source, np.array([4, 2, 9]), 2))
    assert [len(part) for part in parts] == [2, 1]
    np.testing.assert_array_equal(np.concatenate(parts), source.gather(np.array([4, 2, 9])))


@pytest.mark.parametrize("batch", [1, 4, 7])
def test_encodings_do_not_depend_on_the_batch(siamese_snapshot: Path, batch: int) -> None:
    source = open_source("digits28.testing")
    snapshot = open_snapshot(siamese_snapshot)
    records = np.array([5, 0, 3, 3, 11, 8, 2])
    found = encodings_of(RunNet(snapshot, source, batch), source, records)
    net = RunNet(snapshot, source, 1)
    one_by_one = [net.encodings(source.gather(records[i : i + 1]))[0] for i in range(7)]
    np.testing.assert_allclose(found, one_by_one, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[2], found[3])
