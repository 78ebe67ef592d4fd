import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mycaffe_py.data.digits.download import UnreachableError, download

CONTENT = bytes(range(256)) * 800


class Mirror(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404)
            return
        self.send_response(200)
        announced = len(CONTENT) * (2 if self.path == "/broken" else 1)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_):
        pass


@pytest.fixture
def mirror():
    server = HTTPServer(("127.0.0.1", 0), Mirror)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_file_arrives_whole(mirror, tmp_path: Path) -> None:
    download(f"{mirror}/file", tmp_path / "file", len(CONTENT))
    assert (tmp_path / "file").read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("name", "limit", "match"),
    [
        ("missing", 10**6, "missing could not be fetched: Not Found"),
        ("broken", 10**6, "broken"),
        ("file", 1000, "longer than 1000 bytes"),
    ],
)
def test_what_can_go_wrong_on_the_way(mirror, tmp_path: Path, name: str, limit, match: str) -> None:
    with pytest.raises(UnreachableError, match=match):
        download(f"{mirror}/{name}", tmp_path / "file", limit)


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="could not be fetched"):
        download("http://127.0.0.1:1/file", tmp_path / "file", 10)
