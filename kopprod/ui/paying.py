"""Paying slips one by one: what waits, what is taken of a slip, and what is handed over."""

from collections.abc import Mapping, Sequence

import streamlit as st

from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.payouts import KIND_NAMES, DeductionKind
from kopprod.domain.refusal import N_
from kopprod.services import deductions, slips
from kopprod.services.deductions import Taken
from kopprod.services.slips import Listed
from kopprod.tables.members import Member
from kopprod.tables.slips import Slip
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Tile, figure, in_words, rp, tiles
from kopprod.ui.steps import Step, steps
from kopprod.ui.visit import _, action, plain, reading, tell, today


def box(held_rp: Mapping[str, int], unpaid_rp: int) -> None:
    """How much is there and how much is waiting."""
    tiles(
        [
            Tile(_("Waiting to be paid out"), rp(unpaid_rp)),
            Tile(_("In the cash box"), rp(held_rp[CASH]), tone="teal"),
            Tile(_("In the bank"), rp(held_rp[BANK]), tone="teal"),
        ]
    )


def pick_sale(rows: Sequence[Listed]) -> list[Listed]:
    """The unpaid slips of one sale, the oldest sale first."""
    by_sale: dict[str, list[Listed]] = {}
    for row in reversed(rows):
        by_sale.setdefault(_together(row), []).append(row)
    picked = st.selectbox(
        _("Pay out which sale?"),
        list(by_sale),
        format_func=lambda key: _sale_line(by_sale[key]),
        key="pay_sale",
    )
    return by_sale[picked]


def _together(row: Listed) -> str:
    """A sale's slips are paid one after the other, and so are those of goods bought outright."""
    return f"product_{row.product.id}" if row.sale is None else f"sale_{row.sale.id}"


def _sale_line(rows: Sequence[Listed]) -> str:
    first = rows[0]
    said = _("{n} slips", n=len(rows))
    what = _("bought outright") if first.sale is None else first.sale.number
    return f"{first.product.name} · {said} · {what}"


def kind_words(kind: DeductionKind) -> str:
    """A kind of deduction as people call it."""
    return _(KIND_NAMES[kind])


def deduction_steps(slip: Slip, taken: Sequence[Taken]) -> None:
    """From the net value to the money that is handed over, with what is left of each debt."""
    left_rp = slip.net_value_rp - sum(one.amount_rp for one in taken)
    steps(
        [
            Step(_("Net value (nilai bersih)"), slip.net_value_rp),
            *(
                Step(
                    _("taken for {what}", what=kind_words(one.kind)),
                    -one.amount_rp,
                    [] if one.left_rp is None else [_("{left_rp} still owed", left_rp=one.left_rp)],
                )
                for one in taken
            ),
            Step(_("Money received (uang diterima)"), left_rp, is_sum=True),
        ]
    )


def taken_of(slip: Slip) -> None:
    """What was taken of one slip, or would be if it were paid now; nothing where nothing is."""
    with reading() as session:
        if slip.paid_on is None and slip.batch_id is None and slip.voided_on is None:
            found = deductions.planned_for(session, slip)
        else:
            before = deductions.taken(session, [slip.id]).get(slip.id, {})
            found = [Taken(kind, amount_rp) for kind, amount_rp in before.items()]
    if not found:
        return
    st.subheader(_("What is taken of it, as the member agreed"), anchor=False)
    deduction_steps(slip, found)
    st.caption(_("The price is not touched by it, and the comparison with the middleman neither."))


def pay_one(rows: Sequence[Listed]) -> None:
    """One slip after the other: who, how much in words, from where, and done.

    The button belongs to the slip on the screen: where somebody else has paid it meanwhile, a press
    pays nobody, and never whoever has come up in its place; and it pays the amount on the screen.
    """
    by_id = {row.slip.id: row for row in rows}
    shown = f"pay_shown_{_together(rows[0])}"
    if st.session_state.get(shown, rows[0].slip.id) not in by_id:
        st.warning(_("The slip that stood here is paid already. Look whom you pay now."))
    picked = st.selectbox(
        _("Whom do you pay now?"),
        list(by_id),
        format_func=lambda key: f"{by_id[key].member.name}, {rp(by_id[key].slip.net_value_rp)}",
        key="pay_slip",
    )
    account = ask_money("pay_account")
    row = by_id[picked]
    with reading() as session:
        taken = deductions.planned_for(session, row.slip)
    amount_rp = row.slip.net_value_rp - sum(one.amount_rp for one in taken)
    if taken:
        deduction_steps(row.slip, taken)
    figure(
        _("{name} ({number}) gets", name=row.member.name, number=row.member.number),
        rp(amount_rp),
        f"{in_words(amount_rp)} · {account_words(row.member)}"
        if account == BANK
        else in_words(amount_rp),
    )
    st.session_state[shown] = picked
    if st.button(
        _("The money has been handed over") if amount_rp else _("Settle it by the deductions"),
        key=f"pay_now_{picked}",
        type="primary",
        width="stretch",
    ):
        with action(N_("{number}: {amount_rp} paid to {name}."), name="slips.pay") as session:
            slip = slips.pay(session, picked, account=account, on=today(), seen_rp=amount_rp)
            paid_rp = slip.received_rp or 0
            tell(session, number=slip.number, amount_rp=paid_rp, name=plain(row.member.name))
            del st.session_state[shown]


def account_words(member: Member) -> str:
    """Where a member's money is sent."""
    if member.account_number is None:
        return _("no bank or e-wallet account is known")
    return f"{member.account_provider} {member.account_number} ({member.account_holder or '–'})"
