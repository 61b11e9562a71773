"""The delivery book on a screen: a time, a product, a member, and what came of it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import streamlit as st

from kopprod.services import deliveries, output_months, rejections
from kopprod.services.deliveries import Received
from kopprod.tables.members import Member
from kopprod.tables.products import Product
from kopprod.ui.choose import choose_member
from kopprod.ui.deliveries import received_card, rejected_card, remarks, state, totals
from kopprod.ui.fold import fold
from kopprod.ui.output import by_month
from kopprod.ui.rejections import papers_of
from kopprod.ui.show import Column, cards, empty, html, quantity_column, rp_column, short_day, table
from kopprod.ui.visit import _, reading


def look_through(
    *,
    people: Sequence[Member],
    villages: Mapping[int, str],
    goods: Sequence[Product],
    recent: Sequence[int],
    on: date,
) -> list[Received]:
    """Choose what to look at, and see it; gives back the rows that are shown."""
    since = on - timedelta(days=_ask_days() - 1)
    names = {p.id: p.name for p in goods}
    left, right = st.columns(2)
    with left:
        product_id = st.selectbox(
            _("Product"),
            [None, *names],
            format_func=lambda i: _("All products") if i is None else names[i],
            key="delivery_of",
        )
    with right:
        by = choose_member(
            people, villages=villages, key="delivery_by", first=recent, may_be_all=True
        )
    member_id = None if by is None else by.id
    with reading() as session:
        rows = deliveries.deliveries(
            session, since=since, product_id=product_id, member_id=member_id
        )
        refused = rejections.rejected(
            session, since=since, product_id=product_id, member_id=member_id
        )
    if not rows:
        empty(_("Nothing was received in this time. Choose a longer one."))
    totals(rows)
    book(rows, key="setoran")
    if refused:
        st.subheader(_("Rejected loads"), anchor=False)
        cards([rejected_card(row) for row in refused[:CARDS]])
        papers_of(refused)
    with fold(_("Logged and delivered, by month"), key="delivery_months") as is_open:
        if is_open:
            with reading() as session:
                months = output_months.logged_and_delivered(
                    session, since=since.replace(day=1), product_id=product_id, member_id=member_id
                )
            by_month(months, key="dicatat_disetor")
    return rows


def _ask_days() -> int:
    days = {1: _("Today"), 7: _("7 days"), 30: _("30 days"), 366: _("A year")}
    return st.segmented_control(
        _("Time"),
        list(days),
        format_func=lambda n: days[n],
        default=30,
        key="delivery_period",
        required=True,
    )


# A phone shows the book as cards, a laptop as a table.
_NARROW = """
<style>
.st-key-book_cards{display:none}
@media (max-width:47.99rem){.st-key-book_cards{display:block}.st-key-book .kp-scroll{display:none}}
</style>
"""
CARDS = 50


def book(rows: Sequence[Received], *, key: str) -> None:
    """The delivery book with its sum and its files, one table for each unit that is counted."""
    html(_NARROW)
    with st.container(key="book_cards"):
        cards([received_card(row, with_day=True) for row in rows[:CARDS]])
    with st.container(key="book"):
        _tables(rows, key)


def _tables(rows: Sequence[Received], key: str) -> None:
    for unit in sorted({row.unit for row in rows}):
        of_unit = [row for row in rows if row.unit is unit]
        net = sum(row.delivery.net for row in of_unit if row.stands)
        found = [_cells(row) for row in of_unit]
        bought = sum(row["bought_rp"] or 0 for row in found)
        price = [rp_column(_("Bought for"), "bought_rp")] if bought else []
        remark = [Column(_("Remark"), "remark")] if any(row["remark"] for row in found) else []
        table(
            [
                Column(_("Number"), "number", unbroken).over(
                    Column(_("Day"), "received_on", lambda on: unbroken(short_day(on)))
                ),
                Column(_("Member"), "member"),
                Column(_("Product"), "product").over(Column(_("Grade"), "grade")),
                quantity_column(_("Gross"), "gross", unit).over(
                    quantity_column(_("Tare"), "tare", unit)
                ),
                quantity_column(_("Net"), "net", unit),
                Column(_("Its log"), "output", unbroken),
                *price,
                *remark,
            ],
            found,
            key=f"{key}_{unit.value}",
            total={"number": _("Total"), "net": net, "bought_rp": bought},
        )


def unbroken(words: str) -> str:
    """Words that a narrow column does not break at their hyphens."""
    return words.replace("-", "\N{NON-BREAKING HYPHEN}")


def _cells(row: Received) -> dict[str, Any]:
    # A taking back counts against the total, so its weights are negative.
    sign = -1 if row.reverses else 1
    return {
        "number": row.delivery.number,
        "received_on": row.delivery.received_on,
        "member": f"{row.member} ({row.member_number})",
        "product": row.product,
        "grade": row.grade,
        "gross": sign * row.delivery.gross,
        "tare": sign * row.delivery.tare,
        "net": sign * row.delivery.net,
        "output": row.output,
        "bought_rp": row.bought.amount_rp
        if row.bought is not None and row.bought.reversed_on is None
        else None,
        "remark": " · ".join(
            word for word in (state(row), *remarks(row), row.delivery.note) if word
        ),
    }
