"""Polite noes about who somebody is and how she signs in."""

from flask_babel import lazy_gettext as _l

from booking.refusals.base import Refusal


class LinkNoLongerWorks(Refusal):
    """A link that is unknown, used, tampered with or too old: refused alike."""

    sentence = _l("This link no longer works. You can ask for a new one.")


class CodeDoesNotWork(Refusal):
    """A typed code that is wrong, used, too old, or was tried too often: refused alike."""

    sentence = _l("This code does not work. Check it, use the link in the letter, or ask for a new letter.")
    field = "code"


class WrongPassword(Refusal):
    """An unknown address, no password, a wrong one, or a record that does not open: refused alike."""

    sentence = _l(
        "The email address or the password is not right. Check both, or sign in by an emailed link."
    )
    field = "password"


class PresentPasswordWrong(Refusal):
    """Who changes a password shows the present one, unless she has just signed in by a letter."""

    sentence = _l("This is not your present password.")
    field = "present"


class HashingIsBusy(Refusal):
    """Too many sign in with a password in the same moment; everybody else is still served."""

    sentence = _l("Many people are signing in at this moment. Please try again in a minute.")


class ChooseWhoYouAre(Refusal):
    """The person chosen does not belong to the address that was proven."""

    sentence = _l("Choose who you are.")
    field = "person"


class ConsentNeeded(Refusal):
    """Without the one explicit consent the service may keep nothing."""

    sentence = _l("Tick the box if you agree, so that we may keep your details.")
    field = "consent"


class WayToReachNeeded(Refusal):
    """Neither an email address nor a phone number: nobody could tell her anything."""

    sentence = _l("Enter your email address or a phone number")
    field = "email"


class LastAdmin(Refusal):
    """Somebody has to keep the key to the office."""

    sentence = _l("This is the last person who can open the office's pages, so the role stays.")


class SeveralPeople(Refusal):
    """An address belongs to several people, so it does not say who is meant."""

    def __init__(self, ids: list[int]) -> None:
        choices = ", ".join(map(str, sorted(ids)))
        super().__init__(
            _l("Several people have this address: say which one with --person (%(ids)s).", ids=choices)
        )


class NotAHost(Refusal):
    """Only hosts lead sessions: the role opens the roster."""

    sentence = _l("This person is not a host yet. Make them a host first.")
    field = "person"


class CannotBeWithdrawn(Refusal):
    """Keeping the ground rules is part of coming."""

    sentence = _l("These rules hold for everybody who comes. If you have a question about them, call us.")


class KeepAnEmailAddress(Refusal):
    """She signs in with it; whoever would rather be called says so, and keeps it."""

    sentence = _l("Please keep an email address: you sign in with it.")
    field = "email"


class NeedsAPhone(Refusal):
    """Nobody can call somebody without a number."""

    sentence = _l("Write down a phone number first, under Email, phone and post.")
    field = "channel"


class NeedsAMobile(Refusal):
    """A landline takes no text messages."""

    sentence = _l("Write down a mobile phone number first, under Email, phone and post.")
    field = "channel"


class NeedsAnAddress(Refusal):
    """Nobody can write by post to somebody without an address."""

    sentence = _l("Write down a postal address first, under Email, phone and post.")
    field = "channel"


class LastWayToReachYou(Refusal):
    """Somebody whom nobody can reach would not learn that her session is cancelled."""

    sentence = _l("We need one way to reach you, so please keep a phone number or add an email address.")
    field = "phone"


class CodeDoesNotFit(Refusal):
    """Six digits that are wrong, too old, or were taken before: refused alike."""

    sentence = _l(
        "That code does not fit, or was used already. Wait for the next one in your app, and type it here"
    )
    field = "code"


class RecoveryCodeDoesNotFit(Refusal):
    """A recovery code that is wrong or was used."""

    sentence = _l("That is not one of your recovery codes, or it was used already")
    field = "code"


class ShowTheSecondFactor(Refusal):
    """Changing the app itself asks for a code that was shown a moment ago."""

    sentence = _l("Please show a code from your app first.")


class SecondFactorStands(Refusal):
    """The same app was set up a moment ago: somebody pressed twice."""

    sentence = _l("Your app is set up. If you did not see your recovery codes, make ten new ones.")


class OfficeKeepsTheApp(Refusal):
    """Whoever opens the office's pages can't go without a second factor."""

    sentence = _l("The office's pages open only with an authenticator app, so it stays. You can change it.")


class AnotherAdminResets(Refusal):
    """Nobody resets her own second factor: that takes somebody else who looks."""

    sentence = _l("Somebody else from the office has to do this for you. You can change your app yourself.")


class AnotherAdminGives(Refusal):
    """Nobody opens the office's doors, or the safeguarding lead's, to herself."""

    sentence = _l("Nobody gives this role to themselves. Please ask another admin to do it.")


class RoleNeedsProof(Refusal):
    """The office's doors open only to somebody whose address is proven."""

    sentence = _l("This person has not confirmed an email address yet, so this role has to wait.")


class OnlyInDevelopment(Refusal):
    """What helps a newcomer to look around must not open a real office."""

    sentence = _l("This command is for trying things out: it does not work in production.")


class NoAuthenticatorApp(Refusal):
    """Nobody at this address has an authenticator app, set up or begun."""

    sentence = _l(
        "Nobody with this address has an authenticator app. "
        "Sign in and open an office page: it shows how to set one up."
    )


class NotAboutYourself(Refusal):
    """A deed that somebody else in the office does for one's own record."""

    sentence = _l("This is your own record. Please ask somebody else in the office to do it.")


class RecordIsShut(Refusal):
    """The record is closed, merged, or belongs to somebody who has died."""

    sentence = _l("This record is closed, part of another one, or of somebody who has died.")


class YourRecordIsShut(Refusal):
    """Whoever acts was closed, merged or recorded as having died in the same moment."""

    sentence = _l("Your own record does not open any more. Please ask somebody else in the office.")


class SameRecord(Refusal):
    """A record can't be put together with itself."""

    sentence = _l("This is the same record twice. Choose the other one.")


class LaterDeedFirst(Refusal):
    """What was done later has to be taken back before what was done earlier."""

    sentence = _l("Something was done to one of these records later. Take that back first.")


class TooLateToTakeBack(Refusal):
    """A recorded death and a merge can be undone for 30 days."""

    sentence = _l("This was done more than 30 days ago, so it can't be taken back any more.")


class SomebodyAlike(Refusal):
    """There is somebody of this name, or with this way of contact, already."""

    sentence = _l("Somebody alike is here already. Have a look first.")
    field = "anyway"


class WhoHasDied(Refusal):
    """Without a name the office can't find anybody."""

    sentence = _l("Tell us the name of the person who has died.")
    field = "who"


class NotAReminderTime(Refusal):
    """Reminders come 1 to 14 days before, between 8am and 8pm."""

    sentence = _l("Choose 1 to 14 days before, and an hour between 8am and 7pm.")
