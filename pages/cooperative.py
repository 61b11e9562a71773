"""The cooperative: what to do first, its settings with their meaning, villages and neighbours."""

from fractions import Fraction

import streamlit as st

from kopprod import ui
from kopprod.domain import cooperative as rules
from kopprod.domain import money
from kopprod.domain.cooperative import CHOICE_NAMES, SettingKind
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.services import cooperative
from kopprod.tables.cooperative import Village
from kopprod.ui import Card, _, first_steps
from kopprod.ui.files import ask_picture


def shown(name: str, value: str) -> str:
    """A setting as people read it."""
    kind = rules.rule(name).kind
    if kind is SettingKind.PERCENT:
        return money.format_percent(int(value))
    if kind is SettingKind.TENTHS:
        return format_number(Fraction(int(value), 10))
    if kind is SettingKind.CHOICE:
        return _(CHOICE_NAMES[value])
    return value or "–"


def show_settings(values: dict[str, str]) -> None:
    """Every setting with its value and what it means."""
    ui.cards(
        [
            Card(title=_(rule.label), below=_(rule.meaning), right=shown(name, values[name]))
            for name, rule in rules.SETTINGS.items()
        ]
    )


def change_setting(values: dict[str, str]) -> None:
    """Choose one setting, say its new value, keep it."""
    name = st.selectbox(
        _("Setting"), list(values), format_func=lambda n: _(rules.rule(n).label), key="setting"
    )
    rule = rules.rule(name)
    if rule.kind is SettingKind.CHOICE:
        typed = st.selectbox(
            _(rule.meaning),
            rule.choices,
            index=rule.choices.index(values[name]),
            format_func=lambda choice: _(CHOICE_NAMES[choice]),
            key=f"value_{name}",
        )
    else:
        start = values[name]
        if rule.kind in (SettingKind.PERCENT, SettingKind.TENTHS):
            start = shown(name, start).removesuffix("%").strip()
        typed = st.text_input(_(rule.meaning), value=start, key=f"value_{name}")
    if st.button(_("Keep this setting"), key="keep_setting", type="primary"):
        done = N_("{setting} is now {value}.")
        with ui.action(done, name="cooperative.setting") as session:
            kept = cooperative.change_setting(session, name=name, value=typed)
            ui.tell(session, setting=_(rule.label), value=ui.plain(shown(name, kept)))


def show_villages(villages: list[Village]) -> None:
    """The villages and the pairs whose prices may be compared."""
    st.subheader(_("Villages"), anchor=False)
    st.write(
        _(
            "Middleman prices are compared within a village and between neighbours. "
            "Neighbours are villages that a middleman serves alike."
        )
    )
    with ui.reading() as session:
        pairs = cooperative.neighbours(session)
    around = {
        village.id: [
            b.name if a.id == village.id else a.name for a, b in pairs if village in (a, b)
        ]
        for village in villages
    }
    ui.cards(
        [
            Card(
                title=v.name,
                below=_("Neighbours: {names}", names=", ".join(around[v.id]))
                if around[v.id]
                else _("No neighbour yet"),
            )
            for v in villages
        ]
    )


def change_villages(villages: list[Village]) -> None:
    """Another village, or another pair of neighbours."""
    # A village that was added leaves an empty field for the next one.
    name = st.text_input(_("Name of the village"), key=f"village_{len(villages)}")
    if st.button(_("Add the village"), key="add_village", type="primary", width="stretch"):
        with ui.action(N_("{village} is on the list."), name="cooperative.village") as session:
            village = cooperative.add_village(session, name=name)
            ui.tell(session, village=ui.plain(village.name))
    if len(villages) < 2:
        return
    names = {village.id: village.name for village in villages}
    one = st.selectbox(_("Village"), list(names), format_func=names.__getitem__, key="one")
    other = st.selectbox(
        _("and its neighbour"),
        [village_id for village_id in names if village_id != one],
        format_func=names.__getitem__,
        key="other",
    )
    with st.container(horizontal=True):
        if st.button(_("They are neighbours"), key="add_pair"):
            done = N_("Prices of the two villages are compared.")
            with ui.action(done, name="cooperative.neighbours") as session:
                cooperative.add_neighbours(session, village_id=one, other_id=other)
        if st.button(_("No longer neighbours"), key="remove_pair"):
            done = N_("Prices of the two villages are no longer compared.")
            with ui.action(done, name="cooperative.neighbours") as session:
                cooperative.remove_neighbours(session, village_id=one, other_id=other)


def change_logo(kept: bytes) -> None:
    """Show the logo, choose another one, or take it away."""
    if kept:
        st.image(kept, width=160)
        if st.button(_("Take the logo away"), key="remove_logo", width="stretch"):
            with ui.action(N_("The logo is taken away."), name="cooperative.logo") as session:
                cooperative.keep_logo(session, picture=b"")
    chosen = ask_picture(key="logo")
    if chosen is None:
        return
    st.image(chosen, width=160)
    if st.button(_("Keep this logo"), key="keep_logo", type="primary", width="stretch"):
        done = N_("The logo stands on every paper from now on.")
        with ui.action(done, name="cooperative.logo") as session:
            cooperative.keep_logo(session, picture=chosen)


who = ui.open_page(ui.Action.COOPERATIVE_SEE, "The cooperative")
may_change = who.person.may(ui.Action.COOPERATIVE_CHANGE)
with ui.reading() as session:
    values = {name: cooperative.setting(session, name) for name in rules.SETTINGS}
    villages = list(cooperative.villages(session))
    picture = cooperative.logo(session)
first_steps.show_all(who.person, here="cooperative")
show_villages(villages)
if may_change:
    with st.expander(_("Add villages and neighbours"), expanded=not villages):
        change_villages(villages)
st.subheader(_("Settings"), anchor=False)
show_settings(values)
if may_change:
    with st.expander(_("Change a setting")):
        change_setting(values)
if may_change:
    with st.expander(_("Logo on every paper")):
        change_logo(picture)
elif picture:
    st.image(picture, width=160)
