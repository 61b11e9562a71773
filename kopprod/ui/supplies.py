"""What was left of purchases and lies in stock: sold to a member later, or lost."""

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.services import members, supplies
from kopprod.services.supplies import Left
from kopprod.ui.ask import ask_rp
from kopprod.ui.choose import choose_member
from kopprod.ui.settlement import ask_money
from kopprod.ui.show import Card, cards, quantity, rp
from kopprod.ui.visit import _, action, plain, reading, tell, today


def leftovers(who: Person) -> None:
    """All that is in stock, at cost, and taking some of it out; nothing where nothing is left."""
    if not who.may(Action.PURCHASES_HAND_OUT):
        return
    with reading() as session:
        rows = supplies.stock(session)
    if not rows:
        return
    st.subheader(_("Left over in stock"), anchor=False)
    cards(
        [
            Card(
                title=one.article.name,
                below=f"{one.purchase.number} · {_portions(one)}",
                right=rp(one.cost_rp),
                right_below=_("at cost"),
            )
            for one in rows
        ]
    )
    if not who.may(Action.MONEY_MOVE):
        return
    with st.expander(_("Take some of it out"), key="supplies"):
        _take_out({one.lot.id: one for one in rows}, who)


def _portions(one: Left) -> str:
    shown = quantity(one.shown.amount, one.shown.unit)
    return f"{format_number(one.quantity)} {one.article.portion_word} ({shown})"


def _take_out(known: dict[int, Left], who: Person) -> None:
    picked = st.selectbox(
        _("Of which?"),
        list(known),
        format_func=lambda key: f"{known[key].article.name} · {_portions(known[key])}",
        key="supply_lot",
    )
    one = known[picked]
    turn = f"{picked}_{one.quantity}"
    count = int(
        st.number_input(
            _("How many {unit}?", unit=one.article.portion_word),
            min_value=1,
            max_value=one.quantity,
            value=1,
            step=1,
            key=f"supply_count_{turn}",
        )
    )
    _sell(one, count, turn)
    if who.may(Action.PURCHASES_CHANGE):
        _lose(one, count, turn)


def _sell(one: Left, count: int, turn: str) -> None:
    with reading() as session:
        people = members.members(session)
    member = choose_member(people, villages={}, key=f"supply_member_{turn}")
    cost_rp = supplies.cost_rp(one, count)
    amount_rp = ask_rp(
        _("Price for all of it"), key=f"supply_rp_{turn}_{count}", value=format_number(cost_rp)
    )
    waits = st.toggle(_("She pays from her next settlement"), key=f"supply_waits_{turn}")
    account = None if waits else ask_money(f"supply_account_{turn}")
    if st.button(
        _("Sell it"),
        key=f"supply_sell_{one.lot.id}",
        type="primary",
        width="stretch",
        disabled=member is None or amount_rp is None,
    ):
        with action(N_("{number}: sold for {amount_rp}."), name="supplies.sell") as session:
            row = supplies.sell(
                session,
                one.lot.id,
                member_id=member.id if member else 0,
                quantity=count,
                amount_rp=amount_rp or 0,
                account=account,
                on=today(),
                draft_key=f"{turn}-{count}-{member.id if member else 0}-{amount_rp}-{account}",
            )
            tell(session, number=row.number, amount_rp=row.amount_rp)


def _lose(one: Left, count: int, turn: str) -> None:
    reason = st.text_input(_("Or it is lost: why?"), key=f"supply_lost_{turn}", max_chars=200)
    if st.button(
        _("Write it off"),
        key=f"supply_lose_{one.lot.id}",
        width="stretch",
        disabled=not reason.strip(),
    ):
        done = N_("{number}: {cost_rp} of {name} written off.")
        with action(done, name="supplies.lose") as session:
            row = supplies.lose(
                session,
                one.lot.id,
                quantity=count,
                reason=reason,
                on=today(),
                draft_key=f"{turn}-{count}-lost",
            )
            tell(session, number=row.number, cost_rp=row.cost_rp, name=plain(one.article.name))
