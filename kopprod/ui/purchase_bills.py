"""Bills of a purchase on a screen: handing out, paying, suppliers, one's own bill."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.papers import purchases as purchase_papers
from kopprod.services import (
    bill_payments,
    hand_outs,
    purchase_bills,
    supplier_invoices,
)
from kopprod.services import (
    deposits as deposit_service,
)
from kopprod.services.bill_payments import Credit
from kopprod.services.purchase_bills import Shown
from kopprod.services.supplier_invoices import ClaimEnd, Invoiced
from kopprod.tables.purchases import Purchase
from kopprod.ui import papers
from kopprod.ui.ask import ask_rp
from kopprod.ui.sales import choose
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Card, Column, Tile, cards, figure, rp, rp_column, table, tiles
from kopprod.ui.steps import Step, steps
from kopprod.ui.visit import _, action, plain, reading, tell, today

CLAIM_ENDS = {
    ClaimEnd.TAKEN_OFF: N_("taken off what is still to be paid"),
    ClaimEnd.MONEY: N_("paid back in money"),
    ClaimEnd.GIVEN_UP: N_("given up"),
}


def open_bills(member_id: int) -> None:
    """What a member still owes for purchases, each bill with a way to it."""
    with reading() as session:
        rows = purchase_bills.bills(session, member_id=member_id)
    waiting = [row for row in rows if row.left_rp]
    if not waiting:
        return
    owed_rp = sum(row.left_rp for row in waiting)
    figure(_("You still have to pay"), rp(owed_rp), _("for {n} bills", n=len(waiting)), "amber")
    for row in waiting:
        said = _("{title}: {left_rp} still open", title=plain(row.purchase.title),
                 left_rp=row.left_rp)  # fmt: skip
        if st.button(said, key=f"open_bill_{row.bill.id}", width="stretch"):
            choose("purchase", row.purchase.id)
            st.rerun()


def own(purchase: Purchase, member_id: int) -> None:
    """A member's own bill: what it is made of, what is paid, what her next settlement takes."""
    with reading() as session:
        found = purchase_bills.bills(session, purchase.id, member_id=member_id)
        held = deposit_service.deposits(session, purchase.id, member_id=member_id)
    for one in held:
        if one.left_rp:
            st.info(_("Your deposit of {left_rp} is kept for this purchase.", left_rp=one.left_rp))
    for row in found:
        st.subheader(_("Your bill {number}", number=row.bill.number), anchor=False)
        reckoning(row)
        if row.left_rp and row.bill.yarnen_rp:
            st.info(_("Your next settlement takes {next_rp} of what you owe for inputs.",
                      next_rp=row.next_rp))  # fmt: skip
        saving(row)
        papers_of(row)


def reckoning(row: Shown) -> None:
    """From the goods to what is still open."""
    bill = row.bill
    steps(
        [
            *(
                Step(
                    f"{line.article.name}, {format_number(line.share.quantity)}"
                    f" {line.article.portion_word}",
                    line.share.goods_rp or 0,
                )
                for line in row.lines
            ),
            Step(_("Freight"), bill.freight_rp),
            Step(_("Fee of the cooperative"), bill.fee_rp),
            Step(_("To be paid"), bill.bill_rp, is_sum=True),
            *([Step(_("from the deposit"), -bill.deposit_rp)] if bill.deposit_rp else []),
            *([Step(_("paid"), -row.paid_rp)] if row.paid_rp else []),
            *([Step(_("taken from settlements"), -row.settled_rp)] if row.settled_rp else []),
            Step(_("Still open"), row.left_rp, _parts(row), is_sum=True),
        ]
    )


def _parts(row: Shown) -> Sequence[str]:
    if not row.parts or not row.left_rp:
        return []
    return [_("of it from settlements: {parts}", parts=" + ".join(rp(one) for one in row.parts))]


def saving(row: Shown) -> None:
    """Against the village shop, losses like gains."""
    if row.saved_rp >= 0:
        st.success(_("Saved against the village shop: {saved_rp}", saved_rp=row.saved_rp))
    else:
        st.warning(_("Dearer than the village shop by {dearer_rp}", dearer_rp=-row.saved_rp))


def papers_of(row: Shown) -> None:
    """The bill as PDF and as a message."""
    letter, number = papers.letterhead(), row.bill.number
    papers.download(
        _("Bill (PDF)"),
        lambda: purchase_papers.bill(row, letter),
        name=number,
        key=f"bill_pdf_{row.bill.id}",
    )
    text = purchase_papers.bill_text(row, letter)
    papers.send(text, phone=row.member.phone, key=f"bill_text_{row.bill.id}")


# The office


