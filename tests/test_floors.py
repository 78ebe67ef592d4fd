"""Imports go down only, files stay short, and the whole stays within its budget."""

import ast
from pathlib import Path

import pytest

import mycaffe_py

PACKAGE = Path(mycaffe_py.__file__).parent
FLOORS = {
    "errors": 0, "inflation": 0, "installing": 0, "registry": 0, "random_streams": 0, "kernels": 0,
    "checked_json": 0, "hdf5_file": 0, "plain_file": 0, "printable": 0, "schema": 0,
    "atomic": 0, "process": 0, "temporary": 0,
    "proto": 1,
    "data": 2, "snapshot": 2,
    "layers": 3,
    "graph": 4,
    "engine": 5,
    "solver": 6,
    "evaluate": 7, "export": 7,
    "cli": 8, "pycaffe": 8,
    "__main__": 9,
}  # fmt: skip
KERNEL_IMPORTS = {
    "numpy", "numba", "llvmlite", "math", "__future__", "collections.abc", "dataclasses", "typing",
}  # fmt: skip
FILE_CAP_LINES = 250
# Lines of the package without generated code. Raised only in a commit that says why.
BUDGET_LINES = 60_000


def _files() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if not p.name.endswith("_pb2.py"))


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


def test_imports_only_go_down():
    wrong = [line for path in _files() for line in upward(path)]
    print(f"{len(wrong)} upward imports")
    assert not wrong, "\n".join(wrong)


def test_an_upward_import_is_found(tmp_path):
    bad = tmp_path / "mycaffe_py" / "data" / "feed.py"
    bad.parent.mkdir(parents=True)
    bad.write_text("def f():\n    from mycaffe_py.solver import rates\nfrom ..snapshot import x\n")
    assert len(upward(bad, tmp_path / "mycaffe_py")) == 2


def test_every_folder_has_a_floor():
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders <= set(FLOORS)


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").glob("*.py")), ids=lambda p: p.name)
def test_kernels_import_only_the_ground(path):
    for name in _imports(path):
        ours = name.startswith("mycaffe_py.kernels")
        known = any(name == k or name.startswith(f"{k}.") for k in KERNEL_IMPORTS)
        assert ours or known, name


def test_files_are_short():
    long = {str(p.relative_to(PACKAGE)): n for p in _files() if (n := _lines(p)) > FILE_CAP_LINES}
    assert not long


def test_the_package_keeps_its_budget():
    total = sum(_lines(path) for path in _files())
    print(f"{total} lines, {BUDGET_LINES - total} left")
    assert total <= BUDGET_LINES


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
