"""The blocks of README.md, CONTRIBUTING.md and the pages in docs/ run as they stand.

What makes them short, and why some are not run, stands in tests/readme_blocks.py.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mycaffe_py.proto import mycaffe_pb2 as pb
from mycaffe_py.proto.text import read_text
from tests.conftest import Result
from tests.readme_blocks import FENCE, NOT_RUN, PAGES, PAIRS, RUN, Run, Written, blocks
from tests.readme_files import nothing

BLOCKS = [block for page in PAGES for block in blocks(page.read_text(encoding="utf-8"))]
# A link to a place of this house; those that begin with a scheme lead out of it.
LINK = re.compile(r"\]\((?!\w+:)([^)\s]+)\)")
# Pages that docs_build writes from the code; building the site checks links to them.
WRITTEN = re.compile(r"reference/\w+\.md")
# Blocks in these languages always run, each in a test below; all others stand in the tables.
ALWAYS = {"prototxt", "python"}


def _missing(found: list[Written]) -> list[str]:
    """The first lines of the blocks that should stand in a table and do not."""
    named = {*RUN, *NOT_RUN}
    return [b.first for b in found if b.language not in ALWAYS and b.first not in named]


def _commands(text: str) -> list[list[str]]:
    """The words of each line of shell, without its comment."""
    words = [shlex.split(line, comments=True) for line in text.replace("\\\n", " ").splitlines()]
    return [line for line in words if line]


@pytest.fixture
def shell(mycaffe: Callable[..., Result], digits_only: None) -> Callable[[str], None]:
    """Run lines of shell in tmp_path, where only `mycaffe` and `python` are known commands."""

    def run(text: str) -> None:
        for program, *arguments in _commands(text):
            if program == "mycaffe":
                result = mycaffe(*arguments)
                assert result.code == 0, f"{arguments}: {result.err}"
            else:
                assert program == "python", f"this test cannot run {program!r}"
                subprocess.run([sys.executable, *arguments], check=True)

    return run


def test_each_block_is_run_or_stands_with_its_reason() -> None:
    assert len(BLOCKS) >= 15
    assert not _missing(BLOCKS)
    assert all(NOT_RUN.values())


def test_no_block_is_told_of_that_is_gone() -> None:
    told = {*RUN, *NOT_RUN}
    assert told <= {b.first for b in BLOCKS}
    assert told >= {b.first for b in BLOCKS if b.language not in ALWAYS}


def test_a_new_block_is_found() -> None:
    text = "Words.\n\n```sh\nmycaffe new\nmycaffe newer\n```\n\n```text\nprinted\n```\n"
    new = blocks(text)
    assert new == [Written("sh", "mycaffe new\nmycaffe newer\n"), Written("text", "printed\n")]
    assert _missing(new) == ["mycaffe new", "printed"]


def _broken_links(page: Path) -> list[str]:
    """The links of a page to files that are not there, and to headings that they do not have."""
    broken = []
    for link in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        name, _, heading = link.partition("#")
        if WRITTEN.fullmatch(name):
            continue
        target = page.parent / name if name else page
        if not target.exists() or (heading and heading not in _headings(target)):
            broken.append(link)
    return broken


def _headings(page: Path) -> set[str]:
    """What a link can name after #, as readers of Markdown make it of the headings."""
    words = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", line).lower().replace(" ", "-") for line in words}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert not _broken_links(page)


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A b\n[a](#a-b) [b](#two) ![c](gone.png) [d](page.md#a-b) [e](http://x.y)\n")
    assert _broken_links(page) == ["#two", "gone.png"]


def test_each_page_of_the_docs_is_reached_and_leads_on() -> None:
    texts = {page: page.read_text(encoding="utf-8") for page in PAGES}
    for page in (page for page in PAGES if page.parent.name == "docs"):
        others = [text for other, text in texts.items() if other != page]
        assert any(f"{page.name})" in text for text in others), f"no page leads to {page.name}"
        assert texts[page].split("\n\n")[-1].startswith("Next: ["), page.name


def test_every_block_tells_its_language() -> None:
    assert {block.language for block in BLOCKS} <= {"sh", "text", *ALWAYS}


@pytest.mark.slow
@pytest.mark.parametrize(
    "block",
    [b for b in BLOCKS if b.first in RUN and b.language == "sh"],
    ids=lambda b: b.first[:40],
)
def test_shell_runs(block: Written, shell: Callable[[str], None], tmp_path: Path) -> None:
    how = RUN[block.first]
    how.ready(tmp_path, shell)
    shell(how.short(block.text))


PROGRAMS = [b for b in BLOCKS if b.language == "python"]
COMPARED = {first for one, other, _ in PAIRS for first in (one, other)}
# Programs that are given arguments have tests of their own: tests/export/test_readme_program.py.
LINES = [b for b in PROGRAMS if "sys.argv" not in b.text and b.first not in COMPARED]


@pytest.mark.slow
@pytest.mark.parametrize("block", LINES, ids=lambda b: b.text.splitlines()[-1][:40])
def test_python_prints_what_its_comments_say(
    block: Written,
    shell: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    how = RUN.get(block.first, Run(nothing))
    how.ready(tmp_path, shell)
    capsys.readouterr()
    exec(how.short(block.text), {})
    told = re.findall(r"^print.*  # (.*)$", block.text, re.M)
    assert capsys.readouterr().out.splitlines() == told


@pytest.mark.slow
@pytest.mark.parametrize(("theirs", "ours", "how"), PAIRS, ids=["names", "objects"])
def test_a_program_of_opencv_and_ours_print_the_same(
    theirs: str,
    ours: str,
    how: Run,
    shell: Callable[[str], None],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    how.ready(tmp_path, shell)
    printed, border = [], "\n# and\n"
    both = border.join(b.text for b in PROGRAMS if b.first in (theirs, ours))
    for program in how.short(both).split(border):
        capsys.readouterr()
        exec(program, {})
        printed.append(sorted(capsys.readouterr().out.splitlines()))
    assert printed[0] == printed[1]
    assert printed[0]


@pytest.mark.parametrize(
    "text", [b.text for b in BLOCKS if b.language == "prototxt"] or ['name: "none"']
)
def test_a_prototxt_is_read(text: str) -> None:
    assert read_text(text, pb.NetParameter).message.IsInitialized()


@pytest.mark.slow
def test_what_the_passes_did_is_told_as_the_command_tells_it(
    mycaffe: Callable[..., Result],
) -> None:
    (told,) = (block.text for block in BLOCKS if block.first == "  build: 24 layers, 25 blobs")
    printed = mycaffe("explain", "model", "siamese_28x28", "--phase", "TRAIN").out
    assert told == printed[printed.index("  build: ") :], "docs/how_it_works.md tells it otherwise"


def test_the_mistake_is_told_in_the_words_of_the_readme(
    mycaffe: Callable[..., Result], tmp_path: Path
) -> None:
    (told,) = (block.text for block in BLOCKS if block.first.startswith("mycaffe: error: "))
    mycaffe("template", "copy", "siamese_28x28")
    net = tmp_path / "siamese_28x28.prototxt"
    before, _, after = net.read_text().partition('type: "Convolution"')
    net.write_text(f'{before}type: "Convlution"{after}')
    assert mycaffe("train", "--solver", "siamese_28x28.solver").err == told
