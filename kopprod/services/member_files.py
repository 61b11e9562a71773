"""Members from a file: what it would bring, and writing its good rows into the register."""

from dataclasses import dataclass

from sqlmodel import Session, select

from kopprod.domain import member_files as rules
from kopprod.domain.access import Action
from kopprod.domain.imports import Findings
from kopprod.domain.member_files import MemberFile, MemberRow
from kopprod.services import access, cooperative, members, numbers
from kopprod.services import products as product_service
from kopprod.tables.members import Member


@dataclass(frozen=True)
class KeptMembers:
    """What an import wrote."""

    members: int
    new_villages: int


def findings(session: Session, file: MemberFile) -> Findings[MemberRow]:
    """What a file would bring, compared with the register and the products."""
    access.require(session, Action.IMPORTS_RUN)
    rows = session.exec(select(Member.number, Member.name)).all()
    register = {number.casefold(): name for number, name in rows}
    names = [product.name for product in product_service.products(session, with_stopped=True)]
    return rules.sort_out(file, register=register, products=names)


def new_villages(session: Session, found: Findings[MemberRow]) -> list[str]:
    """The villages that the good rows name and nobody has written down yet, as first written."""
    known = {village.name.casefold() for village in cooperative.villages(session)}
    new: dict[str, str] = {}
    for member in found.good:
        folded = member.village.casefold()
        if folded and folded not in known:
            new.setdefault(folded, member.village)
    return list(new.values())


def keep(session: Session, file: MemberFile) -> KeptMembers:
    """Write all good rows into the register, and the villages they name.

    The file is compared again inside this transaction.
    """
    numbers.wait_turn(session, "member")
    found = findings(session, file)
    new = new_villages(session, found)
    for name in new:
        cooperative.add_village(session, name=name)
    villages = {v.name.casefold(): v.id for v in cooperative.villages(session)}
    products = {
        p.name.casefold(): p.id for p in product_service.products(session, with_stopped=True)
    }
    for member in found.good:
        members.add_member(
            session,
            number=member.number,
            name=member.name,
            status=member.status,
            left_on=member.left_on,
            left_reason=member.left_reason,
            village_id=villages.get(member.village.casefold()),
            phone=member.phone,
            joined_on=member.joined_on,
            birth_place=member.birth_place,
            birth_on=member.birth_on,
            sex=member.sex,
            job=member.job,
            address=member.address,
            land_m2=member.land_m2,
            account=member.account,
            product_ids={products[name.casefold()] for name in member.products},
        )
    return KeptMembers(members=len(found.good), new_villages=len(new))
