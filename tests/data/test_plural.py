from mycaffe_py.data.plural import plural


def test_nouns_follow_the_number() -> None:
    assert [plural(n, "image") for n in (0, 1, 2)] == ["images", "image", "images"]
    assert [plural(n, "class") for n in (1, 2)] == ["class", "classes"]
