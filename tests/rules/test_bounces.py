"""A letter that came back is known by its report, whatever the mail server that wrote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.bounces import LARGEST, reports_in
from tests.support.bounces import report

OURS = "<m.0123456789abcdef0123456789abcdef@example.org>"
AWAY = b"From: ann@example.org\nTo: bounces@example.org\nSubject: Away until Monday\n\nThank you.\n"


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", "message/global"])
def test_the_letter_is_known_by_what_the_report_brings_back(returned: str) -> None:
    (found,) = reports_in(report(OURS, returned=returned))
    assert (found.message_ids, found.status, found.address) == ((OURS,), "5.1.1", "ann@example.org")
    assert found.is_hard


@pytest.mark.parametrize(
    ("status", "action", "is_hard"),
    [
        ("5.1.1", "failed", True),
        ("5.7.1 (refused)", "Failed", True),
        ("4.2.2", "delayed", False),
        ("4.2.2", "failed", False),
        ("2.0.0", "delivered", False),
        ("5.1.1", "delayed", False),
        ("", "failed", False),
        ("five", "failed", False),
    ],
)
def test_only_what_failed_for_good_is_hard(status: str, action: str, is_hard: bool) -> None:
    (found,) = reports_in(report(OURS, status=status, action=action))
    assert found.is_hard is is_hard


def test_the_address_that_the_report_came_to_may_name_the_letter() -> None:
    (found,) = reports_in(report(OURS, to='"Returns" <bounces+0123@example.org>'))
    assert found.sent_to == ("bounces+0123@example.org",)


def test_a_report_about_two_people_is_two() -> None:
    one = "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n"
    other = "Original-Recipient: rfc822;ben@example.org\nAction: delayed\nStatus: 4.4.1\n"
    found = reports_in(report(OURS, group=f"{one}\n{other}"))
    assert [(each.address, each.is_hard) for each in found] == [
        ("ann@example.org", True),
        ("ben@example.org", False),
    ]


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff\xfe", AWAY, b"Content-Type: multipart/report\n\n", b"x" * (LARGEST + 1)]
)
def test_what_is_no_report_says_nothing(raw: bytes) -> None:
    assert reports_in(raw) == []


@given(st.binary(max_size=200), st.integers(0, 900))
def test_no_damage_to_a_report_ends_the_reading(garbage: bytes, at: int) -> None:
    whole = report(OURS)
    for one in reports_in(whole[:at] + garbage + whole[at:]):
        assert not one.is_hard or one.status.startswith("5.")
