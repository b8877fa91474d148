"""How a date, its list and its marks are said to the person who leads it."""

from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from booking.models.kinds import Attendance, Mode, Pool, SessionState
from booking.policy import REGISTER_OPENS_BEFORE
from booking.queries.cover import WantedCover
from booking.queries.rota import AWAY_FROM_MONTHS, HostedSession, Roster, RosterRow
from booking.rules.wall_time import to_local
from booking.rules.words import day_words, day_words_short, relative_day, span_words, time_words
from booking.web import flags

Tag = tuple[str, str]
Option = tuple[str, str, str]


def heading(*tellers: Roster | HostedSession) -> str:
    """Head her list: a host hosts, a tutor teaches, and who does both hosts."""
    called = {each.scheduled.series.programme.facilitator_word for each in tellers}
    return str(_("Sessions you teach") if called == {"tutor"} else _("Sessions you host"))


def when(roster_or_hosted: Roster | HostedSession | WantedCover, today: date) -> str:
    """Say the day and the time: "Today, Wednesday 25 November, 1:30pm to 5pm"."""
    scheduled = roster_or_hosted.scheduled
    near = relative_day(scheduled.local_date, today)
    said = day_words_short if scheduled.local_date.year == today.year else day_words
    words = [_(near)] if near else []
    return ", ".join(
        [*words, said(scheduled.local_date), span_words(scheduled.start_time, scheduled.end_time)]
    )


def where(roster_or_hosted: Roster | HostedSession | WantedCover) -> str:
    """Say the place: a venue, online, or both."""
    scheduled = roster_or_hosted.scheduled
    if scheduled.mode is Mode.ONLINE or scheduled.venue is None:
        return str(_("Online"))
    if scheduled.mode is Mode.HYBRID:
        return str(_("%(venue)s, and online", venue=scheduled.venue.name))
    return scheduled.venue.name


def led_by(roster: Roster) -> str:
    """Say who leads beside her: "you and Sam"."""
    if not roster.led_with:
        return ""
    *first, last = [_("you"), *roster.led_with]
    return str(_("%(names)s and %(last)s", names=", ".join(first), last=last))


def still_led_by(wanted: WantedCover) -> str:
    """Say who leads a date for which cover is wanted, or that nobody does yet."""
    if not wanted.led_by:
        return str(_("Nobody else leads it yet."))
    *first, last = wanted.led_by
    if not first:
        return str(_("%(name)s leads it.", name=last))
    return str(_("%(names)s and %(last)s lead it.", names=", ".join(first), last=last))


def lead(roster: Roster, today: date) -> str:
    """Say when, where and with whom in one line."""
    return " · ".join(part for part in (when(roster, today), where(roster), led_by(roster)) if part)


def register_opens(roster: Roster, today: date) -> str:
    """Say when the register can be taken."""
    opens = to_local(roster.scheduled.starts_at - REGISTER_OPENS_BEFORE, roster.scheduled.zone)
    near = relative_day(opens.date(), today)
    day = _(near).lower() if near else _("on %(day)s", day=day_words_short(opens.date()))
    at = time_words(opens.time())
    return str(_("The register opens %(day)s at %(time)s, 30 minutes before the start.", day=day, time=at))


def counts(roster: Roster) -> list[Tag]:
    """Count the list in pills; nought is not worth a pill."""
    came = roster.count(Attendance.CAME, Attendance.PART)
    online, walked_in = roster.count(Attendance.JOINED_ONLINE), roster.count(Attendance.WALKED_IN)
    absent, new = roster.count(Attendance.DID_NOT_COME), roster.first_timers
    unmarked = roster.count(Attendance.NOT_RECORDED) if roster.register_is_open else 0
    said = [
        (came, ngettext("%(num)d came", "%(num)d came", came), "green"),
        (online, ngettext("%(num)d joined online", "%(num)d joined online", online), "green"),
        (walked_in, ngettext("%(num)d walked in", "%(num)d walked in", walked_in), "green"),
        (unmarked, ngettext("%(num)d not recorded", "%(num)d not recorded", unmarked), "grey"),
        (absent, ngettext("%(num)d didn't come", "%(num)d didn't come", absent), "grey"),
        (new, _new(new), "apricot"),
    ]
    return [(words, tone) for number, words, tone in said if number] + _places(roster)


def card_tags(hosted: HostedSession) -> list[Tag]:
    """Say in pills what is good to know about a date."""
    if hosted.scheduled.state is SessionState.CANCELLED:
        return [(_("Cancelled"), "grey")]
    coming = ngettext("%(num)d person", "%(num)d people", hosted.expected)
    tags = [(coming if hosted.expected else _("Nobody yet"), "green" if hosted.expected else "grey")]
    return tags + ([(_new(hosted.first_timers), "apricot")] if hosted.first_timers else [])


def stuck(hosted: HostedSession) -> str:
    """Say that somebody can't get in; who it is stands on the list of the date."""
    facts = {"title": hosted.scheduled.title}
    return str(
        ngettext(
            "Somebody can't get into %(title)s.",
            "%(num)s people can't get into %(title)s.",
            hosted.stuck,
            **facts,
        )
    )


