"""Booking a shared machine: its stages, which act leads from one to another, and who may act.

Ayu asks on Monday for the tractor on Thursday. Her request holds that time for a day; if nobody
answers it expires, and the next on the waiting list may have it. Once it is booked she may still
cancel; on Thursday, when the machine is out on her field, no more.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum

from kopprod.domain.intervals import Calendar, Span
from kopprod.domain.refusal import N_, Refusal

HOUR = timedelta(hours=1)
# What nobody fetched may still be written down so long: hand-overs are kept on paper first.
LAPSES = timedelta(days=14)
NOBODY_CAME = N_("Nobody came for the machine.")


class Stage(StrEnum):
    """Where a booking is."""

    REQUESTED = "requested"
    BOOKED = "booked"
    OUT = "out"
    RETURNED = "returned"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    WAITING = "waiting"
    POSTPONED = "postponed"


# Those that hold their time: nobody else gets it.
HOLDING = frozenset({Stage.REQUESTED, Stage.BOOKED, Stage.OUT})
# Those that count for quotas.
CHARGED = HOLDING | {Stage.RETURNED}
# Those of which nothing comes any more.
ENDED = frozenset({Stage.RETURNED, Stage.REFUSED, Stage.CANCELLED, Stage.EXPIRED})

STAGE_NAMES: Mapping[Stage, str] = {
    Stage.REQUESTED: N_("requested"),
    Stage.BOOKED: N_("booked"),
    Stage.OUT: N_("handed over"),
    Stage.RETURNED: N_("returned"),
    Stage.REFUSED: N_("refused"),
    Stage.CANCELLED: N_("cancelled"),
    Stage.EXPIRED: N_("expired"),
    Stage.WAITING: N_("on the waiting list"),
    Stage.POSTPONED: N_("postponed"),
}


class Act(StrEnum):
    """What can be done with a booking that is there."""

    APPROVE = "approve"
    REFUSE = "refuse"
    EXPIRE = "expire"
    NO_SHOW = "no_show"  # nobody came
    CHANGE = "change"  # another time, or another size of job
    EXTEND = "extend"  # only a later end
    CANCEL = "cancel"
    POSTPONE = "postpone"
    PLACE = "place"  # a time for one that holds none
    HAND_OVER = "hand_over"
    RETURN = "return"


LEADS_TO: Mapping[tuple[Stage, Act], Stage] = {
    (Stage.REQUESTED, Act.APPROVE): Stage.BOOKED,
    (Stage.REQUESTED, Act.REFUSE): Stage.REFUSED,
    (Stage.REQUESTED, Act.EXPIRE): Stage.EXPIRED,
    (Stage.REQUESTED, Act.CHANGE): Stage.REQUESTED,
    (Stage.REQUESTED, Act.CANCEL): Stage.CANCELLED,
    (Stage.REQUESTED, Act.POSTPONE): Stage.POSTPONED,
    (Stage.BOOKED, Act.CHANGE): Stage.BOOKED,
    (Stage.BOOKED, Act.EXTEND): Stage.BOOKED,
    (Stage.BOOKED, Act.CANCEL): Stage.CANCELLED,
    (Stage.BOOKED, Act.POSTPONE): Stage.POSTPONED,
    (Stage.BOOKED, Act.HAND_OVER): Stage.OUT,
    (Stage.BOOKED, Act.NO_SHOW): Stage.EXPIRED,
    (Stage.OUT, Act.EXTEND): Stage.OUT,
    (Stage.OUT, Act.RETURN): Stage.RETURNED,
    **{
        (stage, act): to
        for stage in (Stage.WAITING, Stage.POSTPONED)
        for act, to in (
            (Act.PLACE, Stage.BOOKED),
            (Act.CANCEL, Stage.CANCELLED),
            (Act.EXPIRE, Stage.EXPIRED),
        )
    },
}
# What members do with their own bookings; the rest is for those who manage the machines.
OWN_ACTS = frozenset({Act.CHANGE, Act.EXTEND, Act.CANCEL})


class BookingUnknown(Refusal):
    """No booking of that key."""

    sentence = N_("This booking is not here. Go back to the list of bookings.")


class BookingEnded(Refusal):
    """Nothing comes of it any more."""

    sentence = N_("Booking {number} is {stage_word}. Nothing in it can be changed any more.")


class CancelledAfterUse(Refusal):
    """Work that was begun cannot be undone."""

    sentence = N_(
        "Booking {number} is {stage_word}, so it cannot be cancelled. What was used is billed."
    )


class StillOut(Refusal):
    """The machine stands on somebody's field."""

    sentence = N_("The machine of booking {number} is handed over. Write down its return first.")


