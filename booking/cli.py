"""The commands of the contract, each a few lines, and every fault that an operator can mend in one line."""

import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from tqdm import tqdm

from booking import clock, worker
from booking.db import db, stop_reading
from booking.demo.fill import fill
from booking.lanes import DATABASE_AWAY
from booking.queries import retention as what_goes
from booking.queries import second_factor
from booking.queries import upkeep as questions
from booking.refusals import NoAuthenticatorApp, OnlyInDevelopment, Refusal
from booking.rules import one_time
from booking.rules.addresses import clean_email
from booking.rules.bounces import reports_in
from booking.rules.retention import Kept
from booking.rules.timetable import UnreadableTimetable, decode
from booking.services import bounces, outgoing, people, retention, schedule, upkeep
from booking.services import second_factor as factors
from booking.settings import settings

log = structlog.get_logger("booking.cli")


def register(app: Flask) -> None:
    """Give the application its commands."""
    house = (backup, restore, doctor, demo, load_timetable, make_admin, one_time_code)
    for command in (*house, let_go, read_bounces, resume_outgoing, work):
        app.cli.add_command(command)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@with_appcontext
def backup(path: Path) -> None:
    """Write a copy of the whole database to a new file."""
    upkeep.backup(path)
    click.echo(f"Written: {path}. It holds people's details: keep it as safe as the database itself.")


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put the copy in the place of what is in the database now.")
@with_appcontext
def restore(path: Path, replace: bool) -> None:
    """Bring a copy back. Stop web and worker first."""
    upkeep.restore(path, replace)
    click.echo(f"Brought back: {path}.")
    behind = questions.migrations_behind()
    if behind:
        click.echo(behind)


@click.command()
@with_appcontext
def doctor() -> None:
    """Check everything that must always be true; the exit code says whether it is."""
    _examine()


@click.command()
@with_appcontext
def demo() -> None:
    """Move the sample season in: people, a year of registers, half a year ahead."""
    # The bar stands back a moment, so that a refusal is the only line.
    with tqdm(desc="Sample season", unit=" rows", delay=0.001, leave=False) as bar:

        def show(written: int, expected: int) -> None:
            bar.total = expected
            bar.update(written - bar.n)

        moved = fill(clock.now(), show)
    click.echo(f"{moved.people} people, {moved.sessions} sessions and {moved.bookings} bookings moved in.")
    _examine()


def _examine() -> None:
    problems = questions.problems()
    for problem in problems:
        click.echo(problem)
    click.echo(f"{len(problems)} problems found." if problems else "All is well.")
    sys.exit(1 if problems else 0)


@click.command("load-timetable")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def load_timetable(file: Path) -> None:
    """Load a season from a CSV file; nothing is loaded when any row is wrong."""
    try:
        report = schedule.load_timetable(_text_of(file), clock.now())
    except schedule.TimetableRefused as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(1)
    for sentence in report.sentences():
        click.echo(sentence)


@click.command("make-admin")
@click.argument("email")
@click.option("--person", "person_id", type=int, help="Which person, where several share the address.")
@with_appcontext
def make_admin(email: str, person_id: int | None) -> None:
    """Open the office's pages to the person with this email address."""
    made = people.make_admin(email, person_id, clock.now())
    click.echo(f"Person {made} can open the office's pages. Sign in with the link at /sign-in.")


@click.command("one-time-code")
@click.argument("email")
@with_appcontext
def one_time_code(email: str) -> None:
    """Say the code of this moment for whoever has this address; only where the service is tried out."""
    if settings().production:
        raise OnlyInDevelopment
    now, address = clock.now(), clean_email(email)
    factors.begin_for_newcomers(address, now)
    newcomers = second_factor.newcomers(address)
    if not newcomers:
        raise NoAuthenticatorApp
    for newcomer in newcomers:
        code = one_time.code_at(newcomer.key, one_time.step_at(now))
        click.echo(f"Person {newcomer.person_id}, setup key: {one_time.in_groups(newcomer.key)}")
        click.echo(f"Code now: {code}")


def _text_of(file: Path) -> str:
    try:
        return decode(file.read_bytes())
    except OSError as error:
        raise click.ClickException(f"{file} can't be read: {error.strerror}.") from None
    except UnreadableTimetable as fault:
        raise click.ClickException(f"{file}, line {fault.line}: {fault}") from None


@click.command("read-bounces")
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def read_bounces(file: Path) -> None:
    """Note the letters that came back, from an mbox file or a Maildir folder; nothing is taken out of it."""
    read = read_mailbox(file, settings().bounce_address, clock.now())
    for line in (
        f"{read.letters:>8,}  letters read",
        f"{read.noted:>8,}  of ours came back for good and were noted now",
        f"{read.known:>8,}  were noted before, or came back only for a while",
        f"{read.others:>8,}  say nothing about a letter of ours",
    ):
        click.echo(line)
    if read.broken:
        click.echo(f"{read.broken:>8,}  could not be read and were left out; the log says which", err=True)
        sys.exit(1)


@dataclass
class Read:
    """What a mailbox held: letters, of them bounces noted now, known or passing, others, and broken ones."""

    letters: int = 0
    noted: int = 0
    known: int = 0
    others: int = 0
    broken: int = 0


