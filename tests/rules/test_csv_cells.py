import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.csv_cells import safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+44 7700", "-1", "@sum", "\t=1", "\r=1", "\n=1", " =1+1", "＝1+1", "\xa0=1"]
)
def test_a_formula_becomes_words(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Ann", "O'Neill", "1 = 1", "ann@example.org", "Zoë – Ben", "👩"])
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_a_hidden_nul_saves_no_formula() -> None:
    assert safe_cell("\0=1+1") == "'=1+1"


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=20))
def test_no_cell_ever_begins_a_formula(text: str) -> None:
    assert not safe_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
