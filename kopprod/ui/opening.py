"""The parts of the page of the books that write: an entry by hand, and opening balances."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from kopprod import sheets
from kopprod.domain.ledger import AccountKind, Posting, SubLedger, difference_rp
from kopprod.domain.refusal import N_
from kopprod.services import ledger, opening
from kopprod.tables.ledger import Account
from kopprod.ui import files
from kopprod.ui.ask import ask_day, ask_rp
from kopprod.ui.held import held_turn, next_turn
from kopprod.ui.ledger import ask_account
from kopprod.ui.show import Column, Tile, empty, rp, rp_column, table_html, tiles
from kopprod.ui.visit import _, action, reading, remember, tell, today

LINES = "opening_lines"


@dataclass(frozen=True)
class Names:
    """Members and buyers that a line may name."""

    members: Mapping[int, str]
    buyers: Mapping[int, str]


def _ask_whom(account: Account, names: Names, key: str) -> tuple[int | None, int | None]:
    """The member and the buyer of a line; one of them where the account asks for it."""
    if account.sub_ledger is SubLedger.NONE:
        return None, None
    known = names.members if account.sub_ledger is SubLedger.MEMBER else names.buyers
    label = _("Which member?") if account.sub_ledger is SubLedger.MEMBER else _("Which buyer?")
    whom = st.selectbox(
        label,
        list(known),
        index=None,
        format_func=known.__getitem__,
        placeholder=_("choose a name"),
        key=f"{key}_{account.sub_ledger}",
    )
    return (whom, None) if account.sub_ledger is SubLedger.MEMBER else (None, whom)


def by_hand(accounts: Sequence[Account], names: Names) -> None:
    """One amount from one account to another: electricity, savings paid in, cash to the bank."""
    st.caption(_("For what has no page of its own. Sales and slips are written by themselves."))
    form = held_turn("hand")  # the next entry gets empty fields
    what = st.text_input(_("What is it for?"), key=f"hand_memo_{form}", max_chars=300)
    into = ask_account(accounts, label=_("To (debit)"), key="hand_debit", first="61")
    debit_whom = _ask_whom(into, names, "hand_debit")
    out_of = ask_account(accounts, label=_("From (credit)"), key="hand_credit", first="1101")
    credit_whom = _ask_whom(out_of, names, "hand_credit")
    amount_rp = ask_rp(_("Amount"), key=f"hand_amount_{form}", placeholder="150 ribu")
    on = ask_day(_("Day"), key="hand_day")
    if not st.button(_("Write the entry"), key="hand", type="primary", width="stretch"):
        return
    if amount_rp is None:
        st.error(_("Please type the amount."))
        return
    with action(N_("Entry {number} is written."), name="ledger.by_hand") as session:
        entry = ledger.post_by_hand(
            session,
            on=on,
            memo=what,
            draft_key=form,
            postings=[
                Posting(into.code, amount_rp, 0, *debit_whom),
                Posting(out_of.code, 0, amount_rp, *credit_whom),
            ],
        )
        tell(session, number=entry.number or 0)
        next_turn("hand")


# Opening balances


def open_balances(accounts: Sequence[Account], names: Names) -> None:
    """What the cooperative brings along: line by line, or a sheet that was filled in."""
    with reading() as session:
        opened = ledger.is_opened(session)
    if opened:
        empty(_("The opening balances are in the journal. To change them, take their entry back."))
        return
    st.markdown(_("What the cooperative had, owed and owned on the day it began with this app."))
    on = st.date_input(
        _("Which day?"), value=today(), max_value=today(), format="DD/MM/YYYY", key="opening_on"
    )
    ways = {"form": _("Line by line"), "file": _("From a file")}
    way = st.segmented_control(
        _("How?"),
        list(ways),
        format_func=lambda w: ways[w],
        default="form",
        key="opening_way",
        required=True,
    )
    if way == "file":
        _by_file(accounts, names, on)
    else:
        _by_form(accounts, names, on)


def _by_file(accounts: Sequence[Account], names: Names, on: date) -> None:
    """A sheet to fill in, and the filled one read, looked at and posted."""
    with reading() as session:
        blank = opening.sheet(session)
    st.download_button(
        _("Download the sheet to fill in"),
        lambda: sheets.write_xlsx(list(opening.HEADINGS), blank),
        file_name="saldo-awal.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        key="opening_sheet",
        on_click="ignore",
        width="stretch",
    )
    sheet = files.ask_sheet(key="opening_file")
    if sheet is None:
        return
    with reading() as session:
        found = opening.findings(session, sheet.rows, sheet.faults, sheet.header)
    files.show_faults(found, name="saldo-awal-salah", key="opening")
    if found.faults:
        st.warning(_("Mend these rows and bring the file again: opening balances go in whole."))
        return
    _post_opening(found.good, accounts, names, on)


def _by_form(accounts: Sequence[Account], names: Names, on: date) -> None:
    """Balances one after the other, until both sides come to the same."""
    lines: list[Posting] = remember(LINES, list)
    turn = len(lines)  # the next line gets an empty amount
    account = ask_account(accounts, label=_("Account"), key="opening_account")
    whom = _ask_whom(account, names, f"opening_{turn}")
    sides = {"debit": _("Debit"), "credit": _("Credit")}
    grows_by_debit = account.kind in (AccountKind.ASSET, AccountKind.EXPENSE)
    side = st.segmented_control(
        _("On which side?"),
        list(sides),
        format_func=lambda s: sides[s],
        default="debit" if grows_by_debit else "credit",
        key=f"opening_side_{account.code}",
        required=True,
    )
    amount_rp = ask_rp(_("Amount"), key=f"opening_amount_{turn}", placeholder="2,5 juta")
    if st.button(_("Add this line"), key="opening_add", width="stretch"):
        if account.sub_ledger is not SubLedger.NONE and whom == (None, None):
            st.error(_("Please choose the name."))
        elif amount_rp is None:
            st.error(_("Please type the amount."))
        else:
            debit = amount_rp if side == "debit" else 0
            lines.append(Posting(account.code, debit, amount_rp - debit, *whom))
            st.rerun()
    if lines:
        if st.button(_("Remove the last line"), key="opening_remove"):
            lines.pop()
            st.rerun()
        _post_opening(lines, accounts, names, on)


def _post_opening(
    lines: Sequence[Posting], accounts: Sequence[Account], names: Names, on: date
) -> None:
    """The lines with both sums and their difference, and posting them."""
    known = {account.code: f"{account.code} {account.name}" for account in accounts}
    rows = [
        {
            "account": known.get(line.account, line.account),
            "whom": names.members.get(line.member_id or 0)
            or names.buyers.get(line.buyer_id or 0, ""),
            "debit": line.debit_rp or None,
            "credit": line.credit_rp or None,
        }
        for line in lines
    ]
    debit, credit = sum(line.debit_rp for line in lines), sum(line.credit_rp for line in lines)
    difference = abs(difference_rp(lines))
    tiles(
        [
            Tile(_("Debit"), rp(debit)),
            Tile(_("Credit"), rp(credit)),
            Tile(_("Difference"), rp(difference), tone="red" if difference else "teal"),
        ]
    )
    columns = [
        Column(_("Account"), "account"),
        Column(_("Whose"), "whom"),
        rp_column(_("Debit"), "debit"),
        rp_column(_("Credit"), "credit"),
    ]
    st.html(table_html(columns, rows))
    if difference:
        st.caption(
            _(
                "Both sides must come to the same. Where everything is written down, the rest is "
                "what earlier years left: the general reserve, account 35."
            )
        )
    if st.button(_("Take over these balances"), key="open", type="primary", width="stretch"):
        done = N_("The opening balances are in the journal as entry {number}.")
        with action(done, name="ledger.open") as session:
            entry = ledger.open_balances(session, on=on, balances=lines)
            tell(session, number=entry.number or 0)
            st.session_state.pop(LINES, None)
