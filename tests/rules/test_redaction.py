"""Somebody is taken out of a note however she is spelt; nobody else is, and the rest keeps its sense."""

import pytest

from booking.rules.redaction import Marks, without

ANN = Marks(
    emails=frozenset({"ännä@example.org"}),
    phones=frozenset({"+447700900867"}),
    names=frozenset({"Siân O'Brien Jones"}),
)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Write to ÄNNÄ@EXAMPLE.ORG, please", "Write to […], please"),
        ("<ännä@example.org>.", "<[…]>."),
        ("07700900867 or +44 (0)7700 900 867.", "[…] or […]."),
        ("07700-900-867", "[…]"),
        ("SIAN  O’BRIEN\nJones’s son has died", "[…] son has died"),
        ("I am (Siân O'Brien Jones).", "I am […]"),
    ],
)
def test_every_spelling_of_hers_goes(said: str, left: str) -> None:
    assert without(said, ANN) == left


@pytest.mark.parametrize(
    "said",
    [
        "",
        "joännä@example.org",
        "07700 900868 on 12 March 2026, 1:30pm",
        "Siân Jones and Mrs O'Brien",
        "🌷 سارة has died",
    ],
)
def test_what_is_not_hers_stays_as_it_was_written(said: str) -> None:
    assert without(said, ANN) == said


@pytest.mark.parametrize("key", ["", "12", "nonsense"])
def test_what_is_no_number_takes_nothing_out(key: str) -> None:
    said = "Call 07700 900868"
    assert without(said, Marks(frozenset({""}), frozenset({key}), frozenset({"", " ", "…"}))) == said
