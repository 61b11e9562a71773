"""What machines brought in a year, on a screen: income and cost, idle time, what they saved."""

from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from kopprod.domain.access import Action, Person
from kopprod.domain.money import E4, format_percent
from kopprod.domain.quantities import format_number
from kopprod.services import depreciation, use_results
from kopprod.services.use_results import Machine
from kopprod.ui.equipment import basis_words
from kopprod.ui.show import Column, Tile, rp, rp_column, table, tiles
from kopprod.ui.visit import _, plain, reading

SINCE_DAYS = 365
FEW = 10  # uses, below which a figure of an hour says little


def results(on: date, who: Person) -> None:
    """A year of every machine: work and idle time, income and cost, reserve, what it saved."""
    with reading() as session:
        rows = use_results.results(
            session, since=on - timedelta(days=SINCE_DAYS), until=on + timedelta(days=1)
        )
        months = depreciation.to_charge(session, until=on) if who.may(Action.LEDGER_SEE) else []
    if not any(row.uses for row in rows):
        return
    st.subheader(_("What machines brought in a year"), anchor=False)
    uses = sum(row.uses for row in rows)
    net_rp = sum(row.result.net_rp for row in rows)
    tiles(
        [
            Tile(_("Income less cost"), rp(net_rp), _("{n} uses", n=uses),
                 tone="teal" if net_rp >= 0 else "amber"),
            *_saved(rows),
            Tile(_("Reserve for upkeep"), rp(sum(row.reserve_rp for row in rows))),
        ]
    )  # fmt: skip
    _loss(rows)
    if uses < FEW:
        st.caption(_("These are few uses: the figures of an hour and the saving may still change."))
    if months:
        st.caption(
            _("{lost_rp} of depreciation is not in the books yet, so it is not among these costs.",
              lost_rp=sum(one.amount_rp for one in months))
        )  # fmt: skip
    lines = [_result(row) for row in rows]
    table(
        [
            Column(_("Machine"), "name"),
            rp_column(_("Income"), "income_rp"),
            rp_column(_("Cost"), "cost_rp"),
            rp_column(_("Left"), "net_rp"),
            rp_column(_("Income per hour"), "income_hour_rp"),
            rp_column(_("Cost per hour"), "cost_hour_rp"),
            rp_column(_("Reserve"), "reserve_rp"),
            rp_column(_("Saved"), "saved_rp"),
        ],
        lines,
        key="hasil_alat",
    )
    _elsewhere(rows)
    table(
        [
            Column(_("Machine"), "name"),
            Column(_("Units"), "units", format_number, number=True),
            Column(_("Times used"), "uses", format_number, number=True),
            Column(_("Hours used"), "hours", format_number, number=True),
            Column(_("Hours idle"), "idle_hours", format_number, number=True),
            Column(_("Time in use"), "used_bp", format_percent, number=True, unit="%"),
            Column(_("Days out of service"), "down_days", format_number, number=True),
        ],
        lines,
        key="waktu_alat",
    )


def _saved(rows: Sequence[Machine]) -> list[Tile]:
    """Against renting outside, a loss as a loss; nothing where nothing was compared.

    The loss of a machine that was compared with nothing makes it dearer than nothing.
    """
    known = [row for row in rows if row.saving.compared > 0]
    if not known:
        return []
    saved_rp = sum(row.saving.saved_rp for row in known)
    unknown = sum(row.saving.uncompared for row in rows)
    return [
        Tile(
            _("Saved against renting outside")
            if saved_rp >= 0
            else _("Dearer than renting outside"),
            rp(abs(saved_rp)),
            _("{n} uses without a price outside", n=unknown) if unknown else "",
            tone="teal" if saved_rp >= 0 else "amber",
        )
    ]


def _loss(rows: Sequence[Machine]) -> None:
    """Why what was saved is less than what users paid less, or why it is none: the machines' loss.

    Depreciation that is posted for many months at once makes a year's loss look sudden.
    """
    losing = [row for row in rows if row.saving.compared > 0 and row.saving.loss_rp]
    if not losing:
        return
    paid_rp = sum(row.saving.billed_rp for row in rows if row.saving.compared > 0)
    outside_rp = sum(row.saving.outside_rp for row in rows if row.saving.compared > 0)
    st.caption(
        _(
            "Renting outside would have cost users {outside_rp}; here they paid {paid_rp}. The "
            "loss of {machines}, {loss_rp}, is taken off what they saved, since all members bear "
            "it. {lost_rp} of the costs is what the machines lost of their value: posted "
            "depreciation, and what was written off.",
            outside_rp=outside_rp, paid_rp=paid_rp,
            machines=plain(", ".join(row.kind.name for row in losing)),
            loss_rp=sum(row.saving.loss_rp for row in losing),
            lost_rp=sum(row.lost_rp for row in losing),
        )
    )  # fmt: skip


def _elsewhere(rows: Sequence[Machine]) -> None:
    """With which prices the uses were compared, or that nobody knows one."""
    if not any(row.saving.compared for row in rows) and any(row.saving.uncompared for row in rows):
        st.caption(
            _("What renting outside costs is not written down, so nothing was compared. It is "
              "written on the page of machines.")
        )  # fmt: skip
    for row in rows:
        for one in row.outside:
            said = _(
                "{machine}: {n} uses compared with {price_e4} for one {unit}, seen on {seen_on}",
                machine=plain(row.kind.name), n=one.uses, price_e4=one.price.price_e4,
                unit=basis_words(one.price.basis, one.price.bau_tenths), seen_on=one.price.seen_on,
            )  # fmt: skip
            source = f" ({plain(one.price.source)})" if one.price.source else ""
            st.caption(f"{said}{source}.")


def _result(row: Machine) -> dict[str, object]:
    found = row.result
    return {
        "name": row.kind.name,
        "units": row.units,
        "uses": row.uses,
        "hours": found.minutes_used // 60,
        "idle_hours": found.idle_minutes // 60,
        "used_bp": found.used_bp,
        "income_rp": found.income_rp,
        "cost_rp": found.cost_rp,
        "net_rp": found.net_rp,
        "income_hour_rp": _whole(found.income_per_hour_e4),
        "cost_hour_rp": _whole(found.cost_per_hour_e4),
        "reserve_rp": row.reserve_rp,
        "saved_rp": row.saving.saved_rp if row.saving.compared > 0 else None,
        "down_days": row.down_days,
    }


def _whole(price_e4: int | None) -> int | None:
    return None if price_e4 is None else price_e4 // E4
