import os
import shutil
from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.files.atomic import write_atomically
from mycaffe_py.retrieve.index import build, writing
from mycaffe_py.retrieve.index.build import add_to_index
from mycaffe_py.retrieve.index.helping import Wanted
from mycaffe_py.retrieve.index.index import Index
from mycaffe_py.retrieve.index.index_card import alone, index_folder, index_names
from mycaffe_py.retrieve.index.removing import delete_index, remove_from_index
from tests.retrieve.index.digits import make_index, write_digits, write_one


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return write_digits(tmp_path / "pictures")


def _add(name: str = "N", *names: str | Path, **wanted: object) -> build.Built:
    return add_to_index(name, [str(one) for one in names], Wanted(**wanted))  # type: ignore[arg-type]


def _seen(monkeypatch) -> list[int]:
    """How many inputs go through the net, batch by batch."""
    counts: list[int] = []
    plain = build.embedder_of

    def counting(*args):
        net = plain(*args)
        embed = net.embed

        def counted(images):
            counts.append(len(images))
            return embed(images)

        net.embed = counted  # type: ignore[method-assign]
        return net

    monkeypatch.setattr(build, "embedder_of", counting)
    return counts


def test_only_what_has_changed_goes_through_the_net(
    siamese_snapshot, pictures, monkeypatch
) -> None:
    before = make_index(siamese_snapshot, pictures, name="N").index
    assert [before.label(row) for row in (0, 4, 8)] == ["0", "1", "2"]
    seen = _seen(monkeypatch)
    assert vars(_add().changes) == {"new": 0, "changed": 0, "removed": 0, "kept": 12}
    os.utime(pictures / "0" / "0.png", ns=(1, 1))
    (pictures / "1" / "0.png").rename(pictures / "1" / "renamed.png")
    assert vars(_add().changes) == {"new": 1, "changed": 0, "removed": 1, "kept": 11}
    assert seen == []
    for name in ("a", "b", "c"):
        write_one(pictures / "2" / f"{name}.png", ord(name))
    write_one(pictures / "0" / "1.png", 5)
    built = _add()
    assert built.changes.words() == "3 new, 1 changed, 0 removed, 11 rows kept"
    assert seen == [4]
    # A fresh index of the same folder has the same rows, bit for bit.
    fresh = make_index(siamese_snapshot, pictures, name="F").index
    ours = {built.index.path(row): built.index.rows[row].tobytes() for row in range(15)}
    assert ours == {fresh.path(row): fresh.rows[row].tobytes() for row in range(15)}


def test_a_change_of_the_same_size_and_time_is_seen(siamese_snapshot, pictures) -> None:
    make_index(siamese_snapshot, pictures, name="N")
    path = pictures / "0" / "0.png"
    before = path.stat()
    other = write_one(pictures.parent / "other.png", 9).read_bytes()
    padded = other + b"\0" * (before.st_size - len(other))
    if len(padded) != before.st_size:
        path.write_bytes(path.read_bytes()[:-1] + b"\0")
    else:
        path.write_bytes(padded)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert _add().changes.changed == 1


def test_a_data_set_is_indexed_with_its_labels(siamese_snapshot) -> None:
    index = make_index(siamese_snapshot, "digits28.testing").index
    assert index.name == "digits28.testing"
    hits = index.find(index.rows[3:4], k=1)[0]
    assert (hits[0].row, hits[0].distance) == (3, 0.0)
    assert hits[0].path == "digits28.testing:3"
    assert vars(_add("digits28.testing").changes)["kept"] == len(index)


def test_files_and_labels_of_ones_own(siamese_snapshot, pictures, tmp_path) -> None:
    one = write_one(tmp_path / "one.png", 3)
    index = make_index(siamese_snapshot, one, name="N", label="mine").index
    assert [index.label(0), index.path(0)] == ["mine", str(one)]
    built = _add("N", pictures / ".." / "pictures" / "1")
    assert [built.index.label(row) for row in range(5)] == ["mine", "", "", "", ""]
    assert built.changes.new == 4
    # The folder above takes the same files in under the same names, now with labels.
    built = _add("N", pictures)
    assert built.changes.new == 8
    assert [built.index.label(row) for row in range(5)] == ["mine", "1", "1", "1", "1"]
    assert built.index.card_on_disk.roots == (str(pictures),)


def test_classes_below_training_and_testing(siamese_snapshot, tmp_path) -> None:
    for split in ("training", "testing"):
        write_digits(tmp_path / "both" / split, (4, 5), 1)
    index = make_index(siamese_snapshot, tmp_path / "both").index
    assert [index.label(row) for row in range(4)] == ["4", "5", "4", "5"]


