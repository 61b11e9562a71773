"""Slips: a member reads every step of hers; the treasurer pays them out one by one."""

import streamlit as st

from kopprod import ui
from kopprod.domain.ledger import BANK, CASH
from kopprod.services import comparison, deductions, ledger, slips
from kopprod.ui import _, agreements, papers, paying
from kopprod.ui import reversals as taking_back
from kopprod.ui import sales as opening
from kopprod.ui import slips as parts
from kopprod.ui.slip_comparison import slip_comparison

who = ui.open_page(ui.Action.PRICES_SEE, "Slips").person
office, member = who.may(ui.Action.SLIPS_SEE_ALL), who.member_id is not None
slip_id = opening.chosen("slip")
view = "one" if slip_id is not None else "all" if office else "own" if member else "none"
if view == "all" and member:
    views = {"all": _("All slips"), "own": _("My slips")}
    view = st.segmented_control(
        _("Which slips?"),
        list(views),
        format_func=lambda v: views[v],
        default="all",
        key="slips_view",
        required=True,
    )

if slip_id is not None:
    if st.button(_("All slips"), key="slip_back"):
        opening.choose("slip", None)
        st.rerun()
    with ui.reading() as session:
        found = slips.slip(session, slip_id)
        lots = comparison.of_slip(session, slip_id, on=ui.today())
        enough = comparison.enough(session)
    parts.story(found, own=found.member.id == who.member_id)
    paying.taken_of(found.slip)
    slip_comparison(lots, product=found.product, grades=found.grades, enough=enough)
    papers.slip(found)
    taking_back.payout(found.slip)
elif view == "own":
    with ui.reading() as session:
        rows = slips.slips(session, member_id=who.member_id)
        terms = deductions.terms(session, who.member_id or 0)
    if rows:
        parts.own(rows)
        agreements.mine(terms)
    else:
        ui.empty(_("Your slips appear here once your goods are sold or bought outright."))
elif view == "all":
    with ui.reading() as session:
        rows = slips.slips(session, newest=slips.NEWEST)
        unpaid = slips.slips(session, unpaid_only=True)
        held_rp = {code: ledger.balance_rp(session, code) for code in (CASH, BANK)}
        payable = slips.payable(session, [row.slip for row in unpaid])
    paying.box(held_rp, sum(r.slip.net_value_rp - r.slip.deducted_rp for r in unpaid))
    free = [r for r in unpaid if r.slip.batch_id is None]
    if free and who.may(ui.Action.SLIPS_PAY):
        st.subheader(_("Pay out"), anchor=False)
        ui.link("payouts", label=_("Many at once: payout lists and files for the bank"))
        waiting = paying.pick_sale(free)
        if mine := [row for row in waiting if row.slip.id in payable]:
            paying.pay_one(mine)
        else:
            st.info(_("You settled this sale yourself, so somebody else pays its slips."))
    elif rows and not unpaid:
        st.success(_("Every slip is paid."))
    if rows:
        st.subheader(_("All slips"), anchor=False)
        parts.every(parts.of_member(rows) if len(rows) == slips.NEWEST else rows)
    else:
        ui.empty(_("Slips appear here once a sale is settled or goods are bought outright."))
        ui.link("sales", label=_("To the sales"))
else:
    ui.empty(_("Members read their slips here."))
