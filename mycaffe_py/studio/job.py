"""One command of the studio as a process that outlives it: `python -m mycaffe_py.studio.job FILE`.

FILE is the JSON that jobs.py wrote. The command's output goes to the log beside it; when it ends,
its exit code is written into `FILE.end`, so that a studio that was started anew knows it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from mycaffe_py.files.atomic import write_atomically

END = ".end"


def run(path: Path) -> int:
    """Run what the file describes and note how it ended."""
    job = json.loads(path.read_text(encoding="utf-8"))
    # Signals are for the command. A handler, unlike SIG_IGN, is not handed on to it.
    for name in ("SIGINT", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda number, frame: None)
    with path.with_suffix(".log").open("ab") as log:
        command = [sys.executable, "-m", "mycaffe_py", *job["arguments"]]
        try:
            code = subprocess.call(
                command, cwd=job["folder"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        except OSError as error:
            log.write(f"The command could not be started: {error}\n".encode())
            code = 1
    write_atomically(path.with_suffix(END), f"{code}\n".encode())
    return 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
