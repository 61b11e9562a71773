"""The first view of the payouts: what waits and since when, drawing up a list, and the lists."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from kopprod.domain.ledger import BANK, CASH
from kopprod.domain.payouts import BatchKind
from kopprod.domain.refusal import N_
from kopprod.services import payout_rows, payouts
from kopprod.services.deductions import Taken
from kopprod.services.payout_rows import ListLine
from kopprod.services.payouts import Payable
from kopprod.ui.doors import Door, doors
from kopprod.ui.show import (
    PAGE_ROWS,
    Column,
    Tile,
    ask_page,
    empty,
    rp,
    rp_column,
    short_day,
    table,
    tiles,
)
from kopprod.ui.steps import narrow_day_column, number_column, unbroken
from kopprod.ui.visit import _, action, plain, reading, tell, today

KIND_WORDS: Mapping[BatchKind, str] = {
    BatchKind.CASH: N_("cash, against a signature"),
    BatchKind.TRANSFER: N_("transfer to bank or e-wallet"),
}
Plans = Mapping[int, Sequence[Taken]]


def waiting_days(since: date) -> int:
    """For how many days somebody has waited."""
    return (today() - since).days


def age(since: date) -> str:
    """The same in words."""
    days = waiting_days(since)
    return _("today") if days <= 0 else _("{n} days", n=days)


def _taken_rp(row: Payable, plans: Plans) -> int:
    if row.batch is not None:
        return row.slip.deducted_rp
    return sum(one.amount_rp for one in plans.get(row.slip.id, ()))


def head(rows: Sequence[Payable], plans: Plans, held_rp: Mapping[str, int]) -> None:
    """How much waits, for whom the longest, and what is there to pay it with."""
    out_rp = sum(row.slip.net_value_rp - _taken_rp(row, plans) for row in rows)
    oldest = min((row.on for row in rows), default=None)
    note = _("{n} slips", n=len(rows))
    if oldest is not None:
        note += " · " + _("the oldest waits since {day}", day=short_day(oldest))
    tiles(
        [
            Tile(_("Waiting to be paid out"), rp(out_rp), note),
            Tile(_("In the cash box"), rp(held_rp[CASH]), tone="teal"),
            Tile(_("In the bank"), rp(held_rp[BANK]), tone="teal"),
        ]
    )


def waiting(rows: Sequence[Payable], plans: Plans) -> None:
    """Every unpaid slip with its age, what will be taken of it and where it stands."""
    if not rows:
        empty(
            _(
                "No slip waits to be paid. Slips appear here once a sale is settled or goods are "
                "bought outright."
            )
        )
        return
    shown = [_row(row, plans) for row in rows]
    table(
        [
            Column(_("Member"), "member").over(Column(_("Village"), "village")),
            rp_column(_("Net value"), "net_value_rp"),
            rp_column(_("Taken"), "taken_rp"),
            rp_column(_("Money received"), "left_rp"),
            Column(_("Waits"), "age", unbroken).over(narrow_day_column(_("Since"), "on")),
            Column(_("Payout list"), "batch", unbroken),
            number_column(_("Slip"), "number").over(number_column(_("Sale or delivery"), "source")),
        ],
        shown,
        key="belum-dibayar",
        total={
            "member": _("Together"),
            **{
                field: sum(int(str(row[field])) for row in shown)
                for field in ("net_value_rp", "taken_rp", "left_rp")
            },
        },
    )


def _row(row: Payable, plans: Plans) -> dict[str, object]:
    taken_rp = _taken_rp(row, plans)
    return {
        "member": row.member.name,
        "village": row.village,
        "number": row.slip.number,
        "source": row.source,
        "on": row.on,
        "age": age(row.on),
        "net_value_rp": row.slip.net_value_rp,
        "taken_rp": taken_rp,
        "left_rp": row.slip.net_value_rp - taken_rp,
        "batch": row.batch or _("not yet"),
    }


# Drawing up a list


def new_list(rows: Sequence[Payable], plans: Plans, *, turn: int) -> None:
    """Choose who is paid together and how; nothing is paid by it yet.

    `turn` is how many lists there are, so that the same slips may be put on a list again.
    """
    kind = st.radio(
        _("How are they paid?"),
        list(BatchKind),
        format_func=lambda one: _(KIND_WORDS[one]),
        horizontal=True,
        key="list_kind",
    )
    kind = kind or BatchKind.CASH
    group = _ask_group(rows)
    by_id = {row.slip.id: row for row in rows if group in ("", row.source, row.village)}
    ids = st.multiselect(
        _("Who is on the list?"),
        list(by_id),
        default=list(by_id),
        format_func=lambda key: _line(by_id[key]),
        placeholder=_("Choose"),
        key=f"list_slips_{group}_{len(by_id)}",
    )
    chosen = [by_id[key] for key in ids]
    _left_out(chosen if kind is BatchKind.TRANSFER else [])
    on_it = chosen if kind is BatchKind.CASH else _with_account(chosen)
    if not on_it:
        st.caption(_("Choose at least one slip for the list."))
        return
    net_rp = sum(row.slip.net_value_rp for row in on_it)
    taken_rp = sum(_taken_rp(row, plans) for row in on_it)
    st.markdown(
        _(
            "**{n}** slips: net value {net_rp}, taken as they agreed {taken_rp}, "
            "money received **{left_rp}**.",
            n=len(on_it),
            net_rp=net_rp,
            taken_rp=taken_rp,
            left_rp=net_rp - taken_rp,
        )
    )
    st.caption(_("The list takes what was agreed at once. Nobody is paid before you say so."))
    if st.button(_("Draw up the list"), key="list_draw", type="primary", width="stretch"):
        _draw_up([row.slip.id for row in on_it], kind, turn)


def _ask_group(rows: Sequence[Payable]) -> str:
    sources = {row.source: f"{row.source} · {row.product}" for row in rows if row.slip.sale_id}
    villages = {row.village: row.village for row in rows if row.village}
    if len(rows) < 2 or len(sources) + len(villages) < 2:
        return ""
    groups = {"": _("Everybody who waits"), **sources, **villages}
    return str(
        st.selectbox(
            _("Of which sale or village?"),
            list(groups),
            format_func=lambda key: groups[key],
            key="list_group",
        )
    )


def _line(row: Payable) -> str:
    return f"{row.member.name} · {rp(row.slip.net_value_rp)} · {row.slip.number}"


def _with_account(rows: Sequence[Payable]) -> list[Payable]:
    without = {row.slip.id for row in payouts.without_account(rows)}
    return [row for row in rows if row.slip.id not in without]


def _left_out(rows: Sequence[Payable]) -> None:
    names = sorted({row.member.name for row in payouts.without_account(rows)})
    if names:
        st.warning(
            _(
                "Left out, because the register has no account of theirs: {names}. "
                "Pay them in cash, or write their account down first.",
                names=plain(", ".join(names)),
            )
        )


def _draw_up(ids: Sequence[int], kind: BatchKind, turn: int) -> None:
    account = CASH if kind is BatchKind.CASH else BANK
    # However often the same screen is sent, it makes one list.
    draft_key = f"{turn}-{kind}-{','.join(map(str, sorted(ids)))}"
    with action(N_("List {number} is drawn up."), name="payouts.draw_up") as session:
        batch = payouts.draw_up(
            session, ids, kind=kind, account=account, on=today(), draft_key=draft_key
        )
        tell(session, number=batch.number)
        st.query_params["list"] = str(batch.id)


# The lists


def lists(count: int) -> None:
    """Lists that are being paid first, then the finished ones, fifty at a time."""
    if not count:
        empty(_("Payout lists appear here once the first one is drawn up."))
        return
    page = ask_page(count, key="payout_lists")
    with reading() as session:
        found = payout_rows.lists(session, offset=page * PAGE_ROWS, limit=PAGE_ROWS)
    doors([_door(one) for one in found], parameter="list")


def _door(one: ListLine) -> Door:
    state = _("finished") if one.batch.closed_on else _("{n} unpaid", n=one.unpaid)
    return Door(
        one.batch.id,
        one.batch.number,
        [_(KIND_WORDS[one.batch.kind]), short_day(one.batch.drawn_on), rp(one.total_rp), state],
    )
