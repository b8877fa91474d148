"""Dates in OpenActive's vocabulary, for whoever lists what there is to do: public facts, and nothing more.

Source: OpenActive, Modelling Opportunity Data 2.x, with its guidance on virtual events.
"""

from typing import TYPE_CHECKING

from booking.models.kinds import Audience, Mode
from booking.queries.opportunities import Opportunities
from booking.queries.schedule import Card
from booking.rules.recurrence import Rule, parse_rule
from booking.rules.words import weekday_words
from booking.settings import settings
from booking.web.schedule import markup
from booking.web.schedule.markup import Facts

if TYPE_CHECKING:
    from booking.models import Series

# The second names what the first has not adopted yet: where people join from home.
CONTEXT = ["https://openactive.io/", "https://openactive.io/ns-beta"]
_DAY_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def document(found: Opportunities) -> Facts:
    """Return every date with its series, as one document of linked data."""
    # Read backwards, so that the first date of each series is the one that stays.
    firsts = {card.series_id: card for card in reversed(found.cards)}
    series = {series_id: _series(each, firsts[series_id], found) for series_id, each in found.series.items()}
    return {"@context": CONTEXT, "@graph": [_session(card, series, found) for card in found.cards]}


def _session(card: Card, series: dict[int, Facts], found: Opportunities) -> Facts:
    url, was_at = markup.address_of(card), found.were_at.get(card.id)
    facts: Facts = {
        "@type": "ScheduledSession",
        "@id": url,
        "identifier": card.id,
        "url": url,
        "name": card.title,
        "startDate": markup.local_iso(card.starts_at, card.zone),
        "endDate": markup.local_iso(card.ends_at, card.zone),
        "duration": markup.duration(card.minutes),
        "eventStatus": markup.status_of(card, was_at),
        "superEvent": series[card.series_id],
        **_where(card, found, url),
        **_capacity(card),
    }
    if was_at is not None:
        facts["previousStartDate"] = markup.local_iso(was_at, card.zone)
    if card.id in found.said:
        facts["description"] = found.said[card.id]
    if card.public_reason:
        facts["schedulingNote"] = card.public_reason
    return facts


def _series(series: "Series", first: Card, found: Opportunities) -> Facts:
    url = markup.series_url(series.key)
    facts: Facts = {
        "@type": "SessionSeries",
        "@id": url,
        "identifier": series.key,
        "url": url,
        "name": series.title,
        "description": series.description,
        "activity": [_activity(series)],
        "category": [series.programme.name],
        "organizer": markup.organizer(),
        "isAccessibleForFree": True,
        "offers": [{"@type": "Offer", "@id": f"{url}#free", "price": 0, "priceCurrency": "GBP"}],
        **_where(first, found, url),
    }
    if series.audience is Audience.PATIENTS:
        facts["additionalAdmissionRestriction"] = ["For people who live with secondary breast cancer"]
    schedule = _schedule(series)
    return facts | ({"eventSchedule": [schedule]} if schedule else {})


def _where(card: Card, found: Opportunities, url: str) -> Facts:
    """Say how and where people meet: an online one has no place, lest somebody should go there."""
    facts: Facts = {"eventAttendanceMode": markup.mode_of(card.mode)}
    if card.mode is not Mode.ONLINE and card.venue:
        facts["location"] = markup.place(card.venue, found.venues.get(card.venue), card.nation)
    if card.mode is not Mode.IN_PERSON:
        # The page that says how to join, never the meeting's own address.
        facts["beta:virtualLocation"] = {"@type": "VirtualLocation", "url": url}
    return facts


def _capacity(card: Card) -> Facts:
    """Say how many places there are and are left, where there is a limit at all."""
    places = [card.places_room, card.places_online]
    free = [card.free(pool) for pool in card.pools]
    facts: Facts = {}
    if None not in places:
        facts["maximumAttendeeCapacity"] = sum(number for number in places if number)
        facts["remainingAttendeeCapacity"] = sum(number for number in free if number)
    if card.mode is Mode.HYBRID and card.places_online:
        facts["maximumVirtualAttendeeCapacity"] = card.places_online
    return facts


def _activity(series: "Series") -> Facts:
    # Company over tea is in no list of sports, so a programme is a concept of our own scheme.
    ours = settings().base_url
    return {
        "@type": "Concept",
        "@id": f"{ours}/sessions?programme={series.programme.key}",
        "prefLabel": series.programme.name,
        "inScheme": f"{ours}/sessions",
    }


def _schedule(series: "Series") -> Facts:
    """Return how a series repeats; a single date and a list of dates repeat in no way that has a name."""
    rule = parse_rule(series.rule or "")
    if rule.frequency not in ("WEEKLY", "MONTHLY"):
        return {}
    facts: Facts = {
        "@type": "PartialSchedule",
        "repeatFrequency": f"P{rule.interval}{'W' if rule.frequency == 'WEEKLY' else 'M'}",
        "byDay": _days(rule),
        "startDate": series.starts_on.isoformat(),
        "startTime": f"{series.start_time:%H:%M}",
        "endTime": f"{series.end_time:%H:%M}",
        "scheduleTimezone": series.zone,
    }
    if rule.until is not None:
        facts["endDate"] = rule.until.isoformat()
    if rule.count is not None:
        facts["repeatCount"] = rule.count
    return facts


def _days(rule: Rule) -> list[str]:
    if rule.nth is not None:
        return [f"{rule.nth}{_DAY_CODES[day]}" for day in rule.weekdays]
    return [f"https://schema.org/{weekday_words(day)}" for day in rule.weekdays]
