"""The history of a record in plain words: what the audit calls each deed, as somebody would say it."""

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from booking.queries.records import Deed
from booking.web.office import said

_ACTIONS: Mapping[str, object] = {
    "account closed": _l("Record closed"),
    "added by the office": _l("Added by the office"),
    "address confirmed": _l("Way to be reached confirmed"),
    "agreed": _l("Agreed"),
    "change of email asked for": _l("New email address asked for"),
    "change of email withdrawn": _l("New email address no longer asked for"),
    "complained": _l("Complaint about data use"),
    "contact details revealed": _l("A host looked at the contact details"),
    "death recorded": _l("Death recorded"),
    "death taken back": _l("Record of the death taken back"),
    "details changed": _l("Details changed"),
    "downloaded everything": _l("Downloaded everything we keep"),
    "merge taken back": _l("Put apart from another record again"),
    "merged into another record": _l("Put into another record"),
    "newcomer confirmed": _l("Confirmed by phone"),
    "newcomer let go": _l("Did not want to be kept, or was not reached"),
    "no longer paused": _l("No longer paused"),
    "password changed": _l("Password changed"),
    "password removed": _l("Password removed"),
    "password set": _l("Password set"),
    "paused": _l("Paused"),
    "record emptied": _l("Record emptied"),
    "records merged": _l("Another record put into this one"),
    "recovery code used": _l("Recovery code used"),
    "recovery codes made": _l("New recovery codes made"),
    "registered": _l("Registered"),
    "role given": _l("Role given"),
    "role taken": _l("Role taken back"),
    "second factor removed": _l("Authenticator app removed"),
    "second factor replaced": _l("Authenticator app replaced"),
    "second factor reset": _l("Authenticator app reset"),
    "second factor set up": _l("Authenticator app set up"),
    "signed out everywhere": _l("Signed out everywhere"),
    "withdrew": _l("Took an agreement back"),
}
_FIELDS: Mapping[str, object] = {
    "access needs": _l("what helps"),
    "channel": _l("how to be reached"),
    "known as": _l("name they like"),
    "who": _l("why they come"),
    **{role.value: words for role, words in said.ROLES.items()},
    **{purpose.value: words for purpose, words in said.PURPOSES.items()},
}
# Says nothing that the deed itself does not say.
_LEFT_OUT = ("status", "state")


def said_deed(deed: Deed) -> str:
    """Return what was done and to which fields; a word that is not in the tables stays as it is."""
    action = str(_ACTIONS.get(deed.action, deed.action))
    fields = [_field(field) for field in deed.fields.split(", ") if field and field not in _LEFT_OUT]
    # Which session a look belonged to is an id, which says nothing to a reader.
    told = ", ".join(field for field in fields if not field.startswith("session:"))
    return _("%(action)s (%(fields)s)", action=action, fields=told) if told else action


def _field(field: str) -> str:
    """Say a field's name; of an agreement the purpose, without the version of its words."""
    first = field.partition(" ")[0]
    return str(_FIELDS.get(field) or _FIELDS.get(first) or field)
