"""The manager's forms of what machines cost: tariffs by their days, and prices elsewhere."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import streamlit as st

from kopprod.domain.money import format_e4
from kopprod.domain.refusal import N_
from kopprod.domain.tariffs import BASIS_WORDS, BORNE_WORDS, Basis, Borne, Tariff
from kopprod.services import cooperative, tariffs
from kopprod.tables.equipment import Equipment
from kopprod.ui.ask import ask_day, ask_price, ask_rp
from kopprod.ui.equipment import basis_words, cost_words, outside_table, tariff_table
from kopprod.ui.visit import _, action, reading, tell, today

_TENTHS = 10


@dataclass(frozen=True)
class _Per:
    """By what a price counts."""

    basis: Basis
    bau_tenths: int | None

    @property
    def words(self) -> str:
        return basis_words(self.basis, self.bau_tenths)


def _ask_basis(key: str) -> _Per:
    basis: Any = st.selectbox(
        _("The price is for one"), list(Basis), format_func=lambda one: _(BASIS_WORDS[one]),
        key=f"{key}_basis",
    )  # fmt: skip
    if basis is not Basis.BAU:
        return _Per(basis, None)
    with reading() as session:
        bau_tenths = cooperative.whole(session, "bau_tenths")
    size = st.number_input(
        _("How many m2 is one bau here?"), min_value=5_000.0, max_value=10_000.0,
        value=bau_tenths / _TENTHS, step=0.1, format="%.1f", key=f"{key}_bau",
    )  # fmt: skip
    return _Per(basis, round(size * _TENTHS))


def ask_tariffs(row: Equipment) -> None:
    """All tariffs, one more, and the end of one."""
    with reading() as session:
        found = tariffs.of(session, row.id)
    st.subheader(_("What it costs"), anchor=False)
    if found:
        tariff_table(found, key=f"tariffs_{row.id}")
    with st.expander(_("A new tariff"), expanded=not found):
        _new_tariff(row, found)
    open_ones = {key: one for key, one in found.items() if one.until is None}
    if open_ones:
        with st.expander(_("End a tariff")):
            _end(open_ones)


def _new_tariff(row: Equipment, found: dict[int, Tariff]) -> None:
    key = f"tariff_{row.id}_{len(found)}"
    per = _ask_basis(key)
    member_e4 = ask_price(_("Price for members"), per=per.words, key=f"{key}_member")
    other_e4 = ask_price(
        _("Price for others (empty: only for members)"), per=per.words, key=f"{key}_other"
    )
    since = st.date_input(
        _("From which day?"), value=today(), format="DD/MM/YYYY", key=f"{key}_since"
    )
    season = st.text_input(
        _("Only in the season (empty: all year)"), key=f"{key}_season", max_chars=40
    )
    operator, operator_e4 = _ask_borne(_("The operator is"), per.words, f"{key}_operator")
    fuel, fuel_e4 = _ask_borne(_("Fuel is"), _("liter"), f"{key}_fuel")
    mobilisation_rp = ask_rp(_("Bringing the machine (empty: nothing)"), key=f"{key}_bringing")
    minimum_rp = ask_rp(_("Least bill (empty: none)"), key=f"{key}_minimum")
    if member_e4 is None:
        return
    tariff = Tariff(
        per.basis, since, None, member_e4, other_e4, season, operator, operator_e4, fuel, fuel_e4,
        mobilisation_rp or 0, minimum_rp or 0, per.bau_tenths,
    )  # fmt: skip
    st.markdown(cost_words(tariffs.Shown(0, tariff, None)))
    same = [
        one_id
        for one_id, one in found.items()
        if one.until is None
        and one.basis is per.basis
        and one.season.casefold() == season.casefold()
    ]
    if same:
        st.caption(_("The tariff that counts now ends when this one begins."))
    if st.button(_("Keep this tariff"), key=f"tariff_add_{row.id}", type="primary",
                 width="stretch"):  # fmt: skip
        done = N_("The tariff per {unit} counts from {since_on}.")
        with action(done, name="equipment.tariff") as session:
            if same:
                tariffs.replace(session, same[0], tariff)
            else:
                tariffs.add_tariff(session, row.id, tariff)
            tell(session, unit=per.words, since_on=since)


def _ask_borne(label: str, unit: str, key: str) -> tuple[Borne, int]:
    who: Any = st.radio(
        label, list(Borne), format_func=lambda one: _(BORNE_WORDS[one]), horizontal=True, key=key
    )
    if who is not Borne.EXTRA:
        return who, 0
    return who, ask_price(_("How much more?"), per=unit, key=f"{key}_price") or 0


def _end(found: dict[int, Tariff]) -> None:
    picked = st.selectbox(
        _("Which one?"), list(found), key="tariff_end",
        format_func=lambda one: _tariff_line(found[one]),
    )  # fmt: skip
    until = st.date_input(
        _("From which day does it no longer count?"), value=today() + timedelta(days=1),
        format="DD/MM/YYYY", key=f"tariff_until_{picked}",
    )  # fmt: skip
    if st.button(_("End this tariff"), key=f"tariff_end_{picked}", width="stretch"):
        done = N_("The tariff no longer counts from {until_on} on.")
        with action(done, name="equipment.end_tariff") as session:
            tariffs.end_tariff(session, picked, until=until)
            tell(session, until_on=until)
    if st.button(
        _("It was typed wrongly: take it out"), key=f"tariff_out_{picked}", width="stretch"
    ):
        with action(N_("The tariff is taken out."), name="equipment.no_tariff") as session:
            tariffs.take_out_tariff(session, picked)


def _tariff_line(one: Tariff) -> str:
    unit = basis_words(one.basis, one.bau_tenths)
    return " · ".join(word for word in (unit, format_e4(one.member_e4), one.season) if word)


def ask_outside(row: Equipment, *, may: bool) -> None:
    """What it costs elsewhere, and one more price."""
    st.subheader(_("What it costs elsewhere"), anchor=False)
    outside_table(row.id, on=today())
    if not may:
        return
    with st.expander(_("Note a price elsewhere")):
        key = f"outside_{row.id}"
        per = _ask_basis(key)
        price_e4 = ask_price(_("Price elsewhere"), per=per.words, key=f"{key}_price")
        on = ask_day(_("Seen on which day?"), key=f"{key}_on")
        source = st.text_input(_("Who said so? (may stay empty)"), key=f"{key}_source")
        if price_e4 is not None and st.button(
            _("Keep this price"), key=f"outside_add_{row.id}", type="primary", width="stretch"
        ):
            with action(N_("The price is noted."), name="equipment.outside") as session:
                tariffs.add_outside(
                    session, row.id, basis=per.basis, seen_on=on, price_e4=price_e4,
                    bau_tenths=per.bau_tenths, source=source, on=today(),
                )  # fmt: skip
