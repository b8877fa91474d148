import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.discreet import FORBIDDEN, discreet_name, holds_forbidden

TEA = "Tea & A Chat"


@pytest.mark.parametrize("word", FORBIDDEN)
def test_every_forbidden_word_is_found_in_any_case(word: str) -> None:
    for written in (word, word.upper(), word.title(), f"Our {word}s meet", f"x{word}y"):
        assert holds_forbidden(written)


@pytest.mark.parametrize(
    "text",
    [
        "Breast-cancer",
        "outpatients",
        "metastases",
        "Oncologist",
        "secondaries",
        "support-group",
        "Support\r\n  Groups",
        "support_group",
        "/sessions/support%20group",
        "can\u200bcer",
        "can\u00adcer",
        "pa\ufefftient",
        "\u202ebreast",
        "\uff43\uff41\uff4e\uff43\uff45\uff52",
        "cánc\u0301er",
        "𝐜𝐚𝐧𝐜𝐞𝐫",
        "on\x00cology",
    ],
)
def test_a_disguised_word_is_found(text: str) -> None:
    assert holds_forbidden(text)


@pytest.mark.parametrize(
    "text", ["", TEA, "Gentle chair yoga", "Make 2nds Count", "Group support", "Second Wednesday"]
)
def test_an_ordinary_name_is_left_alone(text: str) -> None:
    assert not holds_forbidden(text)


def test_a_session_is_known_by_its_title_when_nothing_in_it_tells() -> None:
    assert discreet_name("Gentle chair yoga", None, "Wellbeing session") == "Gentle chair yoga"
    assert discreet_name("Gentle chair yoga", " Chair class ", "Wellbeing session") == "Chair class"


def test_a_telling_title_gives_way_to_its_own_discreet_name_or_its_programme() -> None:
    title = "Men living with secondary breast cancer"
    assert discreet_name(title, "Evening circle", TEA) == "Evening circle"
    assert discreet_name(title, "", TEA) == TEA
    assert discreet_name(title, "Patients’ circle", TEA) == TEA
    assert discreet_name(title, None, "Cancer meetings") == "Session"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=30), st.none() | st.text(max_size=30), st.text(max_size=30))
def test_a_discreet_name_never_tells(title: str, own: str | None, programme: str) -> None:
    name = discreet_name(title, own, programme)
    assert name
    assert not holds_forbidden(name)
