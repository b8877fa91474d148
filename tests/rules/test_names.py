"""The names of a list."""

from booking.rules.names import in_order, surely_told_apart, told_apart


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
