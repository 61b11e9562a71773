"""Subsidised fertiliser on a screen: the ceilings of a day, entitlements, and what is left."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kopprod.domain.quantities import STANDARD_UNITS, BaseUnit
from kopprod.domain.refusal import N_
from kopprod.domain.subsidies import FERTILISER_WORDS, Fertiliser
from kopprod.services import subsidies
from kopprod.services.subsidies import CeilingOfDay, Left
from kopprod.tables.members import Member
from kopprod.ui.ask import ask_quantity
from kopprod.ui.choose import choose_member
from kopprod.ui.show import Card, Column, cards, quantity, quantity_column, rp, rp_column, table
from kopprod.ui.visit import _, action, plain, tell


def ceilings(rows: Sequence[CeilingOfDay]) -> None:
    """What each subsidised fertiliser may cost at the most."""
    table(
        [
            Column(_("Fertiliser"), "word"),
            Column(_("One kg"), "kg_e4", lambda price_e4: rp(price_e4 // 10_000), number=True),
            quantity_column(_("Sack"), "sack_g", BaseUnit.GRAM),
            rp_column(_("One sack"), "sack_rp"),
        ],
        [
            {
                "word": _(FERTILISER_WORDS[one.fertiliser]),
                "kg_e4": one.kg_e4,
                "sack_g": one.sack_g,
                "sack_rp": one.sack_rp,
            }
            for one in rows
        ],
        key="het",
    )


def mine(rows: Sequence[Left]) -> None:
    """What a member may still have."""
    cards(
        [
            Card(
                title=_(FERTILISER_WORDS[one.fertiliser]),
                below=_("{entitled} in {season}, {had} had or wanted",
                        entitled=quantity(one.grams, BaseUnit.GRAM), season=one.season,
                        had=quantity(one.had_g, BaseUnit.GRAM)),
                right=quantity(one.left_g, BaseUnit.GRAM),
                right_below=_("left"),
                tone="" if one.left_g else "amber",
            )
            for one in rows
        ]
    )  # fmt: skip


def everybody(rows: Sequence[Left], *, villages: Mapping[int, str]) -> None:
    """Every entitlement with what is left of it."""
    table(
        [
            Column(_("Member"), "name"),
            Column(_("Member number"), "number"),
            Column(_("Village"), "village"),
            Column(_("Fertiliser"), "word"),
            quantity_column(_("Entitled"), "grams", BaseUnit.GRAM),
            quantity_column(_("Had or wanted"), "had_g", BaseUnit.GRAM),
            quantity_column(_("Left"), "left_g", BaseUnit.GRAM),
        ],
        [
            {
                "name": one.name,
                "number": one.number,
                "village": villages.get(one.village_id or 0, ""),
                "word": _(FERTILISER_WORDS[one.fertiliser]),
                "grams": one.grams,
                "had_g": one.had_g,
                "left_g": one.left_g,
            }
            for one in rows
        ],
        key="jatah_pupuk",
    )


def entitle(people: Sequence[Member], *, villages: Mapping[int, str], season: str) -> None:
    """Write down what the e-RDKK gives a member, or correct it."""
    named = st.text_input(_("Season, such as 2026 MT1"), value=season, key="entitle_season",
                          max_chars=40)  # fmt: skip
    person = choose_member(people, villages=villages, key="entitle_member")
    fertiliser = st.pills(
        _("Fertiliser"),
        list(Fertiliser),
        format_func=lambda one: _(FERTILISER_WORDS[one]),
        default=Fertiliser.UREA,
        key="entitle_fertiliser",
        required=True,
    )
    asked = ask_quantity(
        _("How much in the season?"),
        units=STANDARD_UNITS[BaseUnit.GRAM],
        default="kg",
        base_unit=BaseUnit.GRAM,
        key="entitle_quantity",
        placeholder="112,5 kg",
    )
    if person is None or asked is None:
        return
    if st.button(_("Keep"), key="entitle_keep", type="primary", width="stretch"):
        with action(
            N_("{name} may have {entitled} of {fertiliser_word} in {season}."),
            name="subsidies.entitle",
        ) as session:
            row = subsidies.entitle(
                session, member_id=person.id, season=named, fertiliser=fertiliser,
                grams=asked.amount,
            )  # fmt: skip
            tell(
                session, name=plain(person.name), entitled=quantity(row.grams, BaseUnit.GRAM),
                fertiliser_word=FERTILISER_WORDS[fertiliser], season=plain(row.season),
            )  # fmt: skip
