"""Shared machines: what there is and what it costs; the manager's register, tariffs and values."""

import streamlit as st

from kopprod import ui
from kopprod.services import cooperative, depreciation, equipment, members
from kopprod.ui import _, equipment_form, equipment_units, tariffs
from kopprod.ui import equipment as parts
from kopprod.ui.sales import choose, chosen

who = ui.open_page(ui.Action.EQUIPMENT_SEE, "Shared machines").person
on, kind_id = ui.today(), chosen("equipment")
manager, books = who.may(ui.Action.EQUIPMENT_CHANGE), who.may(ui.Action.LEDGER_SEE)
with ui.reading() as session:
    villages = {one.id: one.name for one in cooperative.villages(session)}

if kind_id is None:
    with ui.reading() as session:
        rows = equipment.kinds(session)
        known = depreciation.worth(session, all_of_them=True) if books else []
    if not rows:
        ui.empty(
            _("Write down your first machine below: what it is called, how much it does in an "
              "hour, who operates it. Then its units, and what it costs.")
            if manager
            else _("The cooperative has no shared machines yet. The manager writes them down here.")
        )  # fmt: skip
    parts.doors(rows, on=on, member=True)
    if manager:
        with st.expander(_("A new machine"), expanded=not rows):
            turn = ui.held_turn("kind")
            made = equipment_form.new_kind(villages=villages, turn=turn)
        if made is not None:
            ui.next_turn("kind")
            choose("equipment", made)
            st.rerun()
    if known:
        st.subheader(_("All machines and their value"), anchor=False)
        parts.register(known, key="machines")
        equipment_units.charge(may=who.may(ui.Action.MONEY_MOVE))
    st.stop()

if st.button(_("All machines"), key="equipment_back"):
    choose("equipment", None)
    st.rerun()
with ui.reading() as session:
    row = equipment.kind(session, kind_id)
    known = depreciation.worth(session, all_of_them=True) if books else []
parts.head(row, on=on, member=True)
here = [one for one in known if one.unit.equipment_id == row.id]
if books:
    st.subheader(_("Units"), anchor=False)
    if here:
        parts.register(here, key=f"units_{row.id}", of_one=True)
    else:
        ui.empty(_("There is no unit yet. Nobody can book it before there is one."))
if manager and row.retired_on is None:
    with ui.reading() as session:
        people = members.members(session)
    with st.expander(_("One more unit"), expanded=not here):
        equipment_units.add_unit(row, people, villages=villages)
    equipment_units.retire_units(row)
    tariffs.ask_tariffs(row)
    tariffs.ask_outside(row, may=True)
    equipment_form.ask_trainings(row, people, villages=villages)
    equipment_form.change_kind(row, villages=villages)
    equipment_form.retire(row)
elif books:
    tariffs.ask_outside(row, may=False)
