"""The names of a list."""

from booking.rules.names import first_word, in_order, surely_told_apart, told_apart


def test_people_are_called_what_they_like() -> None:
    assert told_apart([("Annie", "Ann Smith"), ("Ben", "Ben Jones")]) == ["Annie", "Ben"]


def test_an_initial_tells_two_of_one_name_apart() -> None:
    people = [("Ann", "Ann Smith"), ("ann", "Ann van den Berg"), ("Ben", "Ben Jones")]
    assert told_apart(people) == ["Ann S.", "ann B.", "Ben"]


def test_nobody_is_given_a_surname_she_does_not_have() -> None:
    assert told_apart([("Ann", "Ann"), ("Ann", "")]) == ["Ann", "Ann"]


def test_accents_do_not_send_anybody_to_the_end_of_the_list() -> None:
    assert sorted(["Zoë", "Éilis", "eve", "Adam"], key=in_order) == ["Adam", "Éilis", "eve", "Zoë"]


def test_the_full_name_tells_apart_where_the_initial_cannot() -> None:
    people = [("Ann", "Ann Smith"), ("Ann", "Ann Sharp"), ("Ben", "Ben Jones"), ("Ann", "")]
    assert surely_told_apart(people) == ["Ann Smith", "Ann Sharp", "Ben", "Ann"]


def test_of_a_companion_nothing_but_the_first_word_is_kept() -> None:
    written = ("Sam Smith", "  Sam\u00a0 Smith ", "Mary-Jane O'Neill", "Jo", "")
    assert [first_word(text, 100) for text in written] == ["Sam", "Sam", "Mary-Jane", "Jo", ""]
