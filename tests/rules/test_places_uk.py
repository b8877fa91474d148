"""Towns are found as people write them, and distances are said as people say them."""

import pytest

from booking.rules import places_uk
from booking.rules.distance import distance_words, is_near_the_uk, miles, position
from booking.rules.faults import Fault
from booking.rules.places_uk import label, only_place_named, place_in_address, places_like, places_named

MANCHESTER, LEEDS = (53.4809, -2.2374), (53.7965, -1.5478)


def test_manchester_and_leeds_are_36_miles_apart_both_ways() -> None:
    assert round(miles(*MANCHESTER, *LEEDS)) == round(miles(*LEEDS, *MANCHESTER)) == 36
    assert miles(*LEEDS, *LEEDS) == 0
    assert round(miles(0, 0, 0, 180)) == 12437


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (0, "less than a mile"),
        (0.99, "less than a mile"),
        (1, "about a mile"),
        (1.5, "about 2 miles"),
        (12.3, "about 12 miles"),
        (33, "about 35 miles"),
        (104, "about 100 miles"),
        (1234, "about 1,230 miles"),
    ],
)
def test_a_distance_is_said_roughly(distance: float, said: str) -> None:
    assert distance_words(distance) == said


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("53.48", "-2.24"),
        (" 53,48 ", "−2,24"),
        ("53.48° N", "2.24° W"),
        ("53.48, -2.24", ""),
        ("53.48N 2.24W", ""),
    ],
)
def test_a_position_is_read_as_people_copy_it(latitude: str, longitude: str) -> None:
    assert position(latitude, longitude) == (53.48, -2.24)


@pytest.mark.parametrize(
    ("latitude", "longitude", "field"),
    [
        ("53", "", "longitude"),
        ("", "-2", "latitude"),
        ("91", "0", "latitude"),
        ("53", "181", "longitude"),
        ("nan", "inf", "latitude"),
        ("53W", "2N", "latitude"),
        ("9" * 400, "0", "latitude"),
        ("٥٣", "x", "longitude"),
    ],
)
def test_what_is_no_position_is_refused_at_its_field(latitude: str, longitude: str, field: str) -> None:
    with pytest.raises(Fault) as refused:
        position(latitude, longitude)
    assert refused.value.field == field


def test_lerwick_and_penzance_are_in_the_uk_and_calais_is_not_quite_far_enough_away() -> None:
    for town in ("Lerwick", "Penzance", "Derry", "Lowestoft"):
        place = places_named(town)[0]
        assert is_near_the_uk((place.latitude, place.longitude))
    assert not is_near_the_uk((48.85, 2.35))
    assert not is_near_the_uk((2.2374, 53.48))


def test_every_place_of_the_list_is_near_the_uk() -> None:
    assert all(is_near_the_uk((place.latitude, place.longitude)) for place in places_uk._all())


@pytest.mark.parametrize(
    "written", ["Stoke-on-Trent", "stoke on trent", "STOKE ON TRENT", " Stôke–on Trent "]
)
def test_a_name_is_found_however_it_is_written(written: str) -> None:
    assert [place.name for place in places_named(written)] == ["Stoke-on-Trent"]


@pytest.mark.parametrize(("said", "meant"), [("Hull", "Kingston upon Hull"), ("Londonderry", "Derry")])
def test_a_town_is_found_by_what_people_call_it(said: str, meant: str) -> None:
    assert [place.name for place in places_named(said)] == [meant]


def test_newcastle_may_be_any_of_three() -> None:
    names = [place.name for place in places_named("Newcastle")]
    assert names == ["Newcastle upon Tyne", "Newcastle under Lyme", "Newcastle"]
    assert only_place_named("Newcastle") is None


def test_a_nation_or_a_town_nearby_says_which_one() -> None:
    assert {place.nation for place in places_named("Newport, Wales")} == {"Wales"}
    (told,) = places_named("newport, nr telford")
    assert told.nation == "England"
    assert places_named("Leeds, Mars")[0].name == "Leeds"


def test_each_label_leads_back_to_the_place_it_names() -> None:
    lost = [label(place) for place in places_uk._all() if places_named(label(place)) != (place,)]
    assert lost == []


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("Mancester", "Manchester"), ("Edinbrugh", "Edinburgh"), ("Cardif", "Cardiff"), ("Glasgo", "Glasgow")],
)
def test_a_slip_is_forgiven(slip: str, meant: str) -> None:
    assert places_like(slip)[0].name == meant


@pytest.mark.parametrize("nothing", ["", " ", ",", "'", "x", "\u202e", "🙂" * 300, "a" * 10_000])
def test_nonsense_is_no_place_and_no_fault(nothing: str) -> None:
    assert places_named(nothing) == ()
    assert len(places_like(nothing)) <= 5


def test_a_venue_is_where_its_name_or_address_ends() -> None:
    for texts in (("Library room, Leeds",), ("Library", "5 Example Street\nLeeds LS1 2AB, UK")):
        found = place_in_address(*texts)
        assert found is not None
        assert found.name == "Leeds"
    assert place_in_address("Café back room, Newcastle") is None
    assert place_in_address("", ",,") is None
