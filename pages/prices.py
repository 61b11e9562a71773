"""Published prices: the series that were imported, as a chart over time with its table."""

from datetime import date
from decimal import Decimal

import streamlit as st

from kopprod import ui
from kopprod.domain import money
from kopprod.domain.prices import LEVEL_WORDS, PriceLevel, with_gaps
from kopprod.domain.refusal import N_
from kopprod.services import prices, products
from kopprod.services.prices import SeriesSummary
from kopprod.ui import Column, _, farmers_share, figures, places
from kopprod.ui.buying import show_posted

PERIODS = {1: N_("1 year"), 3: N_("3 years"), 5: N_("5 years"), 0: N_("All")}


def label(summary: SeriesSummary) -> str:
    """A series in one line: where, at which step, for what, whose."""
    row = summary.series
    level = "" if row.level is PriceLevel.UNKNOWN else _(LEVEL_WORDS[row.level])
    return " · ".join(word for word in (row.place, level, row.unit, row.source) if word)


def since(summary: SeriesSummary, years: int) -> date | None:
    """The first day of the last so many years of a series; None for all of it."""
    return summary.last_on.replace(year=summary.last_on.year - years, day=1) if years else None


def show_series(summary: SeriesSummary, years: int) -> None:
    """The prices of one series, with a gap where there is none, and their table."""
    row = summary.series
    with ui.reading() as session:
        points = prices.points(session, row.id, since=since(summary, years))
    drawn = with_gaps([(point.starts_on, point.price_e4) for point in points])
    title = _("{name}: price for one {unit}", name=row.commodity, unit=row.unit)
    ui.chart(
        figures.series_figure(drawn, title=title),
        key=f"series_{row.id}",
        columns=[
            ui.day_column(_("Date"), "starts_on"),
            Column(
                _("Price for one {unit}", unit=row.unit),
                "price",
                lambda price: money.format_e4(int(price * 10_000)),
                number=True,
            ),
        ],
        rows=[
            {"starts_on": point.starts_on, "price": Decimal(point.price_e4) / 10_000}
            for point in reversed(points)
        ],
        note=_(
            "{n} prices from {first_on} to {last_on}. Source: {source}.",
            n=len(points),
            first_on=points[0].starts_on,
            last_on=points[-1].starts_on,
            source=row.source,
        ),
    )


def ask_link(summary: SeriesSummary) -> None:
    """Say which of our products a series is about."""
    with ui.reading() as session:
        names = {product.id: product.name for product in products.products(session)}
    options = [None, *names]
    chosen = st.selectbox(
        _("Which of our products is this about?"),
        options,
        index=options.index(summary.series.product_id) if summary.series.product_id in names else 0,
        format_func=lambda id_: names.get(id_, _("none of them")),
        key=f"link_{summary.series.id}",
    )
    if chosen != summary.series.product_id and st.button(_("Keep"), key="link_keep"):
        with ui.action(_("It is kept."), name="prices.link") as session:
            prices.link(session, summary.series.id, product_id=chosen)


who = ui.open_page(ui.Action.PRICES_SEE, "Published prices")
show_posted()
with ui.reading() as session:
    known = prices.series(session)
if not known:
    ui.empty(_("Prices that others publish are shown here once a file with them is brought in."))
    if who.person.may(ui.Action.IMPORTS_RUN):
        st.page_link(places.FOLDER / "imports.py", label=_("Bring a file"))
    st.stop()
views = {"series": _("One price over time"), "share": _("Farmer's share")}
view = st.segmented_control(
    _("What do you want to see?"),
    list(views),
    format_func=views.__getitem__,
    default="series",
    key="view",
    required=True,
)
if view == "share":
    farmers_share.page(known)
    st.stop()
commodity = st.selectbox(
    _("Commodity"), list(dict.fromkeys(s.series.commodity for s in known)), key="commodity"
)
of_it = [summary for summary in known if summary.series.commodity == commodity]
summary = of_it[0]
if len(of_it) > 1:
    by_id = {found.series.id: found for found in of_it}
    chosen = st.selectbox(
        _("Series"),
        list(by_id),
        format_func=lambda id_: label(by_id[id_]),
        key=f"series_of_{commodity}",
    )
    summary = by_id[chosen]
years = st.segmented_control(
    _("Period"),
    list(PERIODS),
    format_func=lambda n: _(PERIODS[n]),
    default=3,
    key="period",
    required=True,
)
show_series(summary, years)
if who.person.may(ui.Action.PRODUCTS_CHANGE):
    ask_link(summary)
