"""What the harness knows of a reader: valid files, and how one is read."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

# A JSON number, a string or a sign that a reader may not expect; inserted into texts.
Words = tuple[bytes, ...]


@dataclass(frozen=True)
class Reader:
    """One reader of files. Register it as READER in a file of its own in tests/fuzz/readers/.

    `samples(folder)` makes the content of valid files; `folder` is empty and may be used for it.
    `read(path)` reads a file that was made from one of them; it may raise MyCaffeError or one of
    `allowed`, all else is a defect. The file is called `file`, below a folder of its own that
    keeps the rest of what `prepare(folder)` puts there. `words` are inserted, for texts. `damage`
    makes every other input from the samples, or `always` each, for what chance would hardly do.
    """

    samples: Callable[[Path], list[bytes]]
    read: Callable[[Path], object]
    file: str = "input"
    prepare: Callable[[Path], None] | None = None
    allowed: tuple[type[BaseException], ...] = ()
    words: Words = ()
    damage: Callable[[Sequence[bytes], Random], bytes] | None = None
    always: bool = False


def names() -> list[str]:
    """All readers, each the name of its file."""
    return sorted(path.stem for path in Path(__file__).with_name("readers").glob("*.py"))


def reader(name: str) -> Reader:
    """The reader of that name; "broken.NAME" is one of those that test the harness."""
    elsewhere = name == "commands" or name.startswith("broken.")
    place = "tests.fuzz" if elsewhere else "tests.fuzz.readers"
    found = importlib.import_module(f"{place}.{name}").READER
    assert isinstance(found, Reader)
    return found
