"""The parts of the page of slips: the list, one slip step by step, and paying out."""

from collections.abc import Sequence

import streamlit as st

from kopprod.domain import money
from kopprod.domain.ledger import CASH
from kopprod.domain.refusal import N_
from kopprod.papers.proceeds import of_part
from kopprod.papers.scales import graded_words, scales
from kopprod.papers.slips import waiting
from kopprod.services import slips
from kopprod.services.bought import BoughtStory
from kopprod.services.reckoning import frozen, shared_rp
from kopprod.services.slips import Listed, Part, Story
from kopprod.ui import reversals
from kopprod.ui.buying import bought_story
from kopprod.ui.choose import of_one_member
from kopprod.ui.papers import letterhead
from kopprod.ui.sales import choose
from kopprod.ui.settlement import MONEY, proceeds_steps
from kopprod.ui.show import (
    Column,
    day,
    figure,
    in_words,
    rp,
    rp_column,
    table,
)
from kopprod.ui.steps import (
    Step,
    graded,
    narrow_day_column,
    number_column,
    steps,
    unbroken,
)
from kopprod.ui.visit import _, plain, today

FIRST = 12  # slips shown at once on a phone


def _state(row: Listed) -> str:
    if row.slip.voided_on is not None:
        return _("cancelled")
    if row.slip.paid_on is not None:
        return _("paid")
    return _("unpaid, on list {number}", number=row.batch) if row.batch else _("unpaid")


def own(rows: Sequence[Listed]) -> None:
    """A member's own slips, newest first, and what she is owed."""
    unpaid = [
        row.slip.net_value_rp - row.slip.deducted_rp
        for row in rows
        if row.slip.paid_on is None and row.slip.voided_on is None
    ]
    note = _("{n} slips wait to be paid", n=len(unpaid)) if unpaid else _("Everything is paid.")
    figure(_("The cooperative owes you"), rp(sum(unpaid)), note, "teal")
    all_of_them = len(rows) <= FIRST or st.toggle(_("Show older slips too"), key="slips_all")
    for row in rows if all_of_them else rows[:FIRST]:
        title = f"**{rp(row.slip.net_value_rp)}** · {plain(row.product.name)}"
        below = f"{day(row.sold_on)} · {_state(row)}"
        if st.button(f"{title}  \n{below}", key=f"slip_{row.slip.id}", width="stretch"):
            choose("slip", row.slip.id)
            st.rerun()


# One slip


def story(found: Story | BoughtStory, *, own: bool) -> None:
    """From the money to this slip's amount, nothing left out; `own` says "you"."""
    if found.slip.voided_on is not None:
        _cancelled(found)
        return
    if isinstance(found, BoughtStory):
        _amount(found)
        bought_story(found, letterhead(), paid=_paid)
        return
    _head(found)
    sale = found.sale
    st.subheader(_("1. What the sale brought"), anchor=False)
    steps(proceeds_steps(sale, found.product, found.costs, frozen(sale, [])))
    st.caption(plain(scales(sale, found.product.base_unit, _)))
    _part_words(found, own=own)
    lines = [_part_step(found, part) for part in found.parts]
    total = Step(_("For {name}", name=found.member.name), found.slip.net_value_rp, is_sum=True)
    steps([*lines, total])
    _proof(found)


def _cancelled(found: Story | BoughtStory) -> None:
    _amount(found)
    slip = found.slip
    st.error(
        _(
            "Cancelled on {voided_on}: {reason}. Nothing is paid by this slip any more.",
            voided_on=slip.voided_on or today(),
            reason=plain(slip.void_reason or ""),
        )
    )
    if slip.paid_on is not None:
        st.write(
            _(
                "It had been paid on {paid_on}. What was paid is set off when the sale is settled "
                "again; the rest is owed.",
                paid_on=slip.paid_on,
            )
        )
    reversals.came_back(slip)


def _head(found: Story) -> None:
    sale = found.sale
    _amount(found)
    st.write(
        _(
            "{product}, sold to {buyer} on {sold_on}, sale {number}, settled on {settled_on}.",
            product=plain(found.product.name),
            buyer=plain(found.buyer),
            sold_on=sale.sold_on,
            number=sale.number,
            settled_on=sale.settled_on or sale.sold_on,
        )
    )
    _paid(found)


def _amount(found: Story | BoughtStory) -> None:
    slip = found.slip
    figure(
        f"{slip.number} · {found.member.name}",
        rp(slip.net_value_rp),
        in_words(slip.net_value_rp),
        "teal",
    )


