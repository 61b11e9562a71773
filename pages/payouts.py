"""Payouts: what waits to be paid, lists and files for the bank, advances, and what may be taken."""

import streamlit as st

from kopprod import ui
from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.payouts import BatchKind
from kopprod.domain.refusal import N_
from kopprod.services import (
    advances,
    cooperative,
    deductions,
    ledger,
    members,
    payout_rows,
    payouts,
    slips,
    transfers,
    yarnen,
)
from kopprod.ui import _, agreements, doors, payout_list
from kopprod.ui import advances as advancing
from kopprod.ui import payouts as parts
from kopprod.ui import transfers as files
from kopprod.ui.choose import choose_member

who = ui.open_page(ui.Action.SLIPS_SEE_ALL, "Payouts").person
pays = who.may(ui.Action.SLIPS_PAY)
opened = doors.opened("list")
views = {
    "waiting": _("Not paid yet"),
    "lists": _("Payout lists"),
    "advances": _("Advances"),
    "agreements": _("What may be taken"),
    "formats": _("Formats for the bank"),
}

if opened.isdigit():
    doors.back(N_("All payouts"))
    with ui.reading() as session:
        found = payouts.payout_list(session, int(opened))
        payable = slips.payable(session, [row.slip for row in found.open_rows])
        kept = transfers.formats(session)
    payout_list.head(found)
    payout_list.papers_of(found)
    if pays and found.open_rows:
        if found.batch.kind is BatchKind.TRANSFER:
            files.bank_file(found, kept)
        payout_list.pay(found, payable)
    payout_list.whole(found)
    st.stop()

view = st.segmented_control(
    _("What do you look at?"),
    list(views),
    format_func=lambda one: views[one],
    default="waiting",
    key="payouts_view",
    required=True,
)
if view == "waiting":
    with ui.reading() as session:
        rows = payouts.unpaid(session)
        free = [row for row in rows if row.batch is None]
        plans = deductions.planned(session, [row.slip for row in free])
        held_rp = {code: ledger.balance_rp(session, code) for code in (CASH, BANK)}
        payable = slips.payable(session, [row.slip for row in free])
        turn = payout_rows.count_lists(session)
    parts.head(rows, plans, held_rp)
    mine = [row for row in free if row.slip.id in payable]
    if mine:
        with st.expander(_("Draw up a payout list"), expanded=True):
            parts.new_list(mine, plans, turn=turn)
            if len(mine) < len(free):
                st.caption(
                    _(
                        "{n} more slips are of sales that you settled yourself, so somebody else "
                        "pays them.",
                        n=len(free) - len(mine),
                    )
                )
        ui.link("slips", label=_("Or pay one slip after the other"))
    elif free and pays:
        st.info(_("You settled these sales yourself, so somebody else pays their slips."))
    parts.waiting(rows, plans)
elif view == "lists":
    with ui.reading() as session:
        count = payout_rows.count_lists(session)
    parts.lists(count)
elif view == "advances":
    with ui.reading() as session:
        paid = advances.advances(session, newest=slips.NEWEST)
        choices = advances.may_have(session) if pays else []
    if pays:
        advancing.pay(
            choices, turn=max((one.advance.id for one in paid), default=0), user_id=who.user_id
        )
    advancing.paid(advancing.of_member(paid) if len(paid) == slips.NEWEST else paid, may=pays)
elif view == "agreements":
    with ui.reading() as session:
        people = members.members(session)
        villages = {village.id: village.name for village in cooperative.villages(session)}
    member = choose_member(people, villages=villages, key="agree_member")
    if member is None:
        st.caption(_("Choose a member to see what she owes and what she agreed to."))
        st.stop()
    with ui.reading() as session:
        terms = deductions.terms(session, member.id)
        past = deductions.history(session, member.id)
        owed = deductions.debts(session, member.id)
        limit_rp = yarnen.limit_rp(session, member.id)
        own_rp = yarnen.own_limit_rp(session, member.id)
    agreements.show_terms(terms, own=False)
    agreements.debts(owed)
    agreements.limit(member, limit_rp, own_rp, may=who.may(ui.Action.PURCHASES_CHANGE))
    if pays:
        agreements.ask(member, terms)
    agreements.history(past)
elif pays:
    with ui.reading() as session:
        formats = transfers.formats(session)
    files.formats(formats)
else:
    ui.empty(_("Formats are set up by the treasurer."))
