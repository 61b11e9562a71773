"""The parts of a member's passport: sections for the screen and for paper."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import streamlit as st

from kopprod.domain import money
from kopprod.domain.books import BookLine
from kopprod.domain.passport import Open
from kopprod.domain.payouts import AGREEABLE
from kopprod.domain.quantities import Quantity, format_quantity
from kopprod.services.passport import Earned, Passport
from kopprod.services.together import Together
from kopprod.tables.slips import Slip
from kopprod.ui import places
from kopprod.ui.ledger import memo
from kopprod.ui.paying import kind_words
from kopprod.ui.settlement import MONEY
from kopprod.ui.show import (
    PAGE_ROWS,
    Column,
    Row,
    Tile,
    day,
    empty,
    html,
    month_column,
    rp,
    rp_column,
    table_html,
    tiles,
)
from kopprod.ui.standing import price
from kopprod.ui.steps import narrow_day_column, number_column, unbroken
from kopprod.ui.visit import _, plain

_PAPER = """<style>@media print{
.st-key-passport_bar,[data-testid=stSelectbox],[data-testid=stButtonGroup],.stPageLink
 {display:none!important}
table.kp{font-size:8.5pt}table.kp tr{break-inside:avoid}h3{break-after:avoid}
.kp-scroll{overflow:visible}}</style>"""


@dataclass(frozen=True)
class Section:
    """One topic of the passport: its rows, and what is said where there are none."""

    key: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str
    note: str = ""


def _weight(heading: str, field: str) -> Column:
    """A column of quantities of several products, each in its own unit."""
    return Column(heading, field, lambda q: unbroken(format_quantity(q)), number=True)


def _price_column(heading: str, field: str) -> Column:
    return Column(heading, field, lambda amount: price(Fraction(amount)), number=True)


def sections(found: Passport) -> list[Section]:
    """Every topic of the passport that the person may see, in the order of the goods' way."""
    made = [_outputs(found), _deliveries(found), _quality(found)]
    if found.earned is not None:
        made += [_slips(found.earned), _taken(found.earned), _account(found.earned)]
        made.append(_comparison(found, found.earned))
    return made


def _outputs(found: Passport) -> Section:
    return Section(
        "hasil",
        _("Output"),
        [
            narrow_day_column(_("Date"), "on"),
            Column(_("Product"), "product"),
            _weight(_("Logged"), "logged"),
            _weight(_("Delivered"), "delivered"),
            number_column(_("Number"), "number"),
        ],
        [
            {
                "on": row.log.made_on,
                "product": row.product,
                "logged": row.quantity,
                "delivered": Quantity(row.delivered, row.unit),
                "number": row.log.number,
            }
            for row in found.outputs
        ],
        _("Nothing was logged yet."),
    )


def _deliveries(found: Passport) -> Section:
    return Section(
        "setoran",
        _("Deliveries"),
        [
            narrow_day_column(_("Date"), "on"),
            Column(_("Product"), "product"),
            Column(_("Grade"), "grade"),
            _weight(_("Gross"), "gross"),
            _weight(_("Tare"), "tare"),
            _weight(_("Net"), "net"),
            number_column(_("Number"), "number"),
            Column(_("Note"), "state"),
        ],
        [
            {
                "on": row.delivery.received_on,
                "product": row.product,
                "grade": row.grade,
                "gross": Quantity(row.delivery.gross, row.unit),
                "tare": Quantity(row.delivery.tare, row.unit),
                "net": row.net,
                "number": row.delivery.number,
                "state": _("taken back") if row.reversed_by else "",
            }
            for row in found.deliveries
            if not row.reverses
        ],
        _("Nothing was delivered yet."),
    )


def _quality(found: Passport) -> Section:
    return Section(
        "mutu",
        _("Quality over time"),
        [
            month_column(),
            Column(_("Product"), "product"),
            Column(_("Grade"), "grade"),
            Column(_("Part of the month"), "share", _percent, number=True),
            _weight(_("Net"), "net"),
            Column(_("Deliveries"), "deliveries", number=True),
        ],
        [
            {
                "month": row.month,
                "product": row.product,
                "grade": row.grade,
                "share": Decimal(row.share_bp) / money.BP,
                "net": Quantity(row.net, row.unit),
                "deliveries": row.deliveries,
            }
            for row in found.quality
        ],
        _("Grades appear here once something is delivered."),
    )


