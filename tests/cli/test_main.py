import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from mycaffe_py import __version__
from mycaffe_py.cli import main as main_module
from mycaffe_py.cli.main import commands, main
from mycaffe_py.errors import MyCaffeError, UserError
from tests.conftest import Result

HEAVY = ("numpy", "numba", "google.protobuf", "PIL", "tqdm", "matplotlib", "sqlite3")


def _python(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from mycaffe_py.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('LOADED', *sys.modules)"
    )
    done = _python(code)
    loaded = done.stdout.partition("LOADED")[2].split()
    assert "mycaffe_py.cli.template" in loaded, done.stderr
    assert [name for name in HEAVY if name in loaded] == []


def test_help_names_every_command(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("--help")
    assert result.code == 0
    for name, command in commands().items():
        assert name in result.out
        assert command.HELP


def test_no_command_shows_the_help(mycaffe: Callable[..., Result]) -> None:
    assert mycaffe().out == mycaffe("--help").out


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_examples(mycaffe: Callable[..., Result], name) -> None:
    result = mycaffe(name, "--help")
    assert result.code == 0
    examples = result.out.partition("examples:\n")[2]
    assert f"  mycaffe {name}" in examples


def test_version(mycaffe: Callable[..., Result]) -> None:
    assert mycaffe("--version").out == f"mycaffe {__version__}\n"


def test_unknown_command_names_the_nearest(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("templat", "list")
    assert result.code == 2
    assert result.err == (
        "mycaffe: error: there is no command 'templat'. Did you mean 'template'? "
        "'mycaffe --help' shows all.\n"
    )


def test_unknown_option_is_one_line(mycaffe: Callable[..., Result]) -> None:
    result = mycaffe("template", "list", "--jsn")
    assert result.code == 2
    assert result.err.startswith("mycaffe: error: unrecognized arguments: --jsn")
    assert result.err.count("\n") == 1
    # The help of the command itself has the list, not that of `mycaffe`.
    assert "Did you mean '--json'? 'mycaffe template list --help'" in result.err


def test_the_help_of_a_job_is_as_wide_as_that_of_a_command(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for words in (["dataset"], ["dataset", "create"], ["dataset", "create", "glyphs"], ["export"]):
        assert 80 < max(map(len, mycaffe(*words, "--help").out.splitlines())) <= 100, words
    listed = mycaffe("dataset", "create", "--help").out
    assert "    telecom               windows of a simulated telecom link with faults\n" in listed


def test_an_option_of_another_command_is_answered_by_its_own_help(
    mycaffe: Callable[..., Result],
) -> None:
    result = mycaffe("time", "--model", "lenet", "--weights", "w.caffemodel")
    assert result.code == 2
    assert result.err == (
        "mycaffe: error: unrecognized arguments: --weights w.caffemodel. "
        "'mycaffe time --help' shows what it takes.\n"
    )


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("test-many --weights w.caffemodel", "--snapshot"),
        ("plot --model net.prototxt", "--snapshot"),
        ("threshold a/run_iter_5.caffemodel", "--snapshot a/run_iter_5.caffemodel"),
        ("test-many --itmes 5", "--items"),
        ("train --sover x", "--solver"),
        ("train --wheels 4", None),
    ],
)
def test_what_is_not_taken_is_answered_by_what_may_have_been_meant(
    mycaffe: Callable[..., Result], line: str, meant: str | None
) -> None:
    """Of a command that asks a run, --weights mean its snapshot, not whatever is spelled alike."""
    told = mycaffe(*line.split()).err
    assert (f" Did you mean '{meant}'? " in told) if meant else ("Did you mean" not in told)


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UserError("bad text"), 2, "mycaffe: error: bad text.\n"),
        (MyCaffeError("disk full"), 1, "mycaffe: error: disk full.\n"),
        (PermissionError(13, "Permission denied", "x.db"), 1,
         "mycaffe: error: Permission denied: 'x.db'.\n"),
        (KeyboardInterrupt(), 130, "mycaffe: error: interrupted\n"),
    ],
)  # fmt: skip
def test_errors_become_one_line_and_a_code(
    mycaffe: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, error, code: int, line: str
) -> None:
    def fail(arguments):
        raise error

    monkeypatch.setattr(main_module, "_run", fail)
    result = mycaffe("template", "list")
    assert (result.code, result.err) == (code, line)


def test_debug_shows_the_traceback_of_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mycaffe_py", "--debug", "template", "copy", "nosuch"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" in done.stderr
    assert "there is no template 'nosuch'" in done.stderr


def test_a_defect_says_that_it_is_one() -> None:
    code = (
        "import mycaffe_py.cli.main as m, sys\n"
        "def bad(arguments):\n    raise KeyError('x')\n"
        "m._run = bad\n"
        "m.entry()"
    )
    done = _python(code)
    assert done.returncode == 1
    assert done.stderr.startswith("mycaffe: defect: KeyError: 'x' at <string>:3\n")
    assert "not your mistake" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "mycaffe_py", "template", "list"],
        stdout=write, stderr=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")


def test_main_reads_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["mycaffe", "template", "list"])
    assert main() == 0
    assert "siamese_28x28" in capsys.readouterr().out


def test_an_error_is_json_where_json_is_asked_for(mycaffe: Callable[..., Result]) -> None:
    done = mycaffe("test-many", "--snapshot", "none.caffemodel", "--json")
    told = json.loads(done.out)["error"]
    assert done.code == told["exit_code"] == 2
    assert told["found"] == "there is no snapshot 'none.caffemodel'"
    assert told["text"] in done.err
    assert mycaffe("test-many", "--snapshot", "none.caffemodel").out == ""
