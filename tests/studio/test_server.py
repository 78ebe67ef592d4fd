"""How the studio begins: where it listens, and what its commands are handed."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

pytest.importorskip("starlette")

from mycaffe_py.studio.server import ADDRESS, _listen
from tests.studio.conftest import address_of

pytestmark = pytest.mark.slow


def test_a_data_folder_told_from_here_is_the_same_for_the_commands(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    environment = {**os.environ, "MYCAFFE_DATA": "sets", "MYCAFFE_OFFLINE": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "mycaffe_py", "studio", "nets", "--no-browser"], cwd=tmp_path,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment,
    ) as process:  # fmt: skip
        try:
            address = address_of(process)
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
            browser.open(address).read()
            base = address.partition("/?")[0]
            asked = {"do": "subset-of-records", "source": "digits28.testing", "records": [1, 2, 3]}
            request = urllib.request.Request(
                f"{base}/api/job", json.dumps({**asked, "name": "FEW"}).encode(),
                {"Content-Type": "application/json"},
            )  # fmt: skip
            browser.open(request).read()
            end = time.monotonic() + 60
            while not (made := tmp_path / "sets" / "FEW.sqlite").is_file():
                assert time.monotonic() < end, browser.open(f"{base}/api/log?number=1").read()
                time.sleep(0.05)
            assert not (tmp_path / "nets" / "sets").exists()
            told = json.loads(browser.open(f"{base}/api/data").read())
            assert "FEW" in {one["dataset"] for one in told}, made
        finally:
            process.terminate()


def test_small_answers_do_not_wait_for_the_one_before() -> None:
    """asyncio asks a connection not to wait only where it is known to be TCP."""
    with _listen(0) as listener:
        assert listener.getsockname()[0] == ADDRESS
        assert listener.proto == socket.IPPROTO_TCP
