"""The words people agreed to: each version is there for ever, and none is changed after it landed."""

from hashlib import sha256

from flask import Flask, render_template
from flask.testing import FlaskClient

from booking.models.kinds import ConsentPurpose
from booking.rules.wordings import CURRENT, template_of
from tests.house.sources import ROOT
from tests.support.builders import Builders
from tests.support.pages import words

# A new text is a new file with a line of its own here; a line that stands here is never touched again.
LANDED = {
    "wordings/equality/2026-11.html": "de7334902e1a97076ff400747470c65c2d0026d73cf424385f6a24dc8d477486",
    "wordings/ground_rules/2026-11.html": "c347e6de234ec37b9719ea0c75004cfe53395cfa074fc9e79ef4ef60d2dee2ac",
    "wordings/keep_details/2026-11.html": "680935b2e20e8e22267ad69d481077fe8c5b20255b0c7ac403727bf1a774aeaa",
    "wordings/keep_details/2026-12.html": "c73020bb69d9805e908a278385b6a939be8cebdb63d6698faa0a10f03e49aadb",
    "wordings/movement/2026-11.html": "2a4c3ebc9c2f0911516e424df4ed6975d32a846b4b272a70ce216c5947505bed",
    "wordings/news/2026-11.html": "740585abcceaba4b803f1ef2c926eb2746d747de4bbc3e8830d12079d30d6b21",
    "wordings/photos/2026-11.html": "f802968a9f86cef97096db1f7b5023c123c3d33bd08e4601aaad9789ff257bb5",
}
FOLDER = ROOT / "templates"


def digests() -> dict[str, str]:
    files = sorted((FOLDER / "wordings").rglob("*.html"))
    return {file.relative_to(FOLDER).as_posix(): sha256(file.read_bytes()).hexdigest() for file in files}


def test_no_wording_is_changed_lost_or_added_in_silence() -> None:
    assert digests() == LANDED


def test_every_purpose_has_words_for_today() -> None:
    assert set(CURRENT) == {purpose.value for purpose in ConsentPurpose}
    for purpose, version in CURRENT.items():
        assert template_of(purpose, version) in LANDED


def test_every_wording_can_be_shown(app: Flask) -> None:
    with app.test_request_context("/"):
        for name in LANDED:
            assert len(render_template(name)) > 200, name


def test_the_first_consent_says_what_a_host_can_look_up(client: FlaskClient, make: Builders) -> None:
    for path in ("/register", f"/sessions/{make.session()}/book"):
        page = words(client.get(path))
        assert "full name, phone number, email address and emergency contact" in page
        assert "Each look is noted" in page
        assert "nothing else" not in page.partition("What we keep")[2]
