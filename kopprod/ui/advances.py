"""Advances at delivery: how much may be had, paying it, its receipt, taking a wrong one back."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain.advances import Worth
from kopprod.domain.refusal import N_
from kopprod.papers import advances as papers
from kopprod.services import advances
from kopprod.services.advances import Paid
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from kopprod.tables.products import Grade, Product
from kopprod.ui.ask import ask_rp
from kopprod.ui.choose import of_one_member
from kopprod.ui.papers import download, letterhead, send
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Column, Tile, empty, quantity, rp, rp_column, short_day, table, tiles
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, action, plain, reading, tell, today

Choice = tuple[Delivery, Member, Grade, Product]


def pay(choices: Sequence[Choice], *, turn: int, user_id: int | None) -> None:
    """Choose a delivery, see how much may be had, type the amount, hand it over."""
    st.subheader(_("Pay an advance"), anchor=False)
    if not choices:
        empty(_("No delivery lies in store that could have an advance."))
        return
    by_id = {row[0].id: row for row in choices}
    picked = st.selectbox(
        _("For which delivery?"),
        list(by_id),
        index=None,
        format_func=lambda key: _words(by_id[key]),
        placeholder=_("Name or number"),
        key="advance_delivery",
    )
    if picked is None:
        return
    with reading() as session:
        worth = advances.worth(session, picked)
    _worth(worth)
    amount_rp = ask_rp(_("How much?"), key=f"advance_amount_{picked}_{turn}")
    account = ask_money("advance_account")
    name = by_id[picked][1].name
    if st.button(
        _("The advance has been handed over"),
        key=f"advance_pay_{picked}",
        type="primary",
        width="stretch",
        disabled=not amount_rp,
    ):
        # However often the same screen is sent, it pays once.
        draft_key = f"{picked}-{turn}-{user_id}-{amount_rp}-{account}-{today()}"
        with action(N_("{number}: {amount_rp} paid to {name}."), name="advances.pay") as session:
            row = advances.pay(
                session,
                picked,
                amount_rp=amount_rp or 0,
                account=account,
                on=today(),
                draft_key=draft_key,
            )
            tell(session, number=row.number, amount_rp=row.amount_rp, name=plain(name))


def _words(choice: Choice) -> str:
    delivery, member, grade, product = choice
    weight = quantity(delivery.net, product.base_unit)
    return (
        f"{member.name} · {product.name} {grade.name} {weight} · {short_day(delivery.received_on)}"
        f" · {delivery.number}"
    )


def _worth(worth: Worth) -> None:
    source = (
        _("by the price rule of that day") if worth.by_rule else _("by the price of the last sale")
    )
    had = _("she had {had_rp} already", had_rp=worth.had_rp) if worth.had_rp else ""
    limit = _("{most_bp} of what it is worth", most_bp=worth.most_bp)
    tiles(
        [
            Tile(_("What the delivery is worth"), rp(worth.worth_rp), source),
            Tile(
                _("May be paid now"),
                rp(worth.most_rp),
                " · ".join(word for word in (limit, had) if word),
                "teal",
            ),
        ]
    )


def of_member(newest: Sequence[Paid]) -> Sequence[Paid]:
    """Where there are more than a list shows: the newest, or all of one member."""
    return of_one_member(
        newest,
        advances.advances,
        words=N_("The newest {n} advances. Choose a member to see all of hers."),
        key="advances_of",
    )


def paid(rows: Sequence[Paid], *, may: bool) -> None:
    """Every advance, with its receipt; a wrong one is taken back."""
    st.subheader(_("Advances paid"), anchor=False)
    if not rows:
        empty(_("Advances appear here. They are taken first from the slip of the same goods."))
        return
    by_id = {row.advance.id: row for row in rows}
    picked = st.selectbox(
        _("Receipt of which advance?"),
        list(by_id),
        index=None,
        format_func=lambda key: _line(by_id[key]),
        placeholder=_("Choose"),
        key="advance_open",
    )
    if picked is not None:
        _one(by_id[picked], may=may)
    table(
        [
            Column(_("Member"), "member"),
            rp_column(_("Amount"), "amount_rp"),
            narrow_day_column(_("Paid on"), "paid_on"),
            Column(_("Product"), "product"),
            number_column(_("Delivery"), "delivery"),
            number_column(_("Number"), "number"),
            narrow_day_column(_("Taken back"), "reversed_on"),
        ],
        [
            {
                "member": row.member.name,
                "amount_rp": row.advance.amount_rp,
                "paid_on": row.advance.paid_on,
                "product": row.product,
                "delivery": row.delivery.number,
                "number": row.advance.number,
                "reversed_on": row.advance.reversed_on,
            }
            for row in rows
        ],
        key="panjar",
    )


def _line(row: Paid) -> str:
    return f"{row.advance.number} · {row.member.name} · {rp(row.advance.amount_rp)}"


def _one(row: Paid, *, may: bool) -> None:
    letter, advance = letterhead(), row.advance
    download(
        _("Download PDF"),
        lambda: papers.receipt(row, letter),
        name=advance.number,
        key="advance_pdf",
    )
    send(papers.text(row, letter), phone=row.member.phone, key="advance_text")
    if not may or advance.reversed_on is not None:
        return
    with st.expander(_("Take a wrong advance back")):
        st.caption(_("The money is in the box or the bank again."))
        reason = st.text_input(_("Why?"), key=f"advance_why_{advance.id}", max_chars=300)
        if st.button(_("Take it back"), key=f"advance_back_{advance.id}", width="stretch"):
            with action(N_("Advance {number} is taken back."), name="advances.reverse") as session:
                advances.reverse(session, advance.id, reason=reason, on=today())
                tell(session, number=advance.number)
