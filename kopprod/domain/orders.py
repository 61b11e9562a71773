"""Buyers' orders and contracts: what was promised, against what is there.

PB Sri Rejeki ordered 1.000 kg of grade A by 10 March, Bulog 600 kg of any grade by 20 March. In
store are 700 kg of A and 500 kg of B: from 10 March on 300 kg of A are missing, and of the 500 kg
that are left for any grade 100 kg are missing from 20 March on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kopprod.domain.quantities import MOST, BaseUnit, Quantity
from kopprod.domain.refusal import N_, Refusal

LONGEST_TERM_DAYS = 365
LONGEST_ORDER_DAYS = 5 * 366
MOST_E4 = 10**12  # Rp100 million for one unit


class OrderStage(StrEnum):
    """An order stands until it was filled, or was given up."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class OrderUnknown(Refusal):
    """No order of that key."""

    sentence = N_("This order is not here. Go back to the list of orders.")


class BuyerUnknown(Refusal):
    """No buyer of that key."""

    sentence = N_("This buyer is not here. Choose one from the list of buyers.")


class BuyerIsOff(Refusal):
    """Somebody to whom the cooperative sells nothing any more."""

    sentence = N_("{name} is switched off. Switch this buyer on before writing down an order.")


class NothingOrdered(Refusal):
    """An order of nothing."""

    sentence = N_("The ordered quantity must be more than nothing. Please look at it again.")


class TooMuchOrdered(Refusal):
    """More than anybody could bring."""

    sentence = N_("{quantity} on one order cannot be right. Look at the number and its unit again.")


class OrderPriceAbsurd(Refusal):
    """A price that cannot be meant."""

    sentence = N_("A price of {price_e4} on an order cannot be right. Please look at it again.")


class DueBeforeOrdered(Refusal):
    """Goods that were due before anybody asked for them."""

    sentence = N_(
        "The order is of {ordered_on}, so it cannot be due on {due_on}. Choose a later day."
    )


class OrderedInFuture(Refusal):
    """An order that nobody has given yet."""

    sentence = N_(
        "An order of {ordered_on} has not been given yet. Choose today or an earlier day."
    )


class DueTooFar(Refusal):
    """A day that nobody plans for."""

    sentence = N_("{due_on} is more than five years away. Please look at the year again.")


class GradeNotOfProduct(Refusal):
    """A grade of something else."""

    sentence = N_("{product} has no such grade. Choose one of its grades, or any grade.")


class OrderClosed(Refusal):
    """It was filled or ended, so its words stay."""

    sentence = N_("Order {number} is closed. Nothing in it can be changed any more.")


class OrderCancelled(Refusal):
    """It was given up."""

    sentence = N_("Order {number} was cancelled. Nothing in it can be changed any more.")


class OrderHasSale(Refusal):
    """What was sold on it would stand there without its order."""

    sentence = N_("Sale {sale} belongs to order {number}. Close the order instead.")


class LessThanSold(Refusal):
    """A quantity below what was brought already."""

    sentence = N_("On order {number} {filled} is sold already, so {quantity} is too little.")


class OrderOfOther(Refusal):
    """A sale on somebody else's order, or of something else."""

    sentence = N_("Order {number} is of another buyer or product. Choose an order that fits.")


class OrderStillOpen(Refusal):
    """Only what ended can be opened again."""

    sentence = N_("Order {number} is open already.")


class TermAbsurd(Refusal):
    """A term of payment that no buyer agrees on."""

    sentence = N_("A term of payment is from 0 to {most} days. Please look at it again.")


class TermUnclear(Refusal):
    """No whole number of days."""

    sentence = N_("{typed} is no number of days. Type a whole number, like 14, or nothing.")


def check_order(
    *, quantity: int, unit: BaseUnit, price_e4: int | None, ordered_on: date, due_on: date, on: date
) -> None:
    """Refuse an order that nobody can have meant; the quantity is in base units."""
    if quantity <= 0:
        raise NothingOrdered
    if quantity > MOST:
        raise TooMuchOrdered(quantity=Quantity(quantity, unit))
    if price_e4 is not None and not 0 < price_e4 <= MOST_E4:
        raise OrderPriceAbsurd(price_e4=price_e4)
    if ordered_on > on:
        raise OrderedInFuture(ordered_on=ordered_on)
    if due_on < ordered_on:
        raise DueBeforeOrdered(ordered_on=ordered_on, due_on=due_on)
    if (due_on - ordered_on).days > LONGEST_ORDER_DAYS:
        raise DueTooFar(due_on=due_on)


