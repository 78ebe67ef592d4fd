"""Damaged files cost one clear error each, whatever the reader."""

import pytest

from tests.fuzz.reader import names
from tests.fuzz.run import run
from tests.fuzz.worker import MOST_BYTES

INPUTS = 200


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_a_damaged_file_is_read_or_refused_with_one_error(name) -> None:
    report = run(name, seed=1, inputs=INPUTS)
    print(report.line())
    assert not report.defects, "\n".join(defect.told for defect in report.defects[:3])
    assert report.inputs == INPUTS
    assert report.peak_bytes < MOST_BYTES


@pytest.mark.slow
def test_an_odd_text_runs_or_is_refused_with_one_error() -> None:
    report = run("commands", seed=1, inputs=70)
    print(report.line())
    assert not report.defects, "\n".join(defect.told for defect in report.defects[:3])
