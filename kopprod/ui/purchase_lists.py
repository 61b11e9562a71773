"""The lists behind purchases: suppliers, and articles with their portions."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import streamlit as st
from sqlmodel import Session

from kopprod.domain.quantities import (
    STANDARD_UNITS,
    BaseUnit,
    Quantity,
    format_quantity,
    parse_quantity,
)
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.subsidies import FERTILISER_WORDS, Fertiliser
from kopprod.services import articles, suppliers
from kopprod.tables.purchases import Article, Supplier
from kopprod.ui.visit import _, action, complain, plain, tell

Row = TypeVar("Row", Supplier, Article)

UNITS = {
    BaseUnit.GRAM: N_("by weight (kg)"),
    BaseUnit.MILLILITRE: N_("by volume (litre)"),
    BaseUnit.PIECE: N_("by the piece"),
}


class Switch(Protocol):
    """A service that offers a row, or no longer."""

    def __call__(self, session: Session, key: int, /, *, active: bool) -> Supplier | Article:
        """The row as it is kept."""


def supplier_list(rows: Sequence[Supplier]) -> None:
    """Suppliers: change, switch off, and a new one."""
    _list(rows, "supplier", _("A new supplier"), _supplier_form, suppliers.switch_supplier)


def article_list(rows: Sequence[Article]) -> None:
    """Articles: change, switch off, and a new one."""
    _list(rows, "article", _("A new article"), _article_form, articles.switch_article)


def _list(
    rows: Sequence[Row], kind: str, new: str, form: Callable[[Row | None], None], switch: Switch
) -> None:
    for row in rows:
        with st.expander(plain(row.name if row.active else _("{name} (off)", name=row.name))):
            form(row)
            if st.button(
                _("Switch off") if row.active else _("Switch on"), key=f"{kind}_off_{row.id}",
                width="stretch",
            ):  # fmt: skip
                with action(N_("{name} is kept."), name=f"purchases.switch_{kind}") as session:
                    tell(session, name=switch(session, row.id, active=not row.active).name)
    with st.expander(new, expanded=not rows):
        form(None)


def _supplier_form(row: Supplier | None) -> None:
    key = "supplier_new" if row is None else f"supplier_{row.id}"
    name = st.text_input(_("Name"), value=row.name if row else "", key=f"{key}_name", max_chars=100)
    phone = st.text_input(
        _("Mobile phone (may stay empty)"), value=(row.phone or "") if row else "",
        key=f"{key}_phone", max_chars=30,
    )  # fmt: skip
    place = st.text_input(
        _("Place (may stay empty)"), value=(row.place or "") if row else "", key=f"{key}_place",
        max_chars=100,
    )  # fmt: skip
    if st.button(_("Keep"), key=f"{key}_keep", type="primary", width="stretch"):
        with action(N_("{name} is kept."), name="purchases.supplier") as session:
            kept = (
                suppliers.add_supplier(session, name=name, phone=phone, place=place)
                if row is None
                else suppliers.change_supplier(session, row.id, name=name, phone=phone, place=place)
            )
            tell(session, name=kept.name)


def _article_form(row: Article | None) -> None:
    key = "article_new" if row is None else f"article_{row.id}"
    name = st.text_input(_("Name"), value=row.name if row else "", key=f"{key}_name", max_chars=80)
    units = list(UNITS)
    unit = st.radio(
        _("How is it counted?"), units,
        index=units.index(row.base_unit) if row and row.base_unit in units else 0,
        format_func=lambda one: _(UNITS[one]), key=f"{key}_unit", horizontal=True,
    )  # fmt: skip
    word = st.text_input(
        _("What do people call one portion?"), value=row.portion_word if row else "",
        key=f"{key}_word", max_chars=20, placeholder=_("for example: sack, kg, litre"),
    )  # fmt: skip
    size = st.text_input(
        _("How much is one portion?"), key=f"{key}_size", max_chars=40,
        value=format_quantity(Quantity(row.portion, row.base_unit)) if row else "",
        placeholder=_("for example {example}", example="50 kg"),
    )  # fmt: skip
    kinds: list[Fertiliser | None] = [None, *Fertiliser]
    fertiliser = None
    if unit is BaseUnit.GRAM:
        fertiliser = st.selectbox(
            _("Subsidised fertiliser?"), kinds,
            index=kinds.index(row.fertiliser) if row else 0,
            format_func=lambda one: _("no") if one is None else _(FERTILISER_WORDS[one]),
            key=f"{key}_fertiliser",
        )  # fmt: skip
    if not st.button(_("Keep"), key=f"{key}_keep", type="primary", width="stretch"):
        return
    standard = STANDARD_UNITS[unit]
    try:
        portion = parse_quantity(size, units=standard, default=standard[0].name).amount
    except Refusal as refusal:
        complain(refusal)
        return
    with action(N_("{name} is kept."), name="purchases.article") as session:
        if row is None:
            kept = articles.add_article(
                session, name=name, base_unit=unit, portion=portion, portion_word=word,
                fertiliser=fertiliser,
            )  # fmt: skip
        else:
            kept = articles.change_article(
                session, row.id, name=name, base_unit=unit, portion=portion, portion_word=word,
                fertiliser=fertiliser,
            )  # fmt: skip
        tell(session, name=kept.name)
