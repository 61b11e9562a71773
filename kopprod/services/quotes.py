"""What middlemen offer, written down by whoever saw or heard it."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from kopprod.domain import money
from kopprod.domain.access import Action
from kopprod.domain.comparison import QuoteTerms, effective_offer
from kopprod.domain.quotes import Loan
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy
from kopprod.services import access, sent
from kopprod.services.references import touch_quote
from kopprod.tables.access import AppUser
from kopprod.tables.products import Grade, Product
from kopprod.tables.quotes import Quote

MOST_E4 = 10**12  # Rp100 million for one unit: no middleman offers that
MOST_DAYS = 365
MOST_RP = 10**12
MOST_PARTS = 520  # ten years, week by week


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


class LoanAbsurd(Refusal):
    """A loan that cannot be meant."""

    sentence = N_(
        "A loan of {loan_rp} in {parts} parts, one each {days} days, cannot be right. "
        "Please look at it again."
    )


class LoadAbsurd(Refusal):
    """Goods that nobody can be bound to sell."""

    sentence = N_("What must be sold to him each time must be more than nothing.")


class LoadUnknown(Refusal):
    """A lower price for who owes him, but not for how much."""

    sentence = N_(
        "Say also how much must be sold to him each time, so that the loan's real cost is known."
    )


class MarketLower(Refusal):
    """Who owes nothing would get less than who owes him."""

    sentence = N_(
        "He cannot pay {market_e4} to those who owe nothing and {price_e4} to who owes him. "
        "His price is the lower one."
    )


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
    scale_offset: int = 0,
    commission_bp: int = 0,
    loan: Loan | None = None,
    market_e4: int | None = None,
    middleman: str = "",
    note: str = "",
    draft_key: str | None = None,
) -> Quote:
    """Write down one offer; the same `draft_key` again gives the row that is there already.

    Prices and `charge_e4` are for one price unit of the product; `scale_offset`, `cut_per_sack` and
    `sack_size` are base units. `price_e4` is what he pays to whom he made the offer: to who owes
    him the `loan`, less than `market_e4`. Refuses a day after `on`, and prices, cuts and loans that
    cannot be meant. References of the days around are kept again.
    """
    person = access.require(session, Action.QUOTES_RECORD)
    # A button pressed twice waits here for itself; UNIQUE guards the rest.
    if person.user_id is not None:
        session.get(AppUser, person.user_id, with_for_update=True)
    known = sent.find(session, Quote, draft_key)
    if known is not None:
        return known
    if quoted_on > on:
        raise QuoteInFuture(quoted_on=quoted_on)
    terms = QuoteTerms(
        price_e4=price_e4,
        per=1,  # price and charge are for the same unit, so that it cancels out
        cut_per_sack=cut_per_sack or 0,
        sack_size=sack_size,
        cut_bp=cut_bp,
        charge_e4=charge_e4,
        pays_after_days=pays_after_days,
        scale_offset=scale_offset,
        commission_bp=commission_bp,
        market_e4=market_e4,
    )
    _check_cuts(terms)
    _check_offer(terms)
    _check_loan(terms, loan)
    _check_grade(session, product_id, grade_id)
    cuts = bool(cut_per_sack or scale_offset)
    quote = Quote(
        product_id=product_id,
        grade_id=grade_id,
        village_id=village_id,
        quoted_on=quoted_on,
        price_e4=price_e4,
        cut_per_sack=(cut_per_sack or 0) if cuts else None,
        sack_size=sack_size if cuts else None,
        cut_bp=cut_bp,
        charge_e4=charge_e4,
        pays_after_days=pays_after_days,
        scale_offset=scale_offset,
        commission_bp=commission_bp,
        loan_rp=None if loan is None else loan.amount_rp,
        loan_parts=None if loan is None else loan.parts,
        loan_part_rp=None if loan is None else loan.part_rp,
        loan_part_days=None if loan is None else loan.part_days,
        loan_load=None if loan is None else loan.load,
        market_e4=market_e4,
        middleman=tidy(middleman)[:60],
        note=tidy(note)[:300],
        by_user_id=person.user_id,
        draft_key=draft_key,
    )
    session.add(quote)
    session.flush()
    touch_quote(session, quote, on=on)
    return quote


def _check_offer(terms: QuoteTerms) -> None:
    if not 0 < terms.price_e4 <= MOST_E4 or terms.charge_e4 < 0:
        raise QuoteAbsurd(price_e4=terms.price_e4)
    if not 0 <= terms.pays_after_days <= MOST_DAYS:
        raise DaysAbsurd(days=terms.pays_after_days)
    if effective_offer(terms, rate_bp=0) <= 0:
        raise NothingLeft(price_e4=terms.price_e4)


def _check_cuts(terms: QuoteTerms) -> None:
    taken = terms.cut_per_sack + terms.scale_offset
    if min(terms.cut_per_sack, terms.scale_offset) < 0:
        raise CutTooLarge
    if taken and (terms.sack_size is None or taken >= terms.sack_size):
        raise CutTooLarge
    if not 0 <= terms.cut_bp < money.BP or not 0 <= terms.commission_bp < money.BP:
        raise CutTooLarge


def _check_loan(terms: QuoteTerms, loan: Loan | None) -> None:
    market_e4 = terms.market_e4
    if market_e4 is not None and market_e4 > MOST_E4:
        raise QuoteAbsurd(price_e4=market_e4)
    if market_e4 is not None and market_e4 < terms.price_e4:
        raise MarketLower(market_e4=market_e4, price_e4=terms.price_e4)
    if loan is None:
        return
    if (
        not 0 < loan.amount_rp <= MOST_RP
        or not 0 <= loan.part_rp <= MOST_RP
        or not 0 < loan.parts <= MOST_PARTS
        or not 0 < loan.part_days <= MOST_DAYS
    ):
        raise LoanAbsurd(loan_rp=loan.amount_rp, parts=loan.parts, days=loan.part_days)
    if loan.load is not None and loan.load <= 0:
        raise LoadAbsurd
    if loan.load is None and market_e4 is not None and market_e4 > terms.price_e4:
        raise LoadUnknown


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


def loan_of(quote: Quote) -> Loan | None:
    """What he lends with it, as it was said; nothing where he lends nothing."""
    if (
        quote.loan_rp is None
        or quote.loan_parts is None
        or quote.loan_part_rp is None
        or quote.loan_part_days is None
    ):
        return None
    return Loan(
        quote.loan_rp, quote.loan_parts, quote.loan_part_rp, quote.loan_part_days, quote.loan_load
    )


def last_of_mine(session: Session) -> Quote | None:
    """The offer that this person noted last: the next is often of the same goods and place."""
    person = access.require(session, Action.QUOTES_SEE)
    if person.user_id is None:
        return None
    query = select(Quote).where(Quote.by_user_id == person.user_id)
    return session.exec(query.order_by(col(Quote.id).desc()).limit(1)).first()
