"""One table of every endpoint and who may enter: a new page stands here, or the tests say so."""

from flask import Flask

from booking.web.doors import Door, door_of

ANYONE, SIGNED_IN, FACILITATOR, ADMIN = Door.ANYONE, Door.SIGNED_IN, Door.FACILITATOR, Door.ADMIN
# Served by the web server's own part, to everybody.
WITHOUT_A_VIEW_OF_OURS = {"static"}
DOORS: dict[str, Door] = {
    "accounts.access_needs": SIGNED_IN,
    "accounts.confirm": ANYONE,
    "accounts.me": SIGNED_IN,
    "accounts.register": ANYONE,
    "accounts.register_sent": ANYONE,
    "accounts.reminders": SIGNED_IN,
    "accounts.sign_in": ANYONE,
    "accounts.sign_in_link": ANYONE,
    "accounts.sign_in_sent": ANYONE,
    "accounts.sign_out": ANYONE,
    "bookings.book": SIGNED_IN,
    "bookings.calendar": ANYONE,
    "bookings.give_up": SIGNED_IN,
    "bookings.join": ANYONE,
    "bookings.mine": SIGNED_IN,
    "hosting.mark": FACILITATOR,
    "hosting.mine": FACILITATOR,
    "hosting.print_list": FACILITATOR,
    "hosting.rest_came": FACILITATOR,
    "hosting.roster": FACILITATOR,
    "hosting.walk_in": FACILITATOR,
    "mailbox.as_it_looks": ANYONE,
    "mailbox.inbox": ANYONE,
    "mailbox.letter": ANYONE,
    "mailbox.listed": ANYONE,
    "office.add_host": ADMIN,
    "office.attendance": ADMIN,
    "office.attendance_csv": ADMIN,
    "office.attendance_rows": ADMIN,
    "office.cancel_session": ADMIN,
    "office.edit_session": ADMIN,
    "office.end_host": ADMIN,
    "office.make_host": ADMIN,
    "office.note_call": ADMIN,
    "office.people": ADMIN,
    "office.person": ADMIN,
    "office.plan": ADMIN,
    "office.remove_host": ADMIN,
    "office.reopen_call": ADMIN,
    "office.schedule": ADMIN,
    "office.session": ADMIN,
    "office.today": ADMIN,
    "pages.help": ANYONE,
    "pages.home": ANYONE,
    "pages.live": ANYONE,
    "pages.privacy": ANYONE,
    "pages.ready": ANYONE,
    "pages.robots": ANYONE,
    "schedule.calendar": ANYONE,
    "schedule.find": ANYONE,
    "schedule.listing": ANYONE,
    "schedule.series": ANYONE,
    "schedule.session": ANYONE,
}

# Pages of one row that is somebody's: everybody else is told that there is no such page.
HERS: dict[str, str] = {
    "bookings.give_up": "Ann",
    "hosting.mark": "Fay",
    "hosting.print_list": "Fay",
    "hosting.rest_came": "Fay",
    "hosting.roster": "Fay",
    "hosting.walk_in": "Fay",
}

# Pages of a row that everybody who may enter sees alike: a session of the public list, a kind of agreement.
HELD_BY_NOBODY = {"bookings.book"}


def problems(app: Flask, table: dict[str, Door]) -> list[str]:
    """Name every endpoint that is missing from the table, stale in it, or opens for somebody else."""
    present = {endpoint: door_of(app, endpoint) for endpoint in app.view_functions}
    for endpoint in WITHOUT_A_VIEW_OF_OURS:
        present.pop(endpoint, None)
    missing = [f'missing: "{name}": {_word(door)},' for name, door in present.items() if name not in table]
    stale = [f"stale: {name}" for name in table if name not in present]
    different = [
        f"different: {name} opens for {_word(present[name])}, not for {_word(door)}"
        for name, door in table.items()
        if name in present and present[name] != door
    ]
    return sorted(missing + stale + different)


def _word(door: Door | None) -> str:
    return door.name if door else "NOBODY"
