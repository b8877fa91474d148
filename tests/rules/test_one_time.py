"""Six digits and recovery codes: right for one moment, one person and one secret."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from booking.rules import one_time

NOW = datetime(2026, 11, 22, 10, 0, 10, tzinfo=UTC)
KEY = one_time.setup_key("secret", 7, "nonce")


def test_the_digits_are_those_of_rfc_6238() -> None:
    # The key and the instants of its appendix B, of which an app shows the last six digits.
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    spoken = [one_time.code_at(key, seconds // 30) for seconds in (59, 1111111109, 1234567890, 20000000000)]
    assert spoken == ["287082", "081804", "005924", "353130"]


def test_every_app_shows_what_we_expect() -> None:
    assert one_time.code_at(KEY, one_time.step_at(NOW)) == pyotp.TOTP(KEY).at(NOW)
    assert len(KEY) == 32


def test_another_person_nonce_or_secret_is_another_key() -> None:
    others = [("secret", 8, "nonce"), ("secret", 7, "other"), ("other", 7, "nonce")]
    assert len({KEY, *[one_time.setup_key(*facts) for facts in others]}) == 4
    with pytest.raises(ValueError, match="secret"):
        one_time.setup_key("", 7, "nonce")


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_clock_may_be_one_step_off_each_way(steps: int, fits: bool) -> None:
    here = one_time.step_at(NOW)
    found = one_time.fitting_step([KEY], one_time.code_at(KEY, here + steps), NOW, 0)
    assert found == (here + steps if fits else None)


def test_a_step_that_was_taken_fits_no_more() -> None:
    here = one_time.step_at(NOW)
    code = one_time.code_at(KEY, here)
    assert one_time.fitting_step([KEY], code, NOW, here) is None
    assert one_time.fitting_step([KEY], code, NOW, here - 1) == here
    later = NOW + timedelta(seconds=30)
    assert one_time.fitting_step([KEY], code, later, here) is None


@pytest.mark.parametrize("typed", ["", "12345", "000000x", "☕", "١٢٣٤٥٦", "9" * 500])
def test_what_is_no_code_fits_never(typed: str) -> None:
    assert one_time.fitting_step([KEY], typed, NOW, 0) is None


def test_digits_may_be_typed_in_groups_and_in_full_width() -> None:
    code = one_time.code_at(KEY, one_time.step_at(NOW))
    wide = code.translate({ord("0") + number: chr(ord("０") + number) for number in range(10)})
    for typed in (f"{code[:3]} {code[3:]}", f"{code[:3]}-{code[3:]}", wide):
        assert one_time.fitting_step([KEY], typed, NOW, 0) is not None


def test_an_app_outlives_a_change_of_the_secret() -> None:
    keys = [one_time.setup_key(secret, 7, "nonce") for secret in ("new", "secret")]
    code = one_time.code_at(KEY, one_time.step_at(NOW))
    assert one_time.fitting_step(keys, code, NOW, 0) is not None
    assert one_time.fitting_step(keys[:1], code, NOW, 0) is None


def test_a_recovery_code_reads_well_and_is_forgiving() -> None:
    code = one_time.recovery_code("secret", 3, "nonce")
    assert [len(group) for group in code.split("-")] == [4, 4, 4]
    assert not set(code) & set("ilou")
    misread = code.replace("0", "o").replace("1", "l")
    for typed in (code, code.upper(), code.replace("-", ""), f" {code.replace('-', ' ')} ", misread):
        assert one_time.recovery_code_fits(["new", "secret"], 3, "nonce", typed)


@pytest.mark.parametrize("typed", ["", "k7qp-3m2x-9hdw", "☕", "x" * 500])
def test_what_is_no_recovery_code_fits_never(typed: str) -> None:
    assert not one_time.recovery_code_fits(["secret"], 3, "nonce", typed)


def test_a_recovery_code_is_of_one_row_and_one_secret() -> None:
    code = one_time.recovery_code("secret", 3, "nonce")
    assert not one_time.recovery_code_fits(["secret"], 4, "nonce", code)
    assert not one_time.recovery_code_fits(["secret"], 3, "other", code)
    assert not one_time.recovery_code_fits(["other"], 3, "nonce", code)


def test_the_picture_holds_no_style_and_the_key_is_read_in_fours() -> None:
    address = one_time.app_address(KEY, "Ada", "Example")
    drawn = one_time.picture(address, "A square")
    assert address.startswith("otpauth://totp/Example:Ada?secret=")
    assert "<title>A square</title>" in drawn
    assert "style" not in drawn
    assert one_time.in_groups("abcdefgh") == "abcd efgh"
