"""How much a packed file may unfold to; judged before memory is taken for it."""

from __future__ import annotations

# Deflate makes up to 1032 bytes of one. No real weights or pictures come near that, and a file that
# does would fill the memory from nothing; small files may, as one white picture does.
_FREE_BYTES = 64 << 20
_MOST_TIMES = 40


class InflationError(ValueError):
    """A file that announces far more than it holds."""


def check_inflation(announced: int, stored: int) -> None:
    """Raise InflationError where `stored` bytes of a file would become `announced` in memory."""
    if announced > _FREE_BYTES + _MOST_TIMES * stored:
        raise InflationError(
            f"it holds {stored:,} bytes and announces {announced:,}, "
            f"more than {_MOST_TIMES} times as much"
        )
