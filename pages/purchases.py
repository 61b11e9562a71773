"""Buying together: what is open, my wants and my bill; the manager's plan until the order goes."""

import streamlit as st

from kopprod import ui
from kopprod.domain.purchases import PurchaseStage
from kopprod.services import (
    articles,
    bill_payments,
    cooperative,
    members,
    purchases,
    suppliers,
    wants,
)
from kopprod.ui import (
    _,
    purchase_bills,
    purchase_charts,
    purchase_goods,
    purchase_lists,
    purchase_plan,
    purchase_setup,
    purchase_texts,
    purchase_wants,
    supplies,
)
from kopprod.ui import purchases as parts
from kopprod.ui.choose import choose_member
from kopprod.ui.sales import choose, chosen

who = ui.open_page(ui.Action.PURCHASES_SEE, "Buy together").person
on, purchase_id = ui.today(), chosen("purchase")
manager, office = who.may(ui.Action.PURCHASES_CHANGE), who.may(ui.Action.MEMBERS_SEE)
with ui.reading() as session:
    villages = {one.id: one.name for one in cooperative.villages(session)}

if purchase_id is None:
    with ui.reading() as session:
        rows = purchases.purchases(session)
        goods = articles.articles(session, all_of_them=True)
        sellers = suppliers.suppliers(session, all_of_them=True)
    if not rows:
        ui.empty(
            _("What the cooperative buys together appears here: what is open, what you want of "
              "it, and what you save.")
        )  # fmt: skip
    if who.member_id is not None:
        purchase_bills.open_bills(who.member_id)
    parts.open_purchases(rows, on=on)
    parts.other_purchases(rows, office=office)
    if manager:
        with st.expander(_("A new purchase"), expanded=not rows and bool(goods)):
            turn = ui.held_turn("purchase")
            made = purchase_setup.new_purchase(villages=villages, turn=turn)
        if made is not None:
            ui.next_turn("purchase")
            choose("purchase", made)
            st.rerun()
    if office and rows:
        st.subheader(_("All purchases"), anchor=False)
        parts.purchases_table(rows)
    supplies.leftovers(who)
    if rows and who.may(ui.Action.DASHBOARD_SEE):
        st.subheader(_("What buying together has come to"), anchor=False)
        purchase_charts.parts()
    if manager:
        st.subheader(_("Articles"), anchor=False)
        purchase_lists.article_list(goods)
        st.subheader(_("Suppliers"), anchor=False)
        purchase_lists.supplier_list(sellers)
    if who.member_id is not None:
        parts.member_doors(beside=True)
    st.stop()

if st.button(_("All purchases"), key="purchase_back"):
    choose("purchase", None)
    st.rerun()
with ui.reading() as session:
    row = purchases.one_purchase(session, purchase_id)
    invited = purchases.invited_villages(session, purchase_id)
purchase, stage = row.purchase, row.purchase.stage
parts.head(row, villages=list(invited.values()), on=on)

planning = stage in (PurchaseStage.DRAFT, PurchaseStage.OPEN, PurchaseStage.LOCKED)
if who.member_id is not None and purchase_wants.before_bills(purchase):
    view = purchase_wants.look(purchase.id, who.member_id, on=on)
    purchase_wants.own(view, member_id=who.member_id, on=on)
    if purchase.most_parts:
        with ui.reading() as session:
            credit = bill_payments.credit(session, who.member_id)
        purchase_bills.show_credit(credit)

if office and stage is PurchaseStage.OPEN and who.may(ui.Action.PURCHASES_WANT_FOR):
    with st.expander(_("Say it for a member")):
        with ui.reading() as session:
            people = members.members(session)
        person = choose_member(people, villages=villages, key="want_member")
        if person is not None:
            seen = purchase_wants.look(purchase.id, person.id, on=on)
            purchase_wants.own(seen, member_id=person.id, on=on)

if office and planning:
    found = purchase_plan.look(purchase.id)
    if stage is not PurchaseStage.DRAFT:
        if stage is PurchaseStage.OPEN:
            purchase_setup.unsaid(purchase.id, draft=False)
        purchase_plan.show(found)
        st.subheader(_("Who wants what"), anchor=False)
        if found.wants:
            purchase_wants.wants_table(found, villages=villages)
        else:
            ui.empty(_("Nobody wants anything yet. Send the text below to the members' group."))
    if manager and stage is PurchaseStage.OPEN and found.wants:
        purchase_plan.choose_packs(found)
        purchase_plan.fix(found, purchase_plan.sharing(found))
    if stage is not PurchaseStage.DRAFT:
        with ui.reading() as session:
            standings = wants.standings(session, purchase.id)
        purchase_texts.reminders(row, standings, on=on)
    if manager and stage is not PurchaseStage.LOCKED:
        with ui.reading() as session:
            goods, sellers = articles.articles(session), suppliers.suppliers(session)
        purchase_setup.ask_articles(found, known=goods)
        purchase_setup.ask_offers(found, sellers=sellers)
        purchase_setup.change_facts(purchase, villages=villages, invited=list(invited))
    if manager and stage is PurchaseStage.DRAFT:
        purchase_setup.unsaid(purchase.id, draft=True)
        purchase_setup.open_button(purchase)
if manager:
    purchase_plan.stage_buttons(row)
purchase_goods.receiving_stages(purchase, who)