def left_to_record(hosted: HostedSession) -> str:
    """Say gently how many are not recorded."""
    number = hosted.not_recorded
    return str(ngettext("%(num)d person is not recorded yet", "%(num)d people are not recorded yet", number))


def row_tags(row: RosterRow, roster: Roster) -> list[Tag]:
    """Say in pills what is good to know about somebody."""
    tags = [(_("First time"), "apricot")] if row.is_first_time else []
    if row.months_away >= AWAY_FROM_MONTHS:
        away = ngettext("Back after %(num)d month", "Back after %(num)d months", row.months_away)
        tags.append((away, "apricot"))
    tags += _movement(row, roster)
    if len(roster.scheduled.pools) > 1 and row.attendance is not Attendance.WALKED_IN:
        tags.append((_pool(row.pool), "grey"))
    if row.joined_at is not None and row.attendance is Attendance.NOT_RECORDED:
        tags.append((_pressed_join(row.joined_at, roster), "grey"))
    if row.attendance is Attendance.WALKED_IN:
        tags.append((mark(row.attendance), "green"))
    elif row.attendance is Attendance.NOT_RECORDED and roster.register_is_open and roster.is_over:
        tags.append((mark(row.attendance), "grey"))
    return tags


def _pressed_join(joined_at: datetime, roster: Roster) -> str:
    """Say when she pressed the button into the meeting; whether she came, only a human says."""
    at = time_words(to_local(joined_at, roster.scheduled.zone).time())
    return str(_("Pressed join at %(time)s", time=at))


def _movement(row: RosterRow, roster: Roster) -> list[Tag]:
    """Say what a tutor keeps in mind; that nobody was asked yet is worth knowing too."""
    if row.booking_id not in roster.check_ins:
        return []
    check_in = roster.check_ins[row.booking_id]
    if check_in is None:
        return [(_("No check-in yet"), "grey")]
    if not check_in.still_counts:
        return [(_("Check-in asked again"), "grey")]
    return [(words, "plum") for words in flags.said(check_in.flags)]


def name(row: RosterRow) -> str:
    """Name somebody; a person without a name is one more person."""
    return row.name or (_("Name removed") if row.is_known else _("One more person"))


def options(roster: Roster) -> list[Option]:
    """Return the buttons beside a name: what can be said of this kind of session."""
    room, online = (pool in roster.scheduled.pools for pool in (Pool.ROOM, Pool.ONLINE))
    marks = [Attendance.CAME] if room or not online else []
    marks += [Attendance.JOINED_ONLINE] if online else []
    marks += [Attendance.PART, Attendance.DID_NOT_COME]
    absent = Attendance.DID_NOT_COME
    return [(each.value, mark(each), "absent" if each is absent else "came") for each in marks]


def mark(attendance: Attendance) -> str:
    """Say a mark in the words of the buttons."""
    said: dict[Attendance, str] = {
        Attendance.NOT_RECORDED: _("Not recorded"),
        Attendance.CAME: _("Came"),
        Attendance.JOINED_ONLINE: _("Joined online"),
        Attendance.PART: _("Came for part"),
        Attendance.WALKED_IN: _("Walked in"),
        Attendance.DID_NOT_COME: _("Didn't come"),
    }
    return said[attendance]


def rest(marked: int) -> str:
    """Say what "The rest came" did."""
    if not marked:
        return str(_("Everybody was recorded already, so nothing changed."))
    return str(ngettext("%(num)d more person came.", "%(num)d more people came.", marked))


def meets_today(roster: Roster) -> bool:
    """Say whether somebody could fail to get into its meeting today."""
    scheduled = roster.scheduled
    stands = scheduled.state is not SessionState.CANCELLED and not roster.is_over
    return stands and roster.is_today and Pool.ONLINE in scheduled.pools


def meeting_url(roster: Roster, now: datetime) -> str:
    """Return where the online side meets, until it is over; only what a browser can open safely."""
    scheduled = roster.scheduled
    url = scheduled.meeting_url or scheduled.series.meeting_url
    is_over = scheduled.state is SessionState.CANCELLED or now > scheduled.ends_at
    meets = Pool.ONLINE in scheduled.pools and url.startswith(("https://", "http://"))
    return url if meets and not is_over else ""


def _pool(pool: Pool) -> str:
    return str(_("Online") if pool is Pool.ONLINE else _("In the room"))


def _new(number: int) -> str:
    return str(ngettext("%(num)d first timer", "%(num)d first timers", number))


def _places(roster: Roster) -> list[Tag]:
    scheduled = roster.scheduled
    tags = []
    for pool in scheduled.pools:
        taken, places = roster.count_in(pool), scheduled.places(pool)
        if places is None:
            words = ngettext("%(num)d place taken", "%(num)d places taken", taken)
        else:
            words = ngettext("%(taken)d of %(num)d place", "%(taken)d of %(num)d places", places, taken=taken)
        tags.append((f"{_pool(pool)}: {words}" if len(scheduled.pools) > 1 else words, "grey"))
    return tags
