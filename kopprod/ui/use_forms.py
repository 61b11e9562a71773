"""Handing a machine over and taking it back on a phone, with muddy hands: one press, one form."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import streamlit as st

from kopprod.domain import quantities
from kopprod.domain.equipment import CONDITION_WORDS, Condition, Work, shown
from kopprod.domain.refusal import N_
from kopprod.domain.tariffs import BASIS_WORDS, Basis
from kopprod.domain.uses import HandOver, Return, hours
from kopprod.papers.uses import reckoned
from kopprod.services import days, equipment, use_bills, use_reversals, use_rows, uses
from kopprod.services.use_bills import Beside, Reckoned
from kopprod.services.use_rows import Fetched, Held, things
from kopprod.ui import ask, meters, upkeep
from kopprod.ui.ask import ask_rp
from kopprod.ui.bookings import no_show
from kopprod.ui.files import ask_photo
from kopprod.ui.meters import TENTHS, ask_size
from kopprod.ui.seasons import ask_season
from kopprod.ui.settlement import ask_money
from kopprod.ui.steps import Step, steps
from kopprod.ui.use_lists import LINES, close, late
from kopprod.ui.visit import _, action, now, plain, reading, tell

STOOD_STILL = 10  # tenths of an hour; between two uses a machine is moved, and hardly runs
LITRES = quantities.STANDARD_UNITS[quantities.BaseUnit.MILLILITRE]
_DONE: Mapping[Work, tuple[str, str, str]] = {
    Work.AREA: (N_("Area done"), "area", "0,75 ha"),
    Work.MASS: (N_("Weight done"), "mass", "800 kg"),
    Work.TRIPS: (N_("Trips done"), "trips", "3 trip"),
}


def ask_moment(label: str, *, key: str) -> datetime:
    """Now, or another moment of the last days, by the clock of the cooperative's place."""
    choice = st.segmented_control(
        label,
        ["now", "other"],
        format_func=lambda which: _("Now") if which == "now" else _("Another time"),
        default="now",
        key=key,
        required=True,
    )
    moment = now()
    if choice == "now":
        return moment
    local = moment.astimezone(ZoneInfo(st.session_state.get("zone", "Asia/Jakarta")))
    day = st.date_input(
        _("Which day?"), value=local.date(), max_value=local.date(),
        min_value=local.date() - timedelta(days=60), format="DD/MM/YYYY", key=f"{key}_day",
    )  # fmt: skip
    clock = st.time_input(_("At what time?"), value=local.time(), step=300, key=f"{key}_clock")
    with reading() as session:
        return days.calendar(session).moment(day, clock)


def _ask_condition(label: str, *, key: str) -> Condition:
    return Condition(
        st.radio(
            label,
            [one.value for one in Condition],
            format_func=lambda one: _(CONDITION_WORDS[Condition(one)]),
            key=key,
        )
    )


def _ask_things(label: str, names: Sequence[str], *, key: str) -> frozenset[str]:
    if not names:
        return frozenset()
    chosen = st.pills(label, names, selection_mode="multi", default=list(names), key=key)
    return frozenset(chosen)


# Handing over


def hand_over(row: Fetched) -> None:
    """The form of one hand-over."""
    booking, kind, key = row.booking, row.kind, f"out_{row.booking.id}"
    close()
    st.subheader(_("Hand over {machine} to {name}", machine=plain(kind.name),
                   name=plain(row.name)), anchor=False)  # fmt: skip
    if not row.free:
        st.error(_("No machine of this kind is here. See who is late."))
        no_show(booking, key="out")
        return
    by_id = {unit.id: unit for unit in row.free}
    unit_id = next(iter(by_id))
    if len(by_id) > 1:
        unit_id = int(
            st.radio(_("Which one?"), list(by_id), format_func=lambda one: by_id[one].number,
                     key=f"{key}_unit")
        )  # fmt: skip
    else:
        st.markdown(f"**{by_id[unit_id].number}**")
    meter = _ask_meter(kind.has_meter, by_id[unit_id].meter, key=f"{key}_{unit_id}")
    more = (meter or 0) - by_id[unit_id].meter
    if more > STOOD_STILL:
        st.warning(_("That is {hours} hours more than when it was last read. Is the meter read "
                     "rightly?", hours=hours(more)))  # fmt: skip
    operator_id = _ask_operator(row, key=key)
    taken = _ask_things(_("What goes along"), kind.accessories.splitlines(), key=f"{key}_things")
    button = st.container()
    with st.expander(_("Another state, time, or somebody else fetches it"), key=f"{key}_more"):
        condition = _ask_condition(_("Its state"), key=f"{key}_state")
        at = ask_moment(_("When?"), key=f"{key}_at")
        other = st.toggle(_("Somebody else fetches it"), key=f"{key}_other")
        proxy = st.text_input(_("Who?"), key=f"{key}_proxy", max_chars=80) if other else ""
        meters.replaced(kind, by_id[unit_id], key=key)
    ready = not (kind.has_meter and meter is None) and not (other and not proxy.strip())
    if button.button(_("Hand it over"), key=f"{key}_do", type="primary", width="stretch",
                     disabled=not ready):  # fmt: skip
        with action(N_("{number}: {machine} is handed over."), name="uses.hand_over") as session:
            out = HandOver(at, meter, condition, taken)
            kept = uses.hand_over(
                session, booking.id, out, unit_id=unit_id, proxy=proxy, operator_id=operator_id
            )
            tell(session, number=kept.number, machine=plain(kind.name))
            st.session_state.pop("use_open", None)
    no_show(booking, key="out")


