"""What the console command does before its own modules are there."""

import subprocess
import sys

from tests.release.setup_words import setup_words

_INTERRUPTED_IMPORT = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "mycaffe_py.cli.main":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Finder())
from mycaffe_py.__main__ import entry
entry()
"""


def test_ctrl_c_while_the_command_is_imported_is_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED_IMPORT], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "mycaffe: error: interrupted\n"


def test_the_console_command_is_that_one() -> None:
    scripts = setup_words()["entry_points"]["console_scripts"]
    assert scripts == ["mycaffe = mycaffe_py.__main__:entry"]
