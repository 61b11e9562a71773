"""A purchase from the fixed plan to the last bill: what each person sees and does at each stage."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.handing_out import SHARING_WORDS, SharingRule
from kopprod.domain.purchase_receipts import FAULT_WORDS
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.papers import purchases as purchase_papers
from kopprod.services import purchase_bills, purchase_goods, supplier_invoices
from kopprod.services.purchase_goods import Came, OrderLine, Shared
from kopprod.tables.purchases import Article, Purchase
from kopprod.ui import deposits, papers
from kopprod.ui import purchase_bills as billing
from kopprod.ui.ask import ask_rp
from kopprod.ui.show import Card, Column, cards, rp, table
from kopprod.ui.visit import _, action, plain, reading, tell, today

_LATER = (PurchaseStage.RECEIVED, PurchaseStage.DISTRIBUTED, PurchaseStage.CLOSED)
_FIXED = (PurchaseStage.LOCKED, PurchaseStage.ORDERED, *_LATER)
_DEPOSITS = (PurchaseStage.OPEN, *_FIXED)


def receiving_stages(purchase: Purchase, who: Person) -> None:
    """Everything after wants are fixed: order, receive, share, bill, hand out, pay, close."""
    if who.member_id is not None:
        billing.own(purchase, who.member_id)
    if who.may(Action.MEMBERS_SEE) and purchase.stage in _FIXED:
        with reading() as session:
            lines = purchase_goods.order_lines(session, purchase.id)
            billed = purchase_goods.has_bills(session, purchase.id)
        _goods(purchase, lines, who, billed=billed)
        _money(purchase, who, billed=billed)
    if who.may(Action.MEMBERS_SEE) and purchase.stage in _DEPOSITS:
        deposits.deposits(purchase, may=who.may(Action.MONEY_MOVE))


def _goods(purchase: Purchase, lines: Sequence[OrderLine], who: Person, *, billed: bool) -> None:
    _orders(purchase, lines, may=who.may(Action.PURCHASES_CHANGE))
    hands = who.may(Action.PURCHASES_HAND_OUT)
    if purchase.stage is PurchaseStage.ORDERED and hands:
        _receive(purchase, lines)
    _came(purchase, lines)
    if purchase.stage is PurchaseStage.RECEIVED and hands and not billed:
        _share(purchase)


def _money(purchase: Purchase, who: Person, *, billed: bool) -> None:
    if billed:
        billing.bills(purchase, who)
    if who.may(Action.LEDGER_SEE):
        billing.suppliers(purchase, may=who.may(Action.MONEY_MOVE))
    if purchase.stage is PurchaseStage.DISTRIBUTED and who.may(Action.PURCHASES_CHANGE):
        billing.close(purchase)


def _by_supplier(lines: Sequence[OrderLine]) -> list[list[OrderLine]]:
    return [list(own) for _key, own in groupby(lines, key=lambda line: line.supplier.id)]


def portions(number: int, article: Article) -> str:
    """So many portions in people's words: 7 karung."""
    return f"{format_number(number)} {article.portion_word}"


# Ordering


def _orders(purchase: Purchase, lines: Sequence[OrderLine], *, may: bool) -> None:
    """The orders to the suppliers as papers, and the button that says they are sent."""
    locked = purchase.stage is PurchaseStage.LOCKED
    with st.expander(_("Orders to the suppliers"), expanded=locked, key="purchase_orders"):
        letter = papers.letterhead()
        for own in _by_supplier(lines):
            supplier = own[0].supplier
            total_rp = sum(line.ordered_rp for line in own)
            cards(
                [Card(title=supplier.name, right=rp(total_rp))]
                + [
                    Card(
                        title=line.article.name,
                        below=portions(line.ordered, line.article),
                        right=rp(line.ordered_rp),
                        right_below=_("{packs} packs at {pack_rp}", packs=line.line.packs,
                                      pack_rp=line.line.pack_rp),
                    )
                    for line in own
                ]
            )  # fmt: skip
            papers.download(
                _("Order to {name} (PDF)", name=supplier.name),
                lambda own=own: purchase_papers.order(purchase, own, letter),  # type: ignore[misc]
                name=f"{purchase.number}-{supplier.id}",
                key=f"order_pdf_{supplier.id}",
            )
            text = purchase_papers.order_text(purchase, own, letter)
            papers.send(text, phone=supplier.phone, key=f"order_text_{supplier.id}")
    if not (locked and may and lines):
        return
    label = _("The suppliers have the order")
    if st.button(label, type="primary", width="stretch", key="order_out"):
        with action(N_("{number} is ordered."), name="purchase_goods.order_out") as session:
            row = purchase_goods.order_out(session, purchase.id, on=today())
            tell(session, number=row.number)


