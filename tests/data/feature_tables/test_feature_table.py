import dataclasses

import numpy as np
import pytest

from mycaffe_py.data.array_source import source_checksum
from mycaffe_py.data.dataset_lookup import dataset_names
from mycaffe_py.data.feature_tables.feature_card import TableFiles
from mycaffe_py.data.source import open_source, splits_of, training_mean
from mycaffe_py.engine.net import Net
from mycaffe_py.errors import UserError
from tests.data.tables import small_card, small_labels, small_values, write_table
from tests.graph.nets import graph_of


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_table_is_a_source(dtype: str) -> None:
    card = small_card(dtype=dtype)
    write_table(card)
    table = open_source("T.training")
    assert np.array_equal(table.images.reshape(24, 5), small_values(card))
    assert table.shape == (5, 1, 1)
    assert np.array_equal(table.labels, small_labels(card))
    assert table.label_names == {0: "cat", 1: "dog", 2: "eel"}
    assert table.checksum == source_checksum(table.images, table.labels)
    assert type(table.images) is np.ndarray
    assert table.description.startswith("features of GONE.training, 2 variants of each")


def test_a_table_is_a_dataset() -> None:
    write_table(small_card("training"))
    write_table(small_card("testing", images=6))
    assert dataset_names() == ["T"]
    assert splits_of("T") == ["testing", "training"]
    training = open_source("T.training")
    np.testing.assert_array_equal(training_mean(open_source("T.testing")), training.mean())


@pytest.mark.parametrize("dtype", ["float32", "float16"])
@pytest.mark.parametrize("per_blob", [1, 2, 3])
def test_a_data_layer_reads_it(dtype: str, per_blob: int) -> None:
    card = small_card(dtype=dtype)
    write_table(card)
    net = Net(
        graph_of(
            'layer { name: "f" type: "Data" top: "data" top: "label" top: "index" data_param { '
            f'source: "T.training" batch_size: 4 images_per_blob: {per_blob} '
            "output_all_labels: true output_image_index: true } }",
            seed=3,
        )
    )
    values = small_values(card).astype(np.float32)
    for batch in range(3):
        net.forward(batch)
        records = net.blob("index").astype(int).reshape(4, per_blob)
        data = net.blob("data")
        assert data.shape == (4, per_blob * 5, 1, 1)
        assert np.array_equal(data.reshape(4, per_blob, 5), values[records])
        labels = net.blob("label").reshape(4, per_blob)
        assert np.array_equal(labels, small_labels(card)[records])


def test_a_split_that_is_not_there() -> None:
    write_table(small_card())
    with pytest.raises(UserError, match=r"no split 'trainin'\. Did you mean 'training'"):
        open_source("T.trainin")


def test_a_table_that_is_not_complete() -> None:
    files = write_table(small_card())
    files.card.unlink()
    files.started.write_bytes(small_card().text(done=8))
    with pytest.raises(UserError, match=r"is not complete: 8 of 24 rows .* goes on where it"):
        open_source("T.training")


@pytest.mark.parametrize(("name", "size"), [("rows", 20), ("labels", 8)])
def test_a_missing_row_is_refused(name: str, size: int) -> None:
    path = getattr(write_table(small_card()), name)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size - size)
    with pytest.raises(UserError, match=r"is damaged: .* 23 rows; .*made with 24 rows"):
        open_source("T.training")
    path.unlink()
    with pytest.raises(UserError, match=r"0 rows"):
        open_source("T.training")


@pytest.mark.parametrize("name", ["rows", "labels"])
def test_one_changed_bit_is_refused(name: str) -> None:
    path = getattr(write_table(small_card()), name)
    open_source("T.training")
    content = bytearray(path.read_bytes())
    content[33] ^= 1
    path.write_bytes(bytes(content))
    for _ in range(2):
        with pytest.raises(UserError, match=r"'T.training' is damaged: sha256 .*--force"):
            open_source("T.training")
    content[33] ^= 1
    path.write_bytes(bytes(content))
    open_source("T.training")


def test_another_shape_is_refused() -> None:
    """Also where somebody writes a card of his own: the size of the file tells."""
    files = write_table(small_card())
    card = dataclasses.replace(small_card(), size=4, checksum="0" * 64)
    files.card.write_bytes(card.text())
    with pytest.raises(UserError, match=r"480 bytes, 30 rows; .* 24 rows of 16 bytes"):
        open_source("T.training")
    same_bytes = dataclasses.replace(small_card(), size=10, dtype="float16", checksum="0" * 64)
    files.card.write_bytes(same_bytes.text())
    with pytest.raises(UserError, match="sha256"):
        open_source("T.training")


def test_a_table_of_nothing_is_refused() -> None:
    files = write_table(small_card())
    files.card.write_bytes(dataclasses.replace(small_card(), dtype="int8").text())
    with pytest.raises(UserError, match="tells no table"):
        open_source("T.training")
    assert TableFiles.of("T", "training") == files


@pytest.mark.parametrize("value", [np.inf, np.nan])
def test_a_table_of_somebody_elses_that_holds_no_number_is_refused(value) -> None:
    """Its checksum is right: it was made so."""
    files = write_table(small_card())
    values = np.fromfile(files.rows, "<f4").reshape(-1, 5)
    values[7, 2] = value
    values.tofile(files.rows)
    made = source_checksum(values.reshape(-1, 5, 1, 1), small_labels(small_card()))
    files.card.write_bytes(dataclasses.replace(small_card(), checksum=made).text())
    with pytest.raises(UserError, match=r"row 7 of feature table 'T\.training' holds NaN or inf"):
        open_source("T.training")
