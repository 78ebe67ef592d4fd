"""What mkdocs asks while it builds: pages that are written from the code, and what is left out."""

from __future__ import annotations

import re
import shutil
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from docs_build.commands import commands_page
from docs_build.fields import model_page, solver_page
from docs_build.layers import family_pages, layers_page
from docs_build.mistakes import mistakes_page
from docs_build.python_names import python_page

ROOT = Path(__file__).parents[1]
LAYERS = "reference/layers.md"
# Texts of the top folder, which are pages of the site, too: where each leads on.
TOP_TEXTS = {
    "README.md": ("index.md", "Next: [start in one minute](start.md).\n"),
    "CONTRIBUTING.md": ("contributing.md", "Next: [what has changed](changes.md).\n"),
    "SECURITY.md": ("security.md", "Next: [what is promised](promises.md).\n"),
    "CHANGELOG.md": ("changes.md", "Next: [home](index.md).\n"),
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of the layer families behind that of all layers."""
    for section in config.nav or []:
        for entries in section.values():
            if not isinstance(entries, list):
                continue
            at = next((i for i, entry in enumerate(entries) if LAYERS in entry.values()), None)
            if at is not None:
                families = [{page.title: page.path} for page in family_pages()]
                entries[at : at + 1] = [{"Layers": [{"All layers": LAYERS}, *families]}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what is written from the code and from the texts of the top folder."""
    written = {page.path: page.text for page in family_pages()} | {
        LAYERS: layers_page(),
        "reference/model.md": model_page(),
        "reference/solver.md": solver_page(),
        "reference/commands.md": commands_page(),
        "reference/python.md": python_page(),
        "reference/mistakes.md": mistakes_page(),
    }
    for name, (path, ending) in TOP_TEXTS.items():
        written[path] = f"{_moved((ROOT / name).read_text(encoding='utf-8'))}\n{ending}"
    for path, text in written.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Lead from pages of docs/ to texts of the top folder, which are pages of the site."""
    for name, (path, _ending) in TOP_TEXTS.items():
        markdown = markdown.replace(f"](../{name}", f"]({path}")
    return markdown


def _moved(text: str) -> str:
    """A text of the top folder whose links lead to pages of the site.

    Other files of the top folder, such as CITATION.cff, are named without a link.
    """
    for name, (path, _) in TOP_TEXTS.items():
        text = text.replace(f"]({name}", f"]({path}")
    text = re.sub(r"\]\(docs/", "](", text)
    for name in (path.name for path in ROOT.iterdir() if path.is_file()):
        text = re.sub(rf"\[([^\]]*)\]\({re.escape(name)}\)", r"\1", text)
    return text


def on_post_build(config: MkDocsConfig, **_: Any) -> None:
    """Leave out what no page of ours asks for, and put the licences beside what is not ours."""
    site = Path(config.site_dir)
    shutil.rmtree(site / "assets" / "javascripts" / "lunr")
    for unread in [*site.rglob("*.map"), *site.glob("sitemap.xml*"), site / "404.html"]:
        unread.unlink(missing_ok=True)
    for name in ("mkdocs-material", "mkdocs"):
        files = distribution(name).files or []
        text = next(file for file in files if file.name.startswith("LICENSE"))
        shutil.copyfile(text.locate(), site / "assets" / f"LICENSE.{name}.txt")
