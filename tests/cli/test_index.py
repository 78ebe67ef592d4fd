"""`mycaffe index` and `mycaffe find` as a user calls them."""

import json

import pytest

from tests.retrieve.index.digits import write_digits, write_one


@pytest.fixture
def made(mycaffe, siamese_snapshot, tmp_path):
    write_digits(tmp_path / "pictures")
    result = mycaffe("index", "create", "pictures", "--snapshot", str(siamese_snapshot))
    assert result.code == 0, result.err
    assert "index pictures: 12 new, 0 changed, 0 removed, 0 rows kept" in result.out
    return mycaffe


def test_an_index_from_creation_to_its_end(made, tmp_path) -> None:
    write_one(tmp_path / "pictures" / "1" / "new.png", 8)
    assert "1 new, 0 changed, 0 removed, 12 rows kept" in made("index", "add", "pictures").out
    found = made("find", "pictures/1/2.png", "--index", "pictures", "-k", "2", "--sheet", "s.png")
    assert found.code == 0, found.err
    assert "  1     0.00000  1      pictures/1/2.png" in found.out
    assert (tmp_path / "s.png").stat().st_size > 100
    assert "pictures: 13 rows of 8 values, 3 labels" in made("index", "list").out
    assert json.loads(made("index", "list", "--json").out)[0]["rows"] == 13
    assert made("index", "duplicates", "pictures", "--json").code == 0
    assert made("index", "outliers", "pictures", "--sheet", "o.png").code == 0
    assert made("index", "export", "pictures", "npz").out.startswith("pictures.npz: ")
    assert "4 removed" in made("index", "remove", "pictures", "pictures/0").out
    assert "is removed" in made("index", "remove", "pictures", "--all").out
    assert "There is no index" in made("index", "list").out


def test_what_machines_read(made, tmp_path) -> None:
    told = json.loads(made("find", "pictures/0/0.png", "pictures/2/1.png", "--json").out)
    assert [one["label"] for one in told] == ["0", "2"]
    assert [len(one["found"]) for one in told] == [10, 10]
    assert told[0]["found"][0]["distance"] == 0.0
    (one,) = json.loads(
        made("find", "--together", "pictures/0/0.png", "pictures/2/1.png", "--json").out
    )
    assert one["query"] == "pictures/0/0.png + pictures/2/1.png"
    table = made("find", "pictures/0/0.png", "--csv", "-", "-k", "1").out
    assert table.splitlines()[0] == "query,place,row,distance,label,path"
    made("find", "pictures/0/0.png", "--csv", "found.csv", "-k", "1")
    assert (tmp_path / "found.csv").read_text() == table


def test_mistakes_are_one_line_each(made, classifier_snapshot, tmp_path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG")
    for arguments, text in {
        ("find", "pictures/0/0.png", "--index", "other"): "there is no index 'other'",
        ("find", "nothing.png"): "'nothing.png' is not there",
        ("find", "torn.png"): "cannot be read as a picture",
        ("find", "pictures"): "is a folder, no picture",
        ("find", "pictures/0/0.png", "-k", "0"): "-k is 0",
        ("find", "pictures/0/0.png", "--within", "nan"): "--within is nan",
        ("find", "pictures/0/0.png", "--box", "1,2"): "--box is '1,2'",
        ("find", "pictures/0/0.png", "--snapshot", str(classifier_snapshot)): "is another net",
        ("index", "create", "pictures"): "there is no *_iter_*.caffemodel below",
        ("index", "create", "nothing"): "'nothing' is not there",
        ("index", "add", "other"): "there is no index 'other'",
        ("index", "remove", "pictures"): "paths or --label, or --all",
        ("index", "outliers", "pictures", "-k", "0"): "-k is 0",
        ("index", "export", "pictures", "npz", "--out", "pictures", "--force"): "is a folder",
    }.items():
        if arguments[:2] == ("index", "create"):
            arguments = (*arguments, "--name", "fresh")
        result = made(*arguments)
        assert result.code == 2, arguments
        assert text in result.err, arguments
        assert "Traceback" not in result.err
        assert result.err.count("mycaffe: error:") == 1
    assert "12 rows kept" in made("index", "add", "pictures").out


def test_one_of_several_pictures_that_cannot_be_read(made) -> None:
    result = made("find", "pictures/0/0.png", "nothing.png", "-k", "1")
    assert result.code == 2
    assert "0.00000" in result.out
    assert "'nothing.png' is not there" in result.err


DEPLOY = """
layer { name: "data" type: "Input" top: "data"
  input_param { shape { dim: 1 dim: 1 dim: 28 dim: 28 } } }
layer { name: "feat" type: "InnerProduct" bottom: "data" top: "feat"
  inner_product_param { num_output: 8 bias_term: false } }
"""


def test_a_model_with_weights_is_told_how_pictures_are_made(
    made, siamese_snapshot, tmp_path
) -> None:
    (tmp_path / "deploy.prototxt").write_text(DEPLOY)
    net = ("--model", "deploy.prototxt", "--weights", str(siamese_snapshot))
    scaled = made("index", "create", "pictures", "--name", "M", *net, "--scale", "0.00390625")
    assert scaled.code == 0, scaled.err
    asked = ("find", "pictures/1/2.png", "-k", "3", "--json", "--index")
    ours, theirs = (json.loads(made(*asked, name).out)[0]["found"] for name in ("M", "pictures"))
    assert [hit["distance"] for hit in ours] == [hit["distance"] for hit in theirs]
    refused = made("index", "create", "pictures", "--name", "S", "--scale", "2")
    assert refused.code == 2
    assert "go with --model and --weights" in refused.err
    refused = made(*asked, "M", "--snapshot", str(siamese_snapshot))
    assert "was made with --model" in refused.err
