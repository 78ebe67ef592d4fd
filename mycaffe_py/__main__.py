"""The command `mycaffe`, also as `python -m mycaffe_py`.

It imports nothing before it can answer Ctrl-C: what the command needs takes a moment to import.
"""

from typing import NoReturn


def entry() -> NoReturn:
    """The console command; one line, not a traceback, where Ctrl-C comes while it starts."""
    try:
        from mycaffe_py.cli.main import entry as command

        command()
    except KeyboardInterrupt:
        raise SystemExit(_told()) from None


def _told() -> int:
    """Say that it was interrupted; returns the exit code of that, as mycaffe_py/cli/main.py has."""
    import sys

    print("mycaffe: error: interrupted", file=sys.stderr)
    return 130


if __name__ == "__main__":
    entry()
