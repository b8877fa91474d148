"""What others run, laid out so that nobody takes it for ours: who runs it, and a link that says so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from flask import render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from booking import clock
from booking.queries import listings as asked
from booking.queries.schedule import Page
from booking.rules.wall_time import to_local
from booking.rules.words import month_words
from booking.web.doors import Door, opens_for
from booking.web.listing_words import KINDS, days_words, where_words
from booking.web.schedule import blueprint
from booking.web.schedule.asking import Asking

if TYPE_CHECKING:
    from booking.models import Listing


@dataclass(frozen=True, slots=True)
class Theirs:
    """Something of somebody else's, ready to be laid out."""

    on: date
    kind: str
    title: str
    url: str
    lines: tuple[str, ...]
    paragraphs: tuple[str, ...]
    link: str


@blueprint.get("/sessions/elsewhere")
@opens_for(Door.ANYONE)
def listings() -> ResponseReturnValue:
    """Show everything that others run and that is not over, by the month in which it begins."""
    now = clock.now()
    months: dict[str, list[Theirs]] = {}
    for each in laid_out(asked.coming(now)):
        months.setdefault(_begins(each.on, now), []).append(each)
    return render_template("schedule/listings.html", months=months)


def laid_out(found: "Iterable[Listing]") -> list[Theirs]:
    """Say everything that a page shows of them."""
    return [_theirs(listing) for listing in found]


def on_page(wanted: Asking, page: Page) -> list[Theirs]:
    """Return what others run on the days of one page of the list, each on exactly one page."""
    begins = page.days[0].on if page.days and page.earlier else page.today
    # A day that is cut in two pages shows it on the first of them.
    if wanted.criteria.skip:
        begins += timedelta(days=1)
    before = page.later + timedelta(days=1) if page.later and page.later_skip else page.later
    return between(wanted, begins, before)


def between(wanted: Asking, begins: date, before: date | None) -> list[Theirs]:
    """Return what others run that begins on these days and fits; of theirs we know no format and no time."""
    if wanted.programme or wanted.format or wanted.time:
        return []
    return laid_out(asked.beginning(begins, before, wanted.criteria.nation, wanted.q))


def _begins(on: date, now: datetime) -> str:
    # What runs for months stands first, instead of in a month that is over.
    return month_words(max(on, to_local(now).date()))


def _theirs(listing: "Listing") -> Theirs:
    days = days_words(listing.starts_on, listing.ends_on)
    return Theirs(
        on=listing.starts_on,
        kind=str(KINDS[listing.kind]),
        title=listing.title,
        url=listing.url,
        lines=(
            str(_("Run by %(name)s · not booked here", name=listing.run_by)),
            f"{days}, {listing.when_words}" if listing.when_words else days,
            where_words(listing.place, listing.nation),
        ),
        paragraphs=tuple(line for line in listing.description.split("\n") if line.strip()),
        link=str(_("Read more on their website")),
    )
