"""Where known ends and unknown begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mycaffe_py.studio.commands.values import number_option, word_option
from mycaffe_py.studio.runs import snapshot_of
from mycaffe_py.studio.workspace import Workspace


def threshold(workspace: Workspace, asked: Mapping[str, Any]) -> list[str]:
    """Find the distance beyond which an input is unknown, for a wished rate of either error."""
    return [
        "threshold",
        f"--snapshot=./{workspace.name(snapshot_of(workspace, asked).weights)}",
        *word_option(asked, "source", "--source"),
        *number_option(asked, "false_alarms", "--false-alarms"),
        *number_option(asked, "far", "--far"),
    ]


COMMANDS = {"threshold": threshold}
