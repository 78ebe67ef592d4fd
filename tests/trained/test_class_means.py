import json
import shutil

import numpy as np
import pytest

from mycaffe_py.data.source import open_source
from mycaffe_py.trained import class_means as module
from mycaffe_py.trained.class_means import class_means
from mycaffe_py.trained.run_net import RunNet
from mycaffe_py.trained.snapshot import open_snapshot


@pytest.fixture
def snapshot(classifier_snapshot, tmp_path):
    shutil.copytree(classifier_snapshot.parent, tmp_path / "s")
    return open_snapshot(tmp_path / "s" / classifier_snapshot.name)


@pytest.fixture
def net(snapshot):
    return RunNet(snapshot, open_source("digits28.testing"), 64)


def test_kept_beside_the_snapshot_so_that_the_data_is_needed_once(
    snapshot, net, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = class_means(snapshot, net)
    assert first.source == "digits28.training"
    assert first.items == len(open_source("digits28.training"))
    monkeypatch.setattr(module, "open_source", lambda *_, **__: pytest.fail("read again"))
    second = class_means(snapshot, net)
    np.testing.assert_array_equal(first.means, second.means)
    np.testing.assert_array_equal(first.labels, second.labels)


def test_those_of_other_weights_are_measured_anew(snapshot, net) -> None:
    first = class_means(snapshot, net)
    (path,) = snapshot.files.card.parent.glob("*.classes.json")
    raw = json.loads(path.read_text())
    path.write_text(json.dumps(raw | {"net": "other", "means": [[0.0]]}))
    np.testing.assert_array_equal(class_means(snapshot, net).means, first.means)


@pytest.mark.parametrize("text", ["[]", "no json", ""])
def test_a_damaged_file_is_told_and_made_anew(
    snapshot, net, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    first = class_means(snapshot, net)
    (path,) = snapshot.files.card.parent.glob("*.classes.json")
    whole = path.read_text()
    path.write_text(text)
    capsys.readouterr()
    np.testing.assert_array_equal(class_means(snapshot, net).means, first.means)
    assert "classes.json' are damaged" in capsys.readouterr().err.splitlines()[0]
    assert path.read_text() == whole
