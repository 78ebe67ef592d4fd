"""Which exported functions of the studio's pages the tests have run, of all its tests together.

The browser of each process of the tests notes what is called. When the last test is done and all
files of tests/studio had their turn, an exported function that nobody called fails the session:
it is dead, or it needs a journey. NOT_RUN names those that this cannot see, each with its reason.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mycaffe_py
from mycaffe_py.studio.bundle import bundled, module_at

PAGE = Path(mycaffe_py.__file__).parent / "studio" / "page"
NOT_RUN: dict[str, str] = {}
_EXPORT = re.compile(r"^export (?:async )?function\*? (\w+)", re.MULTILINE)
# What the browser of this process has called.
CALLED: set[str] = set()
_LISTENED: set[str] = set()


def note(driver: Any) -> None:
    """Keep what the window's pages called since the last time; then go on to listen.

    To be called whenever another page is about to come, as it may run in another process.
    """
    window = driver.current_window_handle
    if window not in _LISTENED:
        # Once a window: to begin anew would forget what was called.
        _LISTENED.add(window)
        driver.execute_cdp_cmd("Profiler.enable", {})
        driver.execute_cdp_cmd(
            "Profiler.startPreciseCoverage", {"callCount": False, "detailed": False}
        )
    for script in driver.execute_cdp_cmd("Profiler.takePreciseCoverage", {})["result"]:
        _, found, name = script["url"].partition("/static/")
        if found:
            called = [one for one in script["functions"] if one["ranges"][0]["count"]]
            CALLED.update(f"{_module(name, one)}: {one['functionName']}" for one in called)


# Of a name once: each function of a script asks.
_bundled = cache(bundled)


def _module(name: str, function: Any) -> str:
    """The file that a function stands in: most come in one script with others."""
    _, found, first = name.partition("bundle/")
    if not found:
        return name
    return module_at(_bundled(first), function["ranges"][0]["startOffset"])


def exported(folder: Path) -> set[str]:
    """The exported functions of all scripts below `folder`."""
    return {
        f"{path.relative_to(folder).as_posix()}: {name}"
        for path in folder.rglob("*.js")
        for name in _EXPORT.findall(path.read_text(encoding="utf-8"))
    }


def wrong(functions: set[str], called: set[str], not_run: dict[str, str]) -> list[str]:
    """What nobody called, and what is named in vain."""
    missed = sorted(functions - called - set(not_run))
    vain = sorted(name for name in not_run if name in called or name not in functions)
    return [
        *(f"{name} is exported, and no test of tests/studio runs it" for name in missed),
        *(f"{name} stands in NOT_RUN, but it is run, or there is none" for name in vain),
    ]


class Executed:
    """Gathers what the browsers of all processes noted, and judges it at the end."""

    def __init__(self) -> None:
        self.called: set[str] = set()
        self.files: set[str] = set()
        self.failed = False
        self.wrong: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which files had their turn."""
        path = Path(report.nodeid.partition("::")[0])
        if path.parent.as_posix().endswith("tests/studio"):
            self.files.add(path.name)
            self.failed = self.failed or report.outcome != "passed"

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what another process noted."""
        self.called.update(getattr(node, "workeroutput", {}).get("executed", ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over in a worker; judge in the process that is told all."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["executed"] = sorted(CALLED)
            return
        there = {path.name for path in Path(__file__).parent.glob("test_*.py")}
        if self.files >= there and not self.failed:
            self.wrong = wrong(exported(PAGE), self.called | CALLED, NOT_RUN)
        if self.wrong:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what is wrong."""
        if self.wrong:
            terminalreporter.section("functions of the studio's pages", red=True)
            for line in self.wrong:
                terminalreporter.line(line)
