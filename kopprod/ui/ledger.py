"""The parts of the page of the books that are read: journal, accounts, trial balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from kopprod import language
from kopprod.domain.books import AccountBook, BookLine, JournalEntry, TrialLine
from kopprod.domain.ledger import AccountKind
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_
from kopprod.services import books, ledger
from kopprod.tables.ledger import Account
from kopprod.ui.doors import Door, doors
from kopprod.ui.places import FOLDER
from kopprod.ui.show import (
    Column,
    Tile,
    ask_page,
    day,
    empty,
    figure,
    rp,
    rp_column,
    short_day,
    table,
    tiles,
)
from kopprod.ui.steps import narrow_day_column, unbroken
from kopprod.ui.visit import _, action, plain, reading, spoken, tell, today

KINDS = {
    AccountKind.ASSET: N_("What we have"),
    AccountKind.LIABILITY: N_("What we owe"),
    AccountKind.EQUITY: N_("Our own capital"),
    AccountKind.INCOME: N_("Income"),
    AccountKind.EXPENSE: N_("Expense"),
}
# Papers that have a page of their own: its name and what the address calls them.
PAPERS = {"sale": ("sales", N_("Look at the sale")), "slip": ("slips", N_("Look at the slip"))}
LINES = "opening_lines"


def memo(text: str) -> str:
    """What an entry is for: the program's own words translated, a person's as they are."""
    return language.gettext(spoken(), text)


def named(account: Account) -> str:
    """An account as it is chosen: 1101 Kas."""
    return f"{account.code} {account.name}"


@dataclass(frozen=True)
class Period:
    """From a day on, and until before another; either may be open."""

    since: date | None
    until: date | None


def ask_period(key: str) -> Period:
    """This month, the one before, this year, or everything."""
    choices = {
        "all": _("Everything"),
        "month": _("This month"),
        "last": _("Last month"),
        "year": _("This year"),
    }
    choice = st.segmented_control(
        _("Which period?"),
        list(choices),
        format_func=lambda c: choices[c],
        default="all",
        key=key,
        required=True,
    )
    first = today().replace(day=1)
    following = _month_after(first)
    before = _month_after(first, -1)
    return {
        "month": Period(first, following),
        "last": Period(before, first),
        "year": Period(date(first.year, 1, 1), date(first.year + 1, 1, 1)),
    }.get(choice, Period(None, None))


def _month_after(first: date, months: int = 1) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _line_columns() -> list[Column]:
    return [
        Column(_("No."), "number", number=True),
        narrow_day_column(_("Date"), "on"),
        Column(_("What for"), "memo", memo),
        Column(_("Account"), "account_words"),
        Column(_("Whose"), "whom"),
        rp_column(_("Debit"), "debit"),
        rp_column(_("Credit"), "credit"),
    ]


def _line(line: BookLine) -> dict[str, object]:
    return {
        **vars(line),
        "account_words": f"{line.account} {line.account_name}",
        "debit": line.debit_rp or None,
        "credit": line.credit_rp or None,
    }


def _amounts() -> list[Column]:
    return [
        rp_column(_("Debit"), "debit"),
        rp_column(_("Credit"), "credit"),
        rp_column(_("Balance"), "balance_rp"),
    ]


# The journal


def journal() -> None:
    """The entries of a period, newest first, each of which opens."""
    period = ask_period("journal_period")
    pages = st.session_state.get("journal_pages", 1)
    page = ask_page(pages * books.PAGE, key="journal", size=books.PAGE)
    with reading() as session:
        found = books.entries(
            session,
            since=period.since,
            until=period.until,
            offset=page * books.PAGE,
        )
    count = max(1, -(-found.count // books.PAGE))
    if count != pages:  # another period has another number of pages
        st.session_state["journal_pages"] = count
        st.session_state.pop("journal_page", None)
        st.rerun()
    if not found.entries:
        empty(_("Every rupiah that moves is written here: settlements, payments, payouts."))
        return
    doors([_door(one) for one in found.entries], parameter="entry")
    _whole_journal(period)


def _door(entry: JournalEntry) -> Door:
    total_rp = sum(line.debit_rp for line in entry.lines)
    whom = {line.whom for line in entry.lines if line.whom}
    words = [memo(entry.memo), unbroken(short_day(entry.on))]
    if len(whom) == 1:
        words[1:1] = whom
    if entry.is_reversed or entry.reverses_id is not None:
        words.append(_("taken back") if entry.is_reversed else _("takes another back"))
    return Door(entry.id, f"{entry.number} · {rp(total_rp)}", words)


def _whole_journal(period: Period) -> None:
    """All lines of the period, made into files only when somebody wants them."""
    if not st.toggle(_("Show the whole period, with its files"), key="journal_whole"):
        return
    with reading() as session:
        every = books.entries(session, since=period.since, until=period.until, limit=1_000_000)
    rows = [_line(line) for each in reversed(every.entries) for line in each.lines]
    table(_line_columns(), rows, key="jurnal")


def one_entry(found: JournalEntry | None, *, may_correct: bool) -> None:
    """One entry with its lines, the paper that it came from, and taking it back."""
    if found is None:
        empty(_("This entry is not here. Go back to the journal."))
        return
    st.subheader(_("Entry {number}", number=found.number), anchor=False)
    st.markdown(f"{day(found.on)} · {plain(memo(found.memo))}")
    if found.reverses_id is not None:
        st.info(_("This entry takes another one back."))
    if found.is_reversed:
        st.warning(_("This entry was taken back by a later one."))
    columns = _line_columns()[3:]
    total = {
        "debit": sum(line.debit_rp for line in found.lines),
        "credit": sum(line.credit_rp for line in found.lines),
    }
    rows = [_line(line) for line in found.lines]
    table(columns, rows, key=f"jurnal_{found.number}", total=total)
    _paper(found.paper)
    by_hand = found.paper.startswith(ledger.HAND_PAPERS)
    if may_correct and by_hand and not found.is_reversed and found.reverses_id is None:
        _take_back(found)


def _paper(paper: str) -> None:
    kind, _colon, key = paper.partition(":")
    if kind in PAPERS:
        page, label = PAPERS[kind]
        st.page_link(FOLDER / f"{page}.py", label=_(label), query_params={kind: key})


def _take_back(found: JournalEntry) -> None:
    with st.expander(_("Correct (take back and write again)")):
        st.caption(_("Nothing is erased: an opposite entry is written, and both stay."))
        why = st.text_input(_("Why?"), key="correct_why", max_chars=300)
        if st.button(_("Take this entry back"), key="correct", width="stretch"):
            with action(N_("Entry {number} was taken back."), name="ledger.correct") as session:
                ledger.correct(session, found.id, on=today(), memo=why)
                tell(session, number=found.number)


# Accounts


def trial(lines: Sequence[TrialLine]) -> None:
    """Every account on its side, and that both sides come to the same."""
    if not lines:
        empty(_("The accounts appear here once something is written in the journal."))
        return
    debit, credit = sum(row.debit_rp for row in lines), sum(row.credit_rp for row in lines)
    if debit == credit:
        st.success(_("Debit and credit are both {total_rp}.", total_rp=debit))
    else:
        st.error(
            _("Debit and credit differ by {difference_rp}.", difference_rp=abs(debit - credit))
        )
    rows = [
        {
            "account": row.account,
            "name": row.name,
            "kind": _(KINDS[row.kind]),
            "debit": row.debit_rp or None,
            "credit": row.credit_rp or None,
        }
        for row in lines
    ]
    columns = [
        Column(_("Account"), "account"),
        Column(_("Name"), "name"),
        rp_column(_("Debit"), "debit"),
        rp_column(_("Credit"), "credit"),
        Column(_("Kind"), "kind"),
    ]
    total = {"name": _("Together"), "debit": debit, "credit": credit}
    _open_account({row.account: f"{row.account} {row.name}" for row in lines})
    table(columns, rows, key="neraca-saldo", total=total)


def _open_account(known: Mapping[str, str]) -> None:
    def go() -> None:
        st.session_state["book_account"] = st.session_state["trial_open"]
        st.session_state["ledger_view"] = "account"

    st.selectbox(
        _("Open an account"),
        list(known),
        index=None,
        format_func=known.__getitem__,
        placeholder=_("choose its number"),
        key="trial_open",
        on_change=go,
    )


def ask_account(accounts: Sequence[Account], *, label: str, key: str, first: str = "") -> Account:
    """One account of the chart."""
    known = {account.code: account for account in accounts}
    codes = list(known)
    if key not in st.session_state:
        st.session_state[key] = first if first in known else codes[0]
    code = st.selectbox(label, codes, format_func=lambda c: named(known[c]), key=key)
    return known[code]


def account_book(found: AccountBook, *, whole: bool) -> None:
    """What an account held before, every line with what it held then, and what it holds now.

    Of very many lines the newest, unless somebody asks for the `whole`.
    """
    words = (
        _("before the lines below: {opening_rp}", opening_rp=found.opening_rp)
        if found.cut
        else _("before the period: {opening_rp}", opening_rp=found.opening_rp)
    )
    figure(f"{found.account} {found.name}", rp(found.closing_rp), words)
    if found.cut:
        st.caption(_("The newest {n} lines of the period.", n=format_number(len(found.lines))))
    if found.cut or whole:
        st.toggle(_("Older ones too, and all of it as a file"), key="book_whole")
    if not found.lines:
        empty(_("Nothing moved on this account in the period."))
        return
    columns = [
        narrow_day_column(_("Date"), "on"),
        Column(_("What for"), "memo", memo),
        *_amounts(),
        Column(_("Whose"), "whom"),
        Column(_("No."), "number", number=True),
    ]
    rows = [_line(line) for line in reversed(found.lines)]
    table(columns, rows, key=f"akun-{found.account}")


def member_account(lines: Sequence[BookLine]) -> None:
    """What one member owns, is owed and owes, account by account, and every line of it."""
    if not lines:
        empty(_("Nothing was written for this member yet."))
        return
    held = {f"{line.account} {line.account_name}": line.balance_rp for line in lines}
    tiles([Tile(name, rp(balance_rp)) for name, balance_rp in held.items()])
    columns = [
        narrow_day_column(_("Date"), "on"),
        Column(_("What for"), "memo", memo),
        *_amounts(),
        Column(_("Account"), "account_words"),
        Column(_("No."), "number", number=True),
    ]
    table(columns, [_line(line) for line in reversed(lines)], key="rekening-anggota")
