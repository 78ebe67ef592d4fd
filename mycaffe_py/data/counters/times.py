"""Times in CSV files: ISO 8601 or seconds since 1970."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

# Seconds up to the year 2999; a larger number is in milliseconds or finer.
_LATEST_S = 32_500_000_000.0


def seconds(text: str) -> float | None:
    """Seconds since 1970 of "2026-03-01T12:00:07", of "... 12:00:07+01:00" or of "1772366407.5".

    Without a zone it is taken for UTC: only differences count here. None where it is neither, also
    for milliseconds, which nobody has asked to convert.
    """
    try:
        number = float(text)
    except ValueError:
        return _of_iso(text)
    return number if math.isfinite(number) and abs(number) <= _LATEST_S else None


def _of_iso(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    return found.timestamp()


def iso(time_s: float) -> str:
    """The time so many seconds after 1970 in UTC, as `seconds` reads it."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return (start + timedelta(seconds=time_s)).replace(tzinfo=None).isoformat()
