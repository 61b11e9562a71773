"""One payout list: who has been paid, who not, and its papers and files."""

import re
from collections.abc import Sequence

import streamlit as st

from kopprod.domain import payouts as rule
from kopprod.domain.money import format_rp
from kopprod.domain.payouts import BatchKind
from kopprod.domain.refusal import N_
from kopprod.papers import payouts as papers
from kopprod.services import payouts
from kopprod.services.payouts import Payable, PayoutList
from kopprod.ui.papers import download, letterhead
from kopprod.ui.paying import account_words, kind_words
from kopprod.ui.payouts import KIND_WORDS
from kopprod.ui.show import Column, Tile, day, rp, rp_column, short_day, table, tiles
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _, action, plain, tell, today

_OF_A_SLIP = re.compile(r"list_(paid|off)_\d+")
FIRST = 20  # slips shown at once with their buttons


def head(found: PayoutList) -> None:
    """What the list is, and how far it is paid."""
    batch = found.batch
    st.header(batch.number, anchor=False)
    drawn = _(
        "{kind}, drawn up on {drawn_on} by {name}",
        kind=_(KIND_WORDS[batch.kind]),
        drawn_on=batch.drawn_on,
        name=found.drawn_by or "–",
    )
    st.caption(plain(drawn))
    paid = [row for row in found.rows if row.slip.paid_on is not None]
    tiles(
        [
            Tile(
                _("Still to be handed out"),
                rp(found.unpaid_rp),
                _("{n} of {all} slips", n=len(found.open_rows), all=len(found.rows)),
            ),
            Tile(
                _("Paid"), rp(sum(row.left_rp for row in paid)), _("{n} slips", n=len(paid)), "teal"
            ),
            Tile(_("Taken as agreed"), rp(sum(row.slip.deducted_rp for row in found.rows))),
        ]
    )
    if batch.closed_on is not None:
        st.success(_("Finished on {day}.", day=day(batch.closed_on)))


def pay(found: PayoutList, payable: set[int]) -> None:
    """Each unpaid slip with its two buttons; the buttons carry the slip's key."""
    rows = [row for row in found.open_rows if row.slip.id in payable]
    if found.open_rows and not rows:
        st.info(_("You settled this sale yourself, so somebody else pays its slips."))
    st.subheader(_("Not paid yet"), anchor=False)
    if _pressed() - {row.slip.id for row in rows}:
        st.warning(_("This list changed meanwhile: your press did nothing. Look at it again."))
    whole = len(rows) <= FIRST or st.toggle(_("Show all of them"), key="list_whole")
    for row in rows if whole else rows[:FIRST]:
        _line(found, row)
    if len(rows) == len(found.open_rows) > 1:
        _all(found)


def _pressed() -> set[int]:
    """The slips whose buttons were pressed on what this person saw before."""
    keys = [str(key) for key, value in st.session_state.items() if value is True]
    return {int(key.rpartition("_")[2]) for key in keys if _OF_A_SLIP.fullmatch(key)}


def _line(found: PayoutList, row: Payable) -> None:
    slip_id, batch_id = row.slip.id, found.batch.id
    with st.container(border=True, key=f"list_row_{slip_id}"):
        words, paid, off = st.columns([5, 2, 2], vertical_alignment="center")
        below = [row.slip.number, row.village]
        if found.batch.kind is BatchKind.TRANSFER:
            below.append(account_words(row.member))
        below += [f"{kind_words(kind)} {rp(taken)}" for kind, taken in (row.taken or {}).items()]
        words.markdown(
            f"**{plain(row.member.name)}** · **{plain(rp(row.left_rp))}**  \n"
            + plain(" · ".join(word for word in below if word))
        )
        with paid:
            if st.button(_("Paid"), key=f"list_paid_{slip_id}", type="primary", width="stretch"):
                with action(
                    N_("{number}: {amount_rp} paid to {name}."), name="payouts.mark_paid"
                ) as session:
                    slip = payouts.mark_paid(session, slip_id, on=today(), batch_id=batch_id)
                    amount_rp, name = slip.received_rp or 0, plain(row.member.name)
                    tell(session, number=slip.number, amount_rp=amount_rp, name=name)
        with off:
            if st.button(_("Take off"), key=f"list_off_{slip_id}", width="stretch"):
                with action(
                    N_("{number} of {name} is off the list, and what was taken is given back."),
                    name="payouts.take_off",
                ) as session:
                    payouts.take_off(session, slip_id, on=today(), batch_id=batch_id)
                    tell(session, number=row.slip.number, name=plain(row.member.name))


