"""The list of trusted folders."""

import json
from pathlib import Path

import pytest

from mycaffe_py.data.dataset_paths import data_folder
from mycaffe_py.data.opening import LOOKING
from mycaffe_py.errors import UserError
from mycaffe_py.solver.trust import (
    holds_home,
    opening_of,
    trust,
    trusted_folders,
    untrust,
    written_by_others,
)


def test_a_folder_is_trusted_once_however_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "net")
    assert trust(tmp_path / "link") == trust(tmp_path / "net" / ".." / "net")
    assert trusted_folders() == ((tmp_path / "net").resolve(),)


def test_a_text_of_a_trusted_folder_may_run_code_of_trusted_folders(tmp_path: Path) -> None:
    (tmp_path / "net" / "deep").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    trust(tmp_path / "net")
    inside = opening_of(tmp_path / "net" / "deep" / "a.prototxt", LOOKING)
    assert (inside.runs_code, inside.trusted, inside.heads) == (True, trusted_folders(), True)
    other = opening_of(tmp_path / "other" / "a.prototxt", LOOKING)
    assert (other.runs_code, other.makes_data, other.heads) == (False, False, True)


def test_a_link_into_a_trusted_folder_counts_for_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.prototxt").write_text("")
    (tmp_path / "net" / "a.prototxt").symlink_to(tmp_path / "bad" / "a.prototxt")
    trust(tmp_path / "net")
    assert not opening_of(tmp_path / "net" / "a.prototxt", LOOKING).runs_code


def test_the_option_consents_to_code_from_anywhere(tmp_path: Path) -> None:
    opening = opening_of(tmp_path / "a.prototxt", LOOKING, run_code=True)
    assert opening.runs_code
    assert opening.trusted is None
    assert not opening.makes_data


def test_a_folder_that_is_gone_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    trust(tmp_path / "net")
    (tmp_path / "net").rmdir()
    untrust(tmp_path / "net")
    assert trusted_folders() == ()


def test_what_cannot_be_trusted_or_removed_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no folder"):
        trust(tmp_path / "no")
    with pytest.raises(UserError, match="is not trusted"):
        untrust(tmp_path)
    trust(tmp_path)
    with pytest.raises(UserError, match=r"It lies in '.*': remove that"):
        untrust(tmp_path / "below")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{", b'{"trusted": "all"}', b'{"trusted": [1]}', b'{"trusted": ["here"]}',
        b'{"trusted": ["/a\\u0000b"]}', b"\xff\xfe", b"[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_list_trusts_nobody_and_says_what_to_do(content) -> None:
    path = data_folder() / "trusted.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"trusted.json, cannot be used.*Remove it"):
        trusted_folders()


def test_the_list_is_plain(tmp_path: Path) -> None:
    trust(tmp_path)
    kept = json.loads((data_folder() / "trusted.json").read_text())
    assert kept == {"trusted": [str(tmp_path.resolve())]}


def test_a_folder_where_everybody_may_write_is_seen(tmp_path: Path) -> None:
    assert not written_by_others(tmp_path)
    tmp_path.chmod(0o777)
    assert written_by_others(tmp_path)


def test_a_folder_above_all_of_ones_files_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "me"))
    assert holds_home(tmp_path.resolve())
    assert holds_home((tmp_path / "me").resolve())
    assert not holds_home((tmp_path / "me" / "nets").resolve())
