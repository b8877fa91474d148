"""A polite no of a service: beside the field it belongs to, or above the next page."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import flash
from flask_babel import gettext as _
from wtforms import Form

from booking.refusals import NotFound, Refusal
from booking.rules.faults import Fault

# What a rule or a service calls a field, where the form has another name for it.
_KNOWN_AS = {
    "rrule": "repeat",
    "weekdays": "repeat",
    "date": "starts_on",
    "dtstart": "starts_on",
    "local_date": "starts_on",
    "start": "start_time",
    "end": "end_time",
    "place": "venue",
    "own_title": "title",
    "own_description": "description",
    "public_reason": "reason",
    "name": "title",
}


def said(refusal: Refusal) -> str:
    """Return the sentence of a refusal in the reader's language."""
    if isinstance(refusal, Fault):
        return str(_(refusal.template, **refusal.values))
    return str(refusal.sentence)


@contextmanager
def as_notice() -> Iterator[None]:
    """Say a polite no above the next page; what is not there stays not there."""
    try:
        yield
    except NotFound:
        raise
    except Refusal as refusal:
        flash(said(refusal), "notice")


def put_beside(form: Form, refusal: Refusal) -> None:
    """Show a refusal at its field; one that belongs to none stands above the form."""
    wanted = refusal.field or ""
    name = wanted if wanted in form else _KNOWN_AS.get(wanted, "")
    if name in form:
        form[name].errors = [*form[name].errors, _as_error(said(refusal))]
    else:
        form.form_errors.append(_as_error(said(refusal)))


def _as_error(sentence: str) -> str:
    """Take the full stop from a lone sentence: the errors of a form have none."""
    return sentence if ". " in sentence else sentence.removesuffix(".")
