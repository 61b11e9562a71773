"""The demo's seasons: round after round of goods coming in, being sold and being paid."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from enum import Enum, auto
from fractions import Fraction
from typing import Any

from sqlmodel import Session

from kopprod import db
from kopprod.demo.stage import Good, Stage, first_day, moment
from kopprod.domain import quantities
from kopprod.domain.access import Role
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule
from kopprod.domain.sales import SaleMode
from kopprod.domain.stock import Loss
from kopprod.services import (
    deliveries,
    members,
    output,
    payments,
    pricing,
    products,
    quotes,
    references,
    sales,
    settlement,
    slips,
    stock,
)
from kopprod.tables.sales import Sale

UNPAID_DAYS = 65  # how old the last settlement of a product may be, to be left unpaid


class Ending(Enum):
    """How far a round of selling has come."""

    STORED = auto()
    OPEN = auto()
    SETTLED = auto()
    PAID = auto()


def play(stage: Stage) -> None:
    """All rounds of all products in the order of their days, then what happens on the last day."""
    rounds = sorted(_rounds(stage), key=lambda r: (r[0], r[1].id))
    for place, (day, good) in enumerate(rounds):
        _play(stage, good, day, ending=_ending(rounds, place, stage.on))
    for good in stage.goods:
        _note_offers(stage, good, stage.on)
        _log_own(stage, good)


def _rounds(stage: Stage) -> Iterator[tuple[date, Good]]:
    for good in stage.goods:
        day = first_day(stage) + timedelta(days=10 + 2 * good.id)
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
    buys = _buys(stage, good, day)
    brought = _bring(stage, good, day, buys=buys)
    if buys:
        _pay_bought(stage, good, day)
    if not brought or ending is Ending.STORED:
        return
    sale_id = _sell(stage, good, day, brought, buys=buys)
    settled = None if ending is Ending.OPEN else _settle(stage, sale_id, day)
    paid_on = day + timedelta(days=stage.chance.randint(*good.plan["waits"]))
    if settled is not None and ending is Ending.PAID and paid_on <= stage.on:
        _pay(stage, sale_id, settled.gross_rp or 0, paid_on)


def _buys(stage: Stage, good: Good, day: date) -> bool:
    """Whether the goods of this round are bought outright; the manager posts the price once."""
    if stage.on - day >= timedelta(days=good.plan.get("buys_days", 0)):
        return False
    since = day - timedelta(days=7)  # a round's first goods come some days before
    manager = stage.people[Role.MANAGER]
    with db.writing(
        stage.coop, person=manager, action="pricing.add_version", at=moment(since)
    ) as session:
        if not products.product(session, good.id).buys:
            prices = zip(good.grades, good.plan["buys"].values(), strict=True)
            each = tuple(GradePrice(grade_id, rp * 10_000) for (grade_id, _bp), rp in prices)
            pricing.add_version(session, good.id, rule=PriceRule(Fixed(each)), since=since)
            products.set_buys(session, good.id, buys=True)
    return True


def _pay_bought(stage: Stage, good: Good, day: date) -> None:
    """The treasurer pays for what was bought, a day after the last of it came."""
    treasurer = stage.people[Role.TREASURER]
    with db.writing(stage.coop, person=treasurer, action="slips.pay", at=moment(day, 9)) as session:
        late = stage.on - day < timedelta(days=UNPAID_DAYS)
        waiting = [w for w in slips.slips(session, unpaid_only=True) if w.buying is not None]
        for number, row in enumerate(waiting):
            fetched = not late or (number % 3 and row.member.id not in stage.own)
            if row.product.id == good.id and fetched:
                slips.pay(session, row.slip.id, account="1103", on=day)


def _price(plan: dict[str, Any], row: str, day: date, stage: Stage) -> int:
    """This month's price with a little weather in it, six percent lower in the first year."""
    rp: int = plan[row][day.month - 1]
    if day < first_day(stage) + timedelta(days=365):
        rp = rp * 94 // 100
    step = 50 if rp < 10_000 else 250
    return max(step, (rp + stage.chance.randint(-2, 2) * step) // step * step)


def _note_offers(stage: Stage, good: Good, day: date) -> None:
    """Officers note three to five offers a grade, but now and then too few to compare."""
    plan, chance = good.plan, stage.chance
    officer = stage.people[Role.OFFICER]
    count = 1 if chance.random() < 0.12 else chance.randint(3, 4)
    with db.writing(
        stage.coop, person=officer, action="quotes.record", at=moment(day - timedelta(days=1), 17)
    ) as session:
        references.put_off(session)
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


def _bring(stage: Stage, good: Good, day: date, *, buys: bool) -> list[int]:
    """Members log what they made; the officer weighs most of it in the days before the sale."""
    chance, plan = stage.chance, good.plan
    officer = stage.people[Role.OFFICER]
    low, high, step = plan["lot"]
    coming = [m for m in good.members if chance.random() < plan["takes_part"] or m[0] in stage.own]
    brought = []
    for came, group in _in_days(coming, day - timedelta(days=1)):
        with db.writing(
            stage.coop, person=officer, action="deliveries.receive", at=moment(came)
        ) as session:
            session.info["held"] = _hold(session, good)
            for member_id, _village in group:
                amount = chance.randrange(low, high, step)
                log_id = _log(session, stage, good, member_id, amount, came)
                if chance.random() < 0.06:
                    continue  # logged, but it never reached the scale
                brought.append(
                    _deliver(session, stage, good, member_id, amount, came, log_id, buys=buys)
                )
    return brought


def _hold(session: Session, good: Good) -> Sequence[object]:
    """Rows that many acts of one session look at: while they are held, they are read only once."""
    people = members.members(session)
    return [*products.products(session), *products.grades(session, good.id), *people]


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
            stage.coop, person=person, action="output.record", at=moment(stage.on, 16)
        ) as session:
            amount = stage.chance.randrange(low, high, step)
            _log(session, stage, good, member_id, amount, stage.on)


