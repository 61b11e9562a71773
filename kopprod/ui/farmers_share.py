"""Farmer's share: what of the shop's price reached the farmer, month by month, from two series."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

import streamlit as st
from plotly import graph_objects as go

from kopprod.domain import money, prices
from kopprod.domain.prices import LEVEL_WORDS, FarmersMonth, MonthPrice, PriceLevel
from kopprod.domain.refusal import Refusal
from kopprod.services import prices as price_service
from kopprod.services.prices import SeriesSummary
from kopprod.ui.charts import COOPERATIVE, chart, layout, line
from kopprod.ui.show import Column, empty, month, month_column
from kopprod.ui.standing import price
from kopprod.ui.visit import _, complain, reading

RICE_YIELD = "64 %"
SHOWN_MONTHS = 12  # of those left out; more are counted

Group = tuple[str, str, str, PriceLevel]
Groups = Mapping[Group, Sequence[SeriesSummary]]


def page(known: Sequence[SeriesSummary]) -> None:
    """Choose two series and what becomes of the farm's goods; the share as a chart."""
    groups = _groups(known)
    farms = [group for group in groups if group[3] is not PriceLevel.RETAIL]
    shops = [group for group in groups if group[3] in (PriceLevel.RETAIL, PriceLevel.UNKNOWN)]
    farm = _ask_group(_("Price at the farm"), sorted(farms, key=_likely_farm), groups, "farm")
    shops = [group for group in shops if farm and group != farm[0] and group[2] == farm[0][2]]
    shop = _ask_group(_("Price in the shop"), sorted(shops, key=_likely_shop), groups, "shop")
    if farm is None or shop is None:
        empty(
            _("Bring a file with prices at the farm and one with prices in the shop, for the same "
              "unit; the farmer's share is shown here then.")
        )  # fmt: skip
        return
    yield_bp = _ask_yield(farm[0])
    if yield_bp is None:
        return
    with reading() as session:
        farm_months = price_service.monthly(session, farm[1])
        shop_months = price_service.monthly(session, shop[1])
        months = prices.farmers_months(farm_months, shop_months, yield_bp=yield_bp)
    if not months:
        empty(_("These two have no month in common. Choose other series."))
        return
    _show(months, unit=farm[0][2])
    st.markdown(_left_out(farm_months, shop_months, len(months)))


def _groups(known: Sequence[SeriesSummary]) -> Groups:
    found: dict[Group, list[SeriesSummary]] = defaultdict(list)
    for summary in known:
        row = summary.series
        found[row.source, row.commodity, row.unit, row.level].append(summary)
    return found


def _likely_farm(group: Group) -> tuple[bool, bool, str]:
    name = group[1].casefold()
    return "giling" not in name, "gabah" not in name, name


def _likely_shop(group: Group) -> tuple[bool, bool, str]:
    name = group[1].casefold()
    return group[3] is not PriceLevel.RETAIL, "beras" not in name, name


def _ask_group(
    label: str, offered: Sequence[Group], groups: Groups, key: str
) -> tuple[Group, Sequence[int]] | None:
    """One commodity of one source, and the series of the places that were chosen."""
    if not offered:
        return None
    group: Group = st.selectbox(label, offered, format_func=_group_words, key=f"share_{key}")
    of_it = groups[group]
    if len(of_it) == 1:
        return group, [of_it[0].series.id]
    places = {summary.series.id: summary.series.place for summary in of_it}
    every = _("the middle of all {n} places", n=len(of_it))
    chosen = st.selectbox(
        _("Where?"),
        [0, *places],
        format_func=lambda id_: places.get(id_, every),
        key=f"share_{key}_place_{group[1]}_{group[0]}",
    )
    if not chosen and key == "shop":
        st.caption(
            _("Choose the place where the farm's prices are from, to compare like with like.")
        )
    return group, [chosen] if chosen else list(places)


def _group_words(group: Group) -> str:
    source, commodity, unit, level = group
    said = "" if level is PriceLevel.UNKNOWN else _(LEVEL_WORDS[level])
    return " · ".join(word for word in (commodity, said, unit, source) if word)


