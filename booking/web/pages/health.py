"""What a machine asks: is the service alive, and can it keep something."""

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from booking import clock
from booking.queries import outgoing
from booking.services import upkeep
from booking.web import logs
from booking.web.doors import Door, opens_for
from booking.web.pages import blueprint

_NEVER_KEPT = {"Cache-Control": "no-store"}


@blueprint.get("/health/live")
@opens_for(Door.ANYONE)
def live() -> ResponseReturnValue:
    return jsonify(status="ok"), 200, _NEVER_KEPT


@blueprint.get("/health/ready")
@opens_for(Door.ANYONE)
def ready() -> ResponseReturnValue:
    try:
        upkeep.prove_writable(clock.now())
        late = outgoing.is_late(clock.now())
    except SQLAlchemyError as fault:
        logs.note_absent_database(fault)
        return jsonify(status="unavailable"), 503, _NEVER_KEPT
    if late:
        return jsonify(status="messages are late"), 503, _NEVER_KEPT
    return jsonify(status="ok"), 200, _NEVER_KEPT
