"""Price rules: how a product's price follows from its grade and measures, from which day on.

The milk centres' real bonus, for example, is: base price 0; fat 10 for each 0,1 % over 3,3 %;
solids without fat 10 for each 0,1 % over 8,5 %.
"""

from datetime import date

import streamlit as st

from kopprod import ui
from kopprod.domain import price_versions
from kopprod.domain.pricing import PriceRule, kind_of
from kopprod.domain.refusal import N_
from kopprod.services import pricing, products
from kopprod.services.pricing import KeptVersion
from kopprod.tables.pricing import PriceRuleVersion
from kopprod.tables.products import Product
from kopprod.ui import Column, _
from kopprod.ui import pricing as shown
from kopprod.ui.doors import Door, back, doors, opened
from kopprod.ui.pricing_form import ask_rule
from kopprod.ui.steps import narrow_day_column


def show_list(goods: list[Product], now: dict[int, PriceRuleVersion | None]) -> None:
    """Every product, each a door to its rule."""
    if not goods:
        ui.empty(_("Price rules belong to products. Add a product first."))
        ui.link("products", label=_("To the products"))
    doors([Door(row.id, row.name, [words(now[row.id])]) for row in goods], parameter="product")


def words(row: PriceRuleVersion | None) -> str:
    """What counts today, in short."""
    if row is None:
        return _("no price rule today")
    return _("{kind_word} since {since_on}", kind_word=shown.KINDS[row.kind], since_on=row.since)


def show_today() -> None:
    """The rule that counts today."""
    if current is None:
        ui.empty(_("No price rule counts today. Below, the manager writes the first one."))
        return
    st.subheader(_("Counts today"), anchor=False)
    st.caption(f"{_('Version {number}', number=current.version.number)} · {words(current.version)}")
    shown.show_rule(current.rule, grades, product.price_unit)


def try_day() -> None:
    """Price something delivered on a day, with every step."""
    st.subheader(_("Try it out"), anchor=False)
    on = ask_date(_("Delivered on"), key="try_on")
    there = price_versions.version_on([kept.version for kept in history], on=on)
    if there is None:
        st.info(_("No price rule counts on {day_on}.", day_on=on))
        return
    st.caption(_("Version {number}", number=there.number))
    rule = next(kept.rule for kept in history if kept.version.id == there.id)
    shown.try_out(rule, product=product, grades=grades, units=units, key=f"try_{there.id}")


def show_days() -> None:
    """Which version counts on which days, and every version there ever was."""
    st.subheader(_("Which rule counts when"), anchor=False)
    spans = [
        {
            "number": period.version.number,
            "kind": _(shown.KINDS[period.version.kind]),
            "since": period.since,
            "until": period.until,
        }
        for period in price_versions.periods([kept.version for kept in history])
    ]
    columns = [
        narrow_day_column(_("Counts from"), "since"),
        narrow_day_column(_("until before"), "until"),
        Column(_("Version"), "number"),
        Column(_("Kind"), "kind"),
    ]
    ui.table(columns, spans, key="price_rules")
    for kept in history:
        row = kept.version
        with st.expander(
            f"**{_('Version {number}', number=row.number)}** · {words(row)}",
            key=f"version_{row.id}",
        ):
            st.caption(ui.plain(" · ".join(facts(kept))))
            shown.show_rule(kept.rule, grades, product.price_unit)


def facts(kept: KeptVersion) -> list[str]:
    """Who kept a version and when, its end, what it corrects, and why."""
    row = kept.version
    said = [_("kept on {day_on}", day_on=ui.day_of(kept.at))]
    if kept.by:
        said.append(_("by {who}", who=kept.by))
    if row.until:
        said.append(_("until before {until_on}", until_on=row.until))
    if row.corrects_id:
        number = next(k.version.number for k in history if k.version.id == row.corrects_id)
        said.append(_("corrects version {number}", number=number))
    return [*said, row.note] if row.note else said


def write_version() -> None:
    """A new version: begun from another, tried out, then kept from a day on."""
    known = {kept.version.id: kept for kept in history}
    start_id = 0
    if known:
        start_id = st.selectbox(
            _("Begin from"),
            [*known, 0],
            index=list(known).index(current.version.id) if current else 0,
            format_func=lambda i: name_of(known.get(i)),
            key=f"start_{len(history)}",
        )
    start = known[start_id].rule if start_id else None
    key = f"new_{len(history)}_{start_id}"
    rule = ask_rule(start, grades=grades, unit=product.price_unit, key=key)
    if rule is not None:
        with st.container(border=True):
            st.markdown(f"**{_('So the rule says')}** ({_(shown.KINDS[kind_of(rule)])})")
            shown.show_rule(rule, grades, product.price_unit)
            if st.toggle(_("Try it out before keeping it"), key=f"{key}_try"):
                shown.try_out(rule, product=product, grades=grades, units=units, key=f"{key}_tried")
    keep(rule)


def name_of(kept: KeptVersion | None) -> str:
    """A version in the choice of what to begin from."""
    return _("Version {number}", number=kept.version.number) if kept else _("an empty rule")


def ask_date(label: str, *, key: str) -> date:
    """Any day since rules have been kept on paper."""
    on: date = st.date_input(
        label, value=ui.today(), format="DD/MM/YYYY", key=key, min_value=date(2000, 1, 1)
    )
    return on


def keep(rule: PriceRule | None) -> None:
    """The days of a new version, and keeping it."""
    since = ask_date(_("Counts for deliveries from"), key="since")
    until = None
    if st.checkbox(_("It ends on a day that is known"), key="ends"):
        until = ask_date(_("until before"), key="until")
    same = [kept.version for kept in history if kept.version.since == since]
    corrects_id = None
    if same and st.checkbox(
        _("It corrects version {number}, which stays to be read", number=same[0].number),
        key=f"corrects_{same[0].id}",
    ):
        corrects_id = same[0].id
    note = st.text_input(
        _("Note"), key="note", placeholder=_("for example the number of the decree"), max_chars=200
    )
    if st.button(
        _("Keep as version {number}", number=len(history) + 1),
        key="keep_rule",
        type="primary",
        width="stretch",
        disabled=rule is None,
    ):
        assert rule is not None
        done = N_("Version {number} is kept. It counts for deliveries from {since_on} on.")
        with ui.action(done, name="pricing.add_version") as session:
            row = pricing.add_version(
                session,
                product.id,
                rule=rule,
                since=since,
                until=until,
                corrects_id=corrects_id,
                note=note,
            )
            ui.tell(session, number=row.number, since_on=row.since)


who = ui.open_page(ui.Action.PRODUCTS_SEE, "Price rules")
may_change = who.person.may(ui.Action.PRODUCTS_CHANGE)
open_now = opened("product")
with ui.reading() as session:
    if not open_now.isdecimal():
        everything = products.products(session)
        counting = {
            row.id: price_versions.version_on(pricing.versions(session, row.id), on=ui.today())
            for row in everything
        }
    else:
        product = products.product(session, int(open_now))
        grades = products.grades(session, product.id)
        units = products.units(session, product.id, on=ui.today())
        history = pricing.history(session, product.id)
if not open_now.isdecimal():
    show_list(everything, counting)
else:
    today = price_versions.version_on([kept.version for kept in history], on=ui.today())
    current = next((kept for kept in history if today and kept.version.id == today.id), None)
    back(N_("All products"))
    st.header(ui.plain(product.name), anchor=False)
    show_today()
    if history:
        try_day()
        show_days()
    if may_change:
        with st.expander(_("Write a new version"), expanded=not history):
            write_version()