def read_mailbox(file: Path, bounce_address: str, now: datetime) -> Read:
    """Note every letter of ours that a mailbox reports as come back, and count what else it holds."""
    found = Read()
    for raw in bounces.letters_in(file):
        found.letters += 1
        noted = _noted(raw, bounce_address, now)
        if noted is None:
            found.broken += 1
            # What it says is a stranger's, so its number is all that is written down.
            log.error("a letter of the mailbox could not be read", number=found.letters)
            continue
        found.noted += True in noted
        found.known += True not in noted and False in noted
        found.others += not any(one is not None for one in noted)
    return found


def _noted(raw: bytes | None, bounce_address: str, now: datetime) -> list[bool | None] | None:
    """Note what one letter reports; None where it breaks: the letters behind it are read all the same."""
    if raw is None:
        return None
    try:
        return [bounces.note_report(report, bounce_address, now) for report in reports_in(raw)]
    except DATABASE_AWAY:
        raise
    except Exception:
        stop_reading()
        return None


@click.command("retention")
@click.option("--run", is_flag=True, help="Let go of it now; else it is only counted.")
@with_appcontext
def let_go(run: bool) -> None:
    """Count what has been kept for long enough; the worker lets go of it within the hour."""
    now = clock.now()
    for kind, count in what_goes.preview(now).items():
        click.echo(f"{count:>8,}  {_KEPT[kind]}")
    if not run:
        click.echo("Nothing is gone yet: the worker does it within the hour, or --run does it now.")
        return
    for kind in retention.KINDS:
        while retention.forget(kind, now) >= retention.AT_A_TIME:
            continue
    click.echo("Done.")


_KEPT = {
    Kept.PEOPLE: "people without a role of whom nothing was heard for 24 months: their names and details",
    Kept.MESSAGES: "messages, 90 days after they were sent or set aside, with the notes of calls",
    Kept.ANNOUNCEMENT_WORDS: "what was written once to many, when its messages went or its author left",
    Kept.LINKS: "links in letters, 90 days after they ended",
    Kept.SIGN_INS: "sign-ins, 90 days after they ended; each person's last one stays",
    Kept.MOVEMENT: "movement check-ins, after 12 months",
    Kept.EMERGENCY: "emergency contacts, 12 months after the last booking",
    Kept.TASK_WORDS: "settled tasks of the office, after 12 months: what somebody wrote",
    Kept.WALK_IN_NAMES: "names of people who walked in, after 24 months",
    Kept.AUDIT: "lines of the audit log, after 24 months",
}


@click.command("resume-outgoing")
@with_appcontext
def resume_outgoing() -> None:
    """Let messages leave again that the office stopped: also when nobody there can sign in any more."""
    if outgoing.resume_outgoing(None, clock.now()):
        click.echo("Messages go out again. What is no longer true is set aside.")
    else:
        click.echo("Nothing was stopped.")


@click.command("worker")
@click.option("--once", is_flag=True, help="Do one round, then end.")
@with_appcontext
def work(once: bool) -> None:
    """Send what waits and remind whoever wishes it, until asked to stop."""
    if not once:
        # The types know the proxy only, not what stands behind it.
        worker.run(current_app._get_current_object())  # type: ignore[attr-defined]
        return
    fault = worker.run_once()
    if fault:
        click.echo(
            f"The mail server can't be used ({fault}). Nothing is lost: what waits is sent later.", err=True
        )
        sys.exit(1)


def speak_plainly() -> None:
    """Let every `flask` command end with one line, and no trace, where the operator can mend the fault."""
    usual = sys.excepthook

    def say(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        sentence = plain_words(fault)
        if sentence is None:
            usual(kind, fault, trace)
        else:
            print(sentence, file=sys.stderr)

    sys.excepthook = say


def plain_words(fault: BaseException) -> str | None:
    """Return one line about a fault that is no fault of the program; None about any other."""
    if isinstance(fault, Refusal | clock.UnreadableClock):
        return str(fault)
    if isinstance(fault, DBAPIError | PoolTimeout):
        return _about_the_database(fault)
    return None


def _about_the_database(fault: DBAPIError | PoolTimeout) -> str | None:
    said = str(getattr(fault, "orig", fault)).strip().splitlines()[:1]
    words = said[0] if said else type(fault).__name__
    if isinstance(fault, OperationalError | ProgrammingError) and _no_table(fault):
        return "The database is not ready: run flask db upgrade."
    if isinstance(fault, OperationalError | PoolTimeout) or "not a database" in words:
        return f"The database can't be used: {words}"
    return None


def _no_table(fault: DBAPIError) -> bool:
    return "no such table" in str(fault.orig) or getattr(fault.orig, "sqlstate", None) == "42P01"


def why_not_ready(app: Flask) -> str | None:
    """Say why a web server can't start on this database; None when it can."""
    try:
        with app.app_context():
            return questions.migrations_behind()
    except (DBAPIError, PoolTimeout) as fault:
        return _about_the_database(fault) or "The database can't be used."
    finally:
        # A server that forks after this must not hand one connection to several processes.
        with app.app_context():
            db.engine.dispose()
