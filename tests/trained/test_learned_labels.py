from mycaffe_py.trained.learned_labels import answerable


def test_numbers_without_a_class_are_no_answers() -> None:
    assert answerable({5: "e", 0: "a", 12: "z"}, 10).tolist() == [0, 5]


def test_all_are_where_no_class_is_known() -> None:
    assert answerable({}, 3).tolist() == [0, 1, 2]
