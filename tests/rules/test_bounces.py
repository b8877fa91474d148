"""A letter that came back is known by its report, whatever the mail server that wrote it."""

from time import process_time as clock_of_this_process

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.rules.bounces import LARGEST, MOST_NAMED, reports_in
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


def nested(count: int) -> bytes:
    return b"".join(
        b'--b%d\nContent-Type: multipart/mixed; boundary="b%d"\n\n' % (number, number + 1)
        for number in range(count)
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (b"; boundary=b0", nested(1_500)),
        (b"; boundary=b0", b"--b0\n" + b"Content-Type: message/rfc822\n\n" * 1_500),
        (b";" * 400_000, b""),
        (b"\n ;" * 130_000, b""),
    ],
    ids=["parts in parts", "letters in letters", "a long header", "a folded header"],
)
def test_a_letter_built_to_keep_us_busy_says_nothing(kind: bytes, body: bytes) -> None:
    before = clock_of_this_process()
    assert reports_in(b"Content-Type: multipart/report" + kind + b"\n\n" + body) == []
    assert clock_of_this_process() - before < 2


@pytest.mark.parametrize("to", ["(" * 200_000, "(" * 990])
def test_a_header_that_nobody_can_read_ends_nothing(to: str) -> None:
    assert all(found.sent_to == () for found in reports_in(report(OURS, to=to)))


def test_of_a_thousand_addresses_and_reports_a_few_count() -> None:
    to = ",\nDelivered-To: ".join(f"bounces+{number:032x}@example.org" for number in range(2_000))
    one = "Final-Recipient: rfc822; ann@example.org\nAction: failed\nStatus: 5.1.1\n\n"
    ids = "\nMessage-ID: ".join(f"<m.{number:032x}@example.org>" for number in range(2_000))
    found = reports_in(report(ids, to=to, group=one * 2_000))
    assert len(found) == len(found[0].sent_to) == len(found[0].message_ids) == MOST_NAMED


@pytest.mark.parametrize("address", ["a" * 400 + "@example.org", "ann\x00@example.org"])
def test_what_is_no_address_is_none(address: str) -> None:
    (found,) = reports_in(report(OURS, address=address))
    assert (found.address, found.is_hard) == ("", True)


def test_a_signature_that_names_a_header_is_no_header() -> None:
    signed = b"DKIM-Signature: v=1; h=from:to:\n content-type:date; b=" + b"x" * 2_000 + b"\n"
    assert len(reports_in(signed + report(OURS))) == 1


@given(st.binary(max_size=200), st.integers(0, 900))
def test_no_damage_to_a_report_ends_the_reading(garbage: bytes, at: int) -> None:
    whole = report(OURS)
    for one in reports_in(whole[:at] + garbage + whole[at:]):
        assert not one.is_hard or one.status.startswith("5.")
