"""The demo cooperative: two years of an invented cooperative, made by the services a user calls.

The same day gives the same cooperative: chance comes from one seeded source. What is made is what
people would have done: they log, deliver, note prices; the manager sells and settles; the treasurer
takes the buyer's money, pays the costs and the slips. The last weeks are left half-done, so that
every screen has something that waits: logs that no scale has seen, goods in store, an open sale,
slips that are not paid.
"""

import random
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, select

from kopprod import db
from kopprod.domain import quantities
from kopprod.domain.access import SYSTEM, Person, Role
from kopprod.domain.ledger import Posting
from kopprod.domain.members import MemberStatus
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.migrations import run
from kopprod.services import (
    accounts,
    cooperative,
    deliveries,
    ledger,
    members,
    output,
    payments,
    products,
    quotes,
    sales,
    settlement,
    slips,
)
from kopprod.tables.sales import Sale
from kopprod.tables.trail import Act

SLUG = "demo"
WHOLE = "demo.whole"
INPUT = db.ROOT / "data" / "demo.toml"
MONTHS = 24
SEED = 17
UNPAID_DAYS = 50  # how old the last settlement of a product may be, to be left unpaid


class Ending(Enum):
    """How far a round of selling has come."""

    STORED = auto()
    OPEN = auto()
    SETTLED = auto()
    PAID = auto()


@dataclass
class Good:
    """A product of the demo with who makes it and how it is sold."""

    plan: dict[str, Any]
    id: int
    grades: list[tuple[int, int]]  # key and factor
    members: list[tuple[int, int]]  # key and village
    buyers: list[int]


@dataclass
class Stage:
    """Everything the play needs at hand."""

    coop: str
    on: date
    chance: random.Random
    people: dict[Role, Person] = field(default_factory=dict)
    own: dict[int, Person] = field(default_factory=dict)  # members who sign in, by member
    goods: list[Good] = field(default_factory=list)
    villages: list[int] = field(default_factory=list)


def make(coop: str = SLUG, *, on: date) -> None:
    """Make the demo cooperative as it would stand on the day `on`."""
    plan = tomllib.loads(INPUT.read_text("utf-8"))
    run.create(coop)
    stage = Stage(coop, on, random.Random(SEED))
    _found(stage, plan)
    rounds = sorted(_rounds(stage), key=lambda r: (r[0], r[1].id))
    for place, (day, good) in enumerate(rounds):
        _play(stage, good, day, ending=_ending(rounds, place, on))
    for good in stage.goods:
        _note_offers(stage, good, on)
        _log_own(stage, good)
    with db.writing(coop, person=SYSTEM, action=WHOLE, at=_at(on, 18)):
        pass  # the act alone says that nothing broke off half-way


def is_whole(coop: str = SLUG) -> bool:
    """Whether the demo is there and was made to its end."""
    if not db.exists(coop):
        return False
    with db.reading(coop) as session:
        return session.exec(select(Act).where(Act.action == WHOLE)).first() is not None


def remove(coop: str = SLUG) -> None:
    """Take away a demo cooperative with all that is in it; never any other."""
    if not coop.startswith(SLUG):
        raise ValueError(f"{coop} is no demo")
    if db.is_sqlite():
        db.forget_engines()
        for ending in ("", "-wal", "-shm"):
            path = db.sqlite_path(coop)
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return
    with db.engine(coop, writes=True).begin() as connection:
        connection.execute(text(f"DROP SCHEMA IF EXISTS {db.schema(coop)} CASCADE"))


def _at(day: date, hour: int = 8) -> datetime:
    return datetime.combine(day, time(hour - 7 if hour >= 7 else 0), tzinfo=UTC)


