"""No two modules of the package import each other, by whatever way round.

Imports that only a type checker sees count as well: two files that need each other's types have to
be understood, and changed, together.
"""

from collections import defaultdict
from pathlib import Path

from tests.test_floors import PACKAGE, _imports, _module


def circles(package: Path = PACKAGE) -> list[list[str]]:
    """The sets of modules that reach each other by imports; each set is sorted."""
    files = {".".join(_module(path, package)): path for path in package.rglob("*.py")}
    imports = {name: _imported(path, package, files) for name, path in files.items()}
    return [sorted(found) for found in _components(imports) if len(found) > 1]


def _imported(path: Path, package: Path, known: dict[str, Path]) -> set[str]:
    """The modules that `path` imports, or imports a name of."""
    found = set()
    for name in _imports(path, package):
        while name and name not in known:
            name = name.rpartition(".")[0]
        found.add(name)
    return found - {"", ".".join(_module(path, package))}


def _components(edges: dict[str, set[str]]) -> list[list[str]]:
    """The strongly connected components, by Kosaraju's two walks.

    The second walk follows the edges backward, from the nodes that the first one left last.
    """
    turned = defaultdict(set)
    for start, ends in edges.items():
        for end in ends:
            turned[end].add(start)
    order = [node for walk in _walks(edges, edges) for node in walk]
    return list(_walks(turned, reversed(order)))


def _walks(edges, starts):
    """From each start all nodes that no walk met before, each after those behind it."""
    seen = set()
    for start in starts:
        left, path = [], [(start, iter(sorted(edges.get(start, ()))))]
        if start in seen:
            continue
        seen.add(start)
        while path:
            node, ends = path[-1]
            end = next((end for end in ends if end not in seen), None)
            if end is None:
                left.append(node)
                path.pop()
            else:
                seen.add(end)
                path.append((end, iter(sorted(edges.get(end, ())))))
        yield left


def test_no_modules_import_each_other() -> None:
    found = circles()
    print(f"{len(found)} circles")
    assert not found, "\n".join(", ".join(circle) for circle in found)


def test_circles_are_found(tmp_path: Path) -> None:
    package = tmp_path / "mycaffe_py"
    (package / "solver").mkdir(parents=True)
    texts = {
        "__init__.py": "",
        "solver/__init__.py": "",
        "solver/loop.py": "from mycaffe_py.solver.hook import Hook\n",
        "solver/hook.py": "if TYPE_CHECKING:\n    from mycaffe_py.solver.loop import Solver\n",
        "solver/a.py": "def f():\n    from mycaffe_py.solver import b\n",
        "solver/b.py": "from .c import x\n",
        "solver/c.py": "import mycaffe_py.solver.a\nimport numpy\n",
        "solver/d.py": "from mycaffe_py.solver import a, hook\n",
    }
    for name, text in texts.items():
        (package / name).write_text(text)
    found = [[module.rpartition(".")[2] for module in circle] for circle in circles(package)]
    assert sorted(found) == [["a", "b", "c"], ["hook", "loop"]]