def bills(purchase: Purchase, who: Person) -> None:
    """All bills: what is open, the list to sign, and one bill to hand out and to pay."""
    with reading() as session:
        rows = purchase_bills.bills(session, purchase.id)
    st.subheader(_("Bills"), anchor=False)
    waiting = [row for row in rows if row.bill.handed_at is None]
    tiles(
        [
            Tile(_("All bills"), rp(sum(row.bill.bill_rp for row in rows))),
            Tile(_("Still open"), rp(sum(row.left_rp for row in rows)), tone="amber"),
            Tile(_("Saved together"), rp(sum(row.saved_rp for row in rows)), tone="teal"),
            Tile(_("Not fetched yet"), str(len(waiting))),
        ]
    )
    letter = papers.letterhead()
    papers.download(
        _("List to hand out and sign (PDF)"),
        lambda: purchase_papers.hand_out_list(purchase, rows, letter),
        name=f"{purchase.number}-daftar",
        key="hand_out_pdf",
    )
    _one_bill(rows, who)
    _bills_table(rows)


def _one_bill(rows: Sequence[Shown], who: Person) -> None:
    known = {row.bill.id: row for row in rows}
    picked = st.selectbox(
        _("Whose bill?"),
        list(known),
        index=None,
        format_func=lambda key: _bill_words(known[key]),
        placeholder=_("Choose"),
        key="bill_of",
    )
    if picked is None:
        return
    row = known[picked]
    reckoning(row)
    if who.may(Action.PURCHASES_HAND_OUT):
        _hand_out(row)
    if who.may(Action.MONEY_MOVE) and row.left_rp:
        _pay(row)
        if row.purchase.most_parts and not row.bill.yarnen_rp:
            _let_wait(row)
    saving(row)
    papers_of(row)


def _bill_words(row: Shown) -> str:
    village = f" · {row.village}" if row.village else ""
    return f"{row.member.name}{village} · {rp(row.left_rp)}"


def _hand_out(row: Shown) -> None:
    bill = row.bill
    if bill.handed_at is not None:
        st.caption(_("Handed to {name}.", name=plain(bill.handed_to)))
        return
    proxy = st.text_input(
        _("Somebody else takes it: her name (empty: the member herself)"),
        key=f"proxy_{bill.id}",
        max_chars=80,
    )
    if st.button(_("Handed out"), key=f"hand_out_{bill.id}", type="primary", width="stretch"):
        with action(N_("{number} is handed to {name}."), name="hand_outs.hand_out") as session:
            done = hand_outs.hand_out(session, bill.id, to=proxy or None)
            tell(session, number=done.number, name=plain(done.handed_to))


def _pay(row: Shown) -> None:
    bill = row.bill
    turn = len(row.payments)
    with st.expander(_("Take money for it"), key=f"pay_{bill.id}_{turn}"):
        amount_rp = ask_rp(
            _("How much?"),
            key=f"bill_amount_{bill.id}_{turn}_{bill.yarnen_rp}",  # what waits is not paid now
            value=format_number(row.left_rp - _waiting_rp(row)),
        )
        account = ask_money(f"bill_account_{bill.id}")
        if st.button(
            _("The money is here"), key=f"pay_bill_{bill.id}", type="primary", width="stretch",
            disabled=not amount_rp,
        ):  # fmt: skip
            with action(N_("{number}: {amount_rp} paid."), name="bill_payments.pay") as session:
                paid = bill_payments.pay(
                    session, bill.id, amount_rp=amount_rp or 0, account=account, on=today(),
                    draft_key=f"{bill.id}-{turn}-{amount_rp}-{account}",
                )  # fmt: skip
                tell(session, number=paid.number, amount_rp=paid.amount_rp)


def _waiting_rp(row: Shown) -> int:
    return min(row.left_rp, max(0, row.bill.yarnen_rp - row.settled_rp))


def show_credit(credit: Credit, *, name: str = "") -> None:
    """A member's limit for what waits, and what is left of it; without a name it is her own."""
    facts = {"limit_rp": credit.limit_rp, "owed_rp": credit.owed_rp, "room_rp": credit.room_rp}
    st.markdown(
        _("{name} may owe **{limit_rp}** for inputs, owes {owed_rp} beside this, so **{room_rp}** "
          "may wait.", name=plain(name), **facts)
        if name
        else _("What you owe for inputs may wait for your harvest (yarnen) up to **{limit_rp}**. "
               "You owe {owed_rp}, so **{room_rp}** more may wait.", **facts)
    )  # fmt: skip


