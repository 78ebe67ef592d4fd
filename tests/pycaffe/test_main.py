"""Scripts that say `import caffe`, run as they stand in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import mycaffe_py

ROOT = Path(mycaffe_py.__file__).parents[1]


def run(folder: Path, *arguments: str, **options):
    """`python -m mycaffe_py.pycaffe ARGUMENTS`, started in `folder`."""
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-m", "mycaffe_py.pycaffe", *arguments]
    return subprocess.run(
        command, cwd=folder, env=known, capture_output=True, text=True, check=False, **options
    )


def script(folder: Path, text: str, name: str = "script.py") -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return name


@pytest.mark.slow
def test_a_script_finds_caffe_its_arguments_and_its_neighbours(tmp_path: Path) -> None:
    script(tmp_path, "import caffe\nclass_name = caffe.Net.__name__\n", "tools/neighbour.py")
    name = script(
        tmp_path,
        """\
import atexit, os, pickle, sys
import caffe, neighbour
from caffe.proto import caffe_pb2

class Seen:
    value = 3

atexit.register(lambda: print("at exit", Seen.value))
assert __name__ == "__main__" and sys.modules["__main__"].Seen is Seen
assert pickle.loads(pickle.dumps(Seen())).value == 3
print(sys.argv, __file__ == sys.argv[0], os.path.basename(sys.path[0]), neighbour.class_name)
print(caffe_pb2.NetParameter(name="äöü").name)
""",
        "tools/script.py",
    )
    done = run(tmp_path, name, "-m", "--weights", "x y")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"['{name}', '-m', '--weights', 'x y'] True tools Net",
        "äöü",
        "at exit 3",
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("import sys; sys.exit(7)", 7, ""),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit('no such net')", 1, "no such net\n"),
    ],
)
def test_exit_codes_go_on(tmp_path: Path, text: str, code: int, told: str) -> None:
    done = run(tmp_path, script(tmp_path, text))
    assert (done.returncode, done.stderr) == (code, told)


@pytest.mark.slow
def test_an_error_is_shown_from_the_scripts_own_lines_on(tmp_path: Path) -> None:
    text = "import caffe\n\ndef work():\n    return {}['key']\n\nwork()\n"
    done = run(tmp_path, script(tmp_path, text))
    assert done.returncode == 1
    assert done.stderr.splitlines()[:2] == [
        "Traceback (most recent call last):",
        '  File "script.py", line 6, in <module>',
    ]
    assert done.stderr.endswith("KeyError: 'key'\n")
    assert "mycaffe_py" not in done.stderr


@pytest.mark.slow
def test_a_mistake_told_by_this_package_ends_at_the_scripts_line(tmp_path: Path) -> None:
    text = 'import caffe\nlayer = "Convlution"\nnet = caffe.Net("net.prototxt", caffe.TEST)\n'
    (tmp_path / "net.prototxt").write_text("layer { name: 'c' type: 'Convlution' }")
    done = run(tmp_path, script(tmp_path, text))
    assert done.returncode == 1
    lines = [line for line in done.stderr.splitlines() if set(line.strip()) - {"^", "~"}]
    assert lines[1:3] == [
        '  File "script.py", line 3, in <module>',
        '    net = caffe.Net("net.prototxt", caffe.TEST)',
    ]
    assert len(lines) == 4
    assert "net.prototxt:1: unknown layer type 'Convlution'" in lines[3]


@pytest.mark.slow
def test_a_script_that_is_no_python(tmp_path: Path) -> None:
    done = run(tmp_path, script(tmp_path, "print 'hello'\n"))
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == '  File "script.py", line 1'
    assert "SyntaxError" in done.stderr


@pytest.mark.slow
def test_a_module_instead_of_a_script(tmp_path: Path) -> None:
    script(tmp_path, "import sys, caffe\nprint(sys.argv[1:], __name__, caffe.TRAIN)\n", "own.py")
    done = run(tmp_path, "-m", "own", "a", "b")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "['a', 'b'] __main__ 0\n"


@pytest.mark.slow
def test_what_is_no_script(tmp_path: Path) -> None:
    missing = run(tmp_path, "nowhere.py")
    assert missing.returncode == 2
    assert "error: cannot read 'nowhere.py': No such file" in missing.stderr
    nothing = run(tmp_path)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert nothing.stderr.startswith("usage: python -m mycaffe_py.pycaffe SCRIPT.py")
    asked = run(tmp_path, "--help")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert asked.stdout == nothing.stderr
