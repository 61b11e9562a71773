"""The parts of the page of sales about sharing: the reckoning, settling, slips, and money."""

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from kopprod.domain import money
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.money import format_e4
from kopprod.domain.quantities import BaseUnit
from kopprod.domain.refusal import N_
from kopprod.domain.sales import SaleStage, Settlement
from kopprod.language import sentence
from kopprod.papers.proceeds import of_sale
from kopprod.papers.scales import WORDS, difference, graded_words
from kopprod.services import sales
from kopprod.services.settlement import Statement
from kopprod.tables.products import Product
from kopprod.tables.sales import BuyerPayment, Sale, SaleCost
from kopprod.ui.ask import ask_day, ask_rp
from kopprod.ui.places import link
from kopprod.ui.show import (
    Column,
    Tile,
    day,
    in_words,
    quantity,
    rp,
    rp_column,
    table,
    tiles,
)
from kopprod.ui.steps import (
    Step,
    graded,
    narrow_day_column,
    number_column,
    steps,
    unbroken,
)
from kopprod.ui.visit import _, action, plain, spoken, tell, today

MONEY = {CASH: N_("Cash box"), BANK: N_("Bank")}


def head(found: Statement) -> None:
    """Whom, when, at what price, and both weights side by side."""
    sale, unit, price_unit = found.sale, found.product.base_unit, found.product.price_unit
    our = found.outcome.our_weight if found.outcome else sum(
        part.allotment.quantity for part in found.parts
    )  # fmt: skip
    words = WORDS[unit]
    note = difference(our, sale.buyer_weight, unit, _) if our else ""
    tiles(
        [
            Tile(_("Buyer"), found.buyer.name, day(sale.sold_on)),
            Tile(_("Price"), format_e4(sale.price_e4), _("for one {unit}", unit=price_unit)),
            Tile(_(words.ours), quantity(our, unit), _("{n} deliveries", n=len(found.parts))),
            Tile(_(words.buyers), quantity(sale.buyer_weight, unit), note),
        ]
    )
    if sale.shrinkage_reason:
        st.caption(_("Reason for the difference: {reason}", reason=plain(sale.shrinkage_reason)))


def proceeds_steps(
    sale: Sale, product: Product, costs: Sequence[SaleCost], outcome: Settlement
) -> list[Step]:
    """From price times weight to what is left, for the members or for the cooperative."""
    return [
        Step(line.what, line.amount_rp, line.how, line.is_sum)
        for line in of_sale(sale, product, costs, outcome, _)
    ]


def sharing(found: Statement) -> None:
    """The whole reckoning, and that it comes out even."""
    own = found.own_goods
    st.subheader(_("Gain or loss") if own else _("How the money is shared"), anchor=False)
    if found.outcome is None:
        if found.why_not is not None:
            st.info(sentence(spoken(), found.why_not))
        return
    outcome = found.outcome
    steps(proceeds_steps(found.sale, found.product, found.costs, outcome))
    if own:
        _own_goods(outcome)
        return
    names = {part.member.id: part.member.name for part in found.parts}
    weights: dict[int, int] = {}
    for part in found.parts:
        weight_e4 = part.allotment.quantity * part.factor_bp
        weights[part.member.id] = weights.get(part.member.id, 0) + weight_e4
    _members(found, outcome, names, weights)
    members_rp = sum(outcome.member_rp.values())
    st.markdown(
        _(
            "**{gross_rp}** = members {net_rp} + fee {fee_rp} + costs {costs_rp} + rounding "
            "**{rounding_rp}**.",
            gross_rp=outcome.gross_rp,
            net_rp=members_rp,
            fee_rp=outcome.fee_rp,
            costs_rp=outcome.costs_rp,
            rounding_rp=outcome.gross_rp - members_rp - outcome.fee_rp - outcome.costs_rp,
        )
    )


def _own_goods(outcome: Settlement) -> None:
    st.write(
        _("The cooperative earns **{net_rp}**.", net_rp=outcome.net_rp)
        if outcome.net_rp >= 0
        else _("The cooperative loses **{loss_rp}**.", loss_rp=-outcome.net_rp)
    )
    st.caption(
        _(
            "These goods are the cooperative's own: their members got their slips when it bought "
            "them, so this sale makes no slips and bears no fee."
        )
    )


