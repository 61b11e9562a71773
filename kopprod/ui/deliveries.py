"""Deliveries on a screen: weighing, a row as a card, and what came in all."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

import streamlit as st

from kopprod.domain.deliveries import TareTooLarge
from kopprod.domain.quantities import BaseUnit, Quantity
from kopprod.domain.refusal import N_
from kopprod.papers.scales import WORDS
from kopprod.services import deliveries
from kopprod.services.deliveries import Received
from kopprod.services.output import Logged
from kopprod.services.rejections import Rejected
from kopprod.tables.deliveries import DeliveryDraft
from kopprod.tables.products import Grade
from kopprod.ui.doors import back, opened
from kopprod.ui.show import (
    Card,
    Tile,
    cards,
    day,
    figure,
    quantity,
    tiles,
)
from kopprod.ui.steps import unbroken
from kopprod.ui.visit import _, plain, reading

# A log this young is taken to be what she brings; an older one has to be chosen.
LIKELY_DAYS = 7


def ask_log(logs: Sequence[Logged], *, draft: DeliveryDraft, key: str, on: date) -> int | None:
    """Which of the member's open logs these goods fulfil; perhaps none."""
    if not logs:
        return None
    by_id = {row.log.id: row for row in logs}
    likely = [i for i, row in by_id.items() if row.log.made_on >= on - timedelta(days=LIKELY_DAYS)]
    value = draft.output_id if draft.output_id in by_id else None
    if value is None and not draft.gross_typed and len(likely) == 1:
        value = likely[0]

    def words(output_id: int) -> str:
        row = by_id[output_id]
        made_on = _("today") if row.log.made_on == on else day(row.log.made_on)
        return f"{quantity(row.left, row.unit)}, {made_on}"

    return st.pills(
        _("Which log does it fulfil? Leave it empty if none."),
        list(by_id),
        default=value,
        format_func=words,
        key=key,
    )


def show_net(gross: int, tare: int, unit: BaseUnit) -> bool:
    """What is left of the gross weight; where nothing is, the rule's sentence and False."""
    if tare >= gross:
        sentence = TareTooLarge.sentence
        st.error(_(sentence, tare=Quantity(tare, unit), gross=Quantity(gross, unit)))
        return False
    figure(_("Net"), quantity(gross - tare, unit), tone="teal")
    return True


def ask_grade(grades: Sequence[Grade], *, key: str, value: int | None) -> Grade | None:
    """The grade, by a button; the only one is chosen already."""
    known = {g.id: g for g in grades}
    if len(grades) == 1:
        value = grades[0].id
    chosen = st.pills(
        _("Grade"),
        list(known),
        default=value if value in known else None,
        format_func=lambda i: known[i].name,
        key=key,
        required=True,
    )
    return None if chosen is None else known[chosen]


def totals(rows: Sequence[Received]) -> None:
    """What came, net, by product; what was taken back does not count."""
    net: dict[tuple[str, BaseUnit], int] = defaultdict(int)
    count: dict[tuple[str, BaseUnit], int] = defaultdict(int)
    for row in rows:
        if row.stands:
            net[row.product, row.unit] += row.delivery.net
            count[row.product, row.unit] += 1
    tiles(
        [
            Tile(product, quantity(net[product, unit], unit),
                 _("{count} deliveries", count=count[product, unit]))
            for product, unit in sorted(net)
        ]
    )  # fmt: skip


def received_card(row: Received, *, with_day: bool = False) -> Card:
    """Who brought what, and how it was weighed."""
    on = day(row.delivery.received_on) if with_day else ""
    words = [row.delivery.number, on, f"{row.product} {row.grade}", _weighing(row), state(row)]
    words += remarks(row)
    if row.delivery.note:
        words.append(row.delivery.note)
    sign = "\N{MINUS SIGN}" if row.reverses else ""
    return Card(
        title=f"{row.member} ({row.member_number})",
        below=" · ".join(word for word in words if word),
        right=sign + quantity(row.delivery.net, row.unit),
        right_below=bought_for(row),
        tone="" if row.stands else "red",
    )


def bought_for(row: Received) -> str:
    """What it was bought for, where it was and still is."""
    if row.bought is None or row.bought.reversed_on is not None:
        return ""
    return _("bought, {amount_rp}", amount_rp=row.bought.amount_rp)


def remarks(row: Received) -> list[str]:
    """A grade other than the measures proposed, and a scale whose verification was over."""
    words = []
    if row.proposed and row.proposed != row.grade:
        words.append(_("the measures proposed {grade}", grade=row.proposed))
    if row.scale_expired:
        words.append(_("scale {name}: not verified", name=row.scale))
    return words


def rejected_card(row: Rejected) -> Card:
    """Who brought what was not taken, and why."""
    load = row.load
    words = [load.number, day(load.brought_on), row.product, load.reason]
    return Card(
        title=f"{row.member} ({row.member_number})",
        below=" · ".join(words),
        right=_("rejected"),
        right_below="" if load.gross is None else unbroken(quantity(load.gross, row.unit)),
        tone="red",
    )


def _weighing(row: Received) -> str:
    """How often it was weighed, and what the sacks took off; nothing of a tare that is nothing."""
    if row.delivery.tare == 0:
        return _(WORDS[row.unit].times_only, count=row.sacks) if row.sacks > 1 else ""
    gross, tare = quantity(row.delivery.gross, row.unit), quantity(row.delivery.tare, row.unit)
    if row.sacks > 1:
        return _(WORDS[row.unit].times_less, count=row.sacks, gross=gross, tare=tare)
    return _("{gross} less {tare} tare", gross=gross, tare=tare)


def state(row: Received) -> str:
    """Whether a delivery was taken back, or takes another back, and why."""
    if row.reversed_by:
        return _("taken back by {number}", number=row.reversed_by)
    if row.reverses:
        return _("takes back {number}: {reason}",
                 number=row.reverses, reason=row.delivery.reason or "")  # fmt: skip
    return ""


def read_back(row: dict[str, str]) -> str:
    """What is about to be kept, in one sentence."""
    return _(
        "**{net} {product} {grade}** from {member}, {day}. Is that right?",
        **{name: plain(words) for name, words in row.items()},
    )


def asked_for() -> list[Received]:
    """The delivery that the address asks for, as a door from the journal does; it is shown."""
    key = opened("delivery")
    if not (key.isascii() and key.isdecimal() and len(key) < 12):
        return []
    with reading() as session:
        row = deliveries.received(session, int(key))
    back(N_("All deliveries"))
    cards([received_card(row, with_day=True)])
    return [row]
