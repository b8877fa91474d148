"""An envelope sender for each letter, so that one that comes back says by itself which letter it was."""

import re

# "m.<32 hex digits>" is the part of a Message-ID that is ours alone, whatever our host is called.
_OURS = re.compile(r"<?m\.([0-9a-f]{32})@[^<>@\s]*>?", re.ASCII)
_MARK = re.compile(r"[0-9a-f]{32}", re.ASCII)
_LONGEST_LOCAL_PART = 64
LONGEST_LOCAL_PART = _LONGEST_LOCAL_PART - len("+") - 32


def bounce_address(base: str, message_id: str) -> str:
    """Return the address to which a letter comes back, such as bounces+0123…@example.org.

    Refuses: as a ValueError, a Message-ID that is not one of ours, and an address without room for it.
    """
    mark, (local, at, domain) = mark_of(message_id), base.rpartition("@")
    if mark is None or not at or len(local) > LONGEST_LOCAL_PART:
        raise ValueError("no bounce address can be made of these")
    return f"{local}+{mark}{at}{domain}"


def message_id_of(base: str, address: str) -> str | None:
    """Return how the Message-ID begins of the letter that came back to this address, or None.

    Units: "<m.0123…@", which is the beginning of `Message.message_id` and of no other row's.
    """
    local, _at, domain = address.strip().strip("<>").rpartition("@")
    before, _plus, mark = local.rpartition("+")
    ours, _at, ours_domain = base.rpartition("@")
    if not ours or (before.casefold(), domain.casefold()) != (ours.casefold(), ours_domain.casefold()):
        return None
    # Servers on the way may change the case of an address.
    mark = mark.casefold()
    return f"<m.{mark}@" if _MARK.fullmatch(mark) else None


def mark_of(message_id: str) -> str | None:
    """Return the 32 hex digits of a Message-ID of ours; None if it is somebody else's."""
    found = _OURS.fullmatch(message_id.strip())
    return found.group(1) if found else None
