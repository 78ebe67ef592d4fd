"""The run card of a snapshot tells the test of its weights, however the run went on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.solver.run import Start, train
from tests.solver.hooks.test_keep_best import ACCURACY
from tests.solver.tiny import NET, tiny_job

TEXT = "test_iter: 1 test_interval: 2 snapshot: 4 "


def test_a_kill_between_a_snapshot_and_its_test_leaves_no_card_without_the_test(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    job = tiny_job(tmp_path, TEXT, net=NET + ACCURACY)
    train(job, Start(seed=1))
    state = sorted(tmp_path.rglob("*_iter_4.solverstate"))[0]
    card = SnapshotFiles.beside(state).card
    whole = card.read_bytes()
    told = json.loads(whole)
    assert [test["iteration"] for test in told["figures"]["tests"]] == [4]

    # As it was written with the snapshot: the last test was that of iteration 2.
    told["figures"]["tests"][0]["iteration"] = 2
    card.write_text(json.dumps(told, indent=1))
    train(job, Start(state=state))
    assert json.loads(card.read_bytes()) == json.loads(whole)