def _paid(found: Story | BoughtStory) -> None:
    slip = found.slip
    if slip.paid_on is None:
        st.info(waiting(found, _))
        reversals.came_back(slip)
        return
    place, by = _(MONEY[slip.paid_from or CASH]), plain(found.paid_by)
    st.success(
        _("Paid on {paid_on}, {place}, by {name}.", paid_on=slip.paid_on, place=place, name=by)
        if by
        else _("Paid on {paid_on}, {place}.", paid_on=slip.paid_on, place=place)
    )
    reversals.came_back(slip)
    if slip.paid_by_settler:
        st.warning(
            _("Paid by the person who settled the sale, because nobody else could pay that day.")
            if isinstance(found, Story)
            else _("Paid by the person who bought the goods, because nobody else could pay.")
        )


def _part_words(found: Story, *, own: bool) -> None:
    unit, name = found.product.base_unit, plain(found.member.name)
    every = graded(found.sale.graded_weight_e4 or 0, unit)
    mine = graded(found.graded_weight_e4, unit)
    if own:
        st.subheader(_("2. Your part of it"), anchor=False)
        st.write(
            _(
                graded_words(unit).own,
                all=every,
                yours=mine,
            )
        )
        return
    st.subheader(_("2. The part of {name}", name=name), anchor=False)
    st.write(
        _(
            graded_words(unit).named,
            all=every,
            yours=mine,
            name=name,
        )
    )


def _part_step(found: Story, part: Part) -> Step:
    sale, unit = found.sale, found.product.base_unit
    rate = unbroken(money.format_percent(part.factor_bp))
    how = of_part(
        part.quantity,
        part.factor_bp,
        all_e4=sale.graded_weight_e4 or 0,
        pot_rp=shared_rp(sale.net_rp or 0, found.costs),
        share_rp=part.share_rp,
        borne=found.borne.get(part.delivery.number, ()),
        unit=unit,
        say=_,
    )
    what = _(
        "{number}, {received_on}, grade {grade}",
        number=part.delivery.number,
        received_on=part.delivery.received_on,
        grade=part.grade,
    )
    since = (
        []
        if part.factor_since is None
        else [
            _(
                "Grade {grade} counts {rate} since {since}.",
                grade=part.grade,
                rate=rate,
                since=part.factor_since,
            )
        ]
    )
    return Step(what, part.share_rp, [*how, *since])


def _proof(found: Story) -> None:
    st.caption(
        _(
            "Amounts are whole rupiah; what rounding leaves goes to the largest fractions. "
            "{n} slips of this sale add up to {sum_rp}, which is the net of {net_rp}.",
            n=found.slips,
            sum_rp=found.slips_rp,
            net_rp=found.sale.net_rp or 0,
        )
    )


# The list


def of_member(newest: Sequence[Listed]) -> Sequence[Listed]:
    """Where there are more than a list shows: the newest, or all of one member."""
    return of_one_member(
        newest,
        slips.slips,
        words=N_("The newest {n} slips. Choose a member to see all of hers."),
        key="slips_of",
    )


def every(rows: Sequence[Listed]) -> None:
    """All slips: a door to each, and the table with its files."""
    by_id = {row.slip.id: row for row in rows}
    stands = [row for row in rows if row.slip.voided_on is None]
    picked = st.selectbox(
        _("Open a slip"),
        list(by_id),
        index=None,
        format_func=lambda key: _line(by_id[key]),
        placeholder=_("Choose"),
        key="slip_open",
    )
    if picked is not None:
        choose("slip", picked)
        st.rerun()
    table(
        [
            Column(_("Member"), "member"),
            rp_column(_("Amount"), "net_value_rp"),
            Column(_("Paid out"), "paid", _by_words).over(
                narrow_day_column(_("Paid on"), "paid_on")
            ),
            number_column(_("Slip"), "number"),
            Column(_("From"), "place"),
            Column(_("Product"), "product"),
            number_column(_("Sale or delivery"), "sale").over(
                narrow_day_column(_("Settled"), "settled_on")
            ),
        ],
        [_row(row) for row in stands],
        key="slip",
        total={
            "member": _("Together"),
            "net_value_rp": sum(row.slip.net_value_rp for row in stands),
        },
    )
    if len(stands) < len(rows):
        with st.expander(_("Cancelled slips")):
            reversals.void_slips(
                [(row.slip, row.member) for row in rows if row.slip.voided_on is not None],
                key="slip_batal",
            )


def _by_words(text: str) -> str:
    return text.replace("-", "\N{NON-BREAKING HYPHEN}")  # a number is not broken, a sentence is


def _line(row: Listed) -> str:
    slip = row.slip
    return f"{slip.number} · {row.member.name} · {rp(slip.net_value_rp)} · {_state(row)}"


def _row(row: Listed) -> dict[str, object]:
    slip = row.slip
    by_settler = _("paid by who settled") if slip.paid_by_settler else _state(row)
    return {
        "number": slip.number,
        "member": row.member.name,
        "product": row.product.name,
        "sale": row.of_number,
        "settled_on": row.made_on,
        "net_value_rp": slip.net_value_rp,
        "paid": by_settler,
        "paid_on": slip.paid_on,
        "place": _(MONEY[slip.paid_from]) if slip.paid_from else None,
    }
