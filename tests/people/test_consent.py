"""The ledger of consent: what she agreed to, which words, how, and what follows when she takes it back."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from booking import clock
from booking.models import Consent, MovementCheckIn, Task
from booking.models.kinds import ConsentHow, ConsentPurpose, PersonStatus, TaskKind
from booking.queries import consent as asked
from booking.refusals import CannotBeWithdrawn, NotFound
from booking.rules import wordings
from booking.rules.wordings import current_version
from booking.services import consent
from tests.support.builders import Builders
from tests.support.pages import rows

LEDGER = select(Consent.purpose, Consent.wording_version, Consent.how, Consent.recorded_by).order_by(
    Consent.id
)
CALLS = select(func.count()).where(Task.kind == TaskKind.CONSENT_WITHDRAWN, Task.settled_at.is_(None))
KEEP, PHOTOS, RULES = ConsentPurpose.KEEP_DETAILS, ConsentPurpose.PHOTOS, ConsentPurpose.GROUND_RULES


def test_a_yes_is_written_down_once(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context():
        consent.agree(ann, PHOTOS, clock.now())
        consent.agree(ann, PHOTOS, clock.now())
    assert rows(app, LEDGER) == [(PHOTOS, "2026-11", ConsentHow.WEB, None)]


def test_what_the_office_heard_says_who_wrote_it_down(app: Flask, make: Builders) -> None:
    ann, ada = make.person("Ann"), make.admin("Ada")
    with app.app_context():
        consent.record_spoken(ann, KEEP, ada, clock.now())
    assert rows(app, LEDGER) == [(KEEP, current_version(KEEP), ConsentHow.SPOKEN, ada)]


def test_after_a_no_a_yes_is_a_new_row(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context():
        consent.agree(ann, PHOTOS, clock.now())
        consent.withdraw(ann, PHOTOS, clock.now())
        assert not asked.agrees_to(ann, PHOTOS)
        consent.agree(ann, PHOTOS, clock.now())
        assert asked.agrees_to(ann, PHOTOS)
        assert [one.withdrawn_at is None for one in asked.ledger(ann)] == [True, False]


def test_taking_back_the_first_consent_asks_for_one_call(app: Flask, make: Builders) -> None:
    ann, ada = make.person("Ann"), make.admin("Ada")
    with app.app_context():
        consent.record_spoken(ann, KEEP, ada, clock.now())
        consent.withdraw(ann, KEEP, clock.now())
        consent.withdraw_spoken(ann, KEEP, ada, clock.now())
    assert rows(app, CALLS) == [1]


def test_agreeing_again_takes_the_call_off_the_list(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context():
        consent.agree(ann, KEEP, clock.now())
        consent.withdraw(ann, KEEP, clock.now())
        consent.agree(ann, KEEP, clock.now())
    assert rows(app, CALLS) == [0]


def test_taking_back_nothing_asks_for_no_call(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context():
        consent.withdraw(ann, KEEP, clock.now())
    assert rows(app, CALLS) == [0]


def test_without_her_yes_her_check_ins_are_deleted_and_bens_stay(app: Flask, make: Builders) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    with app.app_context():
        for person in (ann, ben):
            consent.agree(person, ConsentPurpose.MOVEMENT, clock.now())
            _check_in(person)
        consent.withdraw(ann, ConsentPurpose.MOVEMENT, clock.now())
    assert rows(app, select(MovementCheckIn.person_id)) == [ben]


def test_the_ground_rules_are_not_taken_back(app: Flask, make: Builders) -> None:
    ann = make.person("Ann")
    with app.app_context():
        consent.agree(ann, RULES, clock.now())
        with pytest.raises(CannotBeWithdrawn):
            consent.withdraw(ann, RULES, clock.now())


@pytest.mark.parametrize("status", [PersonStatus.DIED, PersonStatus.CLOSED, PersonStatus.MERGED])
def test_a_record_that_does_not_open_agrees_to_nothing(
    app: Flask, make: Builders, status: PersonStatus
) -> None:
    gone = make.person("Gone", status=status)
    with app.app_context():
        for deed in (consent.agree, consent.withdraw):
            with pytest.raises(NotFound):
                deed(gone, PHOTOS, clock.now())
    assert rows(app, LEDGER) == []


def test_the_ground_rules_are_shown_once_for_each_version(
    app: Flask, make: Builders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    with app.app_context():
        assert asked.needs_ground_rules(ann)
        consent.agree(ann, RULES, clock.now())
        assert (asked.needs_ground_rules(ann), asked.needs_ground_rules(ben)) == (False, True)
        monkeypatch.setitem(wordings.CURRENT, "ground_rules", "2027-03")
        assert asked.needs_ground_rules(ann)


def test_changed_words_are_asked_again_only_of_those_who_agreed(
    app: Flask, make: Builders, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = make.person("Ann"), make.person("Ben")
    with app.app_context():
        consent.agree(ann, PHOTOS, clock.now())
        consent.agree(ann, KEEP, clock.now())
        assert asked.to_ask_again(ann) == []
        monkeypatch.setitem(wordings.CURRENT, "photos", "2027-03")
        assert (asked.to_ask_again(ann), asked.to_ask_again(ben)) == ([PHOTOS], [])
        assert asked.agrees_to(ann, PHOTOS)
        consent.agree(ann, PHOTOS, clock.now())
        assert asked.to_ask_again(ann) == []


def _check_in(person_id: int) -> None:
    from booking.db import db

    db.session.add(MovementCheckIn(person_id=person_id, flags="seated", answered_at=clock.now()))
    db.session.commit()
