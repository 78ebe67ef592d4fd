import pytest

from mycaffe_py.data.dataset_paths import dataset_path
from mycaffe_py.data.digits import mnist
from mycaffe_py.data.image_database.database import write_dataset
from mycaffe_py.data.source import Source, open_source, training_mean
from mycaffe_py.errors import UserError, Where
from mycaffe_py.told_once import begin
from tests.data.made import small_source

WHERE = Where("net.prototxt", 12)


@pytest.fixture
def small() -> None:
    write_dataset(
        dataset_path("SMALL"),
        "SMALL",
        {"training": small_source(), "testing": small_source("SMALL.testing", count=7)},
    )


def test_a_dataset_in_the_data_folder(small: None) -> None:
    source: Source = open_source("SMALL.training")
    assert len(source) == 30
    assert source.stand_in_for is None


def test_a_built_in_one_needs_no_set_up() -> None:
    assert len(open_source("digits28.testing")) == 360


def test_the_stand_in_is_loud_and_marked(digits_only: None) -> None:
    heard = []
    source = open_source("MNIST.testing", "digits28.testing", WHERE, heard.append)
    assert source.name == "digits28.testing"
    assert source.stand_in_for == "MNIST.testing"
    (text,) = heard
    assert "'MNIST.testing' is NOT used; 'digits28.testing' takes its place" in text
    assert "mycaffe dataset create mnist --from" in text


def test_the_default_notice_goes_to_standard_error(
    digits_only: None, capsys: pytest.CaptureFixture[str]
) -> None:
    open_source("MNIST.testing", "digits28.testing")
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("!" * 40)


def test_without_stand_in_it_says_what_to_do(digits_only: None) -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:12: MNIST could not be had.*--from"):
        open_source("MNIST.testing", where=WHERE)


def test_a_source_that_is_there_needs_no_stand_in(small: None) -> None:
    heard = []
    source = open_source("SMALL.testing", "digits28.testing", notify=heard.append)
    assert len(source) == 7
    assert heard == []


def test_a_damaged_dataset_is_not_replaced(small: None) -> None:
    dataset_path("SMALL").write_bytes(b"garbage" * 1000)
    with pytest.raises(UserError, match="damaged"):
        open_source("SMALL.training", "digits28.training")


def test_an_unknown_dataset_names_the_nearest(small: None) -> None:
    with pytest.raises(UserError, match=r"no dataset 'SMAL' in .*Did you mean 'SMALL'"):
        open_source("SMAL.training")


def test_a_stand_in_does_not_hide_a_misspelt_name(small: None) -> None:
    with pytest.raises(UserError, match=r"net\.prototxt:12: there is no dataset 'SMAL' in "):
        open_source("SMAL.training", "digits28.training", WHERE)


def test_an_unknown_stand_in_is_an_error(digits_only: None) -> None:
    with pytest.raises(UserError, match=r"12: there is no dataset 'digts28'.*'digits28'"):
        open_source("MNIST.testing", "digts28.testing", WHERE)


@pytest.mark.slow
def test_mnist_is_made_on_the_way_when_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(path):
        write_dataset(path, "MNIST", {"training": small_source()})

    monkeypatch.setattr(mnist, "create_if_possible", create)
    assert len(open_source("MNIST.training", "digits28.training")) == 30


def test_test_images_use_the_mean_of_the_training_images(small: None) -> None:
    testing = open_source("SMALL.testing")
    training = open_source("SMALL.training")
    assert (training_mean(testing) == training.mean()).all()
    assert not (training_mean(testing) == testing.mean()).all()
    assert (training_mean(training) == training.mean()).all()


def test_a_dataset_without_training_uses_its_own_mean() -> None:
    write_dataset(dataset_path("ALL"), "ALL", {"all": small_source()})
    source = open_source("ALL.all")
    assert (training_mean(source) == source.mean()).all()


def test_a_stand_in_is_told_once_a_command_in_two_lines(
    digits_only: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for split in ("training", "testing", "training"):
        open_source(f"MNIST.{split}", f"digits28.{split}")
    told = capsys.readouterr().err
    assert told.count("STAND-IN DATA: 'MNIST.training' is NOT used") == 1
    assert told.count("\n") == 2
    begin()
    open_source("MNIST.testing", "digits28.testing")
    assert "STAND-IN DATA: 'MNIST.testing' is NOT used" in capsys.readouterr().err
