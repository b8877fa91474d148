"""What people type about themselves, tidied: email addresses, phone numbers, names, longer words."""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from booking.rules.faults import N_, Fault

_LONGEST_EMAIL = 254
_LONGEST_PHONE = 40
_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
# Marks that turn the direction of text around, and characters without any width.
_HIDDEN = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
# The joiners have no width either, but Persian names and many emoji are wrong without them: they stay
# inside a word, once, and go everywhere else.
_STRAY_JOINERS = re.compile(
    "(?<!\\S)[\u200c\u200d]+|[\u200c\u200d]+(?!\\S)|(?<=[\u200c\u200d])[\u200c\u200d]+"
)
_SPACES = re.compile(r"\s+")
_SPACES_IN_LINE = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_UNFIT = frozenset({"Cc", "Cs"})
_HEADER_SIGNS = frozenset('@,;:<>()[]"\\ ')


class NotAnEmailAddress(Fault):
    """Something that is not exactly one email address."""

    field = "email"


class NotAPhoneNumber(Fault):
    """Something that nobody could call."""

    field = "phone"


class TooLong(Fault):
    """More words than there is room for."""


def clean_email(text: str) -> str:
    """Return one email address as it was written, without the spaces around it.

    Refuses: nothing, two addresses, line breaks, NUL, more than 254 characters, and what no server takes.
    """
    written = text.strip(" \t")
    example = N_("Enter an email address in the correct format, like name@example.com")
    if not written:
        raise NotAnEmailAddress(N_("Enter your email address"))
    if len(written) > _LONGEST_EMAIL or len(written.encode(errors="replace")) > _LONGEST_EMAIL:
        raise NotAnEmailAddress(N_("Email address must be 254 characters or fewer"))
    try:
        found = _valid(written)
    except (EmailNotValidError, UnicodeError):
        raise NotAnEmailAddress(example) from None
    # A wide "＠" or "，" would become a real one where a server normalises the address.
    if _HEADER_SIGNS.intersection(unicodedata.normalize("NFKC", found.local_part)):
        raise NotAnEmailAddress(example)
    return written


def one_address(text: str) -> str:
    """Return one address as a mail server takes it, its domain in ASCII.

    Refuses: as a ValueError, two addresses in one field, line breaks, and what is no address.
    """
    local, _at, domain = clean_email(text).rpartition("@")
    return f"{local}@{_valid(f'x@{domain}').ascii_domain}"


def sender_address(text: str) -> str:
    """Return the address letters come from, as every mail server takes it.

    Refuses: as a ValueError, what is not one address, and one that not every server can read.
    """
    address = one_address(text)
    if not address.isascii():
        raise NotAnEmailAddress(N_("Enter an email address in the correct format, like name@example.com"))
    return address


def email_key(text: str) -> str:
    """Return what all spellings of one address have in common: case, Unicode form, form of the domain."""
    # Only the part before the sign is folded: ß and ss are one person's name, but two domains.
    local, at, domain = unicodedata.normalize("NFKC", text).strip().rpartition("@")
    if not at:
        return _folded(domain)
    try:
        domain = _valid(f"x@{domain}").ascii_domain
    except (EmailNotValidError, UnicodeError):
        domain = _folded(domain)
    return f"{_folded(local)}@{domain}"


def same_mailbox(one: str, other: str) -> bool:
    """Say whether two spellings surely lead to one mailbox: only case may differ before the sign.

    `email_key` forgives more, so that nobody has two accounts by a slip; what is proven by a letter is
    the mailbox that the letter went to, and gross@ and groß@ are two people's.
    """
    (local, _, domain), (other_local, _, other_domain) = one.rpartition("@"), other.rpartition("@")
    alike = unicodedata.normalize("NFC", local).lower() == unicodedata.normalize("NFC", other_local).lower()
    return alike and email_key(f"x@{domain}") == email_key(f"x@{other_domain}")


