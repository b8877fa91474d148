"""The columns of a season's file in words, and a file of two series to begin with."""

from flask_babel import lazy_gettext as _l

from booking.rules.timetable import COLUMNS

WORDS = {
    "key": _l("A short name of the series that never changes, such as leeds-tea"),
    "name": _l("The title that people read"),
    "programme": _l("Such as Tea & A Chat"),
    "mode": _l("in person, online or hybrid"),
    "place": _l("The venue; blank online"),
    "nation": _l("England, Scotland, Wales, Northern Ireland or UK"),
    "rrule": _l("FREQ=WEEKLY;BYDAY=TU, FREQ=MONTHLY;BYDAY=-1WE, RDATE:20270105,20270119; blank: once"),
    "dtstart": _l("The first date, such as 2027-01-05"),
    "start": _l("Such as 13:30"),
    "end": _l("Such as 15:00"),
    "places_room": _l("A number; blank: no limit"),
    "places_online": _l("A number; blank: no limit"),
    "audience": _l("anyone, patients or facilitators"),
    "companions": _l("never, first visit or always"),
    "enrol": _l("each, or course"),
    "movement_check": _l("yes or no"),
    "evidence": _l("For whoever keeps the file; it is not loaded"),
    "notes": _l("Only the office reads them"),
    "discreet_name": _l("What may stand on a lock screen"),
    "hosts": _l("Names or email addresses, with semicolons between; blank: as they are"),
    "meeting_url": _l("The address of the meeting online"),
    "grant": _l("Which funder's report it counts in"),
    "changes": _l("Single dates, such as 2026-12-30 skip: back on Wednesday 27 January 2027"),
    "description": _l("What people read about it"),
    "welcome_call": _l("yes or no"),
    "join_until": _l("The last week in which a course can be joined"),
    "single_weeks": _l("yes or no: single weeks of a course"),
    "waiting_list": _l("yes or no"),
    "waiting_books": _l("yes or no: a place that comes free is booked for whoever is next"),
    "opens_days_before": _l("A number of days; blank: when it is published"),
    "closes_minutes_before": _l("A number of minutes; blank: at the start"),
    "newcomer_places": _l("A number"),
    "min_hosts": _l("A number; blank: one"),
    "ground_rules": _l("A version; blank: always the newest"),
    "suits": _l("newly told, in treatment, living, supporting"),
    "state": _l("published or draft"),
    "zone": _l("Europe/London"),
}
SAMPLE = (
    "key,name,programme,mode,place,nation,rrule,dtstart,start,end,places_room,places_online,audience,"
    "companions,enrol,movement_check,state\n"
    'leeds-tea,Tea & A Chat Leeds,Tea & A Chat,in person,"Meeting room, Leeds",England,'
    "FREQ=MONTHLY;BYDAY=2TU,2030-01-08,13:30,15:00,20,,anyone,always,each,no,draft\n"
    "chair-yoga,Chair yoga,Wellbeing classes,online,,UK,FREQ=WEEKLY;BYDAY=TH,2030-01-10,10:00,11:00,,30,"
    "patients,never,each,yes,draft\n"
)


def explained() -> list[tuple[str, object]]:
    """Return every column of the file with what stands there."""
    return [(name, WORDS[name]) for name in COLUMNS]