def _members(
    found: Statement,
    outcome: Settlement,
    names: Mapping[int, str],
    weights: Mapping[int, int],
) -> None:
    unit = found.product.base_unit
    slips = {member.id: slip for slip, member in found.slips}
    rows = [
        {
            "member": names[member_id],
            "graded": graded(weights[member_id], unit),
            "share_rp": share_rp,
            "slip": slips[member_id].number if member_id in slips else None,
            "paid": _paid(slips[member_id].paid_on is not None) if member_id in slips else None,
        }
        for member_id, share_rp in outcome.member_rp.items()
    ]
    columns = [
        Column(_("Member"), "member"),
        Column(_(graded_words(unit).graded), "graded", number=True),
        rp_column(_("Share"), "share_rp"),
    ]
    if slips:
        columns += [number_column(_("Slip"), "slip"), Column(_("Paid out"), "paid", unbroken)]
    table(
        columns,
        rows,
        key=f"pembagian_{found.sale.number}",
        total={
            "member": _("Together"),
            "graded": graded(outcome.graded_weight_e4, unit),
            "share_rp": outcome.net_rp,
        },
    )


def _paid(paid: bool) -> str:
    return _("paid") if paid else _("unpaid")


def settle(found: Statement, *, limit_bp: int) -> None:
    """The one step that cannot be taken back, after everything was read."""
    outcome = found.outcome
    if outcome is None:
        return
    reason = _reason(outcome, limit_bp, found.product.base_unit)
    if found.own_goods:
        st.write(_("Settling books the sale: the goods leave the stock at what they had cost."))
    else:
        st.write(_("Settling writes {n} slips and books the sale. What was wrong can only be "
                   "taken back as a whole.", n=len(outcome.member_rp)))  # fmt: skip
    # What was seen is what is settled: other figures are a box and a button of their own.
    seen = f"{found.sale.id}_{outcome.net_rp}"
    sure = st.checkbox(_("I have checked the figures above"), key=f"settle_sure_{seen}")
    if st.button(
        _settle_label(found, outcome),
        key=f"settle_{seen}",
        type="primary",
        width="stretch",
        disabled=not sure,
    ):
        with action(_settled_words(found, outcome), name="sales.settle") as session:
            sale = sales.settle(session, found.sale.id, on=today(), shrinkage_reason=reason)
            net_rp = sale.net_rp or 0
            tell(session, number=sale.number, net_rp=abs(net_rp), n=len(outcome.member_rp))


def _settle_label(found: Statement, outcome: Settlement) -> str:
    if not found.own_goods:
        return _("Settle and share {net_rp}", net_rp=outcome.net_rp)
    if outcome.net_rp >= 0:
        return _("Settle with a gain of {net_rp}", net_rp=outcome.net_rp)
    return _("Settle with a loss of {loss_rp}", loss_rp=-outcome.net_rp)


def _settled_words(found: Statement, outcome: Settlement) -> str:
    if not found.own_goods:
        return N_("Sale {number} is settled: {net_rp} for {n} members.")
    if outcome.net_rp >= 0:
        return N_("Sale {number} is settled with a gain of {net_rp}.")
    return N_("Sale {number} is settled with a loss of {net_rp}.")


def _reason(outcome: Settlement, limit_bp: int, unit: BaseUnit) -> str:
    if abs(outcome.shrinkage) * money.BP <= limit_bp * outcome.our_weight:
        return ""
    apart = difference(outcome.our_weight, outcome.buyer_weight, unit, _)
    st.warning(
        _(
            WORDS[unit].differ_all if outcome.member_rp else WORDS[unit].differ,
            limit_bp=limit_bp,
            difference=apart,
        )
    )
    return st.text_input(_("Reason for the difference"), key="settle_reason", max_chars=200)


def cancel(found: Statement, *, leave: Callable[[], None]) -> None:
    """Give up the sale while it is open."""
    with st.expander(_("Cancel this sale")):
        st.write(_("The goods go back into the store. The sale stays in the list as cancelled."))
        if st.button(_("Yes, cancel it"), key="sale_cancel", width="stretch"):
            with action(N_("Sale {number} is cancelled."), name="sales.cancel") as session:
                sale = sales.cancel(session, found.sale.id)
                tell(session, number=sale.number)
                leave()


# After settling


def settled(found: Statement, *, entry_number: int | None) -> None:
    """When and by whom, and the doors to the slips and to the journal."""
    sale = found.sale
    if sale.stage is not SaleStage.SETTLED:
        return
    when, by = sale.settled_on or today(), plain(found.settled_by)
    st.success(
        _("Settled on {settled_on} by {name}.", settled_on=when, name=by)
        if by
        else _("Settled on {settled_on}.", settled_on=when)
    )
    if entry_number is not None:  # only whoever may read the books
        with st.container(horizontal=True):
            if found.slips:
                link("slips", label=_("The slips of this sale"))
            link("ledger", label=_("Journal, entry {n}", n=entry_number), entry=sale.entry_id)


