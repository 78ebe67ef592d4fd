"""Serves one studio on this machine until Ctrl-C."""

from __future__ import annotations

import ctypes
import gc
import os
import socket
import sys
import threading
import webbrowser
from contextlib import suppress
from pathlib import Path
from types import FrameType

import uvicorn

from mycaffe_py.data.dataset_paths import home_expanded
from mycaffe_py.errors import UserError
from mycaffe_py.studio.app import load_heavy, make_app
from mycaffe_py.studio.clearing import clear_old
from mycaffe_py.studio.guard import new_token
from mycaffe_py.studio.jobs import Jobs
from mycaffe_py.studio.state import Studio
from mycaffe_py.studio.workspace import Workspace

ADDRESS = "127.0.0.1"
# Where a studio is looked for first; one beside it takes a free port.
USUAL_PORT = 8610
_SOON_S = 2.0
# M_ARENA_MAX and M_MMAP_THRESHOLD of glibc's malloc.h
_MOST_HEAPS, _LEAST_APART = -8, -3
# glibc's own beginning; once a larger piece was freed, it would keep pieces of this size for good.
_APART_BYTES = 128 * 1024


class _Server(uvicorn.Server):
    """A server whose streams to open pages end first; they would keep it."""

    def __init__(self, config: uvicorn.Config, closing: threading.Event) -> None:
        super().__init__(config)
        self._closing = closing

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End, as a signal asks."""
        self._closing.set()
        super().handle_exit(sig, frame)


def serve(folder: Path, port: int | None, *, browser: bool) -> int:
    """Serve the studio of `folder`; `port` None takes the usual one, or a free one beside it.

    Errors: no such folder, the port is taken.
    """
    workspace = Workspace.at(folder)
    _share_one_heap()
    _settle_data_folders()
    # Texts name files as they would for a command that is typed there.
    os.chdir(workspace.root)
    listener = _listen(port)
    number = listener.getsockname()[1]
    token = new_token()
    studio = Studio(workspace, Jobs(workspace.own / "jobs", workspace.root))
    clear_old(workspace, studio.jobs)
    config = uvicorn.Config(
        make_app(studio, number, token), log_level="error", access_log=False, lifespan="off",
        server_header=False, date_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    address = f"http://{ADDRESS}:{number}/?token={token}"
    print(f"The studio of {workspace.root}:\n\n  {address}\n", flush=True)
    print("Ctrl-C ends it; what trains goes on.", flush=True)
    if browser:
        with suppress(webbrowser.Error):
            webbrowser.open(address)
    # Once the first page is there, as it would share its time.
    soon = threading.Timer(_SOON_S, load_heavy)
    soon.daemon = True
    soon.start()
    server = _Server(config, studio.closing)
    # What was imported stays, so that no key waits while all of it is searched for garbage.
    gc.freeze()
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        print("\nThe studio has ended.", file=sys.stderr)
    finally:
        soon.cancel()
        studio.closing.set()
        studio.jobs.close()
        studio.workers.close()
    return 0


def _share_one_heap() -> None:
    """Let the threads of the server take memory from one heap: each would keep its own for good.

    Large pieces lie outside of it, and go back to the system as soon as they are free.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if tune is not None:
        tune(_MOST_HEAPS, 1)
        tune(_LEAST_APART, _APART_BYTES)


def _settle_data_folders() -> None:
    """Commands work in the studio's folder: what is told from here has to mean the same there."""
    for name in ("MYCAFFE_DATA", "MYCAFFE_MNIST", "XDG_DATA_HOME"):
        given = os.environ.get(name)
        if given:
            os.environ[name] = str(home_expanded(given, name).absolute())


def _listen(port: int | None) -> socket.socket:
    """A socket of this machine alone: no other one can reach it."""
    for number in (USUAL_PORT, 0) if port is None else (port,):
        # Named TCP, so that asyncio sends small answers at once: else each waits 40 ms for the
        # browser to say that it has the part before.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, number))
        except OSError as error:
            listener.close()
            if port is None and number:
                continue
            raise UserError(
                f"port {number} of this machine is not to be had: {error.strerror or error}",
                do="Choose another one, or leave --port out: the studio finds a free one.",
            ) from error
        listener.listen()
        return listener
    raise AssertionError("port 0 is always tried last")