# Receiving


def _receive(purchase: Purchase, lines: Sequence[OrderLine]) -> None:
    for own in _by_supplier(lines):
        if own[0].line.good is None:
            _receive_from(purchase, own)


def _receive_from(purchase: Purchase, own: Sequence[OrderLine]) -> None:
    supplier = own[0].supplier
    st.subheader(_("{name} has come", name=plain(supplier.name)), anchor=False)
    came: dict[int, Came] = {}
    for line in own:
        key = f"came_{line.line.id}"
        st.markdown(
            _("**{article}**: {quantity} ordered", article=plain(line.article.name),
              quantity=plain(portions(line.ordered, line.article)))
        )  # fmt: skip
        good = st.number_input(
            _("Good, in {unit}", unit=line.article.portion_word),
            min_value=0, value=line.ordered, step=1, key=f"{key}_good",
        )  # fmt: skip
        damaged = st.number_input(
            _("Damaged, in {unit}", unit=line.article.portion_word),
            min_value=0, value=0, step=1, key=f"{key}_damaged",
        )  # fmt: skip
        asked_rp = ask_rp(
            _("What the invoice asks for it"), key=f"{key}_rp", value=format_number(line.ordered_rp)
        )
        note = st.text_input(_("Remark (may stay empty)"), key=f"{key}_note", max_chars=200)
        came[line.line.id] = Came(int(good), int(damaged), asked_rp or 0, note)
    with reading() as session:
        freight_rp = purchase_goods.agreed_freight_rp(session, purchase).get(supplier.id, 0)
    asked_freight_rp = ask_rp(
        _("Freight on the invoice"), key=f"freight_{supplier.id}", value=format_number(freight_rp)
    )
    if st.button(
        _("Write down what came"), key=f"receive_{supplier.id}", type="primary", width="stretch",
        disabled=asked_freight_rp is None,
    ):  # fmt: skip
        done = N_("Written down. {claim_rp} is claimed back.")
        with action(done, name="purchase_goods.receive") as session:
            invoice = purchase_goods.receive(
                session, purchase.id, supplier.id, came=came,
                freight_rp=asked_freight_rp or 0, on=today(),
            )  # fmt: skip
            tell(session, claim_rp=invoice.claim_rp)


def _came(purchase: Purchase, lines: Sequence[OrderLine]) -> None:
    """What came against what was ordered, with its paper."""
    here = [line for line in lines if line.line.good is not None]
    if not here:
        return
    with st.expander(_("What came"), key="purchase_came"):
        cards(
            [
                Card(
                    title=f"{line.article.name} · {line.supplier.name}",
                    below="\n".join(
                        [_("{good} good of {ordered} ordered", good=line.line.good or 0,
                           ordered=line.ordered),
                         *(_(FAULT_WORDS[fault]) for fault in line.faults)]
                    ),
                    right=rp(line.line.invoiced_rp or 0),
                    right_below=_("{claim_rp} claimed back", claim_rp=line.line.claim_rp)
                    if line.line.claim_rp else "",
                    tone="amber" if line.faults else "",
                )
                for line in here
            ]
        )  # fmt: skip
        letter = papers.letterhead()
        with reading() as session:
            invoices = supplier_invoices.invoices(session, purchase.id)
        for one in invoices:
            own = [line for line in here if line.supplier.id == one.supplier.id]
            papers.download(
                _("Receipt of goods from {name} (PDF)", name=one.supplier.name),
                lambda own=own, one=one: purchase_papers.receipt(  # type: ignore[misc]
                    purchase, own, one, letter
                ),
                name=f"{purchase.number}-{one.supplier.id}-terima",
                key=f"receipt_pdf_{one.supplier.id}",
            )


# Sharing


