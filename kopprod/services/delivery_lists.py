"""Lists of deliveries of any product: what they would bring, and receiving them in batches.

A batch is one transaction of the caller, so that others who write wait for a moment and not for the
whole list. Each delivery has a key of its own: a list that was cut off is brought again, and only
what is missing comes in.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from sqlmodel import Session, col, select

from kopprod import many_rows
from kopprod.domain import delivery_lists as rules
from kopprod.domain.access import Action
from kopprod.domain.delivery_lists import Deliverer, Goods, ListRow, Ordinals, Reading, Survey
from kopprod.domain.imports import Columns, Fault, Row, Weight
from kopprod.domain.refusal import Refusal
from kopprod.services import access, intake, products
from kopprod.services.delivery_files import kept_keys
from kopprod.services.intake import Incoming, Offered, Offers, Reckoned
from kopprod.tables.members import Member

Line = Row | Fault
BATCH = 10_000  # rows of one transaction: others wait two or three seconds
MOST_FAULTS = 2_000  # that are listed; all are counted
_FIRST = 10
_AT_ONCE = 5_000  # values in one statement


def register(session: Session, numbers: Iterable[str] | None = None) -> rules.Register:
    """What rows may name; with `numbers` only these members, who cannot leave until we are done."""
    access.require(session, Action.IMPORTS_RUN)
    columns = (col(Member.id), col(Member.number), col(Member.name))
    query = select(*columns, col(Member.village_id), col(Member.left_on))  # type: ignore[call-overload]
    if numbers is None:
        found = session.exec(query).all()
    else:
        # In one order for everybody, so that two at once never wait for each other.
        locked = query.order_by(col(Member.id)).with_for_update(read=True)
        wanted = sorted(set(numbers))
        parts = (wanted[at : at + _AT_ONCE] for at in range(0, len(wanted), _AT_ONCE))
        found = [
            m for part in parts for m in session.exec(locked.where(col(Member.number).in_(part)))
        ]
    members = {number: Deliverer(id_, number, *rest) for id_, number, *rest in found}
    rows = {product.id: product for product in products.products(session)}
    goods = {
        row.name.casefold(): Goods(
            row.id,
            row.name,
            row.base_unit,
            row.price_unit,
            {grade.name.casefold(): grade.id for grade in products.grades(session, row.id)},
        )
        for row in rows.values()
    }

    @cache
    def units(goods: Goods) -> Any:
        row = rows[goods.id]
        return products.units_on(session, row), products.price_pers(session, row)

    @cache
    def factors(goods: Goods, on: date, village_id: int | None) -> Mapping[str, int]:
        valid, per = units(goods)
        # Without a unit a quantity is in the unit of the price, which is the same in every village.
        return {"": per(on), **{u.name.casefold(): u.factor for u in valid(on, village_id)}}

    def factor(goods: Goods, unit: str, on: date, village_id: int | None) -> int | None:
        return factors(goods, on, village_id).get(unit)

    return rules.Register(members, goods, factor)


def survey(
    session: Session, lines: Callable[[], Iterable[Line]], columns: Columns, *, on: date
) -> Survey:
    """Read a list twice for what only all of its rows say."""
    reading = Reading(columns, rules.signs(lines(), columns), on)
    return rules.survey(lines(), reading, register(session))


@dataclass
class Run:
    """One going through a list, from its first row to the last.

    `accepted` are the questions that somebody answered with yes: their sentences, or single rows.
    """

    survey: Survey
    buys: bool
    accepted: frozenset[str] = frozenset()
    accepted_rows: frozenset[int] = frozenset()
    ordinals: Ordinals = field(init=False)
    reckoned: Reckoned = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Nothing has been said so far."""
        self.ordinals = Ordinals(self.survey)

    def accepts(self, questions: Sequence[Fault]) -> bool:
        """Whether a row comes in although it was asked about."""
        return all(
            each.sentence in self.accepted or each.row in self.accepted_rows for each in questions
        )


