import dataclasses
import hashlib
import os

import numpy as np
import pytest

from mycaffe_py.data.array_source import source_checksum
from mycaffe_py.data.dataset_paths import data_folder, dataset_path
from mycaffe_py.data.feature_tables import feature_checks
from mycaffe_py.data.feature_tables.feature_checks import file_sum, message_sum, stored_checksum
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.proto.mycaffe_pb2 import NetParameter
from mycaffe_py.proto.text import read_text
from tests.data.made import small_source
from tests.data.tables import BASE, small_card, write_table

MODEL = 'layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 3 } } }'


@pytest.fixture
def real(tmp_path):
    """A table whose model, weights and images are all there."""
    model, weights = tmp_path / "m.prototxt", tmp_path / "w.caffemodel"
    model.write_text(MODEL)
    weights.write_bytes(b"weights")
    source = small_source("GONE.training")
    write_dataset(dataset_path("GONE"), "GONE", {"training": source})
    message = read_text(MODEL, NetParameter).message
    base = dataclasses.replace(
        BASE, model=str(model), model_checksum=message_sum(message), weights=str(weights),
        weights_checksum=file_sum(weights),
    )  # fmt: skip
    write_table(dataclasses.replace(small_card(base=base), source_checksum=source.checksum))
    open_source("T.training")
    return model, weights


def test_other_weights_make_it_stale(real) -> None:
    real[1].write_bytes(b"WEIGHTS")
    with pytest.raises(
        UserError, match=r"'T.training' is stale: its weights, .*w.caffemodel, have"
    ):
        open_source("T.training")
    real[1].write_bytes(b"weights")
    open_source("T.training")
    real[1].unlink()
    open_source("T.training")


def test_another_model_makes_it_stale_and_a_comment_does_not(real) -> None:
    real[0].write_text(f"# a comment\n{MODEL}")
    open_source("T.training")
    real[0].write_text(MODEL.replace("dim: 3", "dim: 4"))
    with pytest.raises(UserError, match=r"stale: its model, .*m.prototxt, has changed"):
        open_source("T.training")
    real[0].write_text("layer {")
    with pytest.raises(UserError, match="can no longer be read"):
        open_source("T.training")


def test_other_images_make_it_stale(real) -> None:
    other = {"training": small_source("GONE.training", count=31)}
    write_dataset(dataset_path("GONE"), "GONE", other)
    with pytest.raises(UserError, match=r"stale: the images of GONE.training have changed"):
        open_source("T.training")
    write_dataset(dataset_path("GONE"), "GONE", {"testing": small_source("GONE.testing")})
    with pytest.raises(UserError, match="stale"):
        open_source("T.training")
    dataset_path("GONE").unlink()
    open_source("T.training")


def test_checksums_of_sources() -> None:
    assert stored_checksum("NO.training") is None
    assert stored_checksum("digits28.testing") == open_source("digits28.testing").checksum
    write_table(small_card())
    assert stored_checksum("T.training") == open_source("T.training").checksum


def test_a_table_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    write_table(small_card())
    counted = []

    def counting(*args):
        counted.append(1)
        return source_checksum(*args)

    monkeypatch.setattr(feature_checks, "source_checksum", counting)
    for _ in range(3):
        open_source("T.training")
    assert len(counted) == 1
    [known] = (data_folder() / ".checked").iterdir()
    known.write_text("garbage")
    open_source("T.training")
    assert len(counted) == 2


def test_a_change_within_one_tick_of_the_clock_is_seen() -> None:
    """Of equal size and with its times set back: the time of the change itself cannot be."""
    files = write_table(small_card())
    open_source("T.training")
    before = files.rows.stat()
    content = bytearray(files.rows.read_bytes())
    content[0] ^= 1
    files.rows.write_bytes(bytes(content))
    os.utime(files.rows, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(UserError, match="damaged"):
        open_source("T.training")


def test_a_folder_that_cannot_be_written_costs_only_time() -> None:
    write_table(small_card())
    (data_folder() / ".checked").write_text("in the way")
    assert len(open_source("T.training")) == 24


def test_sums_in_pieces_are_sums() -> None:
    images = np.arange(5000 * 3, dtype=np.float32).reshape(5000, 3, 1, 1)
    labels = np.zeros(5000, np.int64)
    seen = []
    whole = source_checksum(images, labels, seen.append)
    assert sum(seen) == 5000
    assert len(seen) > 1
    text = f"{images.shape} float32".encode()
    assert whole == hashlib.sha256(text + labels.tobytes() + images.tobytes()).hexdigest()