def _ask_meter(has_meter: bool, last: int, *, key: str) -> int | None:
    if not has_meter:
        return None
    st.caption(_("Last read: {hours} hours", hours=hours(last)))
    return ask_size(_("Hour meter"), TENTHS, key=f"{key}_meter", help_="1.204,5")


def _ask_operator(row: Fetched, *, key: str) -> int | None:
    if not (row.kind.needs_operator or row.booking.with_operator):
        return None
    with reading() as session:
        people = {one.id: one.name for one in equipment.operators(
            session, row.kind.id, on=days.calendar(session).day_of(now()))}  # fmt: skip
    ids = list(people)
    mine = row.booking.operator_id
    return st.selectbox(
        _("Operator"),
        ids,
        index=ids.index(mine) if mine in people else None,
        format_func=lambda one: people[one],
        placeholder=_("Nobody of the cooperative"),
        key=f"{key}_operator",
    )


# Taking back


def take_back(row: Held) -> None:
    """The form of one return; the bill is shown before it is kept."""
    use, kind, key = row.use, row.kind, f"back_{row.use.id}"
    close()
    st.subheader(_("{machine} of {name} is back", machine=plain(row.unit_words),
                   name=plain(row.name)), anchor=False)  # fmt: skip
    if row.late_min:
        st.error(late(row.late_min))
    # One that was replaced meanwhile began below what the old one showed when it went out.
    meter = _ask_meter(kind.has_meter, min(use.out_meter or 0, row.unit.meter), key=key)
    season = row.booking.season or ask_season(kind.id, _day_out(row), key=f"{key}_season")
    basis = _ask_basis(row, season or "", key=key)
    work = kind.work
    area, grams, trips = _ask_done(work, booked=row.booking.size, key=key)
    fuel_ml, fuel_rp, fuel_from = _ask_fuel(kind.fuel, key=key)
    back_with = _ask_things(
        _("What came back"), sorted(things(use.out_accessories)), key=f"{key}_things"
    )
    condition = _ask_condition(_("Its state now"), key=f"{key}_state")
    damage, photo = _ask_damage(condition, use.out_condition, key=key)
    paid_to = ask_money(f"{key}_paid_to") if use.member_id is None else None
    bill = st.container()
    with st.expander(_("Another time, or something else went differently"), key=f"{key}_more"):
        at = ask_moment(_("When did it come back?"), key=f"{key}_at")
        brought = st.toggle(
            _("The cooperative brought the machine to the field"),
            value=row.booking.with_operator,
            key=f"{key}_brought",
        )
        _correct_meter(row, key=key)
        other_id = _ask_other(row, key=key)
    unread = (kind.has_meter and meter is None) or (work is Work.AREA and area is None)
    if season is None or unread:
        return
    back = Return(at, meter, condition, area, fuel_ml, damage, back_with)
    beside = Beside(
        weight_g=grams, trips=trips, fuel_rp=fuel_rp, fuel_from=fuel_from, brought=brought,
        basis=basis, season=season, paid_to=paid_to, photo=photo, unit_id=other_id,
    )  # fmt: skip
    with bill:
        found = _look(use.id, back, beside)
        _show(found, said_late=bool(row.late_min))
        label = _("Keep the return, bill {bill_rp}", bill_rp=found.bill.total_rp)
        if not st.button(label, key=f"{key}_do", type="primary", width="stretch"):
            return
        done = N_("{number} is returned, with a bill of {bill_rp}.")
        with action(done, name="uses.take_back") as session:
            kept, plan = uses.take_back(session, use.id, back, beside)
            tell(session, number=kept.number, bill_rp=kept.bill_rp)
            upkeep.keep_texts(session, plan, kind, why=damage)
            st.session_state.pop("use_open", None)
            st.session_state["use_bill"] = kept.id


