"""The harness finds what it is there for."""

from pathlib import Path

import pytest

from tests.fuzz.mutate import damaged
from tests.fuzz.run import run


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("broken.crashes", "the process ended by SIGBUS"),
        ("broken.hangs", "the process ended by SIGKILL"),
        ("broken.raises", "KeyError: 'lost'"),
        ("broken.fills", "MemoryError"),
    ],
)
def test_a_defect_is_told_with_its_input(name: str, kind: str, tmp_path: Path) -> None:
    report = run(name, seed=1, inputs=2, saved=tmp_path, most_s=1.0)
    assert report.inputs == 2
    assert {defect.kind for defect in report.defects} == {kind}
    kept = tmp_path / f"{name}_1_{report.defects[0].number}"
    assert kept.read_bytes() != b"whole"


@pytest.mark.slow
def test_equal_seeds_make_equal_files() -> None:
    from random import Random

    made = [[damaged([bytes(300)], (), Random(seed)) for _ in range(50)] for seed in (1, 1, 2)]
    assert made[0] == made[1] != made[2]
