"""Who asks to sign in at an address that nobody has is told so kindly; about the dead there is silence."""

from typing import Any

import pytest

from booking import clock
from booking.db import db
from booking.messages.letters import Composed, Letter, NoLongerTrue
from booking.models import Message, Person
from booking.models.kinds import PersonStatus
from booking.rules.discreet import holds_forbidden
from booking.services import signin
from tests.letters.desk import Desk
from tests.letters.test_letters import same


def asked(desk: Desk, address: str = "ann@example.org") -> Any:
    """Ask for a link and return the message about it."""
    with desk.app.app_context():
        signin.ask_for_link(address, "", clock.now())
        return db.session.scalars(db.select(Message.id)).one()


def unknown(desk: Desk) -> Letter:
    letter: Composed = desk.compose(asked(desk))
    assert isinstance(letter, Letter)
    return letter


def test_an_unknown_address_gets_a_letter_that_says_so(desk: Desk) -> None:
    letter = unknown(desk)
    same("sign_in_unknown.txt", f"Subject: {letter.subject}\n\n{letter.text}")
    same("sign_in_unknown.html", letter.html)


def test_the_letter_leads_to_registering_and_opens_nothing(desk: Desk) -> None:
    letter = unknown(desk)
    assert "Register: http://localhost/register\n" in letter.text
    assert "/sign-in/" not in letter.text + letter.html
    assert letter.html.count('class="button"') == 1
    assert not holds_forbidden(letter.subject + letter.text)


def test_somebody_who_registers_before_it_is_sent_gets_her_link(desk: Desk) -> None:
    message = asked(desk)
    desk.make.person("Ann")
    letter = desk.compose(message)
    assert isinstance(letter, Letter)
    assert "/sign-in/" in letter.text


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_nothing_is_sent_where_nobody_lives_any_more(desk: Desk, status: PersonStatus) -> None:
    person_id = desk.make.person("Ann")
    message = asked(desk)
    desk.change(Person, person_id, status=status)
    assert desk.compose(message) == NoLongerTrue("not to be written to")


def test_one_who_died_at_an_address_that_was_unknown_before_is_not_written_to(desk: Desk) -> None:
    message = asked(desk)
    desk.make.person("Ann", status=PersonStatus.DIED)
    assert desk.compose(message) == NoLongerTrue("nobody there")
