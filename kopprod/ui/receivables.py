"""What buyers owe, on a screen: by age, buyer by buyer, with a text to remind them."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain import orders
from kopprod.domain.receivables import AGE_NAMES, Age, Ages
from kopprod.domain.refusal import N_
from kopprod.papers import orders as order_papers
from kopprod.services import buyers
from kopprod.services.receivables import BuyerOwes, Owing, Receivables
from kopprod.tables.sales import Buyer
from kopprod.ui import papers
from kopprod.ui.places import FOLDER
from kopprod.ui.show import Card, Column, Tile, cards, rp, rp_column, table, tiles
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, action, plain, tell

_NO_TERM = ""


def head(found: Receivables) -> None:
    """What is owed in all, how much of it is late, and whether the journal says the same."""
    ages = found.ages
    figures = [
        Tile(_("Buyers owe"), rp(ages.total_rp), tone="teal"),
        Tile(_("of it late"), rp(ages.due_rp), tone="red" if ages.due_rp else ""),
        Tile(_("Not due yet"), rp(ages.by_age[Age.NOT_DUE])),
    ]
    if ages.undated_rp:
        figures.append(Tile(_("Opening balances and by hand"), rp(ages.undated_rp)))
    if ages.overpaid_rp:
        figures.append(Tile(_("Paid too much"), rp(-ages.overpaid_rp), tone="amber"))
    tiles(figures)
    if found.agrees:
        st.caption(_("The same as account 1120 in the journal: {journal_rp}.",
                     journal_rp=found.journal_rp))  # fmt: skip
    else:
        st.error(
            _("The papers come to {total_rp}, account 1120 in the journal to {journal_rp}. "
              "Ask whoever looks after the server to run: check.",
              total_rp=ages.total_rp, journal_rp=found.journal_rp)
        )  # fmt: skip


def buyer_cards(rows: Sequence[BuyerOwes]) -> None:
    """Every buyer with what he owes and how late, the latest first."""
    cards(
        [
            Card(
                title=one.buyer.name,
                below="\n".join(word for word in (_terms(one.buyer), _habit(one)) if word),
                right=rp(one.owed_rp),
                right_below=_lateness(one),
                tone="red" if one.ages.due_rp else "",
            )
            for one in rows
        ]
    )


def _terms(buyer: Buyer) -> str:
    if not buyer.active:
        return _("switched off")
    if not buyer.pays_within_days:
        return _("pays at once")
    return _("pays within {days} days", days=buyer.pays_within_days)


def _habit(one: BuyerOwes) -> str:
    habit = one.habit
    if not habit.paid:
        return ""
    if not habit.late:
        return _("{paid} sales paid in time", paid=habit.paid)
    return _("{late} of {paid} sales were paid late, up to {days} days",
             late=habit.late, paid=habit.paid, days=habit.longest)  # fmt: skip


def _lateness(one: BuyerOwes) -> str:
    if one.owed_rp < 0:
        return _("paid too much")
    if not one.owed_rp:
        return _("owes nothing")
    return _("{late} days late", late=one.latest) if one.latest else _("not late")


def by_age(found: Receivables) -> None:
    """The same as a table: every buyer who owes, by how many days it is late, with its files."""
    rows = [_age_row(one.ages, one.buyer.name) for one in found.buyers if one.owing or one.owed_rp]
    total = _age_row(found.ages, _("Together"))
    columns = [
        Column(_("Buyer"), "buyer"),
        *(rp_column(_(words), name.value) for name, words in AGE_NAMES.items()),
    ]
    if found.ages.undated_rp:
        columns.append(rp_column(_("Opening balances and by hand"), "undated_rp"))
    if found.ages.overpaid_rp:
        columns.append(rp_column(_("Paid too much"), "overpaid_rp"))
    columns.append(rp_column(_("Together"), "owed_rp"))
    table(columns, rows, key="umur_piutang", total=total)


def _age_row(ages: Ages, name: str) -> dict[str, object]:
    # Nothing is left empty, so that what is owed stands out.
    return {
        "buyer": name,
        **{age.value: ages.by_age[age] or None for age in Age},
        "undated_rp": ages.undated_rp or None,
        "overpaid_rp": -ages.overpaid_rp or None,
        "owed_rp": ages.total_rp,
    }


def sales(found: Receivables) -> None:
    """Every sale that is not paid exactly, what is due longest on top, with its files."""
    names = {one.buyer.id: one.buyer.name for one in found.buyers}
    table(
        [
            Column(_("Buyer"), "buyer"),
            number_column(_("Sale"), "number").over(Column(_("Product"), "product")),
            rp_column(_("Still owed"), "owed_rp"),
            narrow_day_column(_("Due on"), "due_on"),
            Column(_("Days late"), "late", number=True),
            rp_column(_("Proceeds"), "gross_rp"),
            rp_column(_("Received"), "received_rp"),
        ],
        [
            {
                "buyer": names[row.sale.buyer_id],
                "number": row.sale.number,
                "product": row.product,
                "gross_rp": row.gross_rp,
                "received_rp": row.received_rp,
                "owed_rp": row.owed_rp,
                "due_on": row.due_on,
                "late": row.late if row.owed_rp > 0 else 0,
            }
            for row in found.owing
        ],
        key="piutang",
    )


def choose_buyer(rows: Sequence[BuyerOwes]) -> BuyerOwes | None:
    """One buyer, to remind or to correct."""
    known = {one.buyer.id: one for one in rows}
    picked = st.selectbox(
        _("Buyer"),
        list(known),
        index=None,
        format_func=lambda key: known[key].buyer.name,
        placeholder=_("Choose"),
        key="buyer",
    )
    return None if picked is None else known[picked]


def doors(one: BuyerOwes) -> None:
    """The buyer's sales that are not paid exactly, each with a way to it."""
    for row in one.owing:
        label = _("{number}, {product}: {owed_rp}", number=row.sale.number,
                  product=plain(row.product), owed_rp=row.owed_rp)  # fmt: skip
        st.page_link(FOLDER / "sales.py", label=label, query_params={"sale": str(row.sale.id)})


