"""Single machines on the screen: one more of a kind, leaving the register, depreciation."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from kopprod.domain.equipment import CONDITION_WORDS, SOURCE_WORDS, Condition, Source
from kopprod.domain.refusal import N_
from kopprod.services import depreciation, equipment, equipment_units
from kopprod.services.equipment_units import UnitFacts
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.tables.members import Member
from kopprod.ui.ask import ask_rp
from kopprod.ui.choose import choose_member
from kopprod.ui.equipment import charge_words
from kopprod.ui.held import held_turn, next_turn
from kopprod.ui.meters import TENTHS, ask_size
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Column, day_column, rp_column, table
from kopprod.ui.visit import _, action, plain, reading, tell, today


def add_unit(row: Equipment, people: Sequence[Member], *, villages: Mapping[int, str]) -> None:
    """One more machine of the kind, with what it cost and from where."""
    turn = held_turn(f"unit_{row.id}")
    key = f"unit_{turn}"
    source: Any = st.radio(
        _("Where does it come from?"), list(Source), format_func=lambda one: _(SOURCE_WORDS[one]),
        horizontal=True, key=f"{key}_source",
    )  # fmt: skip
    on = st.date_input(
        _("On which day did it come?"), value=today(), max_value=today(), format="DD/MM/YYYY",
        key=f"{key}_on",
    )  # fmt: skip
    giver, owner, value_rp, residual_rp, months = "", None, 0, 0, 0
    paid_from, opening, until = None, False, None
    if source is Source.LENT:
        owner = choose_member(people, villages=villages, key=f"{key}_owner")
    else:
        if source is Source.GRANT:
            giver = st.text_input(_("Who granted it?"), key=f"{key}_giver", max_chars=80)
        value_rp = ask_rp(_("What did it cost, or what is it worth?"), key=f"{key}_value") or 0
        months = int(
            st.number_input(
                _("How many months will it last?"), min_value=1, max_value=600, value=60,
                key=f"{key}_life",
            )
        )  # fmt: skip
        residual_rp = ask_rp(
            _("What is it worth after that? (empty: nothing)"), key=f"{key}_residual"
        ) or 0  # fmt: skip
        opening = st.toggle(_("The opening balances have it already"), key=f"{key}_opening")
        if opening:
            until = st.date_input(
                _("Up to which day do they have its depreciation? (empty: none)"), value=None,
                max_value=today(), format="DD/MM/YYYY", key=f"{key}_until",
            )  # fmt: skip
        elif source is Source.BOUGHT:
            paid_from = ask_money(f"{key}_money")
    serial = st.text_input(_("Serial number (may stay empty)"), key=f"{key}_serial", max_chars=80)
    meter: int | None = 0
    if row.has_meter:
        meter = ask_size(
            _("What does the hour meter show?"), TENTHS, key=f"{key}_meter", value="0"
        )  # fmt: skip
    state: Any = st.selectbox(
        _("State"), list(Condition), format_func=lambda one: _(CONDITION_WORDS[one]),
        key=f"{key}_state",
    )  # fmt: skip
    facts = UnitFacts(
        source, on, value_rp, residual_rp, months, serial=serial, giver=giver,
        owner_id=None if owner is None else owner.id, condition=state, meter=meter or 0,
        paid_from=paid_from, in_opening=opening, charged_until=until,
    )  # fmt: skip
    if st.button(
        _("Write this unit down"), key=f"unit_add_{row.id}", type="primary", width="stretch",
        disabled=meter is None,
    ):  # fmt: skip
        with action(N_("{number} is in the register."), name="equipment.add_unit") as session:
            made = equipment_units.add_unit(session, row.id, facts, draft_key=turn)
            tell(session, number=made.number)
            next_turn(f"unit_{row.id}")


def retire_units(row: Equipment) -> None:
    """One machine leaves: sold, worn out, given back, or written down wrongly."""
    with reading() as session:
        known = {one.id: one for one in equipment.units(session, row.id)}
    if not known:
        return
    with st.expander(_("A unit leaves the register")):
        picked = st.selectbox(
            _("Which one?"), list(known), format_func=lambda one: _name(known[one]),
            key=f"unit_out_{row.id}",
        )  # fmt: skip
        why = st.text_input(_("Why?"), key=f"unit_why_{picked}", max_chars=200)
        wrong = st.toggle(
            _("It was written down wrongly and has never been here"), key=f"unit_wrong_{picked}"
        )
        proceeds_rp, account = 0, None
        if not wrong and known[picked].source is not Source.LENT:
            proceeds_rp = ask_rp(
                _("What did it bring when it was sold? (empty: nothing)"),
                key=f"unit_proceeds_{picked}",
            ) or 0  # fmt: skip
            if proceeds_rp:
                account = ask_money(f"unit_money_{picked}")
        if st.button(_("Take this unit out"), key=f"unit_retire_{picked}", width="stretch"):
            done = N_("{number} left the register.")
            with action(done, name="equipment.retire_unit") as session:
                if wrong:
                    gone = equipment_units.take_out(session, picked, why=why, on=today())
                else:
                    gone = equipment_units.retire_unit(
                        session, picked, why=why, on=today(), proceeds_rp=proceeds_rp,
                        account=account,
                    )  # fmt: skip
                tell(session, number=gone.number)


def _name(unit: EquipmentUnit) -> str:
    return f"{unit.number} {unit.serial}".strip()


def charge(*, may: bool) -> None:
    """What the months lost, seen before it is posted; one press posts all of it."""
    st.subheader(_("Depreciation"), anchor=False)
    until = st.date_input(
        _("Charge all months that are over on"), value=today(), max_value=today(),
        format="DD/MM/YYYY", key="depreciation_until",
    )  # fmt: skip
    with reading() as session:
        found = depreciation.to_charge(session, until=until)
    if not found:
        st.caption(_("All months up to this day are in the books."))
        return
    st.markdown(charge_words(found))
    rows = [
        {
            "month": one.month,
            "machine": plain(one.machine),
            "number": one.unit.number,
            "amount_rp": one.amount_rp,
        }
        for one in found
    ]
    columns = [
        day_column(_("Month that ends on"), "month"),
        Column(_("Machine"), "machine"),
        Column(_("Number"), "number"),
        rp_column(_("Amount"), "amount_rp"),
    ]
    table(columns, rows, key="depreciation", total={
        "machine": _("Together"), "amount_rp": sum(one.amount_rp for one in found),
    })  # fmt: skip
    if may and st.button(
        _("Write the depreciation into the books"), key="depreciation_post", type="primary",
        width="stretch",
    ):  # fmt: skip
        done = N_("{n} months are in the books, together {total_rp}.")
        with action(done, name="equipment.depreciate") as session:
            posted = depreciation.charge(session, until=until)
            tell(session, n=len(posted), total_rp=sum(one.amount_rp for one in posted))