def ask_money(key: str) -> str:
    """Cash box or bank."""
    return str(
        st.radio(
            _("Cash box or bank?"),
            list(MONEY),
            format_func=lambda code: _(MONEY[code]),
            horizontal=True,
            key=key,
        )
    )


def buyer_money(found: Statement, *, user_id: int | None, may: bool) -> None:
    """What the buyer has paid and still owes, and the next payment."""
    st.subheader(_("Money from the buyer"), anchor=False)
    tiles(
        [
            Tile(_("Received"), rp(found.received_rp), tone="teal"),
            Tile(_("Still owed"), rp(max(found.owed_rp, 0))),
        ]
    )
    if found.owed_rp < 0 and found.sale.stage is SaleStage.SETTLED:
        st.warning(_("The buyer has {more_rp} too much with us.", more_rp=-found.owed_rp))
    if found.payments:
        table(
            [
                narrow_day_column(_("Day"), "paid_on"),
                rp_column(_("Amount"), "amount_rp"),
                Column(_("Into"), "account"),
                Column(_("Note"), "note"),
            ],
            [
                {
                    "paid_on": payment.paid_on,
                    "amount_rp": payment.amount_rp,
                    "account": _(MONEY[payment.account_code]),
                    "note": _reversed(payment),
                }
                for payment in found.payments
            ],
            key=f"bayar_{found.sale.number}",
        )
    if may and found.owed_rp > 0:
        _take_payment(found, user_id)


def _reversed(payment: BuyerPayment) -> str:
    if payment.reversed_on is None:
        return ""
    return _(
        "taken back on {reversed_on}: {reason}",
        reversed_on=payment.reversed_on,
        reason=payment.reason or "",
    )


def _take_payment(found: Statement, user_id: int | None) -> None:
    # The next payment gets fresh fields and a key of its own, also after one was taken back. Keys
    # that are stored from before have what was received in this place, so a letter stands before.
    turn = f"n{len(found.payments)}"
    amount_rp = ask_rp(
        _("The buyer pays"), key=f"payment_amount_{turn}", placeholder=rp(found.owed_rp)
    )
    paid_on = ask_day(_("On which day?"), key=f"payment_day_{turn}")
    account = ask_money(f"payment_account_{turn}")
    if st.button(
        _("Keep the payment"),
        key="payment_keep",
        type="primary",
        width="stretch",
        disabled=amount_rp is None,
    ):
        assert amount_rp is not None
        # What was on the screen names the payment, so the same press sent again is the same one.
        draft_key = f"{found.sale.id}-{turn}-{user_id}-{amount_rp}-{account}-{paid_on}"
        with action(
            N_("{amount_rp} from the buyer is kept."), name="sales.take_payment"
        ) as session:
            sales.take_payment(
                session,
                found.sale.id,
                amount_rp=amount_rp,
                account=account,
                on=paid_on,
                draft_key=draft_key,
            )
            tell(session, amount_rp=amount_rp)


def cost_money(found: Statement, *, may: bool) -> None:
    """What the sale cost and whether it has been paid."""
    if not found.costs:
        return
    st.subheader(_("Costs"), anchor=False)
    table(
        [
            Column(_("What for"), "name"),
            rp_column(_("Amount"), "amount_rp"),
            Column(_("Paid out"), "paid", unbroken),
        ],
        [
            {
                "name": cost.name,
                "amount_rp": cost.amount_rp,
                "paid": _paid(cost.paid_entry_id is not None),
            }
            for cost in found.costs
        ],
        key=f"biaya_{found.sale.number}",
    )
    unpaid = {cost.id: cost for cost in found.costs if cost.paid_entry_id is None}
    if not may or not unpaid:
        return
    picked = st.selectbox(
        _("Pay a cost"),
        list(unpaid),
        format_func=lambda key: f"{unpaid[key].name}, {rp(unpaid[key].amount_rp)}",
        key="cost_pay",
    )
    account = ask_money("cost_account")
    cost = unpaid[picked]
    st.markdown(f"**{plain(cost.name)}**: **{rp(cost.amount_rp)}** ({in_words(cost.amount_rp)})")
    if st.button(_("Pay this cost"), key=f"cost_pay_now_{picked}", width="stretch"):
        with action(N_("{name} is paid, {amount_rp}."), name="sales.pay_cost") as session:
            sales.pay_cost(session, picked, account=account, on=today())
            tell(session, name=plain(cost.name), amount_rp=cost.amount_rp)