def clean_phone(text: str) -> str:
    """Return a phone number as people write it: "07700 900123", "+353 85 012 3456".

    Units: a number without a country is a British one.
    Refuses: what nobody could call.
    """
    number = _phone_of(text)
    style = phonenumbers.PhoneNumberFormat
    at_home = number.country_code == 44
    return phonenumbers.format_number(number, style.NATIONAL if at_home else style.INTERNATIONAL)


def phone_key(text: str) -> str:
    """Return what all spellings of one phone number have in common.

    Units: E.164, such as +447700900123.
    Refuses: what nobody could call.
    """
    return phonenumbers.format_number(_phone_of(text), phonenumbers.PhoneNumberFormat.E164)


def may_be_mobile(text: str) -> bool:
    """Say whether a phone number may take text messages: what is surely a landline does not."""
    try:
        number = _phone_of(text)
    except NotAPhoneNumber:
        return False
    kind, kinds = phonenumbers.number_type(number), phonenumbers.PhoneNumberType
    if kind == kinds.UNKNOWN:
        # A range that opened last month; in Britain mobile numbers begin with a 7, and no others do.
        return number.country_code != 44 or str(number.national_number).startswith("7")
    return kind in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE)


def one_line(text: str) -> str:
    """Return a text on one line: no control characters, nothing hidden, single spaces, composed accents.

    Mail programs read "=?…?=" in a header as words in disguise, line breaks and all: it is taken apart.
    """
    said = _SPACES.sub(" ", _visible(_LINE_ENDS.sub(" ", text).replace("\t", " "))).strip()
    return said.replace("=?", "= ?")


def clean_line(text: str, longest: int) -> str:
    """Return a text on one line, for names, titles and whatever may reach a header.

    Units: characters, counted after cleaning.
    Refuses: more than the longest.
    """
    return _not_longer(one_line(text), longest)


def clean_text(text: str, longest: int) -> str:
    """Return a text of several lines, with no control characters and at most one empty line in a row.

    Units: characters, counted after cleaning.
    Refuses: more than the longest.
    """
    lines = _visible(_LINE_ENDS.sub("\n", text).replace("\t", " "), keep="\n").split("\n")
    tidy = "\n".join(_SPACES_IN_LINE.sub(" ", line).strip() for line in lines)
    return _not_longer(_EMPTY_LINES.sub("\n\n", tidy).strip(), longest)


def _valid(written: str) -> ValidatedEmail:
    """Check the shape alone. The domain kept for tests passes: refusing it would keep out only testers."""
    return validate_email(written, check_deliverability=False, test_environment=True)


def _visible(text: str, keep: str = "") -> str:
    if text.isascii() and text.isprintable():
        # Most text is plain, and every letter asks this of a score of lines.
        return text
    kept = "".join(char for char in text if char in keep or unicodedata.category(char) not in _UNFIT)
    return unicodedata.normalize("NFC", _STRAY_JOINERS.sub("", _HIDDEN.sub("", kept)))


def _not_longer(text: str, longest: int) -> str:
    if len(text) > longest:
        raise TooLong(N_("Must be %(longest)s characters or fewer"), longest=longest)
    return text


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()


def _phone_of(text: str) -> phonenumbers.PhoneNumber:
    written = text.strip()
    if not written:
        raise NotAPhoneNumber(N_("Enter a phone number"))
    try:
        number = phonenumbers.parse(written[: _LONGEST_PHONE + 1], "GB")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or len(written) > _LONGEST_PHONE or not _can_be_called(number):
        raise NotAPhoneNumber(
            N_("Enter a phone number, like 020 7946 0123, 07700 900123 or +353 85 012 3456")
        )
    return number


def _can_be_called(number: phonenumbers.PhoneNumber) -> bool:
    # "Possible" rather than "valid": a number range that opened last month must not lock anybody out.
    # In Britain the shortest possible ones lack their area code, or are not a person's.
    whole = phonenumbers.national_significant_number(number)
    return phonenumbers.is_possible_number(number) and (number.country_code != 44 or len(whole) >= 9)
