"""CSV files for the tests of this folder."""

from pathlib import Path


def write_csv(path: Path, rows: list[list[object]], header=("time", "x", "y", "fault")) -> Path:
    """A file with `header` (none where empty) and `rows`."""
    lines = [header, *rows] if header else rows
    path.write_text("".join(",".join(map(str, line)) + "\n" for line in lines), encoding="utf-8")
    return path


def traffic(count: int, label: str = "ok", start: int = 0) -> list[list[object]]:
    """`count` rows a second apart: time, two counters, label."""
    return [[t, 100 + 7 * (t % 5), 3 + t % 4, label] for t in range(start, start + count)]
