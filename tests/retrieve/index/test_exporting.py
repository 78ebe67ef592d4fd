import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.exporting import export_index
from mycaffe_py.retrieve.index.index import Index
from tests.retrieve.index.digits import make_index, write_digits


@pytest.fixture
def index(siamese_snapshot, tmp_path, monkeypatch) -> Index:
    monkeypatch.chdir(tmp_path)
    return make_index(siamese_snapshot, write_digits(tmp_path / "pictures"), name="N").index


def test_npz_holds_all_that_numpy_needs(index) -> None:
    path, _ = export_index(index, "npz", None, False)
    assert str(path) == "N.npz"
    with np.load(path) as file:
        assert (file["x"] == index.rows).all()
        assert file["y"].tolist() == [0] * 4 + [1] * 4 + [2] * 4
        assert file["names"][4] == "1"
        assert file["paths"][4].endswith("/1/0.png")
    with pytest.raises(UserError, match=r"'N\.npz' is there already.*--force"):
        export_index(index, "npz", None, False)
    export_index(index, "npz", None, True)


def test_the_projector_gets_vectors_labels_and_pictures(index, tmp_path) -> None:
    folder, _ = export_index(index, "tsv", None, False)
    assert (np.loadtxt(folder / "vectors.tsv", np.float32, delimiter="\t") == index.rows).all()
    lines = (folder / "metadata.tsv").read_text().splitlines()
    assert lines[0] == "label\tpath"
    assert lines[5].split("\t") == ["1", index.path(4)]
    sprite = Image.open(folder / "sprite.png")
    assert sprite.size == (128, 128)
    assert np.asarray(sprite)[:96].any()
    assert not np.asarray(sprite)[96:].any()
    export_index(index, "tsv", tmp_path / "N.projector", True)


def test_faiss_that_is_not_there_is_told_with_a_command(index, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(UserError, match=r"needs the package 'faiss'.*pip install .*faiss"):
        export_index(index, "faiss", None, False)


@pytest.mark.parametrize("metric", ["squared", "cosine"])
def test_faiss_gets_rows_with_their_numbers(index, metric, monkeypatch) -> None:
    got = []

    class Flat:
        def __init__(self, size):
            got.append(size)

    class Map:
        def __init__(self, flat):
            got.append(type(flat).__name__)

        def add_with_ids(self, rows, ids):
            got.extend([rows, ids])

    fake = SimpleNamespace(
        IndexFlatL2=type("L2", (Flat,), {}),
        IndexFlatIP=type("IP", (Flat,), {}),
        IndexIDMap=Map,
        serialize_index=lambda _: np.arange(5, dtype=np.uint8),
    )
    monkeypatch.setitem(sys.modules, "faiss", fake)
    other = Index(index.rows, index.labels, index.label_names, metric, index.card, index.entries)
    path, _ = export_index(other, "faiss", None, False)
    size, kind, rows, ids = got
    assert path.read_bytes() == bytes(range(5))
    assert (size, kind) == (8, "IP" if metric == "cosine" else "L2")
    assert ids.tolist() == list(range(12))
    lengths = np.linalg.norm(rows, axis=1)
    assert metric == "squared" or np.allclose(lengths, 1)
