"""The card of a snapshot, and the job it tells."""

from pathlib import Path

from mycaffe_py.proto.templates import find_text
from mycaffe_py.snapshot.run_card import DatasetCard, RunCard, TextCard, run_identity, versions
from mycaffe_py.solver.texts import job_of_card
from tests.fuzz.json_damage import damaged_json
from tests.fuzz.reader import Reader


def _samples(folder: Path) -> list[bytes]:
    solver = find_text("lenet.solver", "solver")
    net = find_text("lenet.prototxt", "model")
    card = RunCard(
        iteration=7,
        seed=3,
        solver=TextCard("lenet.solver", solver.read_text()),
        nets={net.name: TextCard(str(net), net.read_text())},
        datasets=(
            DatasetCard("data", "TEST", "digits28.testing", "ab", 5, 10, label_names={3: "three"}),
        ),
        shapes={"data": (2, 1, 28, 28), "loss": ()},
        figures={"loss": 0.5, "tests": [{"iteration": 5, "net": 0, "accuracy": 0.25}]},
        versions=versions(),
        checksums={"weights": "00"},
    )
    card.write(folder / "card")
    return [(folder / "card").read_bytes()]


def _read(path: Path) -> None:
    card = RunCard.read(path)
    run_identity(card)
    job_of_card(card)


READER = Reader(
    samples=_samples, read=_read, file="net_iter_7.run.json", damage=damaged_json,
    words=(b"NaN", b"1e999", b"[[[[", b"{}", b'"', b"null", b"\\u0000", b"\\ud800", b"\xef\xbb"),
)  # fmt: skip
