"""Upkeep of machines on a screen: what is due, what was done, what is broken and repaired."""

import streamlit as st
from sqlmodel import Session

from kopprod.domain.access import Action, Person
from kopprod.domain.equipment import CONDITION_WORDS, Condition
from kopprod.domain.refusal import N_
from kopprod.domain.upkeep import STAGE_WORDS, Stage
from kopprod.services import breakdowns, equipment, upkeep
from kopprod.services.booking_moves import Plan
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.ui import booking_texts, meters
from kopprod.ui.ask import ask_rp
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Card, Column, cards, day_column, rp_column, table
from kopprod.ui.visit import _, action, now, plain, reading, tell, today

_TONES = {Stage.SOON: "amber", Stage.DUE: "red", Stage.OVERDUE: "red"}


def section(who: Person) -> None:
    """Every machine with what is due on it, one to work on, and the log."""
    with reading() as session:
        kinds = equipment.kinds(session)
        units = [(kind, unit) for kind in kinds for unit in equipment.units(session, kind.id)]
        stood = {unit.id: upkeep.standings(session, unit.id, on=today()) for _k, unit in units}
        log = upkeep.log(session)
    if not units:
        return
    st.subheader(_("Maintenance"), anchor=False)
    cards(
        [
            Card(
                title=f"{kind.name} ({unit.number})",
                below=_(CONDITION_WORDS[unit.condition]),
                right=one.plan.work if one else "",
                right_below=_(STAGE_WORDS[one.standing.stage]) if one else "",
                tone="red" if unit.condition is Condition.BROKEN
                else _TONES.get(one.standing.stage, "") if one else "",
            )
            for kind, unit in units
            for one in [next(iter(stood[unit.id]), None)]
        ]
    )  # fmt: skip
    if who.may(Action.EQUIPMENT_HAND_OUT):
        by_id = {unit.id: (kind, unit) for kind, unit in units}
        picked = st.selectbox(
            _("Which machine?"), list(by_id), index=None, key="upkeep_unit",
            format_func=lambda one: f"{by_id[one][0].name} ({by_id[one][1].number})",
            placeholder=_("Choose"),
        )  # fmt: skip
        if picked is not None:
            _unit(*by_id[picked], who)
    if log:
        names = {unit.id: f"{kind.name} ({unit.number})" for kind, unit in units}
        table(
            [
                day_column(_("Day"), "done_on"),
                Column(_("Machine"), "machine"),
                Column(_("What was done"), "work"),
                rp_column(_("Cost"), "cost_rp"),
                rp_column(_("From the reserve"), "reserve_rp"),
            ],
            [{**one.model_dump(), "machine": names.get(one.unit_id, "")} for one in log],
            key="perawatan",
        )


def _unit(kind: Equipment, unit: EquipmentUnit, who: Person) -> None:
    if unit.condition is Condition.BROKEN:
        if st.button(_("It is repaired"), key=f"repaired_{unit.id}", type="primary",
                     width="stretch"):  # fmt: skip
            with action(
                N_("{machine} can be booked again."), name="breakdowns.repaired"
            ) as session:
                breakdowns.repaired(session, unit.id, at=now())
                tell(session, machine=plain(kind.name))
    else:
        _break(kind, unit)
    _done(unit, who)
    meters.replaced(kind, unit, key="upkeep")
    if who.may(Action.EQUIPMENT_CHANGE):
        _plan(kind)


def _break(kind: Equipment, unit: EquipmentUnit) -> None:
    with st.expander(_("It is broken"), key=f"broken_{unit.id}"):
        why = st.text_input(_("What is broken?"), key=f"broken_why_{unit.id}", max_chars=200)
        if st.button(_("Take it out of service"), key=f"broken_do_{unit.id}", width="stretch",
                     disabled=not why.strip()):  # fmt: skip
            done = N_("{machine} is out of service. Bookings postponed: {numbers}")
            with action(done, name="breakdowns.break_down") as session:
                _row, plan = breakdowns.break_down(session, unit.id, why=why, at=now())
                moved = [] if plan is None else [one.number for one in plan.moved]
                tell(session, machine=plain(kind.name), numbers=", ".join(moved) or "0")
                keep_texts(session, plan, kind, why=why)


def keep_texts(session: Session, plan: Plan | None, kind: Equipment, *, why: str) -> None:
    """Remember whom to tell that a machine broke, where that postpones somebody's booking."""
    if plan is not None and plan.moved:
        lead = _("{machine} is broken: {why}.", machine=kind.name, why=" ".join(why.split()))
        booking_texts.keep(session, plan, lead)


def _done(unit: EquipmentUnit, who: Person) -> None:
    with st.expander(_("Write down what was done"), key=f"upkeep_{unit.id}"):
        with reading() as session:
            plans = {one.id: one.work for one in upkeep.plans(session, unit.equipment_id)}
            turn = len(upkeep.log(session, unit_id=unit.id))
        plan_id = st.selectbox(
            _("By which plan?"), list(plans), index=None, format_func=lambda one: plans[one],
            placeholder=_("None"), key=f"upkeep_plan_{unit.id}",
        )  # fmt: skip
        work = st.text_input(_("What was done"), key=f"upkeep_work_{unit.id}", max_chars=80)
        cost_rp, account = None, None
        if who.may(Action.MONEY_MOVE):
            cost_rp = ask_rp(_("What it cost (empty: nothing)"), key=f"upkeep_rp_{unit.id}")
            account = ask_money(f"upkeep_from_{unit.id}") if cost_rp else None
        if st.button(_("Write it down"), key=f"upkeep_do_{unit.id}", width="stretch"):
            with action(N_("{number} is written down."), name="upkeep.done") as session:
                row = upkeep.done(
                    session, unit.id, work=work, plan_id=plan_id, done_on=today(), on=today(),
                    meter=unit.meter, cost_rp=cost_rp or 0, account=account,
                    draft_key=f"upkeep-{unit.id}-{turn}",
                )  # fmt: skip
                tell(session, number=row.number)


def _plan(kind: Equipment) -> None:
    with st.expander(_("Plan maintenance of every {machine}", machine=plain(kind.name)),
                     key=f"plan_{kind.id}"):  # fmt: skip
        work = st.text_input(_("What is to be done"), key=f"plan_work_{kind.id}", max_chars=80)
        hours = st.number_input(_("Every how many hours? (0: not by hours)"), min_value=0, value=0,
                                step=10, key=f"plan_hours_{kind.id}")  # fmt: skip
        every = st.number_input(_("Every how many days? (0: not by days)"), min_value=0, value=0,
                                step=10, key=f"plan_days_{kind.id}")  # fmt: skip
        if st.button(_("Plan it"), key=f"plan_do_{kind.id}", width="stretch"):
            with action(
                N_("{work} is planned from {since_on} on."), name="upkeep.add_plan"
            ) as session:
                row = upkeep.add_plan(
                    session, kind.id, work=work, on=today(),
                    every_tenths=10 * int(hours) or None, every_days=int(every) or None,
                )  # fmt: skip
                tell(session, work=plain(row.work), since_on=row.since)
