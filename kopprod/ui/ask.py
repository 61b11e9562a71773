"""Asking for quantities, money and days the way people say them, and saying them back."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from kopprod.domain import equipment, money, quantities
from kopprod.domain.booking_limits import read_size
from kopprod.domain.equipment import Work
from kopprod.domain.quantities import BaseUnit, ParsedQuantity, UnitFactor
from kopprod.domain.refusal import Refusal
from kopprod.services import cooperative
from kopprod.ui.show import in_words, rp
from kopprod.ui.visit import _, complain, plain, reading, today


def ask_quantity(
    label: str,
    *,
    units: Sequence[UnitFactor],
    default: str,
    base_unit: BaseUnit,
    key: str,
    value: str = "",
    placeholder: str = "",
) -> ParsedQuantity | None:
    """A quantity in the person's own units; None while it is empty or not understood."""
    text = st.text_input(label, value=value, key=key, placeholder=placeholder, max_chars=60)
    if not text.strip():
        return None
    try:
        parsed = quantities.parse_quantity(text, units=units, default=default)
    except Refusal as refusal:
        complain(refusal)
        return None
    read = quantities.read_back(parsed, base_unit).split(" = ")
    st.markdown(" = ".join(f"**{plain(words)}**" for words in read))
    return parsed


def sized(text: str, work: Work) -> ParsedQuantity:
    """The size of a machine's job as it was typed; a bau is as large as in the settings.

    Refuses what cannot be read, and an area without its unit.
    """
    with reading() as session:
        bau_tenths = cooperative.whole(session, "bau_tenths")
    return read_size(text, work, bau_tenths=bau_tenths)


def ask_size(
    label: str,
    work: Work,
    *,
    key: str,
    placeholder: str,
    value: str = "",
    may_be_0: bool = False,
) -> ParsedQuantity | None:
    """The size of a machine's job, said back; None while it is empty or not understood."""
    text = st.text_input(label, value=value, key=key, placeholder=placeholder, max_chars=40)
    if not text.strip():
        return None
    try:
        nothing = may_be_0 and text.strip() == "0"
        parsed = ParsedQuantity(0, "0") if nothing else sized(text, work)
    except Refusal as refusal:
        complain(refusal)
        return None
    back, said = equipment.shown(work, parsed.amount), plain(parsed.said)
    st.markdown(f"**{back}**" if back == parsed.said else f"**{said}** = **{back}**")
    return parsed


def ask_area(label: str, *, key: str, value: int | None) -> int | None:
    """An area in m2, said back; the one that stood there while what is typed cannot be read."""
    shown = "" if value is None else equipment.shown(Work.AREA, value)
    parsed = ask_size(label, Work.AREA, key=key, placeholder="0,75 ha", value=shown)
    if parsed is not None:
        return parsed.amount
    return value if str(st.session_state[key]).strip() else None


def ask_rp(label: str, *, key: str, value: str = "", placeholder: str = "") -> int | None:
    """An amount of whole rupiah, said back in figures and words; None while it is not one."""
    text = st.text_input(label, value=value, key=key, placeholder=placeholder, max_chars=40)
    if not text.strip():
        return None
    try:
        amount_rp = money.parse_rp(text)
    except Refusal as refusal:
        complain(refusal)
        return None
    st.markdown(f"**{rp(amount_rp)}** ({in_words(amount_rp)})")
    return amount_rp


def ask_price(
    label: str, *, per: str, key: str, value: str = "", placeholder: str = ""
) -> int | None:
    """A price for one unit, in ten-thousandths of a rupiah; None while it is not one."""
    text = st.text_input(label, value=value, key=key, placeholder=placeholder, max_chars=40)
    if not text.strip():
        return None
    try:
        price_e4 = money.parse_price_e4(text, unit=per)
    except Refusal as refusal:
        complain(refusal)
        return None
    st.markdown(_("**{price_e4}** for one {unit}", price_e4=price_e4, unit=per))
    return price_e4


def ask_day(label: str, *, key: str, value: date | None = None) -> date:
    """A day, mostly today or yesterday; another one is picked."""
    choices = {"today": _("Today"), "yesterday": _("Yesterday"), "other": _("Another day")}
    start = _start(value)
    choice = st.segmented_control(
        label,
        list(choices),
        format_func=lambda c: choices[c],
        default=start,
        key=key,
        required=True,
    )
    if choice == "yesterday":
        return today() - timedelta(days=1)
    if choice != "other":
        return today()
    return st.date_input(
        _("Which day?"), value=value or today(), format="DD/MM/YYYY", key=f"{key}_other"
    )


def _start(value: date | None) -> str:
    if value is None or value == today():
        return "today"
    return "yesterday" if value == today() - timedelta(days=1) else "other"
