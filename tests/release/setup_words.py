"""What setup.py says of the package, read from setup.py itself."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What only those install who change the code.
FOR_DEVELOPERS = {"test", "dev", "docs"}
# In a process of its own: setuptools changes how Python finds modules.
_READ = """
import json, runpy, setuptools
setuptools.setup = lambda **words: print(json.dumps(words, default=str))
runpy.run_path("setup.py")
"""


@cache
def setup_words() -> dict[str, Any]:
    """The arguments that setup.py calls setup() with."""
    told = subprocess.run(
        [sys.executable, "-c", _READ], cwd=ROOT, check=True, capture_output=True, text=True
    )
    words: dict[str, Any] = json.loads(told.stdout)
    return words


def needs() -> dict[str, list[str]]:
    """The requirements of users: those of the package under "", those of each extra by its name."""
    words = setup_words()
    extras = words["extras_require"].items()
    return {"": words["install_requires"], **{k: v for k, v in extras if k not in FOR_DEVELOPERS}}
