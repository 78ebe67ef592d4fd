import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.trained import enrollment_files
from mycaffe_py.trained.enrollment import Enrollments, Example
from mycaffe_py.trained.enrollment_files import (
    ENROLLED,
    INPUTS,
    beside,
    earlier,
    fingerprint,
    read_enrollments,
    read_inputs,
    write,
)
from mycaffe_py.trained.snapshot import open_snapshot


def made(*keys):
    own = tuple(Example(f"{key}.png", key, np.ones(2, np.float32)) for key in keys)
    return Enrollments("net", "x", classes={"cat": own} if own else {})


def inputs(*keys):
    return {key: np.full((1, 2, 2), ord(key), np.uint8) for key in keys}


@pytest.fixture
def files(tmp_path):
    return SnapshotFiles.of(tmp_path / "run", 10)


def test_both_files_come_back(files) -> None:
    path = write(files, made("a", "b"), inputs("a", "b", "c"))
    assert path.name == "run_iter_10.enrolled.json"
    assert [example.key for example in read_enrollments(path).examples] == ["a", "b"]
    stored = read_inputs(beside(files, INPUTS))
    assert sorted(stored) == ["a", "b"]
    np.testing.assert_array_equal(stored["b"], inputs("b")["b"])


def test_inputs_of_forgotten_examples_go(files) -> None:
    write(files, made("a", "b"), inputs("a", "b"))
    write(files, made("b"), inputs("a", "b"))
    assert sorted(read_inputs(beside(files, INPUTS))) == ["b"]
    write(files, made(), {})
    assert read_inputs(beside(files, INPUTS)) == {}


def test_killed_between_two_writes_every_example_has_its_input(
    files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the writes is the first that does not happen."""
    original = enrollment_files.write_atomically
    for allowed in range(3):
        write(files, made("a", "b"), inputs("a", "b"))
        left = [allowed]

        def stop(path, content, left=left):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            original(path, content)

        monkeypatch.setattr(enrollment_files, "write_atomically", stop)
        with pytest.raises(KeyboardInterrupt):
            write(files, made("b", "c"), inputs("b", "c"))
        monkeypatch.undo()
        wanted = {example.key for example in read_enrollments(beside(files, ENROLLED)).examples}
        assert wanted <= set(read_inputs(beside(files, INPUTS)))


@pytest.mark.parametrize("content", [b"", b"oops", b"PK\x03\x04 cut short"])
def test_damaged_inputs(files, content: bytes) -> None:
    beside(files, INPUTS).write_bytes(content)
    with pytest.raises(UserError, match=r"run_iter_10\.enrolled\.npz' are damaged"):
        read_inputs(beside(files, INPUTS))


def test_damaged_enrollments(files) -> None:
    beside(files, ENROLLED).write_text("{")
    with pytest.raises(UserError, match=r"enrolled\.json' are damaged.*enroll again"):
        read_enrollments(beside(files, ENROLLED))


def test_the_last_earlier_snapshot_of_the_same_run(tmp_path: Path) -> None:
    run = tmp_path / "run"
    for prefix, iteration in ((run, 10), (run, 9), (run, 30), (tmp_path / "run_b", 15)):
        write(SnapshotFiles.of(prefix, iteration), made("a"), inputs("a"))
    found = earlier(SnapshotFiles.of(run, 20))
    assert found is not None and found.iteration == 10 and found.prefix == run
    assert earlier(SnapshotFiles.of(run, 9)) is None


def test_fingerprint_changes_with_weights_and_text(siamese_snapshot: Path, tmp_path: Path) -> None:
    shutil.copytree(siamese_snapshot.parent, tmp_path / "s")
    path = tmp_path / "s" / siamese_snapshot.name
    first = fingerprint(open_snapshot(path))
    assert first == fingerprint(open_snapshot(siamese_snapshot))
    card = SnapshotFiles.beside(path).card
    text = card.read_text()
    card.write_text(text.replace("scale: 0.00390625", "scale: 0.5"))
    assert fingerprint(open_snapshot(path)) != first
    # As an earlier version wrote it: a card that knows its weights refuses others.
    card.write_text(json.dumps({**json.loads(text), "checksums": {}}))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert fingerprint(open_snapshot(path)) != first
