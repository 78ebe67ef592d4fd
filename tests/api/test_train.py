"""Training from a program: files, events, arrays in place of data sets, threads and Ctrl-C."""

import gc
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py import TrainedNet, load, train
from mycaffe_py.data.source import open_source
from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.run_card import RunCard
from mycaffe_py.snapshot.weights import read_weights
from tests.conftest import SMALL_CLASSIFIER, SMALL_SIAMESE

SOLVER = """
net: "small.prototxt" base_lr: 0.01 lr_policy: "fixed" max_iter: 6 display: 2
snapshot_prefix: "snapshots/small" test_iter: 2 test_interval: 3 random_seed: 5
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, digits_only) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.prototxt").write_text(SMALL_SIAMESE)
    Path("small.solver").write_text(SOLVER)


def card_of(net: TrainedNet) -> RunCard:
    return RunCard.read(net.weights.with_suffix(".run.json"))


@pytest.fixture(scope="module")
def digits():
    source = open_source("digits28.training")
    return source.images[:200, 0], [f"digit {k}" for k in source.labels[:200].tolist()]


def test_it_trains_as_the_command_does_and_keeps_quiet(mycaffe, capsys) -> None:
    net = train("small.solver", {"solver.max_iter": 4}, folder="here")
    ours = net.weights.read_bytes()
    assert net.weights == Path("here/small_iter_4.caffemodel")
    said = capsys.readouterr()
    assert said.out == ""
    assert "Compiling" in said.err or said.err == ""
    assert mycaffe("train", "small.solver", "--set", "solver.max_iter=4").code == 0
    assert Path("snapshots/small_iter_4.caffemodel").read_bytes() == ours


def test_arrays_take_the_place_of_the_data_sets_of_the_text(digits) -> None:
    images, labels = digits
    events = []
    net = train(
        "small.solver",
        data={"TRAIN": (images, labels), "TEST": zip(images[:50], labels[:50], strict=True)},
        on_event=events.append,
    )
    cards = card_of(net).datasets
    assert [(card.phase, card.items) for card in cards] == [("TRAIN", 200), ("TEST", 50)]
    assert cards[0].label_names[3] == "digit 3"
    assert {event["kind"] for event in events} >= {"display", "test", "end"}


def test_the_same_images_give_the_same_bits_by_either_way(digits) -> None:
    """Pairs are made and balanced as for a data set on disk."""
    source, test = open_source("digits28.training"), open_source("digits28.testing")
    data = {
        "TRAIN": (source.images[:, 0], source.labels),
        "TEST": (test.images[:, 0], test.labels),
    }
    by_name = train("small.solver", folder="named")
    by_arrays = train("small.solver", data=data)
    ours, theirs = (read_weights(net.weights).layers for net in (by_arrays, by_name))
    assert ours.keys() == theirs.keys()
    for name, blobs in ours.items():
        for blob, other in zip(blobs, theirs[name], strict=True):
            assert np.array_equal(blob.array, other.array)


def test_without_data_for_test_nothing_is_tested(digits) -> None:
    events = []
    net = train("small.solver", data={"TRAIN": digits}, on_event=events.append)
    assert not [event for event in events if event["kind"] == "test"]
    assert [card.phase for card in card_of(net).datasets] == ["TRAIN"]


def test_class_means_are_made_while_the_data_are_there(digits) -> None:
    Path("small.prototxt").write_text(SMALL_CLASSIFIER)
    net = train("small.solver", data={"TRAIN": digits})
    assert net.weights.with_name("small_iter_6.classes.json").exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"solver": "no.solver"}, "there is no solver 'no.solver'"),
        ({"set": {"max_iter": 3}}, "max_iter=3"),
        ({"set": {"solver.max_itr": 3}}, "max_iter"),
        ({"set": ["solver.max_iter=3"]}, "set is a list"),
        ({"set": {"solver.snapshot_after_train": False}}, "no snapshot at the end"),
        ({"data": {"VALID": ([[1.0]], [1])}}, "VALID"),
        ({"data": {"TRAIN": (np.zeros((4, 8, 8)), [1, 1, 1, 1])}}, "small.prototxt"),
        ({"seed": -1}, "seed"),
        ({"threads": 0}, "threads"),
        ({"snapshot": "no_iter_3.solverstate"}, "no_iter_3"),
        ({"weights": "no.caffemodel"}, "no.caffemodel"),
    ],
)
def test_mistakes_are_told_in_one_error_and_write_nothing(wrong, told) -> None:
    with pytest.raises(UserError, match=told):
        train(**{"solver": "small.solver", **wrong})
    assert not list(Path().rglob("*.caffemodel"))


def test_data_for_tests_that_are_never_made_are_refused(digits) -> None:
    Path("small.solver").write_text(SOLVER.replace("test_iter: 2 test_interval: 3", ""))
    with pytest.raises(UserError, match="tests nothing"):
        train("small.solver", data={"TRAIN": digits, "TEST": digits})


def test_ctrl_c_leaves_a_snapshot_that_a_later_call_goes_on_from(digits) -> None:
    def press(event):
        if event["kind"] == "display" and event["iteration"] == 2:
            os.kill(os.getpid(), signal.SIGINT)

    data = {"TRAIN": digits}
    whole = train("small.solver", data=data, folder="whole").weights.read_bytes()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt, match=r"small_iter_3\.solverstate"):
        train("small.solver", data=data, on_event=press)
    assert signal.getsignal(signal.SIGINT) is before
    net = train("small.solver", data=data, snapshot="snapshots/small_iter_3.solverstate")
    assert net.weights.read_bytes() == whole


def test_in_another_thread_signals_stay_as_they_are(digits) -> None:
    found = []
    handlers = []

    def run():
        data = {"TRAIN": digits}
        found.append(train("small.solver", data=data, on_event=look, threads=1))

    def look(event):
        handlers.append(signal.getsignal(signal.SIGINT))

    before = signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found[0].weights.exists()
    assert set(handlers) == {before}


def test_the_net_that_comes_names_and_compares_images(digits) -> None:
    images, labels = digits
    net = train("small.solver", {"solver.max_iter": 60}, data={"TRAIN": digits}, seed=1)
    assert sorted(net.labels) == [f"digit {k}" for k in range(10)]
    named = net.identify(images).label
    assert np.mean(named == np.array(labels)) > 0.5
    assert net.encode(images[:3]).shape == (3, 8)


def test_its_data_can_be_opened_as_long_as_the_net_is_there(digits) -> None:
    net = train("small.solver", data={"TRAIN": digits})
    source = card_of(net).datasets[0].source
    assert len(open_source(source)) == 200
    del net
    gc.collect()
    with pytest.raises(UserError, match="there is no dataset"):
        open_source(source)


def test_a_saved_net_of_arrays_opens_in_another_process(digits) -> None:
    """The data are gone there; what the net knows of classes lies beside its weights."""
    net = train("small.solver", data={"TRAIN": digits})
    weights, here = net.weights, net.identify(digits[0][:20])
    del net
    gc.collect()
    again = load(weights).identify(digits[0][:20])
    assert np.array_equal(again.label, here.label)
    assert np.array_equal(again.distance, here.distance)


def test_shares_for_a_text_that_was_made_for_bytes_are_told(digits, capsys) -> None:
    images, labels = digits
    train("small.solver", data={"TRAIN": (images / 255, labels)})
    assert "values up to 1" in capsys.readouterr().err
    scale = {"net.layer.pairs.transform_param.scale": 1}
    train("small.solver", scale, data={"TRAIN": (images / 255, labels)})
    assert "values up to" not in capsys.readouterr().err
