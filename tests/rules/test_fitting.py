"""Is this group for me: three answers, and what a series says of itself."""

import pytest

from booking.rules.fitting import (
    Answers,
    Offered,
    Reason,
    Where,
    Wish,
    first_sentence,
    fit,
    is_for_some,
    suits_of,
)

TEA = Offered(frozenset(), patients_only=True, wish=Wish.COMPANY, in_room=True, online=False)
YOGA = Offered(frozenset(), patients_only=False, wish=Wish.DOING, in_room=False, online=True)
CIRCLE = Offered(frozenset({"newly_told"}), patients_only=True, wish=Wish.COMPANY, in_room=False, online=True)
BOTH = Offered(frozenset(), patients_only=False, wish=Wish.COMPANY, in_room=True, online=True)


@pytest.mark.parametrize("offered", [TEA, YOGA, CIRCLE, BOTH])
def test_whoever_is_not_sure_is_shown_everything(offered: Offered) -> None:
    assert fit(Answers(), offered).fits


@pytest.mark.parametrize(
    ("answers", "offered", "reason"),
    [
        (Answers("newly_told"), CIRCLE, Reason.MADE_FOR_YOU),
        (Answers("supporting"), YOGA, Reason.WELCOMES_FAMILY),
        (Answers("living", Wish.COMPANY, Where.ROOM), TEA, Reason.COMPANY_IN_A_ROOM),
        (Answers("in_treatment", Wish.DOING, Where.HOME), YOGA, Reason.DOING_FROM_HOME),
        (Answers(None, Wish.COMPANY), CIRCLE, Reason.COMPANY_FROM_HOME),
        (Answers("living", None, Where.HOME), BOTH, Reason.COMPANY_EITHER_WAY),
    ],
)
def test_what_fits_says_why(answers: Answers, offered: Offered, reason: Reason) -> None:
    found = fit(answers, offered)
    assert (found.fits, found.reason) == (True, reason)


@pytest.mark.parametrize(
    ("answers", "offered", "reason"),
    [
        (Answers("supporting"), TEA, Reason.FOR_PATIENTS),
        (Answers("living"), CIRCLE, Reason.FOR_OTHERS),
        (Answers(where=Where.HOME), TEA, Reason.IN_A_ROOM),
        (Answers(where=Where.ROOM), YOGA, Reason.FROM_HOME),
        (Answers(wish=Wish.COMPANY), YOGA, Reason.A_CLASS),
        (Answers(wish=Wish.DOING), TEA, Reason.A_TALK),
        # What she can't change weighs more than what she would like.
        (Answers("supporting", Wish.DOING, Where.HOME), TEA, Reason.FOR_PATIENTS),
    ],
)
def test_what_does_not_fit_says_why_not(answers: Answers, offered: Offered, reason: Reason) -> None:
    found = fit(answers, offered)
    assert (found.fits, found.reason) == (False, reason)


def test_words_that_nobody_knows_rule_nothing_out() -> None:
    assert suits_of("newly_told astronauts", ["newly_told", "living"]) == {"newly_told"}


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("Men living with secondary breast cancer", ""),
        ("Evening circle", "An hour for men, online."),
        ("Younger women's tea", "Cake."),
        ("Tea", "For people under 45."),
    ],
)
def test_a_group_for_some_people_says_so_itself(title: str, about: str) -> None:
    assert is_for_some(title, about)


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("Tea & A Chat Manchester", "Tea, cake and people who understand; men come too."),
        ("Move together", "Everybody goes at her own pace, and there is a chair for everyone."),
        ("Creative writing", "A little reading aloud for those who like it."),
    ],
)
def test_a_group_for_everybody_is_none_for_some(title: str, about: str) -> None:
    assert not is_for_some(title, about)


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One. Two.", "One."),
        ("At 10.30 we begin! Then tea.", "At 10.30 we begin!"),
        ("No stop", "No stop"),
        ("", ""),
    ],
)
def test_the_first_sentence_is_taken_whole(text: str, first: str) -> None:
    assert first_sentence(text) == first