def _correct_meter(row: Held, *, key: str) -> None:
    """What the meter was said to show at hand-over, read again."""
    if not row.kind.has_meter or row.again:
        return
    meters.replaced(row.kind, row.unit, key=key)
    if not st.toggle(_("The meter was read wrongly at hand-over"), key=f"{key}_misread"):
        return
    meter = ask_size(_("What did it show at hand-over?"), TENTHS, key=f"{key}_out_meter",
                     help_=hours(row.use.out_meter or 0))  # fmt: skip
    if st.button(_("Correct it"), key=f"{key}_correct", width="stretch", disabled=meter is None):
        done = N_("{number}: the meter showed {hours} hours at hand-over.")
        with action(done, name="use_reversals.correct_meter") as session:
            use_reversals.correct_meter(session, row.use.id, meter=meter or 0, at=now())
            tell(session, number=row.use.number, hours=hours(meter or 0))


def _ask_other(row: Held, *, key: str) -> int | None:
    """Which machine stands there, where it is not the one that went out, and the way to its own."""
    with reading() as session:
        units = {one.id: one.number for one in equipment.units(session, row.kind.id)}
        held = {one.use.unit_id: one for one in use_rows.held(session, at=now())}
    units.pop(row.use.unit_id, None)
    if not units or not st.toggle(_("Another machine was brought"), key=f"{key}_swapped"):
        return None
    picked = st.selectbox(
        _("Which one stands here?"), list(units), index=None, format_func=units.__getitem__,
        placeholder=_("Choose"), key=f"{key}_brought_unit",
    )  # fmt: skip
    if picked is None:
        return None
    if picked not in held:
        st.info(_("{number} is not written down as handed out. Look at its number again.",
                  number=units[picked]))  # fmt: skip
    elif st.button(
        _("Take back {number} of {name}", number=units[picked], name=plain(held[picked].name)),
        key=f"{key}_instead", width="stretch",
    ):  # fmt: skip
        st.session_state["use_open"] = ("back", held[picked].use.id)
        st.rerun()
    with reading() as session:
        uses.check_unit(session, row.use.id, picked)
    return picked


def _ask_done(work: Work, *, booked: int, key: str) -> tuple[int | None, int | None, int | None]:
    """What was done of area, weight or trips, by what the machine's work is counted."""
    if work not in _DONE:
        return None, None, None
    label, name, example = _DONE[work]
    said = ask.ask_size(_(label), work, key=f"{key}_{name}", placeholder=example, may_be_0=True)
    done = {} if said is None else {work: said.amount}
    if done.get(Work.AREA, 0) > 2 * booked:
        st.warning(_("{size} was booked. Is the area that was done right?",
                     size=shown(work, booked)))  # fmt: skip
    return done.get(Work.AREA), done.get(Work.MASS), done.get(Work.TRIPS)


def _day_out(row: Held) -> date:
    with reading() as session:
        return days.calendar(session).day_of(row.use.out_at)


def _ask_basis(row: Held, season: str, *, key: str) -> Basis | None:
    on = _day_out(row)
    with reading() as session:
        known = use_bills.bases(session, row.kind.id, on=on, season=season)
    if len(known) < 2:
        return None
    return Basis(
        st.radio(_("Charged per"), [one.value for one in known], horizontal=True,
                 format_func=lambda one: _(BASIS_WORDS[Basis(one)]), key=f"{key}_basis")
    )  # fmt: skip


def _ask_fuel(fuel: str, *, key: str) -> tuple[int | None, int, str | None]:
    if not fuel:
        return None, 0, None
    fuel_ml = ask_size(_("Fuel used"), LITRES, key=f"{key}_fuel", help_="18,75 liter")
    fuel_rp = ask_rp(_("What the cooperative paid for fuel (empty: nothing)"), key=f"{key}_fuel_rp")
    return fuel_ml, fuel_rp or 0, ask_money(f"{key}_fuel_from") if fuel_rp else None


def _ask_damage(condition: Condition, before: Condition, *, key: str) -> tuple[str, bytes | None]:
    if condition not in (Condition.DAMAGED, Condition.BROKEN) or condition is before:
        return "", None
    words = st.text_area(_("What is damaged?"), key=f"{key}_damage", max_chars=500)
    return words, ask_photo(key=f"{key}_photo")


def _look(use_id: int, back: Return, beside: Beside) -> Reckoned:
    with reading() as session:
        return uses.preview(session, use_id, back, beside)


def _show(found: Reckoned, *, said_late: bool) -> None:
    lines = [
        Step(_(LINES[line.kind]), line.amount_rp, reckoned(line, found.basis, found.bau_tenths))
        for line in found.bill.lines
    ]
    steps([*lines, Step(_("To be paid"), found.bill.total_rp, is_sum=True)])
    if found.late_min and not said_late:
        st.warning(late(found.late_min))
    if found.missing:
        st.warning(_("Missing: {things}", things=plain(", ".join(found.missing))))
    if found.net_rp < 0:
        st.warning(_("This use costs the cooperative {loss_rp} more than it brings.",
                     loss_rp=-found.net_rp))  # fmt: skip
    elif found.shares.operator_rp:
        st.caption(_("Kept for the operator: {share_rp}", share_rp=found.shares.operator_rp))
