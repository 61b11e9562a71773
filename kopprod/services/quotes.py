"""What middlemen offer, written down by whoever saw or heard it."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain.access import Action, Person
from kopprod.domain.comparison import QuoteTerms, effective_offer
from kopprod.domain.refusal import N_, Refusal
from kopprod.services import access
from kopprod.tables.access import AppUser
from kopprod.tables.products import Grade, Product
from kopprod.tables.quotes import Quote

MOST_E4 = 10**12  # Rp100 million for one unit: no middleman offers that
MOST_DAYS = 365


class QuoteInFuture(Refusal):
    """A price that nobody can have heard yet."""

    sentence = N_("A price of {quoted_on} cannot be known yet. Choose today or an earlier day.")


class QuoteAbsurd(Refusal):
    """A price that cannot be meant."""

    sentence = N_("A price of {price_e4} cannot be right. Please look at it again.")


class CutTooLarge(Refusal):
    """Nothing would be left to pay for."""

    sentence = N_("What he cuts must be less than the sack itself. Please look at it again.")


class NothingLeft(Refusal):
    """Cuts and charges that together take all of it."""

    sentence = N_("Nothing would be left of {price_e4}. Please look at his cuts and charges again.")


class DaysAbsurd(Refusal):
    """A day of payment that cannot be meant."""

    sentence = N_("Payment after {days} days cannot be right. Please look at it again.")


class GradeOfAnother(Refusal):
    """A grade that the product does not have."""

    sentence = N_("This grade does not belong to {product}.")


def record(
    session: Session,
    *,
    product_id: int,
    grade_id: int,
    village_id: int,
    quoted_on: date,
    price_e4: int,
    on: date,
    cut_per_sack: int | None = None,
    sack_size: int | None = None,
    cut_bp: int = 0,
    charge_e4: int = 0,
    pays_after_days: int = 0,
    middleman: str = "",
    note: str = "",
    draft_key: str | None = None,
) -> Quote:
    """Write down one offer; the same `draft_key` again gives the row that is there already.

    `price_e4` and `charge_e4` are for one price unit of the product, `cut_per_sack` and `sack_size`
    base units. Refuses a day after `on`, prices and cuts that cannot be meant.
    """
    person = access.require(session, Action.QUOTES_RECORD)
    known = _sent_before(session, draft_key, person)
    if known is not None:
        return known
    if quoted_on > on:
        raise QuoteInFuture(quoted_on=quoted_on)
    _check_cuts(cut_per_sack, sack_size, cut_bp)
    _check_offer(
        QuoteTerms(
            price_e4=price_e4,
            per=1,  # price and charge are for the same unit, so that it cancels out
            cut_per_sack=cut_per_sack or 0,
            sack_size=sack_size,
            cut_bp=cut_bp,
            charge_e4=charge_e4,
            pays_after_days=pays_after_days,
        )
    )
    _check_grade(session, product_id, grade_id)
    quote = Quote(
        product_id=product_id,
        grade_id=grade_id,
        village_id=village_id,
        quoted_on=quoted_on,
        price_e4=price_e4,
        cut_per_sack=cut_per_sack or None,
        sack_size=sack_size if cut_per_sack else None,
        cut_bp=cut_bp,
        charge_e4=charge_e4,
        pays_after_days=pays_after_days,
        middleman=" ".join(middleman.split())[:60],
        note=note.strip()[:300],
        by_user_id=person.user_id,
        draft_key=draft_key,
    )
    session.add(quote)
    session.flush()
    return quote


def _sent_before(session: Session, draft_key: str | None, person: Person) -> Quote | None:
    if draft_key is None:
        return None
    # A button pressed twice waits here for itself; UNIQUE guards the rest.
    if person.user_id is not None:
        session.get(AppUser, person.user_id, with_for_update=True)
    return session.exec(select(Quote).where(Quote.draft_key == draft_key)).first()


def _check_offer(terms: QuoteTerms) -> None:
    if not 0 < terms.price_e4 <= MOST_E4 or terms.charge_e4 < 0:
        raise QuoteAbsurd(price_e4=terms.price_e4)
    if not 0 <= terms.pays_after_days <= MOST_DAYS:
        raise DaysAbsurd(days=terms.pays_after_days)
    if effective_offer(terms, rate_bp=0) <= 0:
        raise NothingLeft(price_e4=terms.price_e4)


def _check_cuts(cut_per_sack: int | None, sack_size: int | None, cut_bp: int) -> None:
    if cut_per_sack and (sack_size is None or not 0 < cut_per_sack < sack_size):
        raise CutTooLarge
    if not 0 <= cut_bp < 10_000:
        raise CutTooLarge


def _check_grade(session: Session, product_id: int, grade_id: int) -> None:
    grade = session.get(Grade, grade_id)
    if grade is None or grade.product_id != product_id:
        product = session.get(Product, product_id)
        raise GradeOfAnother(product="" if product is None else product.name)


def quotes(
    session: Session,
    *,
    product_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    most: int | None = None,
) -> Sequence[Quote]:
    """Offers, newest first; `until` is not included."""
    access.require(session, Action.QUOTES_SEE)
    query = select(Quote).order_by(col(Quote.quoted_on).desc(), col(Quote.id).desc())
    if product_id is not None:
        query = query.where(Quote.product_id == product_id)
    if since is not None:
        query = query.where(col(Quote.quoted_on) >= since)
    if until is not None:
        query = query.where(col(Quote.quoted_on) < until)
    return session.exec(query.limit(most)).all()