def _let_wait(row: Shown) -> None:
    bill = row.bill
    with st.expander(_("Pay from the next settlements (yarnen)"), key=f"yarnen_{bill.id}"):
        with reading() as session:
            credit = bill_payments.credit(session, row.member.id, bill_id=bill.id)
        show_credit(credit, name=row.member.name)
        most_rp = min(row.left_rp, credit.room_rp)
        amount_rp = ask_rp(
            _("How much waits?"), key=f"yarnen_rp_{bill.id}", value=format_number(most_rp)
        )
        most = row.purchase.most_parts
        parts = int(
            st.number_input(
                _("In how many parts?"), min_value=1, max_value=most, value=1, step=1,
                key=f"yarnen_parts_{bill.id}",
            )
        )  # fmt: skip
        if st.button(_("So it is agreed"), key=f"let_wait_{bill.id}", width="stretch"):
            done = N_("{yarnen_rp} of {number} waits for settlements.")
            with action(done, name="bill_payments.let_wait") as session:
                kept = bill_payments.let_wait(
                    session, bill.id, amount_rp=amount_rp or 0, parts=parts, on=today()
                )
                tell(session, number=kept.number, yarnen_rp=kept.yarnen_rp)


def _bills_table(rows: Sequence[Shown]) -> None:
    table(
        [
            Column(_("Member"), "member"),
            Column(_("Village"), "village"),
            rp_column(_("Goods"), "goods_rp"),
            rp_column(_("Freight"), "freight_rp"),
            rp_column(_("Fee"), "fee_rp"),
            rp_column(_("Bill"), "bill_rp"),
            rp_column(_("Still open"), "left_rp"),
            rp_column(_("Saved"), "saved_rp"),
            Column(_("Handed to"), "handed_to"),
        ],
        [
            {
                "member": row.member.name,
                "village": row.village,
                "goods_rp": row.bill.goods_rp,
                "freight_rp": row.bill.freight_rp,
                "fee_rp": row.bill.fee_rp,
                "bill_rp": row.bill.bill_rp,
                "left_rp": row.left_rp,
                "saved_rp": row.saved_rp,
                "handed_to": row.bill.handed_to,
            }
            for row in rows
        ],
        key="nota_belanja",
    )


def suppliers(purchase: Purchase, *, may: bool) -> None:
    """What each supplier is owed and owes, and paying him."""
    with reading() as session:
        rows = supplier_invoices.invoices(session, purchase.id)
    if not rows:
        return
    st.subheader(_("Suppliers"), anchor=False)
    cards(
        [
            Card(
                title=one.supplier.name,
                below=_("{claim_rp} claimed back", claim_rp=one.claimed_rp)
                if one.claimed_rp
                else "",
                right=rp(one.owed_rp),
                right_below=_("still to be paid") if one.owed_rp else _("paid"),
                tone="amber" if one.claimed_rp or one.owed_rp else "teal",
            )
            for one in rows
        ]
    )
    for one in rows if may else []:
        _claim(one)
        _pay_supplier(one)


def _pay_supplier(one: Invoiced) -> None:
    key = one.invoice.id
    if not one.owed_rp:
        return
    with st.expander(_("Pay {name}", name=plain(one.supplier.name)), key=f"supplier_{key}"):
        account = ask_money(f"supplier_account_{key}")
        label = _("{owed_rp} is paid", owed_rp=one.owed_rp)
        if st.button(label, key=f"pay_supplier_{key}", type="primary", width="stretch"):
            done = N_("{name} is paid: {owed_rp}.")
            with action(done, name="supplier_invoices.pay") as session:
                supplier_invoices.pay(session, key, account=account, on=today())
                tell(session, name=plain(one.supplier.name), owed_rp=one.owed_rp)


def _claim(one: Invoiced) -> None:
    key = one.invoice.id
    if not one.claimed_rp:
        return
    title = _("The claim of {claim_rp} against {name}", claim_rp=one.claimed_rp,
              name=plain(one.supplier.name))  # fmt: skip
    with st.expander(title, key=f"claim_{key}"):
        ends = [
            end for end in ClaimEnd if end is not ClaimEnd.TAKEN_OFF or one.invoice.paid_on is None
        ]
        end = st.radio(
            _("How did it end?"),
            ends,
            format_func=lambda which: _(CLAIM_ENDS[which]),
            key=f"claim_end_{key}",
        )
        account = ask_money(f"claim_account_{key}") if end is ClaimEnd.MONEY else None
        if st.button(_("Write it down"), key=f"end_claim_{key}", width="stretch"):
            with action(N_("The claim has ended."), name="supplier_invoices.end_claim") as session:
                supplier_invoices.end_claim(session, key, end=end, on=today(), account=account)


def close(purchase: Purchase) -> None:
    """The button that ends a purchase."""
    if st.button(_("All is done: close it"), key="close_purchase", width="stretch"):
        with action(N_("{number} is closed."), name="hand_outs.close") as session:
            tell(session, number=hand_outs.close(session, purchase.id).number)
