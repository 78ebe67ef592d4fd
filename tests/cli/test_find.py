"""What `mycaffe find` takes; its answers are tested in test_index.py."""


def test_the_help_shows_how_to_ask(mycaffe) -> None:
    shown = mycaffe("find", "--help").out
    for word in ("--index", "--together", "--same-label-only", "--within", "--box", "--sheet"):
        assert word in shown


def test_without_an_index_the_command_that_makes_one_is_told(mycaffe) -> None:
    result = mycaffe("find", "x.png")
    assert result.code == 2
    assert "'mycaffe index create' makes one." in result.err