def test_a_link_to_a_folder_is_followed_and_a_ring_ends(siamese_snapshot, pictures) -> None:
    (pictures / "ring").symlink_to(pictures)
    outside = write_digits(pictures.parent / "outside", (7,), 2)
    (pictures / "linked").symlink_to(outside / "7")
    index = make_index(siamese_snapshot, pictures).index
    assert sorted({index.label(row) for row in range(len(index))}) == ["0", "1", "2", "linked"]
    assert len(index) == 14


@pytest.mark.parametrize("bad", ["empty", "torn", "text"])
def test_a_picture_that_cannot_be_read_changes_nothing(siamese_snapshot, pictures, bad) -> None:
    make_index(siamese_snapshot, pictures, name="N")
    whole = (pictures / "0" / "1.png").read_bytes()
    content = {"empty": b"", "torn": whole[:60], "text": b"no picture"}[bad]
    (pictures / "0" / "new.png").write_bytes(content)
    with pytest.raises(UserError, match=r"new\.png"):
        _add()
    (pictures / "1" / "0.png").write_bytes(content)
    with pytest.raises(UserError, match="2 of 2 files cannot be read:\n"):
        _add()
    assert len(Index.open("N")) == 12
    built = _add(skip_unreadable=True)
    assert len(built.index) == 11
    assert [Path(one.path).name for one in built.unread] == ["0.png", "new.png"]


def test_bad_places_are_one_clear_error(siamese_snapshot, pictures, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    for place, text in {
        "nothing": "'nothing' is not there",
        tmp_path / "empty": "there is no picture in",
        "digits28.nosuch": "no split 'nosuch'",
        "NO.testing": "there is no dataset 'NO'",
    }.items():
        with pytest.raises(UserError, match=text):
            make_index(siamese_snapshot, place, name="N")
    assert index_names() == []
    make_index(siamese_snapshot, pictures, name="N")
    with pytest.raises(UserError, match=r"there is an index 'N' already.*index add N"):
        make_index(siamese_snapshot, pictures, name="N")
    pictures.rename(tmp_path / "moved")
    with pytest.raises(UserError, match="is not there"):
        _add()
    assert len(Index.open("N")) == 12


def test_another_net_is_refused(
    siamese_snapshot, classifier_snapshot, pictures, tmp_path, monkeypatch
) -> None:
    moved = tmp_path / "snapshots"
    shutil.copytree(siamese_snapshot.parent, moved)
    mine = moved / siamese_snapshot.name
    make_index(mine, pictures, name="N")
    with pytest.raises(UserError, match="is another net; rows of two nets cannot be compared"):
        add_to_index("N", [], Wanted(), classifier_snapshot)
    assert add_to_index("N", [], Wanted(), siamese_snapshot).changes.kept == 12
    shutil.rmtree(moved)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"snapshot that made index 'N'.*is not there.*--snapshot"):
        _add()


def test_one_process_at_a_time(siamese_snapshot, pictures) -> None:
    make_index(siamese_snapshot, pictures, name="N")
    with alone("N"), pytest.raises(UserError, match="index 'N' is held by process"):
        _add()


class _Stopped(BaseException):
    """Ends a job at any place, as Ctrl-C does."""


@pytest.mark.parametrize("step", range(4))
def test_a_job_that_ends_while_it_writes_leaves_the_old_index(
    siamese_snapshot, pictures, monkeypatch, step
) -> None:
    make_index(siamese_snapshot, pictures, name="N")
    write_one(pictures / "0" / "new.png", 5)
    written: list[Path] = []

    def failing(path, content):
        if len(written) == step:
            raise _Stopped
        written.append(path)
        write_atomically(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_atomically", failing)
        with pytest.raises(_Stopped):
            _add()
    assert len(Index.open("N")) == 12
    assert len(_add().index) == 13
    assert len(list(index_folder("N").iterdir())) == 4


def test_rows_are_removed_and_so_is_the_index(siamese_snapshot, pictures) -> None:
    make_index(siamese_snapshot, pictures, name="N")
    with pytest.raises(UserError, match=r"no row of index 'N' is of 'nothing'"):
        remove_from_index("N", [str(pictures / "0"), "nothing"])
    built = remove_from_index("N", [str(pictures / "0"), str(pictures / "1" / "2.png")])
    assert built.changes.words() == "0 new, 0 changed, 5 removed, 7 rows kept"
    built = remove_from_index("N", [], "1")
    assert built.index.label_names == {2: "2"}
    with pytest.raises(UserError, match=r"no row.*would be left.*--all"):
        remove_from_index("N", [str(pictures)])
    delete_index("N")
    assert index_names() == []
    assert not index_folder("N").exists()
    with pytest.raises(UserError, match="there is no index"):
        delete_index("N")
