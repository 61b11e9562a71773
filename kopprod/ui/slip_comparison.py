"""What the middleman would have paid for the goods of one slip: losses shown like gains."""

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

from kopprod.domain import money
from kopprod.domain.comparison import Enough
from kopprod.domain.refusal import N_
from kopprod.services import cooperative
from kopprod.services.comparison import Compared
from kopprod.services.together import Together
from kopprod.tables.products import Product
from kopprod.ui.premiums import expected_shu
from kopprod.ui.show import figure, html, rp
from kopprod.ui.standing import cents, pair, price
from kopprod.ui.visit import _, plain, reading


def slip_comparison(
    lots: Sequence[Compared], *, product: Product, grades: Mapping[str, str], enough: Enough
) -> None:
    """Each lot against the middleman's price, and all of them together.

    `grades` are the names of the lots' grades, by the number of the delivery.
    """
    st.subheader(_("3. If it had gone to the middleman"), anchor=False)
    st.caption(
        _(
            "What arrives for one true {unit}: after the middleman's cuts, or after the sale's "
            "costs, the fee and waiting.",
            unit=plain(product.price_unit),
        )
    )
    together = Together()
    for lot in lots:
        together.add(lot)
        html(_sides(lot, grades[lot.delivery_number], enough))
        if lot.thin:
            continue
        if len(lots) > 1:
            st.markdown(f"**{_more_or_less(lot.difference_rp)}: {rp(abs(lot.difference_rp))}**")
        else:
            _verdict(lot.difference_rp, _percent(lot))
        if lot.difference_rp < 0:
            st.markdown(_("**For these goods the middleman pays more.**"))
        _break_even(lot, product.price_unit)
    if len(lots) > 1 and together.compared:
        note = _("{n} of {lots} lots could be compared", n=together.compared, lots=together.lots)
        _verdict(together.difference_rp, note)
    _expected(lots)


def _expected(lots: Sequence[Compared]) -> None:
    """What may come back as SHU stands apart: it is not sure, and compares with nothing."""
    with reading() as session:
        expected_bp = cooperative.whole(session, "expected_shu_bp")
    if expected_bp:
        st.caption(expected_shu(sum(lot.lot.net_value_rp for lot in lots), expected_bp))


def _sides(lot: Compared, grade: str, enough: Enough) -> str:
    heard = lot.middlemen
    middleman = None if lot.thin or heard.price is None else price(heard.price)
    waited = _("after {n} days of waiting", n=lot.lot.waited_days)
    if lot.lot.early_rp_days:
        waited = _(
            "after {n} days of waiting, which the advance did not wait", n=lot.lot.waited_days
        )
    title = _(
        "{number}, {received_on}, grade {grade}",
        number=lot.delivery_number,
        received_on=lot.likeness.on,
        grade=grade,
    )
    return (
        f'<div class="kp-card" style="display:block"><b>{escape(title)}</b>'
        + pair(
            (price(lot.outcome.coop), waited if lot.lot.waited_days else ""),
            (middleman, _why_thin(lot, enough) if lot.thin else _heard(lot)),
        )
        + "</div>"
    )


def _heard(lot: Compared) -> str:
    heard = lot.middlemen
    if heard.lowest is None or heard.highest is None:
        return ""
    return _(
        "middle of {n} prices from {lowest} to {highest}, {age}",
        n=heard.count,
        lowest=price(heard.lowest),
        highest=price(heard.highest),
        age=_age(heard.age_days or 0),
    )


def _age(age_days: int) -> str:
    if age_days == 0:
        return _("the latest not older than the delivery")
    return _("the latest {n} days before the delivery", n=age_days)


def _why_thin(lot: Compared, enough: Enough) -> str:
    heard = lot.middlemen
    if lot.likeness.village_id is None:
        return _("the village is not written down, so no price is comparable")
    few = _("{n} of {needed} comparable prices", n=heard.count, needed=enough.min_count)
    return f"{few}; {_age(heard.age_days)}" if heard.age_days is not None else few


def _percent(lot: Compared) -> str:
    if lot.outcome.rate is None:
        return ""
    return money.format_percent(money.round_half_up(abs(lot.outcome.rate) * money.BP))


def _more_or_less(difference_rp: int) -> str:
    if difference_rp == 0:
        return _("Just the same")
    if difference_rp > 0:
        return _("More by selling together")
    return _("Less by selling together")


def _verdict(difference_rp: int, note: str) -> None:
    tone = "teal" if difference_rp > 0 else "amber"
    label, amount = _more_or_less(difference_rp), rp(abs(difference_rp))
    figure(label, amount, note, tone if difference_rp else "")


def _break_even(lot: Compared, unit: str) -> None:
    if lot.break_even is None:
        return
    sentence = N_(
        "Break-even: {price} for one {unit}. Below that the middleman would have been better; "
        "the cooperative paid {paid}."
    )
    if lot.bought:
        st.caption(
            _(sentence, price=cents(lot.break_even), paid=cents(lot.sold_at), unit=plain(unit))
        )
        return
    st.caption(
        _(
            "Break-even: {price} for one {unit}. Below that the middleman would have been better; "
            "the buyer paid {paid}.",
            price=cents(lot.break_even),
            paid=cents(lot.sold_at),
            unit=plain(unit),
        )
    )
