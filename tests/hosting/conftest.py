"""A date in Manchester, ten minutes before it starts: Fay hosts it, Ann and Ben have places."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.hosting.scene import Scene
from tests.support.builders import Builders

TEN_TO = "2026-11-25T13:20+00:00"


@pytest.fixture
def scene(app: Flask, make: Builders, clock_at: Callable[[str], datetime]) -> Scene:
    now = clock_at(TEN_TO)
    fay, ann, ben = make.facilitator("Fay"), make.person("Ann"), make.person("Ben")
    series = make.series()
    session = make.session(series, on=now.date(), led_by=(fay,))
    anns, bens = make.booking(session, ann), make.booking(session, ben)
    return Scene(app, make, series, session, fay, ann, ben, anns, bens)
