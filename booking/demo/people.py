"""The people of the sample season: five with names that people know, and hundreds around them."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from booking.demo import names
from booking.models.kinds import Channel, PersonStatus, Role, Who
from booking.rules.timetable import SeriesPlan

HOW_MANY = 400
_WITHOUT_EMAIL = 26
_COUPLES = 10
_UNPROVEN = 7
_HOSTS = 20
# Ofcom keeps these numbers free for plays and films, so that nobody's telephone rings.
_FIRST_PHONE = 7700_900_000


@dataclass(slots=True, eq=False)
class Guest:
    """Somebody of the season; `likes` and `leads` hold keys of series."""

    full_name: str
    known_as: str
    who: Who = Who.PATIENT
    status: PersonStatus = PersonStatus.ACTIVE
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    channel: Channel = Channel.EMAIL
    is_man: bool = False
    home: str = ""
    keenness: float = 0.5
    access_needs: str = ""
    remind_two_days: bool = True
    remind_that_morning: bool = False
    # The day from which she does not come any more.
    until: date | None = None
    roles: tuple[Role, ...] = ()
    likes: set[str] = field(default_factory=set)
    leads: list[str] = field(default_factory=list)
    has_booked: bool = False

    @property
    def is_reached_by_email(self) -> bool:
        """Say whether the service writes to her by itself."""
        return self.email is not None and self.channel is Channel.EMAIL


def invite(plans: Sequence[SeriesPlan], today: date, rng: Random) -> list[Guest]:
    """Return everybody, the five of the contract first: Ann, Ben, Fay, Gil, Ada."""
    guests = [*_cast(), *_crowd(rng)]
    for number, guest in enumerate(guests[5:]):
        _settle(guest, number, rng)
    couples = _couples(guests[5 + len(names.UNUSUAL) :])
    _share_addresses(couples)
    _change_lives(couples[0][0], guests[5:], today)
    _find_homes(guests, plans, rng)
    _hand_out_series(guests, plans)
    return guests


def _cast() -> list[Guest]:
    """Return the people of the contract. Hosts are patients as often as not; so is Fay."""
    both = (Role.FACILITATOR,)
    return [
        Guest("Ann Example", "Ann", email="ann@example.org", home="manchester", keenness=0.9),
        Guest("Ben Example", "Ben", email="ben@example.org", home="leeds", keenness=0.9, is_man=True),
        Guest("Fay Example", "Fay", email="fay@example.org", home="manchester", roles=both),
        Guest("Gil Example", "Gil", email="gil@example.org", home="leeds", roles=both, is_man=True),
        Guest("Ada Example", "Ada", who=Who.OTHER, email="ada@example.org", roles=(Role.ADMIN,)),
    ]


def _crowd(rng: Random) -> Iterator[Guest]:
    for full_name, known_as in names.UNUSUAL:
        yield Guest(full_name, known_as, is_man=known_as == "Llŷr")
    taken: set[str] = set()
    while len(taken) < HOW_MANY - len(names.UNUSUAL) - 5:
        is_man = rng.random() < 0.12
        first = rng.choice(names.MEN if is_man else names.WOMEN)
        full_name = f"{first} {rng.choice(names.SURNAMES)}"
        if full_name not in taken:
            taken.add(full_name)
            short = names.SHORT.get(first, first)
            yield Guest(full_name, short if rng.random() < 0.6 else first, is_man=is_man)


def _settle(guest: Guest, number: int, rng: Random) -> None:
    """Give somebody an address or none, wishes, and needs."""
    guest.email = f"{_plain(guest.full_name) or f'guest{number + 1}'}@example.org"
    guest.who = rng.choices((Who.PATIENT, Who.WITH_SOMEONE, Who.OTHER), (85, 12, 3))[0]
    guest.keenness = rng.uniform(0.2, 1.0) ** 2
    guest.access_needs = rng.choice(names.ACCESS_NEEDS) if rng.random() < 0.2 else ""
    guest.remind_two_days = rng.random() < 0.85
    guest.remind_that_morning = rng.random() < (0.15 if guest.remind_two_days else 0.5)
    if rng.random() < 0.4:
        guest.phone = f"0{_FIRST_PHONE + number % 1000}"
    if number % (HOW_MANY // _WITHOUT_EMAIL) == 11:
        _leave_without_email(guest, number)


def _plain(name: str) -> str:
    """Return a name as it stands in an address: small letters of ASCII, words parted by dots."""
    bare = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    return ".".join(filter(None, ("".join(filter(str.isalpha, word)) for word in bare.split())))


def _leave_without_email(guest: Guest, number: int) -> None:
    guest.email, guest.phone, guest.channel = None, f"0{_FIRST_PHONE + number % 1000}", Channel.CALL
    if number % 5 == 0:
        guest.channel = Channel.POST
        guest.address = f"{number} {names.STREETS[number % len(names.STREETS)]}, Example Town"


def _couples(crowd: Sequence[Guest]) -> list[tuple[Guest, Guest]]:
    ill = [guest for guest in crowd if guest.email and guest.who is Who.PATIENT]
    with_them = [guest for guest in crowd if guest.email and guest.who is Who.WITH_SOMEONE]
    return list(zip(ill[20:], with_them[:_COUPLES], strict=False))


def _share_addresses(couples: Sequence[tuple[Guest, Guest]]) -> None:
    """Let couples live behind one address: an address is not a person."""
    for one, other in couples:
        other.email = one.email
        other.full_name = f"{other.full_name.split()[0]} {one.full_name.split()[-1]}"


def _change_lives(died: Guest, crowd: Sequence[Guest], today: date) -> None:
    """One of a couple died, one person asked for a pause, some never pressed the button behind their link."""
    died.status, died.until = PersonStatus.DIED, today - timedelta(weeks=11)
    living = [guest for guest in crowd if guest.email and guest is not died]
    living[40].status, living[40].until = PersonStatus.PAUSED, today - timedelta(weeks=3)
    for guest in living[-_UNPROVEN:]:
        guest.status, guest.until = PersonStatus.UNPROVEN, date.min


def _find_homes(guests: Sequence[Guest], plans: Sequence[SeriesPlan], rng: Random) -> None:
    """Let people live near one of the groups, or far from all, and like what they can get to."""
    local = [plan for plan in plans if plan.mode == "in_person" and plan.enrol == "each"]
    homes = [plan.key for plan in local] or [""]
    nations = {plan.key: plan.nation for plan in plans}
    for guest in guests:
        if not guest.home and rng.random() < 0.8:
            guest.home = rng.choice(homes)
        guest.likes = {
            plan.key for plan in plans if rng.random() < _liking(guest, plan, nations.get(guest.home, ""))
        }


def _liking(guest: Guest, plan: SeriesPlan, nation: str) -> float:
    """Return how probably somebody comes to a series at all. Units: 0 to 1."""
    if plan.audience == "facilitators":
        return 1.0
    if plan.enrol == "course":
        return 0.08
    if plan.mode == "in_person":
        return 0.9 if guest.home == plan.key else 0.0
    if plan.mode == "hybrid":
        return 0.5 if nation == plan.nation else 0.1
    places = plan.places_online
    return 0.35 if places is None or places >= 40 else 0.25


def _hand_out_series(guests: Sequence[Guest], plans: Sequence[SeriesPlan]) -> None:
    """Let every series be led by somebody; where people meet in a room, often by two."""
    known = {"manchester": guests[2], "online-evening": guests[3], "leeds": guests[3]}
    hosts = [guest for guest in guests[5:] if guest.status is PersonStatus.ACTIVE and guest.email][::17]
    hosts = hosts[:_HOSTS]
    for number, plan in enumerate(plans):
        named = [guest for guest in guests if guest.email in plan.hosts or guest.full_name in plan.hosts]
        first = known.get(plan.key) or hosts[number % len(hosts)]
        second = [hosts[(number + 7) % len(hosts)]] if plan.mode != "online" and number % 2 == 0 else []
        for guest in dict.fromkeys(named or [first, *second]):
            guest.leads.append(plan.key)
            guest.likes.discard(plan.key)
            guest.roles = tuple(dict.fromkeys((*guest.roles, Role.FACILITATOR)))
