"""Form widgets: GOV.UK's, with the wiring that error links, screen readers and browsers' autofill rely on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from govuk_frontend_wtf import wtforms_widgets as govuk
from wtforms import Field
from wtforms import SelectChoice as _Choice  # type: ignore[attr-defined]  # Newer than its published types.

Params = dict[str, Any]


def options(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Return the choices of a field from values and the words for them."""
    return [_Choice(value, words) for value, words in pairs]


class _Wired:
    """Says that a field is wrong; a class or a describedby from `render_kw` stands once, not twice."""

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        classes = kwargs.pop("class", None)
        described_by = kwargs.pop("aria-describedby", None)
        # The mixin above has no types, so its method is unknown to the checker.
        params: Params = super().map_gov_params(field, **kwargs)  # type: ignore[misc]
        if classes:
            params["classes"] = f"{params.get('classes', '')} {classes}".strip()
        if described_by:
            params["describedBy"] = described_by
        if field.errors:
            params["attributes"]["aria-invalid"] = "true"
        return params


class GovTextInput(_Wired, govuk.GovTextInput):
    """A line of text; `autocomplete` is the purpose that browsers fill in, such as "name"."""

    input_type = "text"
    input_mode: str | None = None
    spellcheck: bool | None = None

    def __init__(self, autocomplete: str | None = None) -> None:
        super().__init__()
        self.autocomplete = autocomplete

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        kwargs.setdefault("autocomplete", self.autocomplete)
        attributes = {"autocomplete": kwargs.pop("autocomplete"), "inputmode": self.input_mode}
        params = super().map_gov_params(field, **kwargs)
        params.update({name: value for name, value in attributes.items() if value})
        if self.spellcheck is not None:
            params.setdefault("spellcheck", self.spellcheck)
        return params


class GovEmailInput(GovTextInput):
    """An email address, with the keyboard that has an @."""

    input_type = "email"
    spellcheck = False

    def __init__(self, autocomplete: str | None = "email") -> None:
        super().__init__(autocomplete)


class GovUrlInput(GovTextInput):
    """A web address: the keyboard with a slash, and no browser's own check, which knows fewer than we do."""

    input_mode = "url"
    spellcheck = False


class GovTelInput(GovTextInput):
    """A phone number, with the keyboard of digits."""

    input_type = "tel"

    def __init__(self, autocomplete: str | None = "tel") -> None:
        super().__init__(autocomplete)


class GovDigitsInput(GovTextInput):
    """A code of digits, with the keyboard of digits, filled in by phones that know it."""

    input_mode = "numeric"
    spellcheck = False

    def __init__(self, autocomplete: str | None = "one-time-code") -> None:
        super().__init__(autocomplete)

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        params = super().map_gov_params(field, **kwargs)
        params.setdefault("classes", "govuk-input--width-10")
        return params


class GovPasswordInput(_Wired, govuk.GovPasswordInput):
    """A password, never sent back to the page; with scripts there is a button that shows it."""

    def __init__(self, autocomplete: str) -> None:
        super().__init__()
        self.autocomplete = autocomplete

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        params: Params = super().map_gov_params(field, **kwargs)
        params["autocomplete"] = self.autocomplete
        words = {
            "showPasswordText": _("Show"),
            "hidePasswordText": _("Hide"),
            "showPasswordAriaLabelText": _("Show password"),
            "hidePasswordAriaLabelText": _("Hide password"),
            "passwordShownAnnouncementText": _("Your password is visible"),
            "passwordHiddenAnnouncementText": _("Your password is hidden"),
        }
        return params | words


class GovTimeInput(GovTextInput):
    """A time of day, in the browser's own picker."""

    input_type = "time"

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        params = super().map_gov_params(field, **kwargs)
        params.setdefault("classes", "input--time")
        return params


class GovSearchInput(GovTextInput):
    """Words to look for."""

    input_type = "search"


class GovFileInput(_Wired, govuk.GovFileInput):
    """A file to send; its form needs enctype="multipart/form-data"."""


class GovTextArea(_Wired, govuk.GovTextArea):
    """Several lines of text."""


class GovSelect(_Wired, govuk.GovSelect):
    """One of a list that folds away."""


class _Choices:
    """Gives the first choice the field's id, and leaves out the hint that would be said as nothing."""

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        # The mixin above has no types, so its method is unknown to the checker.
        params: Params = super().map_gov_params(field, **kwargs)  # type: ignore[misc]
        params["idPrefix"] = field.id
        if not field.description:
            del params["hint"]
        return params


class GovRadioInput(_Choices, govuk.GovRadioInput):
    """One of a few."""


class GovCheckboxesInput(_Choices, govuk.GovCheckboxesInput):
    """Any of a few."""


class GovCheckboxInput(_Choices, govuk.GovCheckboxInput):
    """Yes or not."""


class GovSubmitInput(govuk.GovSubmitInput):
    """The button of a form; a second press within a second is not sent."""

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        params: Params = super().map_gov_params(field, **kwargs)
        params.setdefault("preventDoubleClick", True)
        return params


class GovDateInput(govuk.GovDateInput):
    """Day, month and year in three boxes; the day box has the field's id, where the error summary leads."""

    def map_gov_params(self, field: Field, **kwargs: Any) -> Params:
        typed = list(field.raw_data or [])
        boxes = self._boxes(field, typed)
        # The parent unpacks raw_data into exactly three, and a tampered form would be a fault there.
        kwargs["params"] = {**kwargs.get("params", {}), "items": boxes}
        raw, field.raw_data = field.raw_data, None
        try:
            params: Params = super().map_gov_params(field, **kwargs)
        finally:
            field.raw_data = raw
        # The group around the boxes must not bear the id that the day box now has.
        params["id"] = f"{field.id}-date"
        return params

    def _boxes(self, field: Field, typed: list[Any]) -> list[Params]:
        if typed:
            values = [str(value) for value in (typed + ["", "", ""])[:3]]
        elif field.data:
            values = [str(field.data.day), str(field.data.month), str(field.data.year)]
        else:
            values = ["", "", ""]
        labels = ((_("Day"), "", 2), (_("Month"), "-month", 2), (_("Year"), "-year", 4))
        return [
            self._box(field, label, f"{field.id}{suffix}", width, value)
            for (label, suffix, width), value in zip(labels, values, strict=True)
        ]

    def _box(self, field: Field, label: str, box_id: str, width: int, value: str) -> Params:
        error = " govuk-input--error" if field.errors else ""
        return {
            "label": label,
            "id": box_id,
            "name": field.name,
            "classes": f"govuk-input--width-{width}{error}",
            "value": value,
            "attributes": {"aria-invalid": "true"} if field.errors else {},
        }
