"""Hour meters on a screen: asking what one shows, and writing down that it was replaced."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain import quantities
from kopprod.domain.quantities import UnitFactor
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.uses import hours
from kopprod.services import meters
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.ui.visit import _, action, complain, plain, reading, tell, today

TENTHS = (UnitFactor("jam", 10),)


def ask_size(
    label: str,
    units: Sequence[UnitFactor],
    *,
    key: str,
    value: str = "",
    help_: str = "",
) -> int | None:
    """A number in one of some units, the first unless said; None while it cannot be read."""
    default = units[0].name
    text = st.text_input(label, value=value, key=key, placeholder=help_, max_chars=40)
    if not text.strip():
        return None
    if text.strip() in ("0", f"0 {default}"):
        return 0
    try:
        return quantities.parse_quantity(text, units, default).amount
    except Refusal as refusal:
        complain(refusal)
        return None


def replaced(kind: Equipment, unit: EquipmentUnit, *, key: str) -> None:
    """That the meter was replaced: what the old one ended at, and where the new one begins."""
    if not kind.has_meter:
        return
    key = f"{key}_replaced_{unit.id}"
    with reading() as session:
        known = meters.of(session, unit.id)
    for one in known:
        st.caption(
            _("The hour meter was replaced on {changed_on} at {ended} hours, and began at "
              "{begins}: {why}.", changed_on=one.changed_on, ended=hours(one.ended),
              begins=hours(one.begins), why=plain(one.why))
        )  # fmt: skip
    if not st.toggle(_("The hour meter was replaced"), key=f"{key}_{len(known)}"):
        return
    ended = ask_size(_("What did the old one show last?"), TENTHS, key=f"{key}_ended",
                     value=hours(unit.meter))  # fmt: skip
    begins = ask_size(_("At how many hours does the new one begin?"), TENTHS, key=f"{key}_begins",
                      value="0")  # fmt: skip
    why = st.text_input(_("Why was it replaced?"), key=f"{key}_why", max_chars=80)
    ready = ended is not None and begins is not None and bool(why.strip())
    if st.button(_("The new meter counts from now on"), key=f"{key}_do", width="stretch",
                 disabled=not ready):  # fmt: skip
        done = N_("{machine}: the new hour meter begins at {hours}.")
        with action(done, name="meters.replace") as session:
            row = meters.replace(session, unit.id, ended=ended or 0, begins=begins or 0, why=why,
                                 on=today())  # fmt: skip
            tell(session, machine=f"{plain(kind.name)} ({unit.number})", hours=hours(row.begins))
