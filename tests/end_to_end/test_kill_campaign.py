"""A few kills of the campaign: the command itself makes as many as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.kill_campaign import campaign


@pytest.mark.slow
def test_commands_that_are_killed_end_as_if_they_had_not_been(tmp_path: Path) -> None:
    assert campaign(6, 5, ["train", "import", "template copy"], tmp_path, 2) == 0
