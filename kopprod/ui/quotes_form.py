"""Noting what a middleman offers: the price; what he takes and lends only where he does so."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypedDict

import streamlit as st

from kopprod.domain import money, quantities
from kopprod.domain import quotes as rules
from kopprod.domain.comparison import QuoteTerms, effective_offer
from kopprod.domain.quantities import BaseUnit, UnitFactor
from kopprod.domain.quotes import Loan
from kopprod.domain.refusal import N_, Refusal
from kopprod.tables.products import Product
from kopprod.tables.quotes import Quote
from kopprod.ui.ask import ask_day, ask_price, ask_rp
from kopprod.ui.quotes import hidden_words
from kopprod.ui.standing import price
from kopprod.ui.visit import _, complain, plain

WAYS = {
    "scale": N_("scale above zero"),
    "sack": N_("cut per sack"),
    "less": N_("writes less than there is"),
    "percent": N_("cut in percent"),
    "commission": N_("commission"),
    "charge": N_("charges"),
    "waits": N_("pays later"),
}
RHYTHM = {7: N_("each week"), 30: N_("each month")}


class Terms(TypedDict, total=False):
    """What a middleman takes off and lends, as `services.quotes.record` wants it."""

    cut_per_sack: int | None
    sack_size: int | None
    scale_offset: int
    cut_bp: int
    commission_bp: int
    charge_e4: int
    pays_after_days: int
    market_e4: int | None
    loan: Loan | None
    middleman: str


class Said(TypedDict):
    """An offer, as `services.quotes.record` wants it, without its product."""

    grade_id: int
    village_id: int
    quoted_on: date
    price_e4: int


def ask_offer(
    *,
    product: Product,
    grades: Mapping[int, str],
    villages: Mapping[int, str],
    before: Quote | None,
    home_id: int | None,
    key: str,
) -> Said | None:
    """Price first; grade, village and day are those of this person's last offer, and today."""
    price_e4 = ask_price(
        _("His price for one {unit}", unit=product.price_unit),
        per=product.price_unit,
        key=f"{key}_price",
        placeholder=_("for example 6.300"),
    )
    last_grade = None if before is None else before.grade_id
    grade_id = st.segmented_control(
        _("Grade"),
        list(grades),
        format_func=grades.__getitem__,
        default=last_grade if last_grade in grades else next(iter(grades)),
        key=f"quote_grade_{product.id}",
        required=True,
    )
    known = list(villages)
    wanted = home_id or (None if before is None else before.village_id)
    village_id = st.selectbox(
        _("In which village?"),
        known,
        index=known.index(wanted) if wanted in known else 0,
        format_func=villages.__getitem__,
        key="quote_village",
    )
    quoted_on = ask_day(_("When?"), key=f"{key}_day")
    if price_e4 is None or grade_id is None:
        return None
    return Said(grade_id=grade_id, village_id=village_id, quoted_on=quoted_on, price_e4=price_e4)


def ask_terms(
    *, product: Product, units: Sequence[UnitFactor], price_e4: int | None, per: int, key: str
) -> Terms | None:
    """What he takes and what he lends, each only where he does; None while it is not understood."""
    terms: Terms | None = Terms()
    if st.toggle(_("He takes something off, charges something or pays later"), key=f"{key}_more"):
        terms = _understood(lambda: _ask_cuts(product, units, key))
    loan: Terms | None = Terms()
    if st.toggle(_("He also lends money"), key=f"{key}_lends"):
        loan = _understood(lambda: _ask_loan(product, units, key))
    who = st.text_input(_("Who? (may stay empty)"), key=f"{key}_who", max_chars=60)
    if terms is None or loan is None:
        return None
    found = Terms(**{**terms, **loan, "middleman": who})
    if price_e4 is not None:
        _read_back(found, product, price_e4, per)
    return found


def _understood(ask: Any) -> Terms | None:
    try:
        found: Terms | None = ask()
    except Refusal as refusal:
        complain(refusal)
        return None
    return found


def _ask_cuts(product: Product, units: Sequence[UnitFactor], key: str) -> Terms | None:
    unit = product.price_unit
    ways = st.pills(
        _("What does he take?"),
        [way for way in WAYS if way != "scale" or product.base_unit is BaseUnit.GRAM],
        format_func=lambda way: _(WAYS[way]),
        selection_mode="multi",
        default=["sack"],
        key=f"{key}_ways",
    )
    terms = Terms()
    if not _ask_sack(ways, terms, units, unit, key):
        return None
    if "less" in ways and not _ask_less(terms, units, unit, key):
        return None
    if "percent" in ways:
        terms["cut_bp"] = _percent(_("Cut in percent of the goods"), f"{key}_percent")
    if "commission" in ways:
        label = _("Commission in percent of the money")
        terms["commission_bp"] = _percent(label, f"{key}_commission")
    if "charge" in ways:
        label = _("He charges for one {unit}", unit=unit)
        terms["charge_e4"] = _price(label, unit, f"{key}_charge")
    if "waits" in ways:
        label = _("He pays after how many days?")
        terms["pays_after_days"] = int(st.number_input(label, 0, 365, 0, key=f"{key}_days"))
    return terms


