"""The output log on a screen: a row as a card, its correction, and what was logged and came."""

from collections.abc import Sequence
from datetime import date

import streamlit as st

from kopprod.domain.quantities import Quantity
from kopprod.domain.refusal import N_
from kopprod.services import output, products
from kopprod.services.output import Logged
from kopprod.services.output_months import LoggedAndDelivered
from kopprod.ui.ask import ask_day, ask_quantity
from kopprod.ui.fold import fold
from kopprod.ui.show import (
    Card,
    Column,
    cards,
    day,
    fields,
    month_column,
    quantity,
    quantity_column,
    table,
)
from kopprod.ui.visit import _, action, reading, tell

LATEST = 5  # what fits a phone below the form
EARLIER = 20  # behind the fold, and what may be put right


def logged_card(row: Logged, *, with_member: bool) -> Card:
    """What was made, as it was said, and how much of it came to the cooperative."""
    made = quantity(row.log.quantity, row.unit)
    said = "" if row.log.typed == made else row.log.typed
    words = [row.log.number, said, day(row.log.made_on), row.log.note]
    if row.by:
        words.append(_("written down by {name}", name=row.by))
    if row.corrects:
        words.append(_("in place of {number}", number=row.corrects))
    title = f"{row.member} ({row.member_number}): {row.product}" if with_member else row.product
    return Card(
        title=title,
        below=" · ".join(word for word in words if word),
        right=made,
        right_below=came(row),
    )


def list_logs(member_id: int | None) -> bool:
    """The latest few as cards, and the ones before them behind a fold; False where there are none.

    `member_id`: whose; None for everybody's.
    """
    rows = latest(member_id, most=LATEST + 1)
    _cards(rows[:LATEST], member_id)
    if rows[LATEST:]:
        with fold(_("Earlier logs"), key="output_earlier") as is_open:
            if is_open:
                _cards(latest(member_id, most=EARLIER)[LATEST:], member_id)
    return bool(rows)


def latest(member_id: int | None, *, most: int) -> Sequence[Logged]:
    """What was logged last by this member, or by everybody."""
    with reading() as session:
        return output.logs(session, member_id=member_id, most=most)


def _cards(rows: Sequence[Logged], member_id: int | None) -> None:
    cards([logged_card(row, with_member=member_id is None) for row in rows])


def came(row: Logged) -> str:
    """How much of a log was delivered."""
    if row.delivered == 0:
        return _("not delivered yet")
    if row.delivered == row.log.quantity:
        return _("all delivered")
    return _("{quantity} delivered", quantity=quantity(row.delivered, row.unit))


def ask_correction(rows: Sequence[Logged], *, on: date) -> None:
    """Choose one of these logs and put its quantity, day or note right."""
    by_id = {row.log.id: row for row in rows}
    output_id = st.selectbox(
        _("Which one?"),
        list(by_id),
        index=None,
        format_func=lambda i: log_words(by_id[i]),
        placeholder=_("Choose"),
        key="output_wrong",
    )
    if output_id is None:
        return
    row = by_id[output_id]
    with reading() as session:
        product = products.product(session, row.log.product_id)
        units = products.units(session, product.id, on=on)
    if row.delivered:
        note = _("{came}, so the correction becomes a new log that names {number}.",
                 came=came(row), number=row.log.number)  # fmt: skip
        st.caption(note[:1].upper() + note[1:])
    made = ask_quantity(
        _("How much was it really?"),
        units=units,
        default=product.price_unit,
        base_unit=product.base_unit,
        key=f"output_right_{output_id}",
        value=row.log.typed,
    )
    made_on = ask_day(_("When?"), key=f"output_right_day_{output_id}", value=row.log.made_on)
    note = st.text_input(
        _("Note"), value=row.log.note, key=f"output_right_note_{output_id}", max_chars=300
    )
    pressed = st.button(
        _("Keep the correction"),
        key="output_correct",
        type="primary",
        width="stretch",
        disabled=made is None,
    )
    if pressed and made is not None:
        with action(
            N_("Corrected: {number} now says {quantity}."), name="output.correct"
        ) as session:
            log = output.correct(
                session,
                output_id,
                amount=made.amount,
                typed=made.said,
                made_on=made_on,
                note=note,
                on=on,
            )
            tell(session, number=log.number, quantity=Quantity(log.quantity, product.base_unit))


def log_words(row: Logged) -> str:
    """A log on one line, to choose it by."""
    made = quantity(row.log.quantity, row.unit)
    return f"{row.log.number} · {row.product} {made} · {day(row.log.made_on)}"


def year_before(on: date) -> date:
    """The first day of the same month a year before, so that thirteen months are seen."""
    return on.replace(year=on.year - 1, day=1)


def by_month(rows: Sequence[LoggedAndDelivered], *, key: str) -> None:
    """Logged against delivered by product and month, one table for each unit that is counted."""
    for unit in sorted({row.unit for row in rows}):
        table(
            [
                month_column(),
                Column(_("Product"), "product"),
                quantity_column(_("Logged"), "logged", unit),
                quantity_column(_("Delivered"), "delivered", unit),
            ],
            [fields(row) for row in rows if row.unit is unit],
            key=f"{key}_{unit.value}",
        )
    if not rows:
        st.caption(_("Nothing was logged or delivered in this time."))
