"""Registering and signing in on one Sunday morning, and the links that letters would carry."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from booking.models import EmailLink
from booking.models.kinds import LinkPurpose
from booking.rules.tokens import make_code, make_token
from tests.support.databases import SECRET_KEY
from tests.support.pages import rows

PAGES = {LinkPurpose.CONFIRM_EMAIL: "/confirm/", LinkPurpose.SIGN_IN: "/sign-in/"}


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at("2026-11-22T10:00+00:00")


@pytest.fixture
def newest_link(app: Flask) -> Callable[..., str]:
    """Say the path behind the newest letter; `key` and `purpose` make one that was never sent."""

    def path(key: str = SECRET_KEY, purpose: LinkPurpose | None = None) -> str:
        newest = select(EmailLink.id, EmailLink.nonce, EmailLink.purpose).order_by(EmailLink.id.desc())
        link_id, nonce, made_for = rows(app, newest.limit(1))[0]
        token = make_token(key, purpose or made_for, link_id, nonce)
        return PAGES[purpose or made_for] + token

    return path


@pytest.fixture
def newest_code(app: Flask) -> Callable[..., str]:
    """Say the code in the newest letter; `key` makes one that was never sent."""

    def code(key: str = SECRET_KEY) -> str:
        newest = select(EmailLink.id, EmailLink.nonce, EmailLink.purpose).order_by(EmailLink.id.desc())
        link_id, nonce, purpose = rows(app, newest.limit(1))[0]
        return make_code(key, purpose, link_id, nonce)

    return code
