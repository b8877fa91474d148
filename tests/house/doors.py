"""One table of every endpoint and who may enter: a new page stands here, or the tests say so."""

from flask import Flask

from booking.web.doors import Door, door_of

ANYONE, SIGNED_IN, FACILITATOR, ADMIN = Door.ANYONE, Door.SIGNED_IN, Door.FACILITATOR, Door.ADMIN
# Served by the web server's own part, to everybody.
WITHOUT_A_VIEW_OF_OURS = {"static"}
DOORS: dict[str, Door] = {
    "accounts.access_needs": SIGNED_IN,
    "accounts.agreement": SIGNED_IN,
    "accounts.agreements": SIGNED_IN,
    "accounts.another_second_factor": SIGNED_IN,
    "accounts.change_email": ANYONE,
    "accounts.close": SIGNED_IN,
    "accounts.complain": SIGNED_IN,
    "accounts.confirm": ANYONE,
    "accounts.contacts": SIGNED_IN,
    "accounts.delete_emergency_contact": SIGNED_IN,
    "accounts.delete_equality": SIGNED_IN,
    "accounts.delete_movement": SIGNED_IN,
    "accounts.download": SIGNED_IN,
    "accounts.emergency_contact": SIGNED_IN,
    "accounts.end_pause": SIGNED_IN,
    "accounts.equality": SIGNED_IN,
    "accounts.held_code": ANYONE,
    "accounts.me": SIGNED_IN,
    "accounts.movement": SIGNED_IN,
    "accounts.my_name": SIGNED_IN,
    "accounts.password": SIGNED_IN,
    "accounts.pause": SIGNED_IN,
    "accounts.photos": SIGNED_IN,
    "accounts.reach_me": SIGNED_IN,
    "accounts.recovery_code": SIGNED_IN,
    "accounts.recovery_codes": SIGNED_IN,
    "accounts.register": ANYONE,
    "accounts.register_sent": ANYONE,
    "accounts.reminders": SIGNED_IN,
    "accounts.remove_password": SIGNED_IN,
    "accounts.remove_second_factor": SIGNED_IN,
    "accounts.second_factor": SIGNED_IN,
    "accounts.second_factor_setup": SIGNED_IN,
    "accounts.sign_in": ANYONE,
    "accounts.sign_in_link": ANYONE,
    "accounts.sign_in_password": ANYONE,
    "accounts.sign_in_sent": ANYONE,
    "accounts.sign_ins": SIGNED_IN,
    "accounts.sign_out": ANYONE,
    "accounts.where_i_live": SIGNED_IN,
    "accounts.who_looked": SIGNED_IN,
    "accounts.withdraw_agreement": SIGNED_IN,
    "accounts.withdraw_change": SIGNED_IN,
    "bookings.book": ANYONE,
    "bookings.calendar": ANYONE,
    "bookings.give_up": SIGNED_IN,
    "bookings.held": ANYONE,
    "bookings.join": ANYONE,
    "bookings.mine": SIGNED_IN,
    "hosting.mark": FACILITATOR,
    "hosting.mine": FACILITATOR,
    "hosting.print_list": FACILITATOR,
    "hosting.rest_came": FACILITATOR,
    "hosting.reveal": FACILITATOR,
    "hosting.roster": FACILITATOR,
    "hosting.settle_task": FACILITATOR,
    "hosting.walk_in": FACILITATOR,
    "mailbox.as_it_looks": ANYONE,
    "mailbox.inbox": ANYONE,
    "mailbox.letter": ANYONE,
    "mailbox.listed": ANYONE,
    "office.add_host": ADMIN,
    "office.add_listing": ADMIN,
    "office.add_person": ADMIN,
    "office.add_support": ADMIN,
    "office.add_support_way": ADMIN,
    "office.attendance": ADMIN,
    "office.attendance_csv": ADMIN,
    "office.attendance_rows": ADMIN,
    "office.calendar": ANYONE,
    "office.cancel_session": ADMIN,
    "office.care": Door.SAFEGUARDING,
    "office.close_record": ADMIN,
    "office.confirm_newcomer": ADMIN,
    "office.correct_person": ADMIN,
    "office.died": ADMIN,
    "office.differences": ADMIN,
    "office.discard_draft": ADMIN,
    "office.drafts": ADMIN,
    "office.edit_listing": ADMIN,
    "office.edit_series": ADMIN,
    "office.edit_session": ADMIN,
    "office.edit_support": ADMIN,
    "office.end_series": ADMIN,
    "office.feed": ADMIN,
    "office.gaps": ADMIN,
    "office.let_newcomer_go": ADMIN,
    "office.listings": ADMIN,
    "office.make_host": ADMIN,
    "office.merge": ADMIN,
    "office.move_support": ADMIN,
    "office.note_call": ADMIN,
    "office.pause": ADMIN,
    "office.people": Door.CARE,
    "office.person": Door.CARE,
    "office.plan": ADMIN,
    "office.publish_series": ADMIN,
    "office.remove_host": ADMIN,
    "office.remove_support": ADMIN,
    "office.reopen_call": ADMIN,
    "office.reopen_task": ADMIN,
    "office.reset_second_factor": ADMIN,
    "office.roles": ADMIN,
    "office.schedule": ADMIN,
    "office.schedule_hosts": ADMIN,
    "office.schedule_month": ADMIN,
    "office.schedule_venues": ADMIN,
    "office.schedule_week": ADMIN,
    "office.series": ADMIN,
    "office.session": ADMIN,
    "office.settle_task": ADMIN,
    "office.show_listing": ADMIN,
    "office.spoken_consent": ADMIN,
    "office.spoken_consents": ADMIN,
    "office.support": ADMIN,
    "office.tasks": ADMIN,
    "office.today": ADMIN,
    "office.undo_died": ADMIN,
    "office.undo_merge": ADMIN,
    "office.unpause": ADMIN,
    "pages.help": ANYONE,
    "pages.home": ANYONE,
    "pages.live": ANYONE,
    "pages.privacy": ANYONE,
    "pages.ready": ANYONE,
    "pages.robots": ANYONE,
    "pages.someone_has_died": ANYONE,
    "pages.support": ANYONE,
    "pages.thank_you": ANYONE,
    "schedule.calendar": ANYONE,
    "schedule.find": ANYONE,
    "schedule.fitting": ANYONE,
    "schedule.listing": ANYONE,
    "schedule.listings": ANYONE,
    "schedule.month": ANYONE,
    "schedule.near": ANYONE,
    "schedule.series": ANYONE,
    "schedule.session": ANYONE,
}

# Pages of one row that is somebody's: everybody else is told that there is no such page.
HERS: dict[str, str] = {
    "bookings.give_up": "Ann",
    "hosting.mark": "Fay",
    "hosting.print_list": "Fay",
    "hosting.rest_came": "Fay",
    "hosting.reveal": "Fay",
    "hosting.roster": "Fay",
    "hosting.settle_task": "Fay",
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