def _log(session: Session, stage: Stage, good: Good, member_id: int, amount: int, on: date) -> int:
    draft = output.open_draft(session, at=moment(on))
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
    session: Session,
    stage: Stage,
    good: Good,
    member_id: int,
    amount: int,
    on: date,
    log_id: int,
    *,
    buys: bool,
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
        buys=buys,
    )
    return received.id


def _sell(stage: Stage, good: Good, day: date, brought: Sequence[int], *, buys: bool) -> int:
    """The manager pools what was brought and agrees a price."""
    chance, plan = stage.chance, good.plan
    manager = stage.people[Role.MANAGER]
    with db.writing(stage.coop, person=manager, action="sales.open", at=moment(day, 15)) as session:
        if buys:
            stock.lose(
                session, brought[0], quantity=200, kind=Loss.DRIED, reason="Susut simpan", on=day
            )
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
            fee_bp=0 if buys else 250,
            on=day,
            mode=SaleMode.OUTRIGHT if buys else SaleMode.POOL,
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
    with db.writing(stage.coop, person=manager, action="sales.settle", at=moment(on)) as session:
        references.put_off(session)
        return settlement.settle(session, sale_id, on=on)


def _pay(stage: Stage, sale_id: int, gross_rp: int, on: date) -> None:
    """The buyer pays into the bank; the treasurer pays the costs and then slip by slip."""
    treasurer = stage.people[Role.TREASURER]
    with db.writing(stage.coop, person=treasurer, action="slips.pay", at=moment(on, 10)) as session:
        references.put_off(session)
        payments.take_payment(session, sale_id, amount_rp=gross_rp, account="1103", on=on)
        for cost in settlement.costs(session, sale_id):
            payments.pay_cost(session, cost.id, account="1103", on=on)
        waiting = slips.slips(session, unpaid_only=True)
        unpaid = [w.slip for w in waiting if w.slip.sale_id == sale_id]
        late = stage.on - on < timedelta(days=20)
        for number, slip in enumerate(unpaid):
            if late and number % 3 == 0:
                continue  # some have not come to fetch their money yet
            slips.pay(session, slip.id, account="1103", on=on)
