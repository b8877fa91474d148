"""The polite noes of the pure rules: a sentence with its values kept apart, so that web can translate it."""

from booking.refusals import Refusal


def N_(sentence: str) -> str:
    """Mark a sentence for the translators without translating it here, where no request exists."""
    return sentence


class Fault(Refusal, ValueError):
    """Something written that cannot be understood; `template` and `values` make its sentence."""

    def __init__(self, template: str, *, field: str | None = None, **values: object) -> None:
        self.template = template
        self.values = values
        super().__init__(template % values if values else template, field=field)
