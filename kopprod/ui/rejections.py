"""Loads that were not taken, on a screen: the paper to send home, and the lines of a passport."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain.access import Action
from kopprod.domain.quantities import Quantity, format_quantity
from kopprod.papers import rejections as papers
from kopprod.services import members
from kopprod.services.rejections import Rejected
from kopprod.ui.fold import fold
from kopprod.ui.papers import MOST, download, letterhead, send
from kopprod.ui.passport import Section
from kopprod.ui.show import Column
from kopprod.ui.steps import narrow_day_column, number_column, unbroken
from kopprod.ui.visit import _, reading, visit


def papers_of(rows: Sequence[Rejected]) -> None:
    """The paper and the text of one of these loads; the newest is chosen already."""
    if not rows:
        return
    by_id = {row.load.id: row for row in rows[:MOST]}
    newest = max(by_id)
    with fold(_("Paper of a rejected load"), key="rejections") as is_open:
        if not is_open:
            return
        picked = st.selectbox(
            _("Which one?"),
            list(by_id),
            index=list(by_id).index(newest),
            format_func=lambda key: f"{by_id[key].load.number} · {by_id[key].member}",
            key=f"rejection_of_{newest}",
        )
        row, letter, phone = by_id[picked], letterhead(), None
        if visit().person.may(Action.MEMBERS_SEE):  # a member sends herself nothing
            with reading() as session:
                phone = members.member(session, row.load.member_id).phone
        download(
            _("Download PDF"),
            lambda: papers.receipt(row, letter),
            name=row.load.number,
            key="rejection_pdf",
        )
        send(papers.text(row, letter), phone=phone, key="rejection_text")


def section(rows: Sequence[Rejected]) -> Section:
    """What of a member's was not taken, as a part of her passport."""
    return Section(
        "ditolak",
        _("Rejected loads"),
        [
            narrow_day_column(_("Date"), "on"),
            Column(_("Product"), "product"),
            Column(_("Gross"), "gross", _weight, number=True),
            Column(_("Why it was not taken"), "reason"),
            number_column(_("Number"), "number"),
        ],
        [
            {
                "on": row.load.brought_on,
                "product": row.product,
                "gross": None if row.load.gross is None else Quantity(row.load.gross, row.unit),
                "reason": row.load.reason,
                "number": row.load.number,
            }
            for row in rows
        ],
        _("Nothing was rejected."),
    )


def _weight(gross: Quantity | None) -> str:
    return "" if gross is None else unbroken(format_quantity(gross))
