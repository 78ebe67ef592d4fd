"""The threshold kept beside a snapshot."""

import json
from pathlib import Path
from unittest.mock import patch

from mycaffe_py.snapshot.names import SnapshotFiles
from mycaffe_py.snapshot.run_card import RunCard, TextCard
from mycaffe_py.trained import kept_threshold
from mycaffe_py.trained.enrollment_files import fingerprint
from mycaffe_py.trained.kept_threshold import read
from mycaffe_py.trained.snapshot import Snapshot
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _snapshot(folder: Path) -> Snapshot:
    files = SnapshotFiles.of(folder / "net", 7)
    files.weights.write_bytes(b"w")
    card = RunCard(7, 1, TextCard("a.solver", ""))
    return Snapshot(files, card, None, None)  # type: ignore[arg-type]


def _samples(folder: Path) -> list[bytes]:
    kept = {
        "format": 1, "threshold": 1.5, "false_alarms": {"rate": 0.01, "n": 100},
        "dataset": "S.testing", "enrolled": {"floor": 0.5}, "saturated": False,
        "net": fingerprint(_snapshot(folder)), "class_means": "0123",
    }  # fmt: skip
    return [json.dumps(kept).encode()]


def _read(path: Path) -> None:
    # The net, which is none here, would have to tell where its classes lie.
    with patch.object(kept_threshold, "fingerprint_of_means", return_value="0123"):
        read(_snapshot(path.parent))


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.threshold.json", damage=damaged_json,
    words=(b"NaN", b"1e39", b"[[", b"{}", b'"', b"null", b", ", b"]"),
)  # fmt: skip
