"""What is told beside the results, and when it is left out."""

from mycaffe_py.data.progress import Progress
from mycaffe_py.notices import hushed, is_hushed, notice, remark


def test_remarks_and_progress_are_left_out_where_they_are_hushed(capsys) -> None:
    with hushed(), Progress(3, "item", every_s=0) as bar:
        remark("by the way")
        bar.update(3)
    assert capsys.readouterr().err == ""
    remark("by the way")
    assert capsys.readouterr().err == "by the way\n"


def test_a_notice_is_never_left_out(capsys) -> None:
    with hushed():
        notice("other data")
    assert "other data" in capsys.readouterr().err


def test_an_inner_block_may_speak_and_an_error_ends_the_hush() -> None:
    try:
        with hushed():
            with hushed(False):
                assert not is_hushed()
            assert is_hushed()
            raise KeyError
    except KeyError:
        assert not is_hushed()