def _ask_yield(farm: Group) -> int | None:
    paddy = "gabah" in farm[1].casefold() or "gk" in farm[1].casefold()
    typed = st.text_input(
        _("How much of it does the shop sell, in percent?"),
        value=RICE_YIELD if paddy else "100 %",
        key=f"share_yield_{paddy}",
        max_chars=12,
    )
    st.caption(
        _("Your assumption, not measured here. About 64 % of dry paddy (GKG) becomes rice; paddy "
          "at harvest (GKP) still loses water, so less. 100 % where both are the same goods.")
    )  # fmt: skip
    try:
        return money.parse_percent_bp(typed)
    except Refusal as refusal:
        complain(refusal)
        return None


def _show(months: Sequence[FarmersMonth], *, unit: str) -> None:
    chart(
        _figure(months),
        key="share_chart",
        columns=[
            month_column(),
            Column(_("Farmer's share"), "share", _percent, number=True),
            Column(_("At the farm"), "farm", _price, number=True).over(
                Column(_("Places"), "farm_places", _places, number=True)
            ),
            Column(
                _("Of it for one {unit} in the shop", unit=unit), "as_sold", _price, number=True
            ),
            Column(_("In the shop"), "shop", _price, number=True).over(
                Column(_("Places"), "shop_places", _places, number=True)
            ),
            Column(_("Margin between them"), "margin", _price, number=True),
        ],
        rows=[
            {
                "month": m.month,
                "share": Decimal(money.round_half_up(m.share * money.BP)) / money.BP,
                "farm": _rupiah(m.farm.price),
                "farm_places": m.farm.places,
                "as_sold": _rupiah(m.as_sold),
                "shop": _rupiah(m.retail.price),
                "shop_places": m.retail.places,
                "margin": _rupiah(m.margin),
            }
            for m in reversed(months)
        ],
        note=_("The middle of all places in each month, so that one odd price does not move it."),
    )


def _rupiah(value: Fraction) -> int:
    return money.round_half_up(value)


def _price(value: int) -> str:
    return price(Fraction(value))


def _places(count: int) -> str:
    return _("{n} places", n=count)


def _percent(share: Decimal) -> str:
    return money.format_percent(int(share * money.BP))


def _figure(months: Sequence[FarmersMonth]) -> go.Figure:
    """The share as a line in percent; a month without both prices is a gap."""
    last = months[-1]
    title = _(
        "Of Rp100 in the shop {share} reached the farmer in {month}",
        share=price(last.share * 100), month=month(last.month),
    )  # fmt: skip
    known = {m.month: m.share for m in months}
    days = _every_month(months[0].month, last.month)
    values = [float(known[day] * 100) if day in known else None for day in days]
    figure = go.Figure(layout=layout(title))
    line(figure, days, values, label="", colour=COOPERATIVE, dash="solid")
    figure.update_traces(
        text=[month(day) for day in days], hovertemplate="%{text}: %{y:.1f} %<extra></extra>"
    )
    step = max(1, -(-len(days) // 5))
    figure.update_xaxes(tickvals=days[::step], ticktext=[month(day) for day in days[::step]])
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero")
    figure.update_layout(margin_r=16, hovermode="closest")
    return figure


def _every_month(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month
    months = [first.year * 12 + first.month - 1 + n for n in range(count + 1)]
    return [date(m // 12, m % 12 + 1, 1) for m in months]


def _left_out(farm: Mapping[date, MonthPrice], shop: Mapping[date, MonthPrice], both: int) -> str:
    """In words: how far both reach, and which months are left out for want of one of them."""
    said = [
        _(
            "{n} months have both prices. At the farm they reach from {farm_first} to {farm_last}, "
            "in the shop from {shop_first} to {shop_last}.",
            n=both, farm_first=month(min(farm)), farm_last=month(max(farm)),
            shop_first=month(min(shop)), shop_last=month(max(shop)),
        )
    ]  # fmt: skip
    without_farm, without_shop = prices.lacking(farm, shop)
    if without_farm:
        said.append(_("Left out, no price at the farm: {months}.", months=_names(without_farm)))
    if without_shop:
        said.append(_("Left out, no price in the shop: {months}.", months=_names(without_shop)))
    if not without_farm and not without_shop:
        said.append(_("No month between is missing."))
    return " ".join(said)


def _names(months: Sequence[date]) -> str:
    shown = ", ".join(month(one) for one in months[:SHOWN_MONTHS])
    more = len(months) - SHOWN_MONTHS
    return _("{months} and {n} more", months=shown, n=more) if more > 0 else shown