class NotOut(Refusal):
    """A return of what nobody has."""

    sentence = N_("Booking {number} is {stage_word}: its machine has not been handed over.")


class NotApproved(Refusal):
    """A request that nobody said yes to."""

    sentence = N_("Booking {number} is still a request. Approve it first.")


class HoldsNoTime(Refusal):
    """On the waiting list, or postponed."""

    sentence = N_("Booking {number} is {stage_word} and has no time yet. Give it a time first.")


class HasItsTime(Refusal):
    """Approved already, or given a time already."""

    sentence = N_("Booking {number} is {stage_word} already.")


class MayStillCome(Refusal):
    """A booking given up for nobody came, before its time."""

    sentence = N_("Booking {number} begins {since}. Whoever has it may still come.")


class SizeApproved(Refusal):
    """What was approved was approved for a size."""

    sentence = N_(
        "{number} is approved for the size that was asked for. Ask the officer to change it, or "
        "cancel it and ask anew."
    )


class NotYourBooking(Refusal):
    """Somebody else's."""

    sentence = N_("Booking {number} is {name}'s. Only {name} or the manager may do this.")


class OnlyManagers(Refusal):
    """What members do not decide themselves."""

    sentence = N_("Only who manages the machines may do this. Ask the cooperative's manager.")


def after(stage: Stage, act: Act, *, number: str) -> Stage:
    """The stage that an act leads to, or the sentence that says why it cannot be done now."""
    to = LEADS_TO.get((stage, act))
    if to is not None:
        return to
    raise _why_not(stage, act)(number=number, stage_word=STAGE_NAMES[stage])


def _why_not(stage: Stage, act: Act) -> type[Refusal]:
    if act is Act.CANCEL and stage in (Stage.OUT, Stage.RETURNED):
        return CancelledAfterUse
    if stage in ENDED:
        return BookingEnded
    if stage is Stage.OUT:
        return StillOut
    if act is Act.RETURN:
        return NotOut
    if stage in (Stage.WAITING, Stage.POSTPONED):
        return HoldsNoTime
    return NotApproved if act in (Act.HAND_OVER, Act.EXTEND, Act.NO_SHOW) else HasItsTime


def check_resize(stage: Stage, *, approved: bool, manages: bool, number: str) -> None:
    """Refuse a member another size of what somebody approved; `approved` where this kind is.

    Who manages the machines may approve the new size by writing it down.
    """
    if approved and not manages and stage is not Stage.REQUESTED:
        raise SizeApproved(number=number)


def check_actor(act: Act, *, own: bool, manages: bool, number: str, name: str) -> None:
    """Refuse what somebody may not do; `own` says whether it is the booking of who acts.

    Members change, extend and cancel their own; all else is for those who manage the machines.
    """
    if manages:
        return
    if not own:
        raise NotYourBooking(number=number, name=name)
    if act not in OWN_ACTS:
        raise OnlyManagers


class MachineRetired(Refusal):
    """It is not used any more."""

    sentence = N_("{machine} is no longer in use since {retired_on}. Choose another machine.")


class RetiredWithBookings(Refusal):
    """Who booked it would come for nothing."""

    sentence = N_(
        "{machine} is still booked: {names}. Move or cancel these bookings before it is retired."
    )


def check_in_use(machine: str, retired_on: date | None, span: Span, calendar: Calendar) -> None:
    """Refuse a booking that goes on after the machine's last day; from `retired_on` it is gone."""
    if retired_on is not None and span.until > calendar.moment(retired_on):
        raise MachineRetired(machine=machine, retired_on=retired_on)


def check_retire(
    machine: str,
    retired_on: date,
    standing: Iterable[tuple[str, Span]],
    calendar: Calendar,
) -> None:
    """Refuse to retire a machine that is booked, by name, from that day on."""
    day = calendar.moment(retired_on)
    names = [name for name, span in standing if span.until > day]
    if names:
        raise RetiredWithBookings(machine=machine, names=", ".join(names))


def expires_at(asked_at: datetime, since: datetime, hours: int) -> datetime:
    """Until when a request holds its time: so many hours, but not after the time has come."""
    return min(asked_at + hours * HOUR, since)


def check_no_show(span: Span, *, number: str, at: datetime, calendar: Calendar) -> None:
    """Refuse to give up a booking whose time has not begun."""
    if at < span.since:
        raise MayStillCome(number=number, since=calendar.local(span.since))


def expired(requests: Mapping[int, datetime], *, at: datetime) -> list[int]:
    """The keys of those requests whose time to be answered is over, the oldest first."""
    return [
        key for until, key in sorted((until, key) for key, until in requests.items()) if until <= at
    ]
