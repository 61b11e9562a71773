"""Today's prices on a screen, and asking for a middleman's terms."""

from collections.abc import Sequence
from fractions import Fraction
from html import escape
from typing import TypedDict

import streamlit as st

from kopprod.domain import money, quantities
from kopprod.domain.comparison import Reference
from kopprod.domain.quantities import UnitFactor
from kopprod.domain.refusal import Refusal
from kopprod.services.standings import Standing
from kopprod.tables.products import Product
from kopprod.ui.show import day
from kopprod.ui.visit import _, complain


def price(value: Fraction) -> str:
    """An effective price in whole rupiah: what it is worth knowing on a screen."""
    return money.format_rp(money.round_half_up(value))


def standing_html(standing: Standing, product: Product) -> str:
    """One grade's two prices side by side, each with its day and how sure it is."""
    unit = product.price_unit
    coop = None if standing.coop is None else price(standing.coop)
    sold = _("sold on {day}", day=day(standing.coop_on)) if standing.coop_on else None
    heard = standing.middlemen
    trader = None if heard.price is None or heard.thin else price(heard.price)
    sides = pair(
        (coop, sold or _("no sale lately")),
        (trader, _heard(heard)),
    )
    return (
        f'<div class="kp-card" style="display:block"><b>{escape(product.name)} '
        f"{escape(standing.grade)}</b>"
        f'<span class="kp-note">{escape(_("what arrives for one true {unit}", unit=unit))}</span>'
        f"{sides}</div>"
    )


def pair(coop: tuple[str | None, str], middleman: tuple[str | None, str]) -> str:
    """The two prices side by side, each with its note; "not enough data" where there is none."""
    left = _side(_("Cooperative"), "teal", *coop)
    return f'<div class="kp-pair">{left}{_side(_("Middleman"), "amber", *middleman)}</div>'


def _side(label: str, tone: str, value: str | None, note: str) -> str:
    shown = escape(value or _("Not enough data"))
    size = "kp-big" if value else ""
    return (
        f'<div><p class="kp-label kp-{tone}">{escape(label)}</p>'
        f'<p class="{size} kp-{tone}" style="font-size:1.4rem;margin:0">{shown}</p>'
        f'<p class="kp-note">{escape(note)}</p></div>'
    )


def _heard(heard: Reference) -> str:
    if heard.count == 0 or heard.lowest is None or heard.highest is None:
        return _("no price heard in the last days")
    age = age_words(heard.age_days)
    if heard.thin:
        return _("only {n} prices, the latest {age}", n=heard.count, age=age)
    said = _("middle of {n} prices, the latest {age}", n=heard.count, age=age)
    reach = _(
        "from {lowest} to {highest}", lowest=price(heard.lowest), highest=price(heard.highest)
    )
    far = _("{n} of them far from the others", n=heard.odd) if heard.odd else ""
    return "; ".join(part for part in (said, reach, far) if part)


def age_words(age_days: int | None) -> str:
    """How old the youngest offer is; nothing where there is none."""
    if age_days is None:
        return ""
    return _("today") if age_days == 0 else _("{n} days ago", n=age_days)


class Terms(TypedDict):
    """What a middleman takes off, as `services.quotes.record` wants it."""

    cut_per_sack: int | None
    sack_size: int | None
    cut_bp: int
    charge_e4: int
    pays_after_days: int
    middleman: str


def ask_terms(*, product: Product, units: Sequence[UnitFactor], key: str) -> Terms | None:
    """What he cuts and charges, and when he pays; None while something is not understood."""
    if not st.toggle(_("He cuts weight, charges something or pays later"), key=f"{key}_more"):
        return Terms(
            cut_per_sack=None, sack_size=None, cut_bp=0, charge_e4=0, pays_after_days=0,
            middleman=st.text_input(_("Who? (may stay empty)"), key=f"{key}_who", max_chars=60),
        )  # fmt: skip
    unit = product.price_unit
    try:
        cut = _amount(_("Cut from each sack"), units, unit, f"{key}_cut")
        sack = _amount(_("A sack is"), units, unit, f"{key}_sack") if cut else None
        cut_bp = _percent(_("Cut in percent of the weight"), f"{key}_percent")
        charge_e4 = _price(_("He charges for one {unit}", unit=unit), unit, f"{key}_charge")
    except Refusal as refusal:
        complain(refusal)
        return None
    days = st.number_input(_("He pays after how many days?"), 0, 365, 0, key=f"{key}_days")
    who = st.text_input(_("Who? (may stay empty)"), key=f"{key}_who", max_chars=60)
    if cut and sack is None:
        st.info(_("Say also how heavy a sack is."))
        return None
    return Terms(
        cut_per_sack=cut, sack_size=sack, cut_bp=cut_bp, charge_e4=charge_e4,
        pays_after_days=int(days), middleman=who,
    )  # fmt: skip


def _amount(label: str, units: Sequence[UnitFactor], unit: str, key: str) -> int | None:
    text = st.text_input(label, key=key, placeholder=f"3 {unit}", max_chars=40)
    if not text.strip():
        return None
    return quantities.parse_quantity(text, units=units, default=unit).amount


def _percent(label: str, key: str) -> int:
    text = st.text_input(label, key=key, placeholder="5 %", max_chars=12)
    return money.parse_percent_bp(text) if text.strip() else 0


def _price(label: str, unit: str, key: str) -> int:
    text = st.text_input(label, key=key, placeholder="50", max_chars=24)
    return money.parse_price_e4(text, unit=unit) if text.strip() else 0
