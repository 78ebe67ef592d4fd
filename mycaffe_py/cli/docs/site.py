"""The documentation's pages in this copy of the package, where docs_build has put them."""

from __future__ import annotations

from pathlib import Path

from mycaffe_py.errors import UserError, nearest

SITE = Path(__file__).parents[2] / "site"


def page_of(name: str) -> Path:
    """The file of the page called `name`, such as reference/solver, with or without its ending.

    Errors: this copy was built without the documentation, or has no such page.
    """
    pages = {
        file.relative_to(SITE).with_suffix("").as_posix(): file for file in SITE.rglob("*.html")
    }
    if "index" not in pages:
        raise UserError(
            "this copy of MyCaffe-Py was built without its documentation",
            wanted=f"it would be in '{SITE}'",
            do="In a clone of the project: pip install '.[docs]', python -m docs_build, and pip "
            "install . again, which puts the pages there; or read docs/start.md as it stands.",
        )
    plain = name.removesuffix(".html").removesuffix(".md")
    if plain not in pages:
        raise UserError(f"the documentation has no page '{name}'", do=nearest(plain, pages))
    return pages[plain]
