"""The desk at which letters are written, on 20 August 2026 at half past ten in London."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.letters.desk import Desk
from tests.support.builders import Builders


@pytest.fixture
def make(app: Flask) -> Builders:
    return Builders(app)


@pytest.fixture
def desk(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Desk:
    clock_at("2026-08-20T10:30+01:00")
    return Desk(app, make)
