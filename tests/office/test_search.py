"""Search forgives: accents, order, signs, a piece of a number, and a slip of the finger."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, update

from booking import clock
from booking.models import Person, ReversibleDeed
from booking.models.kinds import DeedKind, PersonStatus
from booking.queries import directory
from tests.office.season import Season
from tests.support import pages
from tests.support.builders import Builders


@pytest.fixture
def crowd(make: Builders, season: Season) -> dict[str, int]:
    return {
        "Orla": make.person("Orla", full_name="Órla Byrne", email="o.byrne@example.org"),
        "Oisin": make.person("Oisín", full_name="Oisín O’Neill", email=None, phone="+44 7700 900123"),
        "Carrie": make.person("Carrie", full_name="Carrie-Anne Lloyd", email="c@example.org"),
        "Lucja": make.person("Łucja", full_name="Łucja Mac Donald", email=None, phone="020 7946 0999"),
    }


def found(app: Flask, words: str) -> tuple[list[str], bool]:
    with app.app_context():
        search = directory.find(words)
        return [one.known_as for one in search.found], search.is_nearly


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("orla byrne", "Orla"),
        ("BYRNE orl", "Orla"),
        ("Óisín", "Oisín"),
        ("oisin", "Oisín"),
        ("o'neill", "Oisín"),
        ("O’Neill", "Oisín"),
        ("o neill oisin", "Oisín"),
        ("oneill", "Oisín"),
        ("carrie anne", "Carrie"),
        ("carrie‑anne", "Carrie"),
        ("lloyd carrieanne", "Carrie"),
        ("lucja", "Łucja"),
        ("o.byrne@", "Orla"),
        ("byrne example.org", "Orla"),
        ("07700 900123", "Oisín"),
        ("+44 7700-900 123", "Oisín"),
        ("0044 7700 900123", "Oisín"),
        ("900123", "Oisín"),
        ("+44 20 7946", "Łucja"),
    ],
)
def test_whoever_is_meant_is_found(app: Flask, crowd: dict[str, int], words: str, who: str) -> None:
    names, is_nearly = found(app, words)
    assert who in names
    assert not is_nearly


@pytest.mark.parametrize(
    ("words", "who"),
    [("brynes", "Orla"), ("orla brine", "Orla"), ("macdonnald", "Łucja"), ("Oisinn", "Oisín")],
)
def test_a_slip_is_forgiven_and_said(
    app: Flask, desk: FlaskClient, crowd: dict[str, int], words: str, who: str
) -> None:
    names, is_nearly = found(app, words)
    assert is_nearly
    assert names[0] == who
    page = pages.words(pages.look_for(desk, words))
    assert "Nobody is called exactly that. Did you mean:" in page


@pytest.mark.parametrize("words", ["%", "_", "'", "-", "...", "zzzzzz", "\\", "99", "a" * 100, "' OR 1=1"])
def test_what_names_nobody_finds_nobody(app: Flask, crowd: dict[str, int], words: str) -> None:
    assert found(app, words) == ([], False)


def test_every_word_has_to_fit(app: Flask, crowd: dict[str, int]) -> None:
    assert found(app, "orla lloyd")[0] == []


def test_names_are_sorted_as_people_do(app: Flask, make: Builders) -> None:
    for name in ("Zoe", "Éilis", "Emma", "ada", "Fay"):
        make.person(name, full_name=f"{name} Walker", email=None)
    assert found(app, "walker")[0] == ["ada", "Éilis", "Emma", "Fay", "Zoe"]


def test_people_of_one_name_are_told_apart(
    app: Flask, desk: FlaskClient, make: Builders, season: Season
) -> None:
    make.person("Kim", full_name="Kim Byrne", email=None, phone="07700 900321")
    other = make.person("Kim", full_name="Kim Byrne", email="kim@example.org")
    pages.write(app, update(Person).where(Person.id == other).values(region="Bury", nation="England"))
    for path in ("/office/people", f"/office/people/{season.ann}/merge"):
        said = pages.words(pages.look_for(desk, "kim byrne", path))
        assert "…0321" in said
        assert "07700" not in said
        assert "Bury, England, kim@example.org" in said


def test_fifty_are_shown_and_the_page_says_so(desk: FlaskClient, make: Builders) -> None:
    for number in range(51):
        make.person(f"Kim{number}", email=None)
    said = pages.words(pages.look_for(desk, "kim"))
    assert "50 people found There may be more." in said


def test_a_record_that_was_merged_leads_to_the_kept_one(
    app: Flask, desk: FlaskClient, season: Season, crowd: dict[str, int]
) -> None:
    merge(app, season, crowd["Orla"], into=season.ann)
    page = pages.look_for(desk, "byrne")
    assert "Ann Example (also kept as Órla Byrne before)" in pages.words(page)
    assert f'href="/office/people/{season.ann}"' in page.text
    assert f'href="/office/people/{crowd["Orla"]}"' not in page.text
    old = desk.get(f"/office/people/{crowd['Orla']}").text
    assert f'href="/office/people/{season.ann}">Go to the record that is kept' in old


def test_a_merge_that_was_undone_leads_nowhere(app: Flask, season: Season, crowd: dict[str, int]) -> None:
    merge(app, season, crowd["Orla"], into=season.ann, undone_at=clock.now() + timedelta(hours=1))
    assert found(app, "byrne")[0] == ["Orla"]


def test_an_emptied_record_has_no_name_and_is_not_found(
    app: Flask, desk: FlaskClient, season: Season, crowd: dict[str, int]
) -> None:
    gone = update(Person).where(Person.id == crowd["Orla"])
    pages.write(app, gone.values(full_name="", known_as="", search_key="", status=PersonStatus.CLOSED))
    assert "Name removed" in pages.words(desk.get(f"/office/people/{crowd['Orla']}"))
    assert found(app, "orla")[0] == []


def merge(app: Flask, season: Season, other: int, *, into: int, **facts: Any) -> None:
    values = {
        "kind": DeedKind.MERGED,
        "person_id": into,
        "other_person_id": other,
        "done_at": clock.now(),
        "done_by": season.ada,
    }
    pages.write(app, insert(ReversibleDeed).values(**values, **facts))
    if not facts:
        pages.write(app, update(Person).where(Person.id == other).values(status=PersonStatus.MERGED))
