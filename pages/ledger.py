"""The books: journal, trial balance, cash book, members' accounts, and what is written by hand."""

import streamlit as st

from kopprod import ui
from kopprod.services import books, members, sales
from kopprod.ui import _, first_steps, opening
from kopprod.ui import ledger as parts
from kopprod.ui.sales import choose, chosen

who = ui.open_page(ui.Action.LEDGER_SEE, "Books").person
first_steps.show_next(who, here="ledger")
writes = who.may(ui.Action.LEDGER_POST)
entry_id = chosen("entry")

if entry_id is not None:
    if st.button(_("All entries"), key="entry_back"):
        choose("entry", None)
        st.rerun()
    with ui.reading() as session:
        found = books.entry(session, entry_id)
    parts.one_entry(found, may_correct=writes)
    st.stop()

views = {
    "journal": _("Journal"),
    "account": _("Cash book and accounts"),
    "members": _("Members' accounts"),
    "trial": _("Trial balance"),
}
if writes:
    views |= {"hand": _("Write an entry"), "opening": _("Opening balances")}
view = st.segmented_control(
    _("Which book?"),
    list(views),
    format_func=lambda v: views[v],
    default="journal",
    key="ledger_view",
    required=True,
)
with ui.reading() as session:
    accounts = [account for account in books.accounts(session) if account.active]

if not accounts:
    ui.empty(_("The accounts come with the founding of the cooperative."))
elif view == "journal":
    parts.journal()
elif view == "account":
    account = parts.ask_account(accounts, label=_("Account"), key="book_account", first="1101")
    period = parts.ask_period("book_period")
    newest = None if st.session_state.get("book_whole") else books.NEWEST
    with ui.reading() as session:
        book = books.account_book(
            session, account.code, since=period.since, until=period.until, newest=newest
        )
    parts.account_book(book, whole=newest is None)
elif view == "trial":
    period = parts.ask_period("trial_period")
    with ui.reading() as session:
        balances = books.trial_balance(session, until=period.until)
    parts.trial(balances)
else:
    with ui.reading() as session:
        names = opening.Names(
            {m.id: f"{m.name} ({m.number})" for m in members.members(session)},
            {buyer.id: buyer.name for buyer in sales.buyers(session)},
        )
    if view == "members" and not names.members:
        ui.empty(_("Members' accounts appear here once members are in the register."))
    elif view == "members":
        member_id = st.selectbox(
            _("Member"), list(names.members), format_func=names.members.__getitem__, key="whose"
        )
        with ui.reading() as session:
            lines = books.member_account(session, member_id)
        parts.member_account(lines)
    elif view == "hand":
        opening.by_hand(accounts, names)
    else:
        opening.open_balances(accounts, names)