def check_term(days: int | None) -> None:
    """Refuse a term of payment below nothing or above a year; none is at once."""
    if days is not None and not 0 <= days <= LONGEST_TERM_DAYS:
        raise TermAbsurd(most=LONGEST_TERM_DAYS)


def parse_term(text: str) -> int | None:
    """Read a term of payment in days: `14`, `14 hari`; nothing is at once."""
    typed = " ".join(text.split())
    number = typed.casefold().removesuffix("hari").removesuffix("days").strip()
    if not number:
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 5):
        raise TermUnclear(typed=typed[:40])
    check_term(int(number))
    return int(number)


@dataclass(frozen=True)
class Promise:
    """What is still to be brought on one order, in base units; without a grade any grade does."""

    left: int
    due_on: date
    grade_id: int | None = None


@dataclass(frozen=True)
class Cover:
    """How far the store goes for all promises of one grade, or for those of any grade (None).

    `there` is what the store has for them; `lack` what is missing for all of them together, and
    `lacks_from` the first day on which something due cannot be brought.
    """

    grade_id: int | None
    promised: int
    first_due_on: date
    there: int
    lack: int
    lacks_from: date | None


def cover(promises: Iterable[Promise], stock: Mapping[int, int]) -> list[Cover]:
    """Hold the promises of one product against its store, `stock` in base units by grade.

    What names a grade is served from that grade; what takes any grade gets the rest. What is due
    earlier comes first, so the order in which promises are given changes nothing. Grades first (by
    id), any grade last.
    """
    owed = [promise for promise in promises if promise.left > 0]
    lines = {promise.grade_id for promise in owed}
    named = sorted(grade_id for grade_id in lines if grade_id is not None)
    ordered = [*named, None] if None in lines else named
    days = sorted({promise.due_on for promise in owed})
    return [_line(grade_id, owed, stock, days) for grade_id in ordered]


def _line(
    grade_id: int | None, owed: Sequence[Promise], stock: Mapping[int, int], days: Sequence[date]
) -> Cover:
    mine = [promise for promise in owed if promise.grade_id == grade_id]
    lacks = [_lack(grade_id, owed, stock, until=day) for day in days]
    return Cover(
        grade_id=grade_id,
        promised=sum(promise.left for promise in mine),
        first_due_on=min(promise.due_on for promise in mine),
        there=_there(grade_id, owed, stock, until=days[-1]),
        lack=lacks[-1],
        lacks_from=next((day for day, lack in zip(days, lacks, strict=True) if lack), None),
    )


def _lack(
    grade_id: int | None, owed: Sequence[Promise], stock: Mapping[int, int], *, until: date
) -> int:
    wanted = _due(grade_id, owed, until=until)
    return max(0, wanted - _there(grade_id, owed, stock, until=until))


def _there(
    grade_id: int | None, owed: Sequence[Promise], stock: Mapping[int, int], *, until: date
) -> int:
    if grade_id is not None:
        return stock.get(grade_id, 0)
    return sum(max(0, held - _due(grade, owed, until=until)) for grade, held in stock.items())


def _due(grade_id: int | None, owed: Sequence[Promise], *, until: date) -> int:
    return sum(p.left for p in owed if p.grade_id == grade_id and p.due_on <= until)


def note_number(sale_number: str) -> str:
    """The number of a sale's delivery note: JUAL-2026-0001 has SJ-2026-0001."""
    return f"SJ-{_year_and_count(sale_number)}"


def invoice_number(sale_number: str, *, turn: int = 1) -> str:
    """The number of a sale's invoice; one that is settled anew gets a `turn` of its own.

    JUAL-2026-0001 has TAG-2026-0001, and TAG-2026-0001-2 after its settlement was taken back once.
    """
    number = f"TAG-{_year_and_count(sale_number)}"
    return number if turn == 1 else f"{number}-{turn}"


def _year_and_count(sale_number: str) -> str:
    return sale_number.partition("-")[2]
