"""Start times of processes."""

import os
import subprocess
import sys

from mycaffe_py.process import start_time


def test_a_process_has_one_start_time() -> None:
    assert start_time(os.getpid())
    assert start_time(os.getpid()) == start_time(os.getpid())


def test_a_process_that_has_ended_has_none_though_nobody_asked_for_it_yet() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert start_time(process.pid)
        assert start_time(process.pid) != start_time(os.getpid())
    finally:
        process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert start_time(process.pid) is None
    process.communicate()
    assert start_time(process.pid) is None