def _ask_sack(
    ways: Sequence[str], terms: Terms, units: Sequence[UnitFactor], unit: str, key: str
) -> bool:
    """A needle above zero and a cut both take from each sack, so its weight is needed."""
    if "scale" in ways:
        label = _("His scale begins above zero, at")
        terms["scale_offset"] = _amount(label, units, unit, f"{key}_scale") or 0
    if "sack" in ways:
        terms["cut_per_sack"] = _amount(_("Cut from each sack"), units, unit, f"{key}_cut") or 0
    if not any((terms.get("cut_per_sack"), terms.get("scale_offset"))):
        return True
    terms["sack_size"] = _amount(_("In one sack there is"), units, unit, f"{key}_sack", "50")
    if terms["sack_size"] is None:
        st.info(_("Say also what is in a sack."))
    return terms["sack_size"] is not None


def _ask_less(terms: Terms, units: Sequence[UnitFactor], unit: str, key: str) -> bool:
    """Wet goods: 50 kg that he writes down as 40 are a cut of 10 from each 50."""
    true = _amount(_("What there truly is"), units, unit, f"{key}_true", "50")
    written = _amount(_("he writes down as"), units, unit, f"{key}_written", "40")
    if true is None or written is None:
        return False
    if terms.get("sack_size") is not None:
        st.info(_("Choose one: a cut per sack, or that he writes less than there is."))
        return False
    terms["cut_per_sack"], terms["sack_size"] = true - written, true
    return True


def _ask_loan(product: Product, units: Sequence[UnitFactor], key: str) -> Terms | None:
    unit = product.price_unit
    st.caption(
        _("The price above is what he pays to who owes him. What the loan really costs follows "
          "from what he pays to others.")
    )  # fmt: skip
    market_e4 = ask_price(
        _("What he pays for one {unit} to those who owe nothing", unit=unit),
        per=unit,
        key=f"{key}_market",
    )
    loan_rp = ask_rp(_("How much does he lend?"), key=f"{key}_loan")
    if loan_rp is None:
        return None if market_e4 is None else Terms(market_e4=market_e4)
    parts = st.number_input(_("Repaid in how many parts?"), 1, 520, 20, key=f"{key}_parts")
    part_rp = ask_rp(_("How much is each part?"), key=f"{key}_part")
    days = st.segmented_control(
        _("How often is one paid?"),
        [*RHYTHM, 0],
        format_func=lambda n: _(RHYTHM[n]) if n else _("other"),
        default=7,
        key=f"{key}_rhythm",
        required=True,
    )
    if not days:
        days = st.number_input(_("Days from part to part"), 1, 365, 14, key=f"{key}_rhythm_days")
    load = _amount(_("What must be sold to him each time"), units, unit, f"{key}_load", "150")
    if part_rp is None or (market_e4 is not None and load is None):
        st.info(_("Say also how much each part is, and what must be sold to him each time."))
        return None
    return Terms(market_e4=market_e4, loan=Loan(loan_rp, int(parts), part_rp, int(days), load))


def _read_back(terms: Terms, product: Product, price_e4: int, per: int) -> None:
    """What arrives, and what the loan costs, before it is kept."""
    offer = QuoteTerms(
        price_e4=price_e4,
        per=per,
        cut_per_sack=terms.get("cut_per_sack") or 0,
        sack_size=terms.get("sack_size"),
        cut_bp=terms.get("cut_bp", 0),
        charge_e4=terms.get("charge_e4", 0),
        scale_offset=terms.get("scale_offset", 0),
        commission_bp=terms.get("commission_bp", 0),
        market_e4=terms.get("market_e4"),
    )
    arrives = effective_offer(offer, rate_bp=0)
    if arrives * money.E4 != price_e4:
        st.markdown(
            _("What arrives for one true {unit}: **{price}**",
              unit=plain(product.price_unit), price=price(arrives))
        )  # fmt: skip
    loan = terms.get("loan")
    if loan is not None and (offer.market_e4 is None or offer.market_e4 >= price_e4):
        st.markdown(f"**{plain(hidden_words(rules.hidden(offer, loan), loan.part_days))}**")


def _amount(
    label: str, units: Sequence[UnitFactor], unit: str, key: str, example: str = "3"
) -> int | None:
    text = st.text_input(label, key=key, placeholder=f"{example} {unit}", max_chars=40)
    if not text.strip():
        return None
    return quantities.parse_quantity(text, units=units, default=unit).amount


def _percent(label: str, key: str) -> int:
    text = st.text_input(label, key=key, placeholder="5 %", max_chars=12)
    return money.parse_percent_bp(text) if text.strip() else 0


def _price(label: str, unit: str, key: str) -> int:
    text = st.text_input(label, key=key, placeholder="50", max_chars=24)
    return money.parse_price_e4(text, unit=unit) if text.strip() else 0
