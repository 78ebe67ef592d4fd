"""Pages reach files of the folder, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from mycaffe_py.errors import UserError
from mycaffe_py.studio.workspace import TEXTS, ChangedError, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    folder = tmp_path / "nets"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.prototxt").write_text("name: 'a'\n")
    (folder / "deep" / "b.solver").write_text("net: 'a'\n")
    (tmp_path / "secret.prototxt").write_text("secret")
    return Workspace.at(folder)


def test_texts_are_named_by_their_place(workspace: Workspace) -> None:
    assert list(workspace.texts()) == ["a.prototxt", "deep/b.solver"]


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../secret.prototxt", "deep/../../secret.prototxt", "/etc/passwd",
        "/secret.prototxt", "a.prototxt/../../secret.prototxt", "deep//b.solver", "./a.prototxt",
        "..\\secret.prototxt", "a\0.prototxt", "a.txt", ".prototxt", "deep/.hidden.prototxt",
        ".git/x.prototxt",
    ],
)  # fmt: skip
def test_what_leads_out_is_refused(workspace: Workspace, name: str) -> None:
    with pytest.raises(UserError, match="no file of this studio"):
        workspace.path(name, TEXTS)


def test_a_link_that_leads_out_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.root / "link.prototxt").symlink_to(tmp_path / "secret.prototxt")
    (workspace.root / "out").symlink_to(tmp_path)
    for name in ("link.prototxt", "out/secret.prototxt"):
        with pytest.raises(UserError, match="no file of this studio"):
            workspace.read(name)


def test_a_text_is_saved_over_what_was_read(workspace: Workspace) -> None:
    read = workspace.read("a.prototxt")
    saved = workspace.write("a.prototxt", "name: 'b'\n", read.version)
    assert workspace.read("a.prototxt") == saved
    assert saved.content == "name: 'b'\n"


def test_a_change_by_another_program_is_not_lost(workspace: Workspace) -> None:
    read = workspace.read("a.prototxt")
    (workspace.root / "a.prototxt").write_text("name: 'theirs'\n")
    with pytest.raises(ChangedError, match="changed by another program"):
        workspace.write("a.prototxt", "name: 'mine'\n", read.version)
    assert workspace.read("a.prototxt").content == "name: 'theirs'\n"


def test_a_new_text_replaces_none(workspace: Workspace) -> None:
    workspace.write("new.solver", "net: 'a'\n", "")
    with pytest.raises(ChangedError):
        workspace.write("new.solver", "net: 'b'\n", "")


def test_other_encodings_are_told(workspace: Workspace) -> None:
    (workspace.root / "a.prototxt").write_bytes(b"name: '\xff'")
    with pytest.raises(UserError, match="no UTF-8"):
        workspace.read("a.prototxt")
