"""What was bought outright: what parts of it cost, and how its price came about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from kopprod.domain import buying as rules
from kopprod.domain.access import Action
from kopprod.domain.buying import steps_from_json
from kopprod.domain.money import BP
from kopprod.domain.payouts import DeductionKind
from kopprod.domain.pricing import Step
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.sales import SaleStage
from kopprod.services import access
from kopprod.tables.access import AppUser
from kopprod.tables.buying import Buying, StockLoss
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.pricing import PriceRuleVersion
from kopprod.tables.products import Grade, Product
from kopprod.tables.sales import Allotment, Sale
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act


class NotBought(Refusal):
    """Goods that belong to the member have cost the cooperative nothing."""

    sentence = N_("Delivery {number} was not bought outright.")


@cache
def is_bought() -> ColumnElement[bool]:
    """In a query: only deliveries that the cooperative bought outright."""
    return (
        select(Buying.id)
        .where(Buying.delivery_id == Delivery.id, col(Buying.reversed_on).is_(None))
        .exists()
    )


def of_delivery(session: Session, delivery_id: int) -> Buying | None:
    """How a delivery was bought; None where it is the member's own."""
    standing = col(Buying.reversed_on).is_(None)
    return session.exec(select(Buying).where(Buying.delivery_id == delivery_id, standing)).first()


def which(session: Session, delivery_ids: Iterable[int]) -> set[int]:
    """Those of these deliveries that the cooperative bought, by their keys."""
    standing = col(Buying.reversed_on).is_(None)
    query = select(Buying.delivery_id).where(col(Buying.delivery_id).in_(set(delivery_ids)))
    return set(session.exec(query.where(standing)).all())


def amount_rp(session: Session, delivery_id: int) -> int:
    """What a delivery was bought for; nothing where it is the member's own."""
    row = of_delivery(session, delivery_id)
    return 0 if row is None else row.amount_rp


def cost_rp(session: Session, delivery_id: int, quantity: int) -> int:
    """What the next `quantity` base units of a bought delivery cost the cooperative.

    Whatever is in settled sales or was lost went before, at the cost that was frozen there. Whoever
    freezes the answer has locked the delivery. Refuses goods that were not bought.
    """
    delivery = session.get_one(Delivery, delivery_id)
    bought = of_delivery(session, delivery_id)
    if bought is None:
        raise NotBought(number=delivery.number)
    taken, taken_rp = _taken(session, delivery_id)
    return rules.part_cost_rp(
        bought.amount_rp, quantity, net=delivery.net, taken=taken, taken_rp=taken_rp
    )


def _taken(session: Session, delivery_id: int) -> tuple[int, int]:
    """How much of a bought delivery was sold or lost for good, and what that had cost."""
    sold = (
        select(func.sum(Allotment.quantity), func.sum(Allotment.cost_rp))
        .join(Sale, col(Sale.id) == col(Allotment.sale_id))
        .where(Allotment.delivery_id == delivery_id, Sale.stage == SaleStage.SETTLED)
    )
    lost = select(func.sum(StockLoss.quantity), func.sum(StockLoss.cost_rp)).where(
        StockLoss.delivery_id == delivery_id
    )
    (sold_quantity, sold_rp), (lost_quantity, lost_rp) = (
        session.exec(query).one() for query in (sold, lost)
    )
    return (
        int(sold_quantity or 0) + int(lost_quantity or 0),
        int(sold_rp or 0) + int(lost_rp or 0),
    )


# For receipt and slip


@dataclass(frozen=True)
class HowBought:
    """A buying with the rule's version and every step to its price, as they were kept."""

    buying: Buying
    version: PriceRuleVersion
    steps: tuple[Step, ...]
    delivery: Delivery
    product: Product

    @property
    def paid(self) -> int:
        """The base units that were paid."""
        return self.buying.paid_weight_e4 // BP


def how_bought(session: Session, delivery_id: int) -> HowBought | None:
    """How a delivery was bought; None where it was not, or for a member to whom it is not hers."""
    person = access.person(session)
    query = (
        select(Buying, PriceRuleVersion, Delivery, Product)
        .join(Delivery, col(Delivery.id) == Buying.delivery_id)
        .join(Product, col(Product.id) == Delivery.product_id)
        .join(PriceRuleVersion, col(PriceRuleVersion.id) == Buying.price_version_id)
        .where(Buying.delivery_id == delivery_id)
    )
    if not person.may(Action.DELIVERIES_SEE):
        access.require(session, Action.OWN_SEE)
        query = query.where(Delivery.member_id == person.member_id)
    found = session.exec(query).first()
    if found is None:
        return None
    row, version, delivery, product = found
    return HowBought(row, version, steps_from_json(row.steps), delivery, product)


@dataclass(frozen=True)
class BoughtStory:
    """Everything needed to show each step from the scale to the amount of a bought delivery's slip.

    `reversal` is the delivery that took it back, if it was.
    """

    slip: Slip
    how: HowBought
    product: Product
    member: Member
    grade: str
    bought_by: str
    paid_by: str
    reversal: Delivery | None
    taken: Mapping[DeductionKind, int] = field(default_factory=dict)
    batch: str = ""  # the unfinished payout list that it is on

    @property
    def delivery(self) -> Delivery:
        """What was bought."""
        return self.how.delivery

    @property
    def grades(self) -> dict[str, str]:
        """The grade of the delivery, by its number."""
        return {self.delivery.number: self.grade}


def story(session: Session, row: Slip) -> BoughtStory:
    """The story of a slip of bought goods, for who may see the slip (`slips.slip`)."""
    delivery_id = session.get_one(Buying, row.buying_id).delivery_id
    how = how_bought(session, delivery_id)
    if how is None:
        raise ValueError("a slip without its buying")
    taken_back = select(Delivery).where(Delivery.reverses_id == delivery_id)
    return BoughtStory(
        slip=row,
        how=how,
        product=how.product,
        member=session.get_one(Member, row.member_id),
        grade=session.get_one(Grade, how.delivery.grade_id).name,
        bought_by=_name(session, session.get_one(Act, how.buying.act_id).user_id),
        paid_by=_name(session, row.paid_by_id),
        reversal=session.exec(taken_back).first(),
    )


def _name(session: Session, user_id: int | None) -> str:
    user = None if user_id is None else session.get(AppUser, user_id)
    return "" if user is None else user.name
