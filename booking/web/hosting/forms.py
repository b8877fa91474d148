"""What a host writes down about somebody who walked in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, StringField, ValidationError

from booking.queries.rota import FamiliarFace
from booking.rules.addresses import TooLong, clean_line
from booking.rules.tokens import new_nonce
from booking.web.widgets import GovSelect, GovTextInput

LONGEST_NAME = 100


class WalkInForm(FlaskForm):
    """One of three ways: a familiar face, a first name, or one more person."""

    way = HiddenField()
    # One for each opened form: the same form sent twice adds one person.
    token = HiddenField(default=new_nonce)
    person = SelectField(_l("Choose a person"), widget=GovSelect(), validate_choice=False)
    first_name = StringField(
        _l("First name"),
        description=_l("Only a first name. Ask before you write it down."),
        widget=GovTextInput(autocomplete="off"),
    )

    def offer(self, faces: list[FamiliarFace]) -> None:
        """Offer these people and nobody else."""
        self._offered = {str(face.person_id) for face in faces}
        named = [(str(face.person_id), face.name) for face in faces]
        self.person.choices = [("", _l("Choose a name")), *named]

    @property
    def person_id(self) -> int | None:
        """Return whose button was pressed; only the familiar way names a person."""
        return int(self.person.data) if self.way.data == "familiar" else None

    @property
    def typed_name(self) -> str:
        """Return the first name, if that was the way."""
        return clean_line(self.first_name.data or "", LONGEST_NAME) if self.way.data == "named" else ""

    def validate_person(self, field: SelectField) -> None:
        """Refuse a face that was not offered."""
        if self.way.data == "familiar" and field.data not in self._offered:
            raise ValidationError(_l("Choose a name from the list."))

    def validate_first_name(self, field: StringField) -> None:
        """Refuse no name, and one that no list could hold."""
        if self.way.data != "named":
            return
        try:
            name = clean_line(field.data or "", LONGEST_NAME)
        except TooLong:
            raise ValidationError(_l("First name must be 100 characters or fewer.")) from None
        if not name:
            raise ValidationError(_l("Write a first name, or choose One more person."))
