"""Everything about places happens on one Sunday morning, so that no test depends on the hour it runs."""

from collections.abc import Callable
from datetime import datetime

import pytest

SUNDAY_MORNING = "2026-11-22T10:00+00:00"


@pytest.fixture(autouse=True)
def now(clock_at: Callable[[str], datetime]) -> datetime:
    return clock_at(SUNDAY_MORNING)
