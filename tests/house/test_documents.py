"""What the documents name is there."""

import re

import pytest

from tests.house.sources import ROOT

_NAMED = re.compile(
    r"`((?:tests|docs|booking|bench|deploy|templates|assets)/[^`\s]*|[A-Za-z-]+\.(?:md|txt|py))`"
)


@pytest.mark.parametrize(
    "name", ["SECURITY.md", "CONTRIBUTING.md", "docs/asvs.md", "docs/planning.md", "docs/privacy.md"]
)
def test_every_file_that_a_document_names_is_there(name: str) -> None:
    named = set(_NAMED.findall((ROOT / name).read_text(encoding="utf-8")))
    assert named
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_every_requirement_stands_in_the_table_once_and_every_deviation_has_its_reason() -> None:
    words = (ROOT / "docs/asvs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (V[\d.–]+) \| (met|host|deviates) \|", words, re.MULTILINE)
    numbers = [number for number, _ in rows]
    reasons = re.findall(r"^\| (V[\d.]+) \| (?!met|host|deviates)", words.split("## V1 ")[0], re.MULTILINE)
    assert len(numbers) == len(set(numbers)) > 150
    assert {number for number, state in rows if state == "deviates"} <= set(reasons)
