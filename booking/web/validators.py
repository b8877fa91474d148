"""Checks of what people type: the rules below say what fits, the field says it kindly."""

from collections.abc import Callable

from flask_babel import gettext as _
from wtforms import Field, Form
from wtforms.validators import StopValidation

from booking.rules.addresses import clean_email, clean_line, clean_phone, clean_text
from booking.rules.faults import Fault


class Cleaned:
    """Tidies a field by a rule and keeps what came out; what was typed stays when it does not fit."""

    field_flags: dict[str, bool] = {}

    def __init__(self, rule: Callable[[str], str], missing: object | None = None) -> None:
        self.rule = rule
        self.missing = missing

    def __call__(self, form: Form, field: Field) -> None:
        typed = field.data or ""
        if not typed.strip():
            self._nothing(field)
            return
        try:
            field.data = self.rule(typed)
        except Fault as fault:
            raise StopValidation(_(fault.template, **fault.values)) from None
        if not field.data:
            self._nothing(field)

    def _nothing(self, field: Field) -> None:
        if self.missing is not None:
            raise StopValidation(str(self.missing))
        field.data = ""


def line(longest: int, missing: object | None = None) -> Cleaned:
    """Return the check of one line of text; `missing` is what to say when it must not be empty."""
    return Cleaned(lambda typed: clean_line(typed, longest), missing)


def words(longest: int, missing: object | None = None) -> Cleaned:
    """Return the check of a text of several lines."""
    return Cleaned(lambda typed: clean_text(typed, longest), missing)


def email_address(missing: object | None = None) -> Cleaned:
    """Return the check of exactly one email address; `missing` is what to say when there must be one."""
    return Cleaned(clean_email, missing)


def phone_number(missing: object | None = None) -> Cleaned:
    """Return the check of one phone number, which comes out as people write it."""
    return Cleaned(clean_phone, missing)
