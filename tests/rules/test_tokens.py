import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.rules.tokens import make_token, new_nonce, row_id_of, token_fits

SECRET, OLDER, NONCE = "secret" * 6, "older" * 7, "nonce-of-a-row"
IDS = st.integers(1, 2**31 - 1)


def test_a_retry_writes_the_same_link() -> None:
    token = make_token(SECRET, "confirm", 42, NONCE)
    assert token == make_token(SECRET, "confirm", 42, NONCE)
    assert token.startswith("16.")
    assert len(token) == 30


@settings(max_examples=50, deadline=None)
@given(IDS, st.text(max_size=20))
def test_a_token_fits_its_own_row(row_id: int, nonce: str) -> None:
    token = make_token(SECRET, "join", row_id, nonce)
    assert row_id_of(token) == row_id
    assert token_fits([SECRET], "join", row_id, nonce, token)


def test_a_token_fits_no_other_row_purpose_nonce_or_secret() -> None:
    token = make_token(SECRET, "join", 42, NONCE)
    assert not token_fits([SECRET], "join", 43, NONCE, token)
    assert not token_fits([SECRET], "calendar", 42, NONCE, token)
    assert not token_fits([SECRET], "join", 42, "another", token)
    assert not token_fits([OLDER], "join", 42, NONCE, token)
    assert not token_fits([], "join", 42, NONCE, token)


def test_an_old_link_works_after_the_key_was_changed() -> None:
    token = make_token(OLDER, "sign_in", 42, NONCE)
    assert token_fits([SECRET, OLDER], "sign_in", 42, NONCE, token)


@settings(max_examples=50, deadline=None)
@given(IDS, st.integers(0, 29), st.characters())
def test_a_token_changed_in_one_place_fits_no_more(row_id: int, place: int, char: str) -> None:
    token = make_token(SECRET, "join", row_id, NONCE)
    changed = token[:place] + char + token[place + 1 :]
    assert changed == token or not token_fits([SECRET], "join", row_id, NONCE, changed)


@pytest.mark.parametrize(
    "text", ["", ".", "16", "é.x", "0.", "016.", "-1.", "zzzzzz.", "1" * 10_000, "\0.", "１."]
)
def test_garbage_speaks_of_no_row(text: str) -> None:
    for token in (text, text + "A" * 27, text + "A" * 27 + "\n"):
        assert row_id_of(token) is None
        assert not token_fits([SECRET], "join", 42, NONCE, token)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_whatever_stands_in_an_address_is_read_without_a_fault(text: str) -> None:
    assert row_id_of(text) is None
    assert not token_fits([SECRET], "join", 1, NONCE, text)


def test_a_token_without_a_secret_or_a_row_is_a_fault() -> None:
    for secret, row_id in (("", 1), (SECRET, 0), (SECRET, -1), (SECRET, 2**31)):
        with pytest.raises(ValueError, match="a token needs"):
            make_token(secret, "join", row_id, NONCE)


def test_two_nonces_are_never_the_same() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100
