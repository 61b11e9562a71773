"""The parts of pages about taking back what was closed, each with what will happen beforehand."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain.access import Action
from kopprod.domain.ledger import CASH
from kopprod.domain.refusal import N_
from kopprod.domain.sales import SaleStage
from kopprod.services import reversals, take_backs
from kopprod.services.settlement import Statement
from kopprod.services.take_backs import Outlook
from kopprod.tables.members import Member
from kopprod.tables.sales import SettlementReversal
from kopprod.tables.slips import Slip
from kopprod.ui import places
from kopprod.ui.ask import ask_rp
from kopprod.ui.show import Column, day, rp, rp_column, table
from kopprod.ui.steps import number_column
from kopprod.ui.visit import _, action, plain, reading, tell, today, visit

LONGEST = 300


def _agreed(question: str, why: str, label: str, *, key: str, ready: bool = True) -> str | None:
    """Ask for the reason, and give it once the button below it is pressed."""
    reason = st.text_input(question, key=why, max_chars=LONGEST)
    blocked = not (ready and reason.strip())
    return reason if st.button(label, key=key, width="stretch", disabled=blocked) else None


# What becomes of whom


def ahead(outlook: Outlook, *, key: str) -> None:
    """What each member gets and owes, in rupiah, before anything is done."""
    if not outlook.members:
        return
    amounts = [
        {
            "before_rp": change.before_rp,
            "had_rp": change.had_rp,
            "after_rp": change.after_rp,
            "to_pay_rp": change.to_pay_rp,
            "owes_rp": change.owes_rp,
        }
        for _member, change in outlook.members
    ]
    rows = [
        {"member": member.name, **amount}
        for (member, _change), amount in zip(outlook.members, amounts, strict=True)
    ]
    columns = [
        Column(_("Member"), "member"),
        rp_column(_("Was worth"), "before_rp"),
    ]
    if not outlook.stays_open:  # else what she has had is what she owes
        columns += [rp_column(_("Has had of it"), "had_rp")]
        columns += [rp_column(_("Is worth now"), "after_rp"), rp_column(_("Gets"), "to_pay_rp")]
    columns.append(rp_column(_("Owes"), "owes_rp"))
    sums = {field: sum(amount[field] for amount in amounts) for field in amounts[0]}
    table(columns, rows, key=key, total={"member": _("Together"), **sums})


def lists_ahead(outlook: Outlook) -> bool:
    """Whether slips of the sale are on payout lists, which are named: then nothing can be done."""
    if outlook.lists:
        st.warning(
            _(
                "Slips of this sale are on payout list {numbers}, which is not finished. Take them "
                "off the list first: until then the settlement cannot be cancelled.",
                numbers=", ".join(outlook.lists),
            )
        )
        places.link("payouts", label=_("To the payout lists"))
    return bool(outlook.lists)


def buyer_ahead(outlook: Outlook) -> None:
    """What the buyer has paid, against what the sale comes to afterwards."""
    more_rp = outlook.received_rp - outlook.gross_rp
    if outlook.received_rp and outlook.stays_open:
        st.write(
            _(
                "The {paid_rp} that the buyer paid stays with the sale until it is settled again "
                "or given back.",
                paid_rp=outlook.received_rp,
            )
        )
    elif more_rp > 0:
        st.warning(
            _(
                "The buyer will have {more_rp} too much with us: give it back.",
                more_rp=more_rp,
            )
        )


# A settlement


def settlement(found: Statement) -> None:
    """Take back the settlement of a sale, with a reason, after reading what it does."""
    sale = found.sale
    with st.expander(_("Cancel the settlement")):
        st.write(
            _(
                "The sale is open again and its slips no longer count. What members were paid they "
                "owe, until the sale is settled again: then it is set off at once."
            )
        )
        with reading() as session:
            outlook = take_backs.outlook(session, sale.id)
        ahead(outlook, key=f"batal_{sale.number}")
        buyer_ahead(outlook)
        reason = _agreed(
            _("Why is the settlement cancelled?"),
            f"settlement_why_{sale.id}",
            _("Cancel the settlement of {number}", number=sale.number),
            key=f"settlement_reverse_{sale.id}_{sale.entry_id}",
            ready=not lists_ahead(outlook),
        )
        if reason:
            done = N_("{number}: the settlement is cancelled. Sale {sale} is open again.")
            with action(done, name="reversals.reverse_settlement") as session:
                row = reversals.reverse_settlement(session, sale.id, reason=reason, on=today())
                tell(session, number=row.number, sale=sale.number)


def of_sale(found: Statement) -> None:
    """The settlements of this sale that were cancelled, with the slips that no longer count."""
    with reading() as session:
        backs = reversals.of_sale(session, found.sale.id)
        void = reversals.void_slips(session, found.sale.id)
        is_open = bool(backs) and found.sale.stage is SaleStage.OPEN
        outlook = take_backs.outlook(session, found.sale.id) if is_open else None
    if not backs:
        return
    if outlook is not None:
        st.warning(_("The settlement was cancelled. Correct the sale, then settle it again."))
        ahead(outlook, key=f"lagi_{found.sale.number}")
        buyer_ahead(outlook)
    with st.expander(_("Cancelled settlements of this sale")):
        for back in backs:
            st.write(_said(back))
        void_slips(void, key=f"batal_slip_{found.sale.number}")


def _said(back: SettlementReversal) -> str:
    return _(
        "**{number}**, {reversed_on}: {reason}. Settled on {settled_on} it had come to {gross_rp}, "
        "of which {net_rp} for the members.",
        number=back.number,
        reversed_on=back.reversed_on,
        reason=plain(back.reason),
        settled_on=back.settled_on,
        gross_rp=back.gross_rp,
        net_rp=back.net_rp,
    )


def void_slips(rows: Sequence[tuple[Slip, Member]], *, key: str) -> None:
    """Slips that no longer count, apart from all sums."""
    table(
        [
            number_column(_("Slip"), "number"),
            Column(_("Member"), "member"),
            rp_column(_("Was worth"), "net_value_rp"),
            Column(_("Cancelled on"), "voided_on", day),
            Column(_("Reason"), "reason"),
        ],
        [
            {
                "number": slip.number,
                "member": member.name,
                "net_value_rp": slip.net_value_rp,
                "voided_on": slip.voided_on,
                "reason": slip.void_reason,
            }
            for slip, member in rows
        ],
        key=key,
    )


# Money of the buyer, and of a cost


def payment(found: Statement) -> None:
    """Take a buyer's payment back, in whole or in part."""
    standing = {paid.id: paid for paid in found.payments if paid.reversed_on is None}
    if not standing or not visit().person.may(Action.MONEY_MOVE):
        return
    with st.expander(_("A payment was wrong, or money goes back to the buyer")):
        picked = st.selectbox(
            _("Which payment?"),
            list(standing),
            format_func=lambda key: f"{day(standing[key].paid_on)}, {rp(standing[key].amount_rp)}",
            key=f"payment_wrong_{found.sale.id}",
        )
        paid = standing[picked]
        keeps_rp = 0
        if found.sale.stage is SaleStage.SETTLED:
            keeps_rp = _ask_keeps(found, picked, paid.amount_rp)
        back_rp = paid.amount_rp - keeps_rp
        reason = _agreed(
            _("Why?"),
            f"payment_why_{picked}",
            _("Take {amount_rp} back", amount_rp=back_rp),
            key=f"payment_reverse_{picked}_{keeps_rp}",
        )
        if reason:
            with action(
                N_("{amount_rp} of the buyer's payments is taken back."),
                name="reversals.reverse_payment",
            ) as session:
                reversals.reverse_payment(
                    session, picked, reason=reason, on=today(), keeps_rp=keeps_rp
                )
                tell(session, amount_rp=back_rp)


