"""What a browser would send for a page as it stands."""

from html.parser import HTMLParser

from werkzeug.test import TestResponse

Fields = dict[str, list[str]]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: Fields = {}
        self._select: str | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "select":
            self._select = name
            self.found.setdefault(name, [""])
        elif tag == "option" and self._select and "selected" in said:
            self.found[self._select] = [value]
        elif tag == "textarea":
            self._area = name
            self.found[name] = [""]
        elif tag == "input" and name and (said.get("type") not in ("radio", "checkbox") or "checked" in said):
            self.found.setdefault(name, []).append(value)

    def handle_endtag(self, tag: str) -> None:
        self._select = None if tag == "select" else self._select
        self._area = None if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.found[self._area][0] += data.removeprefix("\r").removeprefix("\n")


def filled_in(page: TestResponse) -> Fields:
    """Return the fields of all forms in the middle of a page, without the token and the buttons."""
    reader = _Reader()
    reader.feed(page.text.split("<main")[1].split("</main>")[0])
    reader.found.pop("csrf_token", None)
    return reader.found
