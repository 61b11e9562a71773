"""Slips: a member reads every step of hers; the treasurer pays them out one by one."""

import streamlit as st

from kopprod import ui
from kopprod.domain.ledger import BANK, CASH
from kopprod.services import comparison, ledger, slips
from kopprod.ui import _, papers
from kopprod.ui import sales as opening
from kopprod.ui import slips as parts
from kopprod.ui.slip_comparison import slip_comparison

who = ui.open_page(ui.Action.PRICES_SEE, "Slips and payouts").person
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
    slip_comparison(lots, product=found.product, grades=found.grades, enough=enough)
    papers.slip(found)
elif view == "own":
    with ui.reading() as session:
        rows = slips.slips(session, member_id=who.member_id)
    if rows:
        parts.own(rows)
    else:
        ui.empty(_("Your slips appear here once a sale with your goods is settled."))
elif view == "all":
    with ui.reading() as session:
        rows = slips.slips(session)
        unpaid = [r for r in rows if r.slip.paid_on is None and r.slip.net_value_rp]
        held_rp = {code: ledger.balance_rp(session, code) for code in (CASH, BANK)}
        payable = slips.payable(session, [row.slip for row in unpaid])
    parts.box(held_rp, sum(r.slip.net_value_rp for r in unpaid))
    if unpaid and who.may(ui.Action.SLIPS_PAY):
        st.subheader(_("Pay out"), anchor=False)
        waiting = parts.pick_sale(unpaid)
        if waiting[0].slip.id in payable:
            parts.pay_one(waiting)
        else:
            st.info(_("You settled this sale yourself, so somebody else pays its slips."))
    elif rows and not unpaid:
        st.success(_("Every slip is paid."))
    if rows:
        st.subheader(_("All slips"), anchor=False)
        parts.every(rows)
    else:
        ui.empty(_("Slips appear here once a sale is settled."))
        ui.link("sales", label=_("To the sales"))
else:
    ui.empty(_("Members read their slips here."))
