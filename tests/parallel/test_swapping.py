"""Words and arrays come whole, by the memory of one machine and by messages between several."""

from __future__ import annotations

import pytest

from tests.parallel.launching import launch
from tests.parallel.swapping import TURNS


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 3, 4])
@pytest.mark.parametrize("far", [False, True], ids=["one machine", "several machines"])
def test_what_is_sent_comes(processes: int, far: bool) -> None:
    # MPICH then takes each process for one of another machine.
    more = {"MPIR_CVAR_NOLOCAL": "1"} if far else {}
    done = launch(processes, "tests.parallel.swapping", **more)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{TURNS} turns of {processes}, shared memory: {not far}\n"