def _ask_keeps(found: Statement, picked: int, amount_rp: int) -> int:
    too_much_rp = min(max(-found.owed_rp, 0), amount_rp)
    back_rp = ask_rp(
        _("How much goes back? Empty is all of it."),
        key=f"payment_back_{picked}_{too_much_rp}",
        value=str(too_much_rp) if too_much_rp else "",
        placeholder=rp(amount_rp),
    )
    return amount_rp - back_rp if back_rp and back_rp < amount_rp else 0


def cost(found: Statement) -> None:
    """Take the payment of a cost back; what was taken back before stands above, with its reason."""
    with reading() as session:
        backs = reversals.of_costs(session, found.sale.id)
    for back in backs:
        st.caption(
            _(
                "{back_on}: {amount_rp}, paid for a cost, was taken back. {reason}",
                back_on=back.on,
                amount_rp=back.amount_rp,
                reason=plain(back.reason),
            )
        )
    paid = {one.id: one for one in found.costs if one.paid_entry_id is not None}
    if not paid or not visit().person.may(Action.MONEY_MOVE):
        return
    with st.expander(_("A cost was paid by mistake")):
        picked = st.selectbox(
            _("Which cost?"),
            list(paid),
            format_func=lambda key: f"{paid[key].name}, {rp(paid[key].amount_rp)}",
            key=f"cost_wrong_{found.sale.id}",
        )
        reason = _agreed(
            _("Why?"),
            f"cost_why_{picked}",
            _("Take the payment back"),
            key=f"cost_reverse_{picked}",
        )
        if reason:
            done = N_("The payment of {name} is taken back; it is owed again.")
            with action(done, name="reversals.reverse_cost") as session:
                row = reversals.reverse_cost(session, picked, reason=reason, on=today())
                tell(session, name=plain(row.name))


