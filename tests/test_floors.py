"""Imports go down only, files stay short, and the whole stays within its budget."""

import ast
import re
from pathlib import Path

import pytest

import mycaffe_py

PACKAGE = Path(mycaffe_py.__file__).parent
# CONTRIBUTING.md shows them in a picture, which has to say the same.
FLOORS = {
    "array_types": 0,
    "errors": 0, "figures": 0, "installing": 0, "notices": 0, "optional": 0, "printable": 0,
    "process": 0, "random_streams": 0, "registry": 0, "told_once": 0,
    "files": 0, "kernels": 0,
    "proto": 1,
    "data": 2, "snapshot": 2,
    "layers": 3,
    "graph": 4,
    "engine": 5,
    "solver": 6,
    "parallel": 7,
    "trained": 8,
    "evaluate": 9, "export": 9, "pycaffe": 9,
    "retrieve": 10, "detect": 10,
    "api": 11,
    "studio": 12, "sklearn": 12,
    "cli": 13,
    "__main__": 14,
}  # fmt: skip
KERNEL_IMPORTS = {
    "numpy", "numba", "llvmlite", "math", "__future__", "collections.abc", "dataclasses", "typing",
}  # fmt: skip
# Where compiled code lies, on disk and in a package: no kernel imports these.
CODE_FILES = {"jit.py", "apart.py", "shipped.py", "disk_cache.py", "claims.py"}
CODE_IMPORTS = {
    "ctypes",
    "functools",
    "hashlib",
    "importlib",
    "importlib.util",
    "json",
    "os",
    "pathlib",
    "pickle",
    "platform",
    "sys",
    "time",
}
FILE_CAP_LINES = 250
# Lines of code: docstrings, comments and empty lines are not counted.
FUNCTION_CAP_LINES = 40
# Beside its __init__.
FOLDER_CAP_FILES = 30
# Lines of the package without generated code, Python and JavaScript. Raised only in a commit that
# says why.
BUDGET_LINES = 109_000


def _files() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if not p.name.endswith("_pb2.py"))


def _scripts(package: Path = PACKAGE) -> list[Path]:
    """Ours alone: what docs_build has put into site/ is not."""
    return sorted(p for p in package.rglob("*.js") if package / "site" not in p.parents)


def _module(path: Path, package: Path = PACKAGE) -> list[str]:
    parts = list(path.relative_to(package.parent).with_suffix("").parts)
    return parts[:-1] if parts[-1] == "__init__" else parts


def _imports(path: Path, package: Path = PACKAGE) -> list[str]:
    """Full names of all imported modules, those inside functions too."""
    own = _module(path, package)
    folder = own if path.name == "__init__.py" else own[:-1]
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) + 1 - node.level] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found += [f"{module}.{alias.name}" for alias in node.names]
    return found


def _ours(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] != "mycaffe_py" or len(parts) == 1 or parts[1] == "__version__":
        return None
    return parts[1]


def upward(path: Path, package: Path = PACKAGE) -> list[str]:
    """The imports of `path` that go up, or sideways into another folder of its floor."""
    own = _module(path, package)[1:2]
    if not own:
        return [name for name in _imports(path, package) if _ours(name)]
    wrong = []
    for name in _imports(path, package):
        other = _ours(name)
        if other is None or other == own[0]:
            continue
        sideways = FLOORS[other] == FLOORS[own[0]] and FLOORS[other] != 0
        if FLOORS[other] > FLOORS[own[0]] or sideways:
            wrong.append(f"{path.relative_to(package)} imports {name}")
    return wrong


def test_imports_only_go_down() -> None:
    wrong = [line for path in _files() for line in upward(path)]
    print(f"{len(wrong)} upward imports")
    assert not wrong, "\n".join(wrong)


def test_an_upward_import_is_found(tmp_path: Path) -> None:
    bad = tmp_path / "mycaffe_py" / "data" / "feed.py"
    bad.parent.mkdir(parents=True)
    bad.write_text("def f():\n    from mycaffe_py.solver import rates\nfrom ..snapshot import x\n")
    assert len(upward(bad, tmp_path / "mycaffe_py")) == 2


def test_every_folder_has_a_floor() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders <= set(FLOORS)


def test_each_floor_is_named_in_the_face_of_its_folder_and_nowhere_else() -> None:
    for path in _files():
        own = _module(path)[1:]
        face = path.name == "__init__.py" and len(own) == 1
        told = re.findall(r"\bFloor (\d+)", path.read_text(encoding="utf-8"))
        assert told == ([str(FLOORS[own[0]])] if face else []), path


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").rglob("*.py")), ids=lambda p: p.name)
def test_kernels_import_only_the_ground(path) -> None:
    allowed = KERNEL_IMPORTS | (CODE_IMPORTS if path.name in CODE_FILES else set())
    for name in _imports(path):
        ours = name.startswith("mycaffe_py.kernels")
        known = any(name == k or name.startswith(f"{k}.") for k in allowed)
        assert ours or known, name


def test_files_are_short() -> None:
    long = {str(p.relative_to(PACKAGE)): n for p in _files() if (n := _lines(p)) > FILE_CAP_LINES}
    assert not long


def test_functions_are_short() -> None:
    long = [f"{p.relative_to(PACKAGE)}: {line}" for p in _files() for line in long_functions(p)]
    assert not long, "\n".join(long)


def test_a_long_function_is_found_and_its_docstring_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "long.py"
    told = '    """One.\n\n    Two.\n    """\n    # Three.\n\n'
    path.write_text("def f():\n" + told + "    x = 1\n" * (FUNCTION_CAP_LINES - 1))
    assert long_functions(path) == []
    path.write_text("class C:\n    def f(self):\n" + "        x = 1\n" * FUNCTION_CAP_LINES)
    assert long_functions(path) == ["f has 41 lines of code"]


def long_functions(path: Path) -> list[str]:
    """The functions and methods of a file that have too many lines of code, and how many."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    tree = ast.parse(text)
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    told: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, kinds | ast.ClassDef) and ast.get_docstring(node) is not None:
            told.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, kinds):
            span = range(node.lineno, (node.end_lineno or 0) + 1)
            written = (lines[line - 1].strip() for line in span if line not in told)
            count = sum(1 for line in written if line and not line.startswith("#"))
            if count > FUNCTION_CAP_LINES:
                found.append(f"{node.name} has {count} lines of code")
    return found


def test_no_folder_is_crowded() -> None:
    folders = {path.parent for path in _files()}
    full = {str(f.relative_to(PACKAGE)): len(list(f.glob("*.py"))) - 1 for f in folders}
    assert not {folder: count for folder, count in full.items() if count > FOLDER_CAP_FILES}


def test_the_package_keeps_its_budget() -> None:
    total = sum(_lines(path) for path in [*_files(), *_scripts()])
    print(f"{total} lines, {BUDGET_LINES - total} left")
    assert total <= BUDGET_LINES


def test_the_budget_counts_javascript_too(tmp_path: Path) -> None:
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "page.js").write_text("let a;\nlet b;\n")
    assert [_lines(path) for path in _scripts(tmp_path)] == [2]
    assert [path.name for path in _scripts()]


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