def _share(purchase: Purchase) -> None:
    """What each rule gives everybody, the rule to go by, figures by hand, and the bills."""
    with reading() as session:
        found = purchase_goods.shared(session, purchase.id)
        sums = purchase_bills.reckon(session, purchase, on=today())
    st.subheader(_("Who gets what"), anchor=False)
    for one in found:
        _rules(one)
    _choose_rule(purchase)
    _by_hand(purchase, found)
    st.caption(
        _("The bills come to {billed_rp}, of it {fee_rp} fee; {leftover_rp} goes to stock at cost.",
          billed_rp=sums.billed_rp, fee_rp=sums.fee_rp, leftover_rp=sums.leftover_rp)
    )  # fmt: skip
    if sums.borne_rp or sums.forgone_rp:
        st.warning(
            _(
                "Subsidised goods come to more than the highest retail price (HET) allows. "
                "Members pay no more than that: the cooperative bears {borne_rp} itself, and takes "
                "{forgone_rp} less fee.",
                borne_rp=sums.borne_rp,
                forgone_rp=sums.forgone_rp,
            )
        )
    if st.button(_("Make all bills"), key="make_bills", type="primary", width="stretch"):
        with action(N_("{n} bills are made."), name="purchase_bills.make") as session:
            tell(session, n=len(purchase_bills.make(session, purchase.id, on=today())))


def _rules(one: Shared) -> None:
    st.markdown(
        _("**{article}**: {came} came, {left} would go to stock", article=plain(one.article.name),
          came=plain(portions(one.came, one.article)), left=plain(portions(one.left, one.article)))
    )  # fmt: skip
    table(
        [
            Column(_("Member"), "member"),
            Column(_("Wants"), "firm", format_number, number=True),
            Column(_("fine too"), "tolerance", format_number, number=True),
            *(
                Column(_(SHARING_WORDS[rule]), rule.value, format_number, number=True)
                for rule in SharingRule
            ),
            Column(_("Gets"), "gets", format_number, number=True),
            Column("", "differs"),
        ],
        [
            {
                "member": one.names[each.asked.member_id],
                "firm": each.asked.firm,
                "tolerance": each.asked.tolerance,
                **{rule.value: each.gets[rule] for rule in SharingRule},
                **_gets(one, each.asked.member_id),
            }
            for each in one.outcomes
        ],
        key=f"pembagian_{one.article.id}",
    )


def _gets(one: Shared, member_id: int) -> Mapping[str, object]:
    share = one.shares.get(member_id)
    if share is None:
        return {"gets": 0, "differs": ""}
    by_hand = share.quantity != share.computed
    said = _("by hand, computed {computed}", computed=share.computed) if by_hand else ""
    return {"gets": share.quantity, "differs": said}


def _choose_rule(purchase: Purchase) -> None:
    rule = st.radio(
        _("How is it shared where it is too little?"),
        list(SharingRule),
        index=list(SharingRule).index(purchase.sharing),
        format_func=lambda one: _(SHARING_WORDS[one]),
        key="share_rule",
    )
    if st.button(_("Share by this rule"), key="share_by_rule", width="stretch"):
        done = N_("It is shared: {rule_word}.")
        with action(done, name="purchase_goods.redistribute") as session:
            purchase_goods.redistribute(session, purchase.id, rule=rule)
            tell(session, rule_word=_(SHARING_WORDS[rule or purchase.sharing]))


def _by_hand(purchase: Purchase, found: Sequence[Shared]) -> None:
    with st.expander(_("Change it by hand"), key="share_by_hand"):
        typed: dict[int, dict[int, int]] = {}
        for one in found:
            for member_id, share in one.shares.items():
                figure = st.number_input(
                    f"{one.names[member_id]} · {one.article.name} ({one.article.portion_word})",
                    min_value=0,
                    value=share.quantity,
                    step=1,
                    key=f"hand_{share.id}_{share.quantity}",
                )
                typed.setdefault(one.article.id, {})[member_id] = int(figure)
        if st.button(_("Keep these figures"), key="share_keep", width="stretch"):
            done = N_("Kept. What differs from the rule is marked.")
            with action(done, name="purchase_goods.redistribute") as session:
                purchase_goods.redistribute(session, purchase.id, by_hand=typed)
