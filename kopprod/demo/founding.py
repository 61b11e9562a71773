"""Founding the demo cooperative: villages, people, products, and what the books take over."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from kopprod import db
from kopprod.demo.stage import Good, Stage, first_day, moment
from kopprod.domain.access import ROLE_NAMES, SYSTEM, Person, Role
from kopprod.domain.ledger import Posting
from kopprod.domain.members import MemberStatus
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.language import gettext
from kopprod.services import accounts, buyers, cooperative, ledger, members, products, sales


def found(stage: Stage, plan: dict[str, Any]) -> None:
    """Found the cooperative on the first day of the play, with everybody and everything in it."""
    start = first_day(stage)
    with db.writing(stage.coop, person=SYSTEM, action="demo.found", at=moment(start)) as session:
        called = plan["cooperative"]
        ledger.open_chart(session)
        cooperative.change_setting(session, name="name", value=called["name"])
        stage.villages = [cooperative.add_village(session, name=v).id for v in called["villages"]]
        by_name = dict(zip(called["villages"], stage.villages, strict=True))
        for one, other in called["neighbours"]:
            cooperative.add_neighbours(session, village_id=by_name[one], other_id=by_name[other])
        for role, name in plan["staff"].items():
            user = accounts.add_user(
                session,
                name=name,
                user_name=gettext("id", ROLE_NAMES[Role(role)]).casefold().replace(" ", "-"),
                roles={Role(role)},
                is_demo=True,
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
    start = first_day(stage)
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
        known[name] if name in known else _buyer(session, name, plan["pays_within_days"])
        for name in plan["buyers"]
    ]
    return good


def _buyer(session: Session, name: str, pays_within_days: int) -> int:
    buyer = sales.add_buyer(session, name=name)
    buyers.change_buyer(session, buyer.id, phone="", place="", pays_within_days=pays_within_days)
    return buyer.id


def _member(session: Session, stage: Stage, good: Good, name: str, place: int) -> tuple[int, int]:
    village = stage.villages[place % len(stage.villages)]
    member = members.add_member(
        session,
        number=members.next_number(session),
        name=name,
        status=MemberStatus.MEMBER,
        village_id=village,
        joined_on=first_day(stage) - timedelta(days=30 * (place % 9 + 1)),
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
