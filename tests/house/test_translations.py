"""Translators find the sentences: those of the pages, the forms, the letters and the polite noes."""

import io

from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from tests.house.sources import ROOT

KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "_l": None, "N_": None}
SAMPLES = {
    "Book a place",  # a template
    "Enter your email address",  # a form
    "Booking for this session has closed.",  # a refusal
    "There is no time zone called “%(zone)s”.",  # a pure rule
}


def test_every_kind_of_sentence_is_found_for_the_translators() -> None:
    mapping, options = parse_mapping_cfg(io.StringIO((ROOT / "translations/babel.cfg").read_text()))
    found = extract_from_dir(ROOT, mapping, options, keywords=KEYWORDS)
    assert {sentence for _file, _line, sentence, *_ in found if isinstance(sentence, str)} >= SAMPLES
