"""What every polite no has: one sentence for the reader, and the field it belongs to."""

from flask_babel import lazy_gettext as _l


class Refusal(Exception):
    """An expected no. `sentence` is for the reader; `field` names the form field it belongs to."""

    sentence: object = _l("Sorry, that did not work.")
    field: str | None = None

    def __init__(self, sentence: object | None = None, *, field: str | None = None) -> None:
        if sentence is not None:
            self.sentence = sentence
        if field is not None:
            self.field = field
        super().__init__(type(self).__name__)

    def __str__(self) -> str:
        return str(self.sentence)


class NotFound(Refusal):
    """There is no such thing, or it is not hers: the same answer to both."""

    sentence = _l("We could not find that.")
