"""What test-many --record keeps beside a snapshot, a .npz."""

from pathlib import Path

import numpy as np

from mycaffe_py.evaluate.answers import Answers, read_answers, write_answers
from mycaffe_py.snapshot.names import ANSWERS, SnapshotFiles
from tests.fuzz.reader import Reader


def _found(source: str) -> Answers:
    numbers = np.arange(3)
    return Answers(
        source, "ab", numbers, numbers % 2, numbers % 2, np.array([0, 1]),
        np.ones((3, 2), np.float32),
    )  # fmt: skip


def _samples(folder: Path) -> list[bytes]:
    """Of one source and of two, packed, and unpacked, where a change meets no checksum before."""
    files = SnapshotFiles.of(folder / "net", 7)
    made = []
    for source in ("S.testing", "T.testing"):
        made.append(write_answers(files, _found(source)).read_bytes())
    with np.load(files.with_ending(ANSWERS)) as packed:
        np.savez(folder / "plain.npz", **packed)
    return [*made, (folder / "plain.npz").read_bytes()]


def _read(path: Path) -> None:
    """Read it, and add to it as the next measurement does."""
    files = SnapshotFiles.of(path.with_name("net"), 7)
    found = read_answers(files, "S.testing")
    assert found.distances.shape == (len(found.records), len(found.classes))
    write_answers(files, _found("U.testing"))


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.answers.npz",
    words=(b"'descr': ", b"O", b"(1099511627776,)", b"PK\3\4", b"[", b"<f8", b", ", b'"sources"'),
)  # fmt: skip