# Money of a slip


def came_back(slip: Slip) -> None:
    """When money of this slip came back, and why; while it is unpaid, where to the member."""
    with reading() as session:
        backs = reversals.returns(session, slip.id)
    for back in backs:
        st.caption(
            _(
                "{number}, {returned_on}: {amount_rp} came back. Why: {reason}",
                number=back.number,
                returned_on=back.returned_on,
                amount_rp=back.amount_rp,
                reason=plain(back.reason),
            )
        )
    if backs and slip.paid_on is None and visit().person.may(Action.MEMBERS_SEE):
        places.link("members", label=_("To the member and the account"), member=slip.member_id)


def payout(slip: Slip) -> None:
    """Say that money of this slip came back: from the bank, or because nobody took it."""
    if slip.voided_on is not None or not slip.received_rp:
        return
    if not visit().person.may(Action.SLIPS_PAY):
        return
    with st.expander(_("The money came back")):
        amount_rp = slip.received_rp
        st.write(
            _(
                "As because nobody came to take it: {amount_rp} is in the cash box again, and the "
                "slip is unpaid. Pay it again when the member comes.",
                amount_rp=amount_rp,
            )
            if slip.paid_from == CASH
            else _(
                "As from a wrong account number: {amount_rp} is with us again, and the slip is "
                "unpaid. The officer or the manager corrects the member's account; then pay it "
                "again.",
                amount_rp=amount_rp,
            )
        )
        reason = _agreed(
            _("Why did it come back?"),
            f"payout_why_{slip.id}",
            _("Write down: {amount_rp} came back", amount_rp=amount_rp),
            key=f"payout_return_{slip.id}",
        )
        if reason:
            done = N_("{number}: {amount_rp} came back, slip {slip} is unpaid.")
            with action(done, name="reversals.return_payout") as session:
                row = reversals.return_payout(session, slip.id, reason=reason, on=today())
                tell(session, number=row.number, amount_rp=row.amount_rp, slip=slip.number)
