"""What the edge does not let in: bytes that no database may be asked about, and ids that no row can have."""

from collections.abc import Iterable

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter

LARGEST_ID = 2**31 - 1


class RowId(IntegerConverter):
    """A whole number that a row's id can be; anything larger is an address that does not exist."""

    def __init__(self, map: object, fixed_digits: int = 0, **_ignored: object) -> None:
        # The types want the map itself, which this module has no need to import.
        super().__init__(map, fixed_digits, min=0, max=LARGEST_ID)  # type: ignore[arg-type]


def register(app: Flask) -> None:
    """Look at what came in before anybody works with it."""
    app.url_map.converters["int"] = RowId
    app.before_request(refuse_nul)


def refuse_nul() -> None:
    """Refuse a NUL anywhere: SQLite would keep it, PostgreSQL would fault on it, and nobody types one."""
    if any("\0" in words for words in _sent()):
        abort(400)


def _sent() -> Iterable[str]:
    yield request.path
    for name, value in request.args.items(multi=True):
        yield from (name, value)
    for name, value in request.form.items(multi=True):
        yield from (name, value)