def _percent(share: Decimal) -> str:
    return money.format_percent(int(share * money.BP))


def _slips(earned: Earned) -> Section:
    return Section(
        "slip",
        _("Sales and slips"),
        [
            narrow_day_column(_("Sold on"), "sold_on"),
            Column(_("Product"), "product"),
            rp_column(_("Net value"), "net_value_rp"),
            rp_column(_("Money received"), "received_rp"),
            narrow_day_column(_("Paid on"), "paid_on"),
            Column(_("From"), "place"),
            number_column(_("Slip"), "number"),
            number_column(_("Sale or delivery"), "sale"),
        ],
        [
            {
                "sold_on": row.sold_on,
                "product": row.product.name,
                "net_value_rp": row.slip.net_value_rp,
                "received_rp": row.slip.received_rp,
                "paid_on": row.slip.paid_on,
                "place": _place(row.slip),
                "number": row.slip.number,
                "sale": row.of_number,
            }
            for row in earned.slips
        ],
        _("Slips appear here once a sale is settled or goods are bought outright."),
    )


def _place(slip: Slip) -> str:
    if slip.voided_on is not None:
        return _("cancelled")
    if slip.paid_from is not None:
        return _(MONEY[slip.paid_from])
    return _("unpaid") if slip.paid_on is None else _("taken for what is owed")


def _taken(earned: Earned) -> Section:
    """What she agreed may be taken, in her order, and what she owes of it or besides."""
    agreed = {one.kind: one for one in earned.terms.agreed}
    owed = {kind: owed_rp for kind, owed_rp in earned.debts.items() if owed_rp}
    note = _(
        "At most {most_bp} of a payout is taken together, in this order. Agreed on {agreed_on}.",
        most_bp=earned.terms.most_bp,
        agreed_on=earned.terms.agreed_on or "–",
    )
    return Section(
        "potongan",
        _("What may be taken"),
        [
            Column(_("What for"), "kind"),
            Column(_("Agreed"), "agreed"),
            rp_column(_("Most of each payout"), "most_rp"),
            rp_column(_("Owed now"), "owed_rp"),
        ],
        [
            {
                "kind": kind_words(kind),
                "agreed": _("yes, place {n}", n=agreed[kind].position)
                if kind in agreed
                else _("not agreed")
                if kind in AGREEABLE
                else _("always first"),
                "most_rp": agreed[kind].most_rp if kind in agreed else None,
                "owed_rp": owed.get(kind),
            }
            for kind in [*agreed, *(kind for kind in owed if kind not in agreed)]
        ],
        _("Nothing is owed, and nothing was agreed to be taken from payouts."),
        note=note if agreed else "",
    )


def _account(earned: Earned) -> Section:
    return Section(
        "rekening",
        _("Member's account"),
        [
            narrow_day_column(_("Date"), "on"),
            Column(_("What for"), "memo"),
            rp_column(_("For the member"), "credit_rp"),
            rp_column(_("From the member"), "debit_rp"),
            rp_column(_("Then"), "balance_rp"),
            Column(_("Account"), "account_name"),
            Column(_("No."), "number", number=True),
        ],
        [_booked(line) for line in reversed(earned.account)],
        _("No money has moved yet."),
    )


def _booked(line: BookLine) -> Row:
    """A line of her account; the side on which nothing stands is left empty."""
    moved = {"credit_rp": line.credit_rp or None, "debit_rp": line.debit_rp or None}
    return vars(line) | moved | {"memo": memo(line.memo)}


