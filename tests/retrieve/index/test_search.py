import numpy as np
import pytest
from PIL import Image

from mycaffe_py.errors import UserError
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.index_net import embedder_of
from mycaffe_py.retrieve.index.queries import box_of
from mycaffe_py.retrieve.index.search import Asked, Found, search
from tests.retrieve.index.digits import make_index, write_digits


@pytest.fixture
def pictures(siamese_snapshot, tmp_path):
    folder = write_digits(tmp_path / "pictures")
    make_index(siamese_snapshot, folder, name="N")
    return folder


def _search(*names, **asked) -> Found:
    index = Index.open("N")
    net = embedder_of(index.card_on_disk, most=len(names))
    return search(index, net, [str(name) for name in names], Asked(**{"k": 3} | asked))


def test_a_picture_of_the_index_is_nearest_to_itself(pictures) -> None:
    found = _search(pictures / "1" / "2.png", "digits28.testing:0")
    first, second = found.answers
    assert (first.hits[0].path, first.hits[0].distance) == (str(pictures / "1" / "2.png"), 0.0)
    assert first.label == "1"
    assert second.label == "1"
    assert [len(answer.hits) for answer in found.answers] == [3, 3]
    assert found.as_csv().count("\n") == 7
    assert found.as_json()[0]["found"][0]["place"] == 1


def test_asked_together_is_the_mean(pictures) -> None:
    paths = [pictures / "0" / "1.png", pictures / "2" / "0.png"]
    index = Index.open("N")
    rows = [index.entries.row_of(str(path)) for path in paths]
    mean = index.rows[rows].mean(axis=0, keepdims=True)
    (answer,) = _search(*paths, together=True).answers
    assert list(answer.hits) == index.find(mean, 3)[0]
    assert answer.query == f"{paths[0]} + {paths[1]}"
    assert answer.label == ""


def test_its_own_label_and_itself_left_out(pictures) -> None:
    (answer,) = _search(pictures / "1" / "2.png", same_label=True, skip_itself=True, k=9).answers
    assert {hit.label for hit in answer.hits} == {"1"}
    assert len(answer.hits) == 3
    elsewhere = pictures.parent / "x.png"
    elsewhere.write_bytes((pictures / "1" / "2.png").read_bytes())
    with pytest.raises(UserError, match=r"the label of .*x\.png' is not known.*--label"):
        _search(elsewhere, same_label=True)
    (answer,) = _search(elsewhere, label="2", k=9).answers
    assert {hit.label for hit in answer.hits} == {"2"}


def test_a_box_is_read_as_a_picture_of_its_own(pictures) -> None:
    page = Image.new("L", (90, 70))
    page.paste(Image.open(pictures / "2" / "1.png"), (40, 30))
    page.save(pictures.parent / "page.png")
    (answer,) = _search(pictures.parent / "page.png", box=box_of("40,30,28,28")).answers
    assert answer.hits[0].path == str(pictures / "2" / "1.png")
    with pytest.raises(UserError, match="box 80,30,28,28 stands out of its 90x70 pixels"):
        _search(pictures.parent / "page.png", box=box_of("80,30,28,28"))
    with pytest.raises(UserError, match="a box is a part of a picture file"):
        _search("digits28.testing:0", box=box_of("0,0,9,9"))
    for text in ("1,2,3", "0,0,0,5", "a,b,c,d", "-1,0,3,3"):
        with pytest.raises(UserError, match="--box is"):
            box_of(text)


def test_a_query_that_cannot_be_read_costs_no_other(pictures) -> None:
    (pictures / "torn.png").write_bytes(b"\x89PNG")
    found = _search(pictures / "torn.png", pictures / "0" / "0.png", "nothing.png")
    assert len(found.answers) == 1
    assert [one.path.name for one in found.unread] == ["torn.png", "nothing.png"]
    assert "error" in found.as_json()[-1]
    with pytest.raises(UserError, match=r"nothing\.png' is not there"):
        _search("nothing.png")
    with pytest.raises(UserError, match=r"there is no 'digits28.testing:99999'"):
        _search("digits28.testing:99999")


def test_nothing_within_reach_is_told(pictures) -> None:
    found = _search("digits28.training:5", within=1e-9)
    assert found.lines()[-1] == "digits28.training:5 (6): nothing within 1e-09"


def test_the_same_bits_alone_and_in_company(pictures) -> None:
    names = [f"digits28.training:{record}" for record in range(5)]
    alone = [_search(name).answers[0].hits for name in names]
    assert [answer.hits for answer in _search(*names).answers] == alone
    assert not np.isnan([hit.distance for hits in alone for hit in hits]).any()
