"""The dashboard's table of more or less by selling together, and how sure each line is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import streamlit as st

from kopprod.domain import money
from kopprod.domain.comparison import Enough
from kopprod.domain.premiums import Mark
from kopprod.domain.quantities import BaseUnit, Quantity, format_quantity
from kopprod.domain.refusal import N_
from kopprod.services.comparison import Compared
from kopprod.services.output_months import LoggedAndDelivered
from kopprod.services.premiums import By, Premium, premiums
from kopprod.ui.show import Column, Row, month_column, rp_column, table
from kopprod.ui.steps import narrow_day_column, number_column
from kopprod.ui.visit import _

MARKS = {
    Mark.STRONG: N_("sure"),
    Mark.FAIR: N_("fair"),
    Mark.THIN: N_("Not enough data"),
}
WORDS = {
    By.MONTH: N_("Month"),
    By.PRODUCT: N_("Product"),
    By.VILLAGE: N_("Village"),
    By.MEMBER: N_("Member"),
    By.DELIVERY: N_("Delivery"),
}


@dataclass(frozen=True)
class Names:
    """What keys are called on the screen."""

    products: Mapping[int, str]
    villages: Mapping[int, str]
    members: Mapping[int, str]


def show(lots: Sequence[Compared], names: Names, enough: Enough) -> None:
    """Choose what lots are added up by and which village; the table with its files."""
    st.subheader(_("More or less, and how sure it is"), anchor=False)
    with st.container(horizontal=True):
        by = st.segmented_control(
            _("Added up by"),
            list(WORDS),
            format_func=lambda by: _(WORDS[by]),
            default=By.MONTH,
            key="premium_by",
            required=True,
        )
        village_id = st.selectbox(
            _("Village"),
            [0, *names.villages],
            format_func=lambda id_: names.villages.get(id_, _("All villages")),
            key="premium_village",
            width=220,
        )
    chosen = [lot for lot in lots if village_id in (0, lot.likeness.village_id)]
    rows = [_row(one, names) for one in premiums(chosen, by=By(by), enough=enough)]
    table([*_heads(By(by)), *_figures()], rows, key="premium")
    st.caption(
        _("Prices, spread and age are the weakest of a line: the fewest middleman's prices, the "
          "widest reach from lowest to highest, the oldest. Sure: at least {n} prices within a "
          "tenth of each other, at most 3 days old.", n=2 * enough.min_count)
    )  # fmt: skip


def _heads(by: By) -> list[Column]:
    heads: Mapping[By, list[Column]] = {
        By.MONTH: [month_column()],
        By.PRODUCT: [Column(_("Product"), "product")],
        By.VILLAGE: [Column(_("Village"), "village")],
        By.MEMBER: [Column(_("Member"), "member")],
        By.DELIVERY: [
            number_column(_("Delivery"), "number"),
            narrow_day_column(_("Date"), "on"),
            Column(_("Member"), "member"),
            Column(_("Product"), "product"),
            Column(_("Village"), "village"),
        ],
    }
    return heads[by]


def _figures() -> list[Column]:
    return [
        rp_column(_("More or less"), "difference_rp"),
        Column(_("In percent"), "rate", _percent, number=True),
        Column(_("How sure"), "mark"),
        Column(_("Lots compared"), "compared", number=True),
        Column(_("Not enough data"), "thin", number=True),
        Column(_("Prices"), "count", number=True),
        Column(_("Spread"), "spread", _percent, number=True),
        Column(_("Age in days"), "age", number=True),
        rp_column(_("Cooperative"), "coop_rp"),
        rp_column(_("Middleman"), "middleman_rp"),
    ]


def _row(one: Premium, names: Names) -> Row:
    last, sums, basis = one.lots[0], one.together, one.evidence
    row: dict[str, Any] = {
        "month": last.likeness.on.replace(day=1),
        "on": last.likeness.on,
        "number": last.delivery_number,
        "product": names.products.get(last.likeness.product_id, ""),
        "village": names.villages.get(last.likeness.village_id or 0, _("not known")),
        "member": names.members.get(last.member_id, ""),
        "mark": _(MARKS[one.mark]),
        "compared": sums.compared,
        "thin": sums.thin,
    }
    if basis is not None:
        row |= {"difference_rp": sums.difference_rp, "coop_rp": sums.coop_rp}
        row |= {"middleman_rp": sums.middleman_rp, "rate": _rate(one.rate)}
        row |= {"count": basis.count, "spread": _rate(basis.spread), "age": basis.age_days}
    return row


def _rate(rate: Fraction | None) -> Decimal | None:
    if rate is None:
        return None
    rate_bp = money.round_half_up(abs(rate) * money.BP)
    return Decimal(rate_bp if rate >= 0 else -rate_bp) / money.BP


def _percent(rate: Decimal) -> str:
    shown = money.format_percent(int(abs(rate) * money.BP))
    return f"\N{MINUS SIGN}{shown}" if rate < 0 else shown


def expected_shu(sold_rp: int, bp: int) -> str:
    """What of the SHU may come back for goods sold; apart from every comparison."""
    return _(
        "Expected SHU, not sure yet: {expected_rp} ({bp_bp} of {sold_rp}). It is not in the "
        "comparison; the members' meeting decides.",
        expected_rp=money.percent_rp(sold_rp, bp), bp_bp=bp, sold_rp=sold_rp,
    )  # fmt: skip


def gap_row(flow: LoggedAndDelivered) -> dict[str, Any]:
    """A month of the flow of goods with what was logged and did not come."""
    return {"gap": flow.logged - flow.delivered, **vars(flow)}


def gap_words(flows: Sequence[LoggedAndDelivered], unit: BaseUnit) -> str:
    """What was logged and did not come, over all months and members together."""
    logged = sum(flow.logged for flow in flows)
    gap = logged - sum(flow.delivered for flow in flows)
    shown = format_quantity(Quantity(abs(gap), unit))
    if gap < 0:
        return _("{weight} more was delivered than was logged.", weight=shown)
    if gap == 0:
        return _("Everything that was logged was delivered.")
    return _(
        "{weight} of what was logged ({part_bp}) did not come: still on the way, kept for the "
        "family, or sold elsewhere.",
        weight=shown, part_bp=money.round_half_up(Fraction(gap * money.BP, logged)),
    )  # fmt: skip
