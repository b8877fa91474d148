"""What is offered once, after the first place is sure: optional questions never stand before it."""

from flask import session

_NEEDS = "offer_needs"


def offer_needs() -> None:
    """Let the next page of her places ask, that one time, what would help her take part."""
    session[_NEEDS] = True


def needs_are_offered() -> bool:
    """Say whether to ask now; whoever was asked once is not asked again."""
    return bool(session.pop(_NEEDS, False))
