"""How the office's pages say what became of a message, and show its words without the keys in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import SQLAlchemyError

from booking.messages.letters import Composed, Letter, NoLongerTrue
from booking.models.kinds import CallOutcome, Channel, MessageKind, MessageState
from booking.queries.outgoing import OneMessage
from booking.rules import answers
from booking.rules.faults import N_

_SIGNS_IN = (MessageKind.CONFIRM_EMAIL, MessageKind.SIGN_IN, MessageKind.CHANGE_EMAIL)
# A long last part of an address of ours is a key that opens something in her name.
_KEYS = re.compile(r"(https?://[^\s<>\"]*?/)[A-Za-z0-9_.~=-]{24,}")
_WHYS = {
    "by the office": _l("The office withdrew it."),
    "sent again": _l("The office sent it again in its stead."),
    "overtaken": _l("Something changed since, so it would no longer be true."),
    "too late": _l("It would have come too late."),
    "reminded that morning": _l("Their reminder on the day itself goes instead."),
    "over": _l("The session is over."),
    "told already": _l("They know it already."),
    "not to be written to": _l("They are not to be written to."),
    "not wished for": _l("They don't wish for it."),
    "no place any more": _l("They have no place there any more."),
    "by another channel": _l("They are reached another way now."),
    "no address": _l("There is no address to write to."),
    "link used": _l("Its link has been used."),
    "link too old": _l("Its link is too old."),
    "nothing differs from what she was told": _l("Nothing differs from what they were told."),
    CallOutcome.NOT_NEEDED.value: _l("Whoever called said that it is no longer needed."),
    CallOutcome.NO_ANSWER.value: _l("Nobody answered."),
    CallOutcome.TRY_AGAIN.value: _l("They asked to be tried again."),
    "came back": _l("Letters to them come back, so somebody calls."),
}


_ANSWERS = (
    (answers.NO_ANSWER, N_("%(who)s does not answer")),
    (answers.UNTRUSTED, N_("The way to it is not safe: its certificate is not to be trusted")),
    (answers.SET_UP, N_("%(who)s does not let us in: please tell whoever looks after the service")),
    (answers.NOT_TAKEN, N_("%(who)s takes nothing for this address")),
    (answers.FULL, N_("Their mailbox is full, or the letter is too large for it")),
)
# What was due before they booked is too late while its session is still ahead.
_SAID_ALREADY = _l("They booked after it was due, so their confirmation said the same.")
_ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
# The lines of each paragraph.
Paragraphs = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Words:
    """What a message says today; `why_not` where it would not be sent, or may not be shown."""

    subject: str = ""
    paragraphs: Paragraphs = ()
    why_not: str = ""


def why(state: MessageState, reason: str, channel: Channel = Channel.EMAIL) -> str:
    """Say in a sentence why a message stands where it does, whatever the other side answered."""
    if reason in _WHYS:
        return str(_WHYS[reason])
    if reason.startswith("came back "):
        return str(_("It came back: %(code)s.", code=reason.removeprefix("came back ")))
    if not reason:
        return ""
    if state in (MessageState.FAILED, MessageState.WAITING, MessageState.SENDING):
        return _answered(
            reason, _("The text message service") if channel is Channel.TEXT else _("The mail server")
        )
    return str(_("It was no longer true: %(why)s.", why=reason))


def _answered(reason: str, who: str) -> str:
    """Say what the other side answered, a code beside it for whoever looks after the service."""
    code = reason.removesuffix(" to all")
    known = next((words for reasons, words in _ANSWERS if code in reasons), None)
    if known is not None:
        said = _(known, who=who)
    elif reason.startswith("unwritable: "):
        said, code = _("It could not be written"), reason.removeprefix("unwritable: ")
    elif code != reason:
        said = _("%(who)s takes nothing from us at present", who=who)
    elif code.isdigit() and code.startswith("4"):
        said = _("%(who)s asked us to try again later", who=who)
    elif code.isdigit():
        said = _("%(who)s refused it", who=who)
    else:
        said = _("Something went wrong on the way")
    return f"{said} ({code})." if code.isdigit() or known is None else f"{said}."


def words_today(found: OneMessage, compose: Callable[[], Composed], now: datetime) -> Words:
    """Write a message from today's rows, to be looked at. A letter that signs somebody in is never shown."""
    row = found.row
    # Writing the words lets go of the row.
    is_text, has_left = row.channel is Channel.TEXT, row.state not in _ON_ITS_WAY
    is_over = row.useless_at is not None and row.useless_at <= now
    if row.kind in _SIGNS_IN:
        return Words(why_not=str(_("It holds a link that signs them in, so its words are theirs alone.")))
    try:
        composed = compose()
    except SQLAlchemyError:
        raise
    except Exception as fault:
        # A row that nobody can write about is shown all the same, with the fault's name.
        return Words(why_not=str(_("It can't be written: %(fault)s.", fault=type(fault).__name__)))
    if isinstance(composed, Letter) and is_text:
        return _as_text(composed.short)
    if isinstance(composed, Letter):
        return Words(_without_keys(composed.subject), _paragraphs(_without_keys(composed.text)))
    reason = why(MessageState.WITHDRAWN, composed.why)
    if isinstance(composed, NoLongerTrue) and has_left:
        if composed.why == "too late":
            reason = str(_("Its time is over.") if is_over else _SAID_ALREADY)
        # The office may still send it again, so nothing is said of that here.
        reason = str(_("Nothing would be written by itself now. %(why)s", why=reason))
    elif isinstance(composed, NoLongerTrue):
        reason = str(_("It would not be sent now. %(why)s", why=reason))
    return Words(why_not=reason)


def _as_text(short: str) -> Words:
    """Show what stands in a text message, which has no subject."""
    if not short:
        return Words(why_not=str(_("There are no words for a text message about this.")))
    return Words(str(_("Text message")), _paragraphs(_without_keys(short)))


def on_paper(compose: Callable[[], Composed]) -> Paragraphs:
    """Return the paragraphs of a letter to print, or none where it can't be written: the others still are."""
    try:
        composed = compose()
    except SQLAlchemyError:
        raise
    except Exception:
        return ()
    return _paragraphs(composed.text) if isinstance(composed, Letter) else ()


def _paragraphs(text: str) -> Paragraphs:
    blocks = (block.strip("\n") for block in re.split(r"\n\s*\n", text.strip()))
    return tuple(tuple(block.split("\n")) for block in blocks if block)


def _without_keys(text: str) -> str:
    return _KEYS.sub(lambda found: f"{found.group(1)}…", text)