def _start(stage: Stage) -> date:
    month = stage.on.year * 12 + stage.on.month - 1 - MONTHS
    return date(month // 12, month % 12 + 1, 1)


def _found(stage: Stage, plan: dict[str, Any]) -> None:
    start = _start(stage)
    with db.writing(stage.coop, person=SYSTEM, action="demo.found", at=_at(start)) as session:
        called = plan["cooperative"]
        ledger.open_chart(session)
        cooperative.change_setting(session, name="name", value=called["name"])
        stage.villages = [cooperative.add_village(session, name=v).id for v in called["villages"]]
        by_name = dict(zip(called["villages"], stage.villages, strict=True))
        for one, other in called["neighbours"]:
            cooperative.add_neighbours(session, village_id=by_name[one], other_id=by_name[other])
        for role, name in plan["staff"].items():
            user = accounts.add_user(
                session, name=name, user_name=role, roles={Role(role)}, is_demo=True
            )
            stage.people[Role(role)] = Person(user.id, name, frozenset({Role(role)}))
        for number, product in enumerate(plan["products"]):
            stage.goods.append(_good(session, stage, product, first=number))
        for name in called["sign_in"]:
            _give_access(session, stage, name)
        member_ids = [member_id for good in stage.goods for member_id, _village in good.members]
        ledger.open_balances(session, on=start, balances=_opening(called, member_ids))


def _opening(called: dict[str, Any], member_ids: Sequence[int]) -> list[Posting]:
    money = [Posting(code, debit_rp=rp) for code, rp in called["money"].items()]
    saved = [
        Posting(code, credit_rp=rp, member_id=member_id)
        for code, rp in called["saved"].items()
        for member_id in member_ids
    ]
    rest_rp = sum(p.debit_rp for p in money) - sum(p.credit_rp for p in saved)
    return [*money, *saved, Posting(called["reserve"], credit_rp=rest_rp)]


def _good(session: Session, stage: Stage, plan: dict[str, Any], *, first: int) -> Good:
    start = _start(stage)
    product = products.add_product(
        session,
        name=plan["name"],
        kind=ProductKind(plan["kind"]),
        base_unit=BaseUnit(plan["base_unit"]),
        price_unit=plan["price_unit"],
        since=start,
        first_grade="",
    )
    unit, factor, _tare = plan["sack"]
    products.add_unit(session, product.id, name=unit, factor=factor, since=start)
    grades = []
    for name, factor_bp in plan["grades"].items():
        grade = products.add_grade(session, product.id, name=name, factor_bp=factor_bp, since=start)
        grades.append((grade.id, factor_bp))
    good = Good(plan, product.id, grades, [], [])
    for place, name in enumerate(plan["people"]):
        good.members.append(_member(session, stage, good, name, first * 20 + place))
    known = {b.name: b.id for b in sales.buyers(session)}
    good.buyers = [
        known[name] if name in known else sales.add_buyer(session, name=name).id
        for name in plan["buyers"]
    ]
    return good


def _member(session: Session, stage: Stage, good: Good, name: str, place: int) -> tuple[int, int]:
    village = stage.villages[place % len(stage.villages)]
    member = members.add_member(
        session,
        number=members.next_number(session),
        name=name,
        status=MemberStatus.MEMBER,
        village_id=village,
        joined_on=_start(stage) - timedelta(days=30 * (place % 9 + 1)),
        product_ids=[good.id],
    )
    return member.id, village


def _give_access(session: Session, stage: Stage, name: str) -> None:
    """A member with a phone of her own, who signs in herself; visitors are the first of them."""
    (member,) = members.members(session, search=name)
    user = accounts.add_user(
        session, name=name, member_id=member.id, phone=member.phone, is_demo=True
    )
    person = Person(user.id, name, frozenset({Role.MEMBER}), member_id=member.id)
    stage.own[member.id] = person
    stage.people.setdefault(Role.MEMBER, person)


def _rounds(stage: Stage) -> Iterator[tuple[date, Good]]:
    for good in stage.goods:
        day = _start(stage) + timedelta(days=10 + 2 * good.id)
        while day <= stage.on:
            if day.month in good.plan["months"]:
                yield day, good
            day += timedelta(days=good.plan["every_days"])


def _ending(rounds: Sequence[tuple[date, Good]], place: int, on: date) -> Ending:
    """The last round lies in store, the one before is an open sale, and of every product the last
    that was settled is not paid yet, if that was lately."""
    day, good = rounds[place]
    if place >= len(rounds) - 2:
        return Ending.STORED if place == len(rounds) - 1 else Ending.OPEN
    comes_again = any(other is good for _day, other in rounds[place + 1 : -2])
    lately = on - day < timedelta(days=UNPAID_DAYS)
    return Ending.SETTLED if lately and not comes_again else Ending.PAID


def _play(stage: Stage, good: Good, day: date, *, ending: Ending) -> None:
    """One round of selling: the goods come in over some days, and are sold on `day`."""
    _note_offers(stage, good, day)
    brought = _bring(stage, good, day)
    if not brought or ending is Ending.STORED:
        return
    sale_id = _sell(stage, good, day, brought)
    settled = None if ending is Ending.OPEN else _settle(stage, sale_id, day)
    paid_on = day + timedelta(days=stage.chance.randint(*good.plan["waits"]))
    if settled is not None and ending is Ending.PAID and paid_on <= stage.on:
        _pay(stage, sale_id, settled.gross_rp or 0, paid_on)


def _price(plan: dict[str, Any], row: str, day: date, stage: Stage) -> int:
    """This month's price with a little weather in it, six percent lower in the first year."""
    rp: int = plan[row][day.month - 1]
    if day < _start(stage) + timedelta(days=365):
        rp = rp * 94 // 100
    step = 50 if rp < 10_000 else 250
    return max(step, (rp + stage.chance.randint(-2, 2) * step) // step * step)


def _note_offers(stage: Stage, good: Good, day: date) -> None:
    """Officers note three to five offers a grade, but now and then too few to compare."""
    plan, chance = good.plan, stage.chance
    officer = stage.people[Role.OFFICER]
    count = 1 if chance.random() < 0.12 else chance.randint(3, 4)
    with db.writing(
        stage.coop, person=officer, action="quotes.record", at=_at(day - timedelta(days=1), 17)
    ) as session:
        for number in range(count):
            heard = day - timedelta(days=chance.randint(1, 4))
            for place, (grade_id, factor_bp) in enumerate(good.grades):
                price_rp = _price(plan, "offer", heard, stage) * factor_bp // 10_000
                quotes.record(
                    session,
                    product_id=good.id,
                    grade_id=grade_id,
                    village_id=stage.villages[1 if number == 0 else number % 3],
                    quoted_on=heard,
                    price_e4=price_rp * 10_000,
                    cut_per_sack=plan["cut_per_sack"] if place == 0 or number else 0,
                    sack_size=plan["sack"][1],
                    charge_e4=plan["charge"] * 10_000,
                    pays_after_days=plan["pays_after_days"],
                    middleman=chance.choice(["Haji Karim", "Bos Jaya", "Mbak Yanti", "Pak Kumis"]),
                    on=day,
                )


def _bring(stage: Stage, good: Good, day: date) -> list[int]:
    """Members log what they made; the officer weighs most of it in the days before the sale."""
    chance, plan = stage.chance, good.plan
    officer = stage.people[Role.OFFICER]
    low, high, step = plan["lot"]
    coming = [m for m in good.members if chance.random() < plan["takes_part"] or m[0] in stage.own]
    brought = []
    for came, group in _in_days(coming, day - timedelta(days=1)):
        with db.writing(
            stage.coop, person=officer, action="deliveries.receive", at=_at(came)
        ) as session:
            session.info["held"] = _hold(session, good)
            for member_id, _village in group:
                amount = chance.randrange(low, high, step)
                log_id = _log(session, stage, good, member_id, amount, came)
                if chance.random() < 0.06:
                    continue  # logged, but it never reached the scale
                brought.append(_deliver(session, stage, good, member_id, amount, came, log_id))
    return brought


def _hold(session: Session, good: Good) -> Sequence[object]:
    """Rows that many acts of one session look at: while they are held, they are read only once."""
    return [*products.products(session), *products.grades(session, good.id)]


def _in_days(
    coming: Sequence[tuple[int, int]], last: date
) -> Iterator[tuple[date, Sequence[tuple[int, int]]]]:
    half = (len(coming) + 1) // 2
    yield last - timedelta(days=2), coming[:half]
    yield last, coming[half:]


def _log_own(stage: Stage, good: Good) -> None:
    """In the season, members with a phone logged today what has not come to the scale yet."""
    low, high, step = good.plan["lot"]
    if stage.on.month not in good.plan["months"]:
        return
    for member_id, person in stage.own.items():
        if member_id not in dict(good.members):
            continue
        with db.writing(
            stage.coop, person=person, action="output.record", at=_at(stage.on, 16)
        ) as session:
            amount = stage.chance.randrange(low, high, step)
            _log(session, stage, good, member_id, amount, stage.on)


def _log(session: Session, stage: Stage, good: Good, member_id: int, amount: int, on: date) -> int:
    draft = output.open_draft(session, at=_at(on))
    unit, factor, _tare = good.plan["sack"]
    typed = (
        f"{quantities.format_number(Fraction(amount, 1000))} kg"
        if factor > 1000
        else f"{amount} buah"
    )
    log = output.record(
        session,
        draft.id,
        member_id=member_id,
        product_id=good.id,
        amount=amount,
        typed=typed,
        made_on=on - timedelta(days=stage.chance.randint(0, 2)),
        note="",
        on=on,
    )
    return log.id


def _deliver(
    session: Session, stage: Stage, good: Good, member_id: int, amount: int, on: date, log_id: int
) -> int:
    _unit, sack, tare = good.plan["sack"]
    grade_id = good.grades[0 if stage.chance.random() < 0.7 else 1][0]
    sacks = -(-amount // sack)
    received = deliveries.receive(
        session,
        member_id=member_id,
        product_id=good.id,
        grade_id=grade_id,
        gross=amount + sacks * tare,
        tare=sacks * tare,
        received_on=on,
        output_id=log_id,
        on=on,
    )
    return received.id


def _sell(stage: Stage, good: Good, day: date, brought: Sequence[int]) -> int:
    """The manager pools what was brought and agrees a price."""
    chance, plan = stage.chance, good.plan
    manager = stage.people[Role.MANAGER]
    with db.writing(stage.coop, person=manager, action="sales.open", at=_at(day, 15)) as session:
        parts = {s.delivery.id: s.left for s in deliveries.in_store(session, product_id=good.id)}
        weight = sum(parts[d] for d in brought if d in parts)
        per = 1 if good.plan["base_unit"] == "piece" else 1000
        lost_bp = 0 if per == 1 else chance.randint(-10, 140)
        sale = sales.open_sale(
            session,
            buyer_id=chance.choice(good.buyers),
            product_id=good.id,
            sold_on=day,
            price_e4=_price(plan, "price", day, stage) * 10_000,
            buyer_weight=weight - weight * lost_bp // 10_000,
            fee_bp=250,
            on=day,
        )
        sales.allot_all(session, sale.id, brought)
        for name, rp in plan["costs"].items():
            cost_rp = -(-rp * weight // (per * 1000)) * 1000
            sales.add_cost(session, sale.id, name=name, amount_rp=cost_rp)
        return sale.id


def _settle(stage: Stage, sale_id: int, day: date) -> Sale | None:
    """A day later the manager settles, if that day has come."""
    on = day + timedelta(days=1)
    if on > stage.on:
        return None
    manager = stage.people[Role.MANAGER]
    with db.writing(stage.coop, person=manager, action="sales.settle", at=_at(on)) as session:
        return settlement.settle(session, sale_id, on=on)


def _pay(stage: Stage, sale_id: int, gross_rp: int, on: date) -> None:
    """The buyer pays into the bank; the treasurer pays the costs and then slip by slip."""
    treasurer = stage.people[Role.TREASURER]
    with db.writing(stage.coop, person=treasurer, action="slips.pay", at=_at(on, 10)) as session:
        payments.take_payment(session, sale_id, amount_rp=gross_rp, account="1103", on=on)
        for cost in settlement.costs(session, sale_id):
            payments.pay_cost(session, cost.id, account="1103", on=on)
        waiting = slips.slips(session, unpaid_only=True)
        unpaid = [w.slip for w in waiting if w.sale.id == sale_id]
        late = stage.on - on < timedelta(days=20)
        for number, slip in enumerate(unpaid):
            if late and number % 3 == 0:
                continue  # some have not come to fetch their money yet
            slips.pay(session, slip.id, account="1103", on=on)
