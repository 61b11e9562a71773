"""Deposits of a purchase on a screen: those that are held, a new one, and giving back."""

import streamlit as st

from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.refusal import N_
from kopprod.services import deposits as deposit_service
from kopprod.services import members, purchase_rows
from kopprod.tables.purchases import Purchase
from kopprod.ui.ask import ask_rp
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Card, cards, rp
from kopprod.ui.visit import _, action, plain, reading, tell, today


def deposits(purchase: Purchase, *, may: bool) -> None:
    """Deposits that are held, a new one, and giving back what no bill used."""
    with reading() as session:
        held = deposit_service.deposits(session, purchase.id)
    takes = may and purchase.stage in (
        PurchaseStage.OPEN, PurchaseStage.LOCKED, PurchaseStage.ORDERED
    )  # fmt: skip
    if not held and not takes:
        return
    with st.expander(_("Deposits"), key="purchase_deposits"):
        cards(
            [
                Card(
                    title=one.member.name,
                    below=one.deposit.number,
                    right=rp(one.deposit.amount_rp),
                    right_below=_("{left_rp} left", left_rp=one.left_rp),
                )
                for one in held
            ]
        )
        if takes:
            _take_deposit(purchase, turn=len(held))
        for one in held if may else []:
            label = _("Give {left_rp} back to {name}", left_rp=one.left_rp,
                      name=plain(one.member.name))  # fmt: skip
            if one.left_rp and st.button(label, key=f"give_back_{one.deposit.id}", width="stretch"):
                done = N_("{number}: the deposit is given back.")
                with action(done, name="deposits.give_back") as session:
                    row = deposit_service.give_back(session, one.deposit.id, on=today())
                    tell(session, number=row.number)


def _take_deposit(purchase: Purchase, *, turn: int) -> None:
    with reading() as session:
        said = purchase_rows.said_of(session, purchase.id)
        wanting = {row.member_id for row in said}
        names = {one.id: one.name for one in members.members(session) if one.id in wanting}
    picked = st.selectbox(
        _("Who pays a deposit?"),
        list(names),
        index=None,
        format_func=lambda key: names[key],
        placeholder=_("Choose"),
        key=f"deposit_of_{turn}",
    )
    amount_rp = ask_rp(_("How much?"), key=f"deposit_rp_{turn}")
    account = ask_money("deposit_account")
    if st.button(
        _("The deposit is here"), key=f"take_deposit_{turn}", width="stretch",
        disabled=not amount_rp or picked is None,
    ):  # fmt: skip
        with action(N_("{number}: deposit of {amount_rp}."), name="deposits.take") as session:
            row = deposit_service.take(
                session, purchase.id, picked or 0, amount_rp=amount_rp or 0, account=account,
                on=today(), draft_key=f"{purchase.id}-{turn}-{picked}-{amount_rp}-{account}",
            )  # fmt: skip
            tell(session, number=row.number, amount_rp=row.amount_rp)
