"""Fetching a file over https with a progress bar, a size limit and short timeouts."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from pathlib import Path

from tqdm import tqdm

from mycaffe_py.errors import MyCaffeError

_CHUNK_BYTES = 1 << 16
# Of one network operation, not of the whole file.
_TIMEOUT_S = 8.0


class UnreachableError(MyCaffeError):
    """A download that failed for a reason outside this program."""


def download(url: str, path: Path, limit_bytes: int) -> None:
    """Fetch `url` into `path`.

    Errors: UnreachableError when there is no answer, a refusal, or more than `limit_bytes`.
    """
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            _save(answer, url, path, limit_bytes)
    except (urllib.error.URLError, http.client.HTTPException, TimeoutError, OSError) as error:
        reason = getattr(error, "reason", None) or error
        raise UnreachableError(f"{url} could not be fetched: {reason}") from error


def _save(answer: http.client.HTTPResponse, url: str, path: Path, limit_bytes: int) -> None:
    announced = answer.headers.get("Content-Length", "")
    total = int(announced) if announced.isdigit() else None
    got = 0
    with (
        path.open("wb") as file,
        tqdm(total=total, unit="B", unit_scale=True, desc=path.name, disable=None) as bar,
    ):
        while chunk := answer.read(_CHUNK_BYTES):
            got += len(chunk)
            if got > limit_bytes:
                raise UnreachableError(f"{url} is longer than {limit_bytes} bytes")
            file.write(chunk)
            bar.update(len(chunk))
    if total is not None and got != total:
        raise UnreachableError(f"{url} broke off after {got} of {total} bytes")
