"""What the edge does not let in: bytes that no database may be asked about, and ids that no row can have."""

from collections.abc import Iterable

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from booking.rules.pictures import LARGEST_BYTES

LARGEST_ID = 2**31 - 1
# A picture with the words beside it. A file that is only a little too large is told so beside its field.
MORE_BYTES = {"office.venue_photo": LARGEST_BYTES + 2**20}


class RowId(IntegerConverter):
    """A whole number that a row's id can be; anything larger is an address that does not exist."""

    def __init__(self, map: Map, fixed_digits: int = 0, **_ignored: object) -> None:
        super().__init__(map, fixed_digits, min=0, max=LARGEST_ID)


def register(app: Flask) -> None:
    """Look at what came in before anybody works with it."""
    app.url_map.converters["int"] = RowId
    app.before_request(make_room)
    app.before_request(refuse_nul)


def make_room() -> None:
    """Let more come in where a picture is sent, and nowhere else."""
    if request.endpoint in MORE_BYTES:
        request.max_content_length = MORE_BYTES[request.endpoint]


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