def _all(found: PayoutList) -> None:
    said = (
        _("Everybody on this list has signed and has the money")
        if found.batch.kind is BatchKind.CASH
        else _("The bank has made all of these transfers")
    )
    batch_id = found.batch.id
    sure = st.checkbox(said, key=f"list_sure_{batch_id}_{len(found.open_rows)}")
    if st.button(
        _("Mark all {n} as paid, {amount_rp}", n=len(found.open_rows), amount_rp=found.unpaid_rp),
        key=f"list_all_{batch_id}",
        disabled=not sure,
        width="stretch",
    ):
        seen = [row.slip.id for row in found.open_rows]
        with action(N_("List {number} is paid."), name="payouts.mark_all_paid") as session:
            batch = payouts.mark_all_paid(session, batch_id, on=today(), seen=seen)
            tell(session, number=batch.number)


def papers_of(found: PayoutList) -> None:
    """The list to sign, and for cash how many notes of each kind it takes."""
    letter, number = letterhead(), found.batch.number
    download(
        _("Payout list to sign (PDF)"),
        lambda: papers.payout_list(found, letter),
        name=number,
        key="list_pdf",
    )
    if found.batch.kind is BatchKind.CASH and found.open_rows:
        with st.expander(_("Notes and coins to fetch")):
            _notes(found.open_rows)


def _notes(rows: Sequence[Payable]) -> None:
    counted, rest_rp = rule.notes(row.left_rp for row in rows)
    table(
        [
            Column(_("Note or coin"), "note_rp", format_rp, number=True),
            Column(_("How many"), "count", number=True),
            rp_column(_("Together"), "sum_rp"),
        ],
        [{"note_rp": n, "count": c, "sum_rp": n * c} for n, c in counted.items()],
        key=f"{rows[0].batch or 'daftar'}-pecahan",
    )
    if rest_rp:
        st.caption(_("{rest_rp} of it is smaller than the smallest coin.", rest_rp=rest_rp))


def whole(found: PayoutList) -> None:
    """Everybody on the list, paid or not, with the files."""
    st.subheader(_("The whole list"), anchor=False)
    table(
        [
            Column(_("Member"), "member"),
            rp_column(_("Net value"), "net_value_rp"),
            rp_column(_("Taken"), "taken_rp"),
            rp_column(_("Money received"), "left_rp"),
            narrow_day_column(_("Paid on"), "paid_on"),
            number_column(_("Slip"), "number"),
            Column(_("Village"), "village"),
        ],
        [
            {
                "member": row.member.name,
                "village": row.village,
                "net_value_rp": row.slip.net_value_rp,
                "taken_rp": row.slip.deducted_rp,
                "left_rp": row.left_rp,
                "paid_on": row.slip.paid_on,
                "number": row.slip.number,
            }
            for row in found.rows
        ],
        key=found.batch.number,
        total={
            "member": _("Together"),
            "net_value_rp": sum(row.slip.net_value_rp for row in found.rows),
            "taken_rp": sum(row.slip.deducted_rp for row in found.rows),
            "left_rp": found.total_rp,
        },
    )


def file_name(found: PayoutList) -> str:
    """What its file for the bank is called."""
    return f"{found.batch.number}-{short_day(today())}"
