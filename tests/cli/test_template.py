import json
from collections.abc import Callable
from pathlib import Path

from tests.conftest import Result


def test_list_shows_names_with_a_line_each(mycaffe: Callable[..., Result]) -> None:
    lines = mycaffe("template", "list").out.splitlines()
    names = [line.split()[0] for line in lines]
    assert names == sorted(names)
    assert {"lenet", "resnet50", "siamese_28x28"} <= set(names)
    assert all(len(line.split()) > 4 for line in lines)


def test_list_shows_heads_too_and_each_can_be_copied(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    listed = [line.split()[0] for line in mycaffe("template", "list").out.splitlines()]
    heads = [name for name in listed if name.startswith("heads/")]
    assert {"heads/cosine", "heads/triplet", "heads/mlp"} <= set(heads)
    for name in heads:
        file = name.removeprefix("heads/") + ".prototxt"
        result = mycaffe("template", "copy", name, "--force")
        assert result.out.split() == [file, "heads.solver"]
    assert mycaffe("template", "copy", "cosine", "other").code == 0
    assert (tmp_path / "other/cosine.prototxt").is_file()


def test_list_for_machines(mycaffe: Callable[..., Result]) -> None:
    rows = json.loads(mycaffe("template", "list", "--json").out)
    assert {"name", "about", "model", "solver"} == set(rows[0])


def test_copy_puts_both_texts_into_the_folder(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    result = mycaffe("template", "copy", "siamese_28x28")
    assert result.out.split() == ["siamese_28x28.prototxt", "siamese_28x28.solver"]
    assert 'name: "SiameseNet"' in (tmp_path / "siamese_28x28.prototxt").read_text()
    assert "max_iter: 8000" in (tmp_path / "siamese_28x28.solver").read_text()


def test_copy_makes_the_folder(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    assert mycaffe("template", "copy", "lenet.solver", "a/b").code == 0
    assert (tmp_path / "a/b/lenet.prototxt").is_file()


def test_copy_overwrites_only_when_told(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    mine = tmp_path / "lenet.solver"
    mine.write_text("base_lr: 1\n")
    result = mycaffe("template", "copy", "lenet")
    assert result.code == 2
    assert result.err == (
        "mycaffe: error: lenet.solver would be overwritten. Name another folder, or say --force.\n"
    )
    assert mine.read_text() == "base_lr: 1\n"
    assert not (tmp_path / "lenet.prototxt").exists()
    assert mycaffe("template", "copy", "lenet", "--force").code == 0
    assert "max_iter" in mine.read_text()


def test_copy_of_an_unknown_template_names_the_nearest(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("template", "copy", "siamese28x28")
    assert result.code == 2
    assert "there is no template 'siamese28x28'. Did you mean 'siamese_28x28'?" in result.err


def test_a_copy_that_was_killed_between_its_files_goes_on(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    assert mycaffe("template", "copy", "lenet").code == 0
    (tmp_path / "lenet.solver").unlink()
    assert mycaffe("template", "copy", "lenet").code == 0
    assert (tmp_path / "lenet.solver").is_file()
    assert mycaffe("template", "copy", "lenet").code == 2
    (tmp_path / "lenet.solver").unlink()
    (tmp_path / "lenet.prototxt").write_text("mine")
    assert mycaffe("template", "copy", "lenet").code == 2
    assert (tmp_path / "lenet.prototxt").read_text() == "mine"


def test_texts_are_written_for_a_data_set(mycaffe: Callable[..., Result], tmp_path: Path) -> None:
    result = mycaffe("template", "copy", "siamese", "--data", "digits28")
    assert result.out.split() == ["siamese_digits28.prototxt", "siamese_digits28.solver"]
    triplets = ("template", "copy", "siamese", "new", "--data", "digits28", "--loss", "triplet")
    assert mycaffe(*triplets).code == 0
    assert (tmp_path / "new/siamese_digits28_triplet.prototxt").is_file()
    assert "would be overwritten" in mycaffe(*triplets).err
    explained = mycaffe("explain", "model", "siamese_digits28.prototxt")
    assert explained.code == 0, explained.err


def test_what_cannot_be_written(mycaffe: Callable[..., Result]) -> None:
    copy = ("template", "copy")
    assert "'siamese' without --data" in mycaffe(*copy, "siamese").err
    assert "--loss without --data" in mycaffe(*copy, "lenet", "--loss", "triplet").err
    assert "--data with the template 'lenet'" in mycaffe(*copy, "lenet", "--data", "digits28").err
    assert "there is no dataset 'NONE'" in mycaffe(*copy, "siamese", "--data", "NONE").err
