"""`python -m mycaffe_py.studio.asked WEIGHTS` answers until its input ends.

Each line of standard input is {"do": NAME, ...}; each line of standard output is {"answer": ...}
or {"error": the five parts}. The first line out says that the snapshot is open, or why not.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from mycaffe_py.engine.threads import set_threads
from mycaffe_py.errors import MyCaffeError
from mycaffe_py.files.plain_json import dumps


def main(weights: Path) -> int:
    """Open the snapshot and answer. What layers print goes to the error stream instead."""
    # One core is enough for one picture, and leaves the others to a training.
    set_threads(1)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    os.dup2(2, 1)

    def say(told: dict[str, Any]) -> None:
        print(dumps(told), file=out, flush=True)

    from mycaffe_py.studio.asked.opened import OpenedNet

    try:
        net = OpenedNet(weights)
    except MyCaffeError as error:
        say({"error": error.as_json()})
        return error.exit_code
    say({"answer": {}})
    for line in sys.stdin.buffer:
        question = json.loads(line)
        try:
            say({"answer": net.answer(question.pop("do"), question)})
        except MyCaffeError as error:
            say({"error": error.as_json()})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
