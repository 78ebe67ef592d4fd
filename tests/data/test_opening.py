"""What a text may do when it is opened."""

from pathlib import Path

from mycaffe_py.data.opening import LOOKING, MEASURING, RUNNING, Opening, covered

PLACES = (Path("/home/me/net"), Path("/home/me"))


def test_a_trusted_folder_covers_what_lies_below_it_alone() -> None:
    trusted = (Path("/home/me/net"),)
    assert covered(Path("/home/me/net"), trusted)
    assert covered(Path("/home/me/net/deep/er"), trusted)
    assert not covered(Path("/home/me"), trusted)
    assert not covered(Path("/home/me/network"), trusted), "a name that only begins alike"
    assert not covered(Path("/home/me/net"), ())


def test_code_is_imported_from_where_it_may_run_alone() -> None:
    assert RUNNING.folders(PLACES) == PLACES
    assert LOOKING.folders(PLACES) == MEASURING.folders(PLACES) == ()
    assert Opening(trusted=(PLACES[0],)).folders(PLACES) == PLACES[:1]


def test_who_looks_or_measures_makes_no_data() -> None:
    assert RUNNING.makes_data
    assert not LOOKING.makes_data
    assert not MEASURING.makes_data
