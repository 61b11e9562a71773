"""How a delivery was bought: by which version of the rule, with each step, for receipt and slip."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from kopprod.domain.access import Action
from kopprod.domain.buying import steps_from_json
from kopprod.domain.money import BP
from kopprod.domain.pricing import Step
from kopprod.services import access
from kopprod.tables.access import AppUser
from kopprod.tables.buying import Buying
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.pricing import PriceRuleVersion
from kopprod.tables.products import Grade, Product
from kopprod.tables.slips import Slip
from kopprod.tables.trail import Act


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