@dataclass
class Looked:
    """What a list would bring: how many rows are what, and the first of each.

    `asked` counts the rows of each question, by its sentence; `faults` has the first `MOST_FAULTS`
    faults and questions. `amount_rp` is what would be owed for the good rows.
    """

    rows: int = 0
    good: int = 0
    asked_rows: int = 0
    faulty: int = 0
    there_already: int = 0
    repeated: int = 0
    amount_rp: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    first: list[ListRow] = field(default_factory=list)


def look(session: Session, lines: Iterable[Line], run: Run) -> Looked:
    """Go through a list without keeping anything; whoever answers comes later."""
    known, offers = register(session), _offers(session, run)
    found = Looked(rows=run.survey.rows)
    for batch in batches(lines):
        for one in _sorted(session, batch, run, known, offers, found):
            found.good += 1
            found.amount_rp += one.offered.bought.amount_rp if one.offered else 0
            if len(found.first) < _FIRST:
                found.first.append(one.row)
    return found


def batches(lines: Iterable[Line], *, size: int = BATCH) -> Iterator[list[Line]]:
    """A list in parts, each of which is kept in a transaction of its own."""
    rest = iter(lines)
    while batch := list(islice(rest, size)):
        yield batch


@dataclass(frozen=True)
class KeptPart:
    """What one batch wrote."""

    deliveries: int
    amount_rp: int


def keep(session: Session, batch: Sequence[Line], run: Run, *, on: date) -> KeptPart:
    """Receive the good rows of a batch and those that were answered for, and buy them if so said.

    All is compared again inside this transaction; what is wrong by now is left out.
    """
    access.require(session, Action.IMPORTS_RUN)
    intake.take_turns(session, on=on, buys=run.buys)
    columns = run.survey.reading.columns
    rows = [line for line in batch if not isinstance(line, Fault)]
    numbers = {rules.said_number(columns, cells) for _, cells in rows}
    known = register(session, numbers)
    incoming = list(_sorted(session, batch, run, known, _offers(session, run), Looked()))
    with many_rows.roomy(session):
        amount_rp = intake.receive_many(session, incoming, on=on)
    return KeptPart(len(incoming), amount_rp)


def _offers(session: Session, run: Run) -> Offers | None:
    return Offers(session, run.reckoned) if run.buys else None


def _offered(row: ListRow, offers: Offers | None) -> Offered | Refusal | None:
    try:
        return None if offers is None else offers.of(row)
    except Refusal as refusal:
        return refusal


def _sorted(
    session: Session,
    batch: Sequence[Line],
    run: Run,
    known: rules.Register,
    offers: Offers | None,
    found: Looked,
) -> Iterator[Incoming]:
    """The rows of a batch that come in; the others are counted and listed in `found`."""
    read: list[tuple[ListRow, str]] = []
    for line in batch:
        row = line if isinstance(line, Fault) else rules.read_row(line, run.survey.reading, known)
        if isinstance(row, Fault):
            _note(found, row)
            continue
        ordinal = run.ordinals.next(row)
        if rules.repeated(row, ordinal):
            found.repeated += 1
        else:
            read.append((row, rules.key(row, ordinal)))
    kept = kept_keys(session, [key for _, key in read])
    for row, key in read:
        if key in kept:
            found.there_already += 1
            continue
        offered = _offered(row, offers)
        if isinstance(offered, Refusal):
            _note(found, rules.not_bought(row, run.survey, offered))
            continue
        questions = list(rules.questions(row, run.survey))
        if not run.accepts(questions):
            _ask(found, questions)
            continue
        yield Incoming(row, key, offered)


def _note(found: Looked, fault: Fault) -> None:
    found.faulty += fault.weight is Weight.FAULT
    if len(found.faults) < MOST_FAULTS:
        found.faults.append(fault)


def _ask(found: Looked, questions: Sequence[Fault]) -> None:
    found.asked_rows += 1
    for question in questions:
        found.asked[question.sentence] += 1
        _note(found, question)
