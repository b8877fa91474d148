"""The reporting views tell, and let nobody write through them."""

import pytest
import sqlalchemy as sa
from flask import Flask

from booking.db import db
from tests.house import rows

VIEWS = ("v_audit", "v_booking", "v_message", "v_person", "v_session")
WAYS = {
    "insert": "INSERT INTO {view} (id) VALUES (99)",
    "update": "UPDATE {view} SET id = id + 1000",
    "delete": "DELETE FROM {view}",
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("way", WAYS)
def test_nobody_writes_through_a_view(app: Flask, view: str, way: str) -> None:
    refused = {"sqlite": f"cannot modify {view} because it is a view", "postgresql": f"cannot {way}"}
    with app.app_context(), db.engine.connect() as connection:
        with pytest.raises(sa.exc.DBAPIError, match=refused[connection.dialect.name]):
            connection.exec_driver_sql(WAYS[way].format(view=view))
        connection.rollback()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_tells_of_its_rows(app: Flask, view: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        rows.fill(connection)
        assert connection.exec_driver_sql(f"SELECT COUNT(*) FROM {view}").scalar_one() >= 1