def remind(one: BuyerOwes) -> None:
    """The reminder, to send or to copy; nothing where nothing is to be paid."""
    unpaid: Sequence[Owing] = [row for row in one.owing if row.owed_rp > 0]
    if not unpaid:
        st.caption(_("There is no sale that {buyer} still has to pay.",
                     buyer=plain(one.buyer.name)))  # fmt: skip
        return
    text = order_papers.reminder(one.buyer.name, unpaid, papers.letterhead())
    phone = one.buyer.phone
    reachable = phone if phone and phone.startswith("+628") else None
    if reachable is None:
        st.caption(_("Without a mobile number below the text can only be copied."))
    papers.send(text, phone=reachable, key=f"reminder_{one.buyer.id}")


def new_buyer() -> None:
    """Ask for a buyer's name and phone, and add him to the list."""
    turn = st.session_state.get("buyer_turn", 0)  # a new one gets fresh fields
    name = st.text_input(_("Name of the new buyer"), key=f"new_buyer_{turn}", max_chars=80)
    phone = st.text_input(_("Phone (may stay empty)"), key=f"new_buyer_phone_{turn}", max_chars=24)
    if st.button(_("Add the buyer"), key="new_buyer_add", width="stretch"):
        with action(N_("{name} is on the list of buyers."), name="buyers.add_buyer") as session:
            buyer = buyers.add_buyer(session, name=name, phone=phone)
            tell(session, name=plain(buyer.name))
            st.session_state["buyer_turn"] = turn + 1


def change(buyer: Buyer) -> None:
    """Correct phone, place and term of payment, or switch the buyer off or on."""
    key = f"buyer_{buyer.id}"
    with st.expander(_("Correct phone, place or term of payment")):
        phone = st.text_input(
            _("Phone (may stay empty)"), value=buyer.phone or "", key=f"{key}_phone", max_chars=24
        )
        place = st.text_input(
            _("Place (may stay empty)"), value=buyer.place or "", key=f"{key}_place", max_chars=100
        )
        term = st.text_input(
            _("Pays within how many days? Empty is at once."),
            value=_NO_TERM if buyer.pays_within_days is None else str(buyer.pays_within_days),
            key=f"{key}_term",
            max_chars=12,
        )
        if st.button(_("Keep"), key=f"{key}_keep", width="stretch", type="primary"):
            _keep(buyer, phone, place, term.strip())
        label = _("Switch this buyer off") if buyer.active else _("Switch this buyer on")
        if st.button(label, key=f"{key}_switch", width="stretch"):
            done = N_("{name} is switched off.") if buyer.active else N_("{name} is switched on.")
            with action(done, name="buyers.switch_buyer") as session:
                buyers.switch_buyer(session, buyer.id, active=not buyer.active)
                tell(session, name=plain(buyer.name))


def _keep(buyer: Buyer, phone: str, place: str, term: str) -> None:
    with action(N_("{name} is corrected."), name="buyers.change_buyer") as session:
        days = orders.parse_term(term)
        buyers.change_buyer(session, buyer.id, phone=phone, place=place, pays_within_days=days)
        tell(session, name=plain(buyer.name))
