"""A kind of data set is one file: it is listed, created, opened, measured and trained from."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.data import sets
from mycaffe_py.data.dataset_kind import all_kinds, dataset_kinds
from mycaffe_py.data.dataset_lookup import holder_of, names_that_open
from mycaffe_py.data.feature_tables.feature_checks import stored_checksum
from mycaffe_py.data.source import open_head, open_source, splits_of
from mycaffe_py.errors import UserError
from tests.conftest import Result

# All that a new kind takes: this file in data/sets/.
KIND = '''
from mycaffe_py.data.dataset_kind import DatasetKind, Made, register


@register
class Stripes(DatasetKind):
    """Images of stripes, kept as arrays."""

    name = "stripes"
    suffix = ".stripes.npz"
    help = "upright and lying stripes"
    examples = "  mycaffe dataset create stripes --name S\\n"
    known = ("six_stripes",)

    def add_arguments(self, parser):
        parser.add_argument("--name", required=True)
        parser.add_argument("--side", type=int, default=6)
        parser.add_argument("--force", action="store_true")

    def create(self, args, path):
        self._write(path, args.side)
        return Made(lines=["stripes are drawn"], notes=["they are thin"])

    def make_known(self, dataset, path, where):
        self._write(path, 6)

    def head_of_known(self, dataset, split, where):
        from mycaffe_py.data.source_head import make_head

        return make_head(f"{dataset}.{split}", (1, 6, 6), {0: 4, 1: 4})

    def splits(self, dataset):
        return ["training"]

    def open(self, dataset, split, where=None):
        import numpy as np
        from mycaffe_py.data.array_source import make_source

        with np.load(self.path(dataset)) as stored:
            return make_source(f"{dataset}.{split}", stored["images"], stored["labels"])

    def _write(self, path, side):
        import numpy as np

        images = np.zeros((8, 1, side, side), np.uint8)
        images[::2, :, ::2], images[1::2, :, :, ::2] = 200, 200
        np.savez(path, images=images, labels=np.arange(8) % 2)
'''
SOLVER = """
net_param {
  layer { name: "data" type: "Data" top: "data" top: "label"
          data_param { source: "%s.training" batch_size: 4 } }
  layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
          inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
  layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }
}
base_lr: 0.001 lr_policy: "fixed" max_iter: 3 snapshot_prefix: "stripes"
"""


@pytest.fixture
def stripes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The kind in a file of the package's folder of kinds, as far as python can tell."""
    folder = tmp_path / "more_kinds"
    folder.mkdir()
    (folder / "stripes.py").write_text(KIND)
    before = [kind.name for kind in all_kinds()]
    sets.__path__.append(str(folder))
    monkeypatch.setattr(dataset_kinds, "_homes", None)
    monkeypatch.setattr(dataset_kinds, "_complete", False)
    yield
    sets.__path__.remove(str(folder))
    del dataset_kinds._entries["stripes"], dataset_kinds._lower["stripes"]
    del sys.modules["mycaffe_py.data.sets.stripes"]
    assert [kind.name for kind in all_kinds()] == before


@pytest.mark.usefixtures("stripes")
def test_a_kind_in_one_file_is_created_shown_and_trained_from(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    kinds = "mnist|images|subset|telecom|glyphs|omniglot|csv|stripes"
    assert kinds in mycaffe("dataset", "create", "--help").out
    made = mycaffe("dataset", "create", "stripes", "--name", "S", "--side", "8")
    assert made.code == 0, made.err
    assert made.out.splitlines()[:2] == [
        "stripes are drawn",
        "S.training: 8 images (1, 8, 8), 2 labels",
    ]
    assert made.err == "they are thin\n"
    assert "S.training" in mycaffe("dataset", "list").out
    shown = mycaffe("dataset", "show", "S", "--json", "--out", str(tmp_path))
    assert json.loads(shown.out)[0]["per_label"] == {"0": 4, "1": 4}
    assert mycaffe("dataset", "verify", "S").code == 0
    (tmp_path / "s.solver").write_text(SOLVER % "S")
    trained = mycaffe("train", "--solver", str(tmp_path / "s.solver"), "--seed", "1")
    assert trained.code == 0, trained.err


@pytest.mark.usefixtures("stripes")
def test_a_kind_answers_for_whatever_opens_by_name() -> None:
    head = open_head("six_stripes.training")
    assert (len(head), head.shape) == (8, (1, 6, 6))
    assert holder_of("six_stripes") is None
    assert stored_checksum("six_stripes.training") is None
    with pytest.raises(UserError, match="create stripes --name six_stripes' makes it"):
        open_source("six_stripes.training", make=False)
    source = open_source("six_stripes.training")
    assert np.array_equal(source.labels, np.arange(8) % 2)
    assert splits_of("six_stripes") == ["training"]
    assert stored_checksum("six_stripes.training") == source.checksum
    assert open_head("six_stripes.training").checksum == source.checksum
    assert names_that_open().count("six_stripes") == 1


@pytest.mark.usefixtures("stripes")
def test_what_is_there_is_neither_replaced_nor_hidden(mycaffe: Callable[..., Result]) -> None:
    create = ("dataset", "create", "stripes", "--name")
    assert mycaffe(*create, "S").code == 0
    assert "is there already" in mycaffe(*create, "S").err
    assert mycaffe(*create, "S", "--force").code == 0
    assert "is built in" in mycaffe(*create, "digits28").err
    subset = ("dataset", "create", "subset", "digits28", "--labels", "1,2", "--name", "LOW")
    assert mycaffe(*subset).code == 0
    refused = mycaffe(*create, "LOW", "--force")
    assert refused.code == 2
    assert "there is a dataset 'LOW' of another kind" in refused.err


def test_a_name_is_of_one_kind() -> None:
    names = [kind.name for kind in all_kinds()]
    places = [kind.place for kind in all_kinds()]
    known = [name for kind in all_kinds() for name in kind.known]
    assert len(set(places)) == len(places)
    assert len(set(known)) == len(known)
    assert {"mnist", "images", "subset", "telecom", "csv", "lmdb", "leveldb"} <= set(names)
