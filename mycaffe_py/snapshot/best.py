"""The best test figure of a run so far, as its run cards hold it."""

from __future__ import annotations

from dataclasses import dataclass

from mycaffe_py.files.schema import Count


@dataclass(frozen=True)
class Best:
    """`output` of TEST net `net` was `value` after `iteration` updates; None before any was finite.

    `tests` were looked at, the last one at iteration `tested`, and `since` of them in a row were no
    better. `source` and `checksum` are those of the data it was chosen on, "" where these are no
    data set. `passed` are earlier bests whose snapshots were written for that alone.
    """

    output: str
    net: Count = 0
    value: float | None = None
    iteration: Count = 0
    tested: int = -1
    tests: Count = 0
    since: Count = 0
    source: str = ""
    checksum: str = ""
    passed: tuple[Count, ...] = ()