def _comparison(found: Passport, earned: Earned) -> Section:
    grades = {row.delivery.number: f"{row.product} {row.grade}" for row in found.deliveries}
    rows = [
        {
            "on": lot.likeness.on,
            "goods": grades.get(lot.delivery_number, ""),
            "coop": lot.outcome.coop,
            "middleman": lot.outcome.middleman,
            "unit": earned.price_units[lot.likeness.product_id],
            "difference_rp": None if lot.thin else lot.difference_rp,
            "heard": lot.middlemen.count,
            "number": lot.delivery_number,
        }
        for lot in reversed(earned.lots)
    ]
    return Section(
        "perbandingan",
        _("Compared with the middleman"),
        [
            narrow_day_column(_("Date"), "on"),
            Column(_("Product"), "goods"),
            _price_column(_("Cooperative"), "coop"),
            Column(_("Middleman"), "middleman", lambda p: price(p), number=True),
            Column(_("For one"), "unit"),
            rp_column(_("More or less"), "difference_rp"),
            Column(_("Prices heard"), "heard", number=True),
            number_column(_("Number"), "number"),
        ],
        rows,
        _("There is nothing to compare yet: it takes a settled sale."),
        note=_("What arrives on both sides after cuts, costs, fee and waiting.")
        + " "
        + _("Empty: too few comparable prices."),
    )


def summary(found: Passport) -> None:
    """Who she is, what stands open, and whether selling together paid."""
    row = found.member
    words = [row.number, found.village, ", ".join(found.produces)]
    if row.joined_on:
        words.append(_("member since {day}", day=day(row.joined_on)))
    if row.left_on:
        words.append(_("left on {day}", day=day(row.left_on)))
    st.header(plain(row.name), anchor=False)
    st.caption(plain(" · ".join(word for word in words if word)))
    if found.earned is None:
        st.info(_("Slips and money are shown to the member, the treasurer and the manager."))
        return
    tiles([*_open_tiles(found.earned.open), _together(found.earned, older=found.older)])


def _open_tiles(still: Sequence[Open]) -> Iterator[Tile]:
    owed_rp = sum(one.amount_rp for one in still if one.amount_rp > 0)
    owes_rp = -sum(one.amount_rp for one in still if one.amount_rp < 0)
    yield Tile(
        _("The cooperative owes the member"),
        rp(owed_rp),
        ", ".join(one.account for one in still if one.amount_rp > 0),
        "teal",
    )
    yield Tile(
        _("The member owes the cooperative"),
        rp(owes_rp),
        ", ".join(one.account for one in still if one.amount_rp < 0),
        "amber" if owes_rp else "",
    )


def _together(earned: Earned, *, older: bool) -> Tile:
    together = Together()
    for lot in earned.lots:
        together.add(lot)
    note = _("{n} of {lots} lots could be compared", n=together.compared, lots=together.lots)
    if older:
        note = _("the latest deliveries only: {note}", note=note)
    if not together.compared:
        return Tile(_("Compared with the middleman"), _("Not enough data"), note)
    if together.difference_rp < 0:
        return Tile(_("Less by selling together"), rp(-together.difference_rp), note, "amber")
    return Tile(_("More by selling together"), rp(together.difference_rp), note, "teal")


def show(section: Section, *, whole: bool) -> None:
    """One topic: in pages of fifty, or `whole` for paper."""
    st.subheader(section.title, anchor=False)
    if not section.rows:
        empty(section.empty)
        return
    rows = section.rows if whole else _one_page(section)
    html(table_html(section.columns, rows))
    if section.note:
        st.caption(section.note)


def _one_page(section: Section) -> Sequence[Row]:
    pages = -(-len(section.rows) // PAGE_ROWS)
    if pages < 2:
        return section.rows
    page = st.selectbox(
        _("Page"),
        range(pages),
        format_func=lambda n: _("{page} of {pages}", page=n + 1, pages=pages),
        key=f"passport_{section.key}_page",
        width=160,
    )
    return section.rows[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]


def documents(earned: Earned) -> None:
    """A slip to open, with every step of its arithmetic."""
    by_id = {row.slip.id: row for row in earned.slips}
    picked = st.selectbox(
        _("Open a slip"),
        list(by_id),
        index=None,
        format_func=lambda key: f"{by_id[key].slip.number} · {rp(by_id[key].slip.net_value_rp)}",
        placeholder=_("Choose"),
        key="passport_slip",
    )
    if picked is not None:
        st.switch_page(places.FOLDER / "slips.py", query_params={"slip": str(picked)})


def paper_style() -> None:
    """What a printer leaves away."""
    html(_PAPER)
