"""What a buyer gets on paper: the delivery note that goes with the goods, and the invoice."""

from collections.abc import Sequence
from typing import Any

from kopprod import language
from kopprod.domain import orders as rules
from kopprod.domain.ledger import BANK
from kopprod.domain.money import format_e4, format_rp
from kopprod.domain.receivables import days_late
from kopprod.papers.press import Letterhead, Line, head, pdf, weight
from kopprod.papers.scales import WORDS
from kopprod.services.receivables import Owing
from kopprod.services.sale_papers import Consignment
from kopprod.services.settlement import PooledDelivery
from kopprod.tables.sales import SettlementReversal


def delivery_note(goods: Consignment, letter: Letterhead) -> bytes:
    """The paper that goes with the goods (surat jalan) as PDF, A4."""
    return pdf("delivery_note", delivery_note_words(goods, letter))


def delivery_note_words(goods: Consignment, letter: Letterhead) -> dict[str, Any]:
    """What stands on it: grades, sacks and our weight, and room for the buyer's."""
    _, found = letter.say, goods.found
    unit = found.product.base_unit
    by_grade: dict[str, list[PooledDelivery]] = {}
    for part in found.parts:
        by_grade.setdefault(part.grade, []).append(part)
    total = sum(part.allotment.quantity for part in found.parts)
    number = rules.note_number(found.sale.number)
    return head(letter, title=_("Delivery note"), number=number, code=None) | {
        "facts": [
            *_to_whom(goods, letter),
            [_("Product"), found.product.name],
            [_("Sale"), found.sale.number],
            [_("Day"), language.long_date(letter.language, found.sale.sold_on)],
        ],
        "headings": [
            _("Grade"), _("Deliveries"), _("Sacks"), _(WORDS[unit].ours), _(WORDS[unit].yours)
        ],
        "rows": [
            [grade, str(len(parts)), _sacks(parts, goods, letter),
             weight(sum(part.allotment.quantity for part in parts), unit)]
            for grade, parts in sorted(by_grade.items())
        ],
        "total": [
            _("Together"), str(len(found.parts)), _sacks(found.parts, goods, letter),
            weight(total, unit),
        ],
        "empty": _("Nothing is in this sale yet."),
        "blanks": [_("Vehicle and driver"), _("Seal or remarks"), _("Received on")],
        "note": _(WORDS[unit].ask),
        "signatures": [_("Handed over by"), _("Driver"), _("Received by")],
    }  # fmt: skip


def _sacks(parts: Sequence[PooledDelivery], goods: Consignment, letter: Letterhead) -> str:
    # Of a delivery that goes only in part nobody knows which of its sacks go.
    whole = [part for part in parts if part.allotment.quantity == part.delivery.net]
    count = sum(goods.sacks.get(part.delivery.id, 0) for part in whole)
    if len(whole) == len(parts):
        return str(count)
    _, others = letter.say, len(parts) - len(whole)
    return _("{count} and parts of {others} deliveries", count=count, others=others)


def _to_whom(goods: Consignment, letter: Letterhead) -> list[list[str]]:
    _, buyer = letter.say, goods.found.buyer
    facts = [[_("To"), " · ".join(word for word in (buyer.name, buyer.place or "") if word)]]
    if goods.order is not None:
        words = (goods.order.number, goods.order.reference)
        facts.append([_("Your order"), " · ".join(word for word in words if word)])
    return facts


def invoice(goods: Consignment, letter: Letterhead) -> bytes:
    """What a buyer is to pay for a settled sale (tagihan) as PDF, A4."""
    return pdf("invoice", invoice_words(goods, letter))


def invoice_words(goods: Consignment, letter: Letterhead) -> dict[str, Any]:
    """What stands on it: weight times price, what came in, what is left and until when."""
    _, found = letter.say, goods.found
    sale, product = found.sale, found.product
    owed_rp = (sale.gross_rp or 0) - goods.received_rp
    number = rules.invoice_number(sale.number, turn=goods.turn)
    how = _(
        WORDS[product.base_unit].by_yours,
        price=f"{format_e4(sale.price_e4)}/{product.price_unit}",
        weight=weight(sale.buyer_weight, product.base_unit),
    )
    warnings = [
        _("Invoice {old} of {gross_rp} was cancelled on {reversed_on}. This one takes its place.",
          old=rules.invoice_number(sale.number, turn=place), gross_rp=back.gross_rp,
          reversed_on=back.reversed_on)
        for place, back in enumerate(goods.reversals, start=1)
    ]  # fmt: skip
    return head(letter, title=_("Invoice"), number=number, code=None) | {
        "warnings": warnings,
        "void": "",
        "facts": [
            *_to_whom(goods, letter),
            [_("Sale"), _("{number} of {sold_on}", number=sale.number, sold_on=sale.sold_on)],
            [_("Delivery note"), rules.note_number(sale.number)],
            [_("Invoice of"),
             language.long_date(letter.language, sale.settled_on or sale.sold_on)],
        ],
        "lines": [
            Line(product.name, format_rp(sale.gross_rp or 0), (how,)),
            *(_paid(paid.amount_rp, paid.account_code, paid.paid_on, letter)
              for paid in goods.payments),
            Line(_("Still to be paid"), format_rp(max(0, owed_rp)), is_sum=True),
        ],
        "in_words": language.amount_in_words(letter.language, max(0, owed_rp)),
        "due": _due(goods, owed_rp, letter),
        "pay_to": _("Please pay to: {place}", place=letter.pay_to) if letter.pay_to else "",
        "signatures": [_("For the cooperative"), _("Received by")],
    }  # fmt: skip


def _paid(amount_rp: int, account: str, paid_on: Any, letter: Letterhead) -> Line:
    _ = letter.say
    place = _("Bank") if account == BANK else _("Cash box")
    what = _("less paid on {paid_on}, {place}", paid_on=paid_on, place=place)
    return Line(what, format_rp(-amount_rp))


def _due(goods: Consignment, owed_rp: int, letter: Letterhead) -> str:
    _ = letter.say
    if owed_rp < 0:
        return _("{much_rp} more than that was paid. Thank you; it is kept for you.",
                 much_rp=-owed_rp)  # fmt: skip
    if owed_rp == 0:
        return _("Paid in full. Thank you.")
    late = days_late(goods.due_on, on=letter.printed_on)
    if late:
        return _("It was due on {due_on}, {late} days ago.", due_on=goods.due_on, late=late)
    return _("Please pay by {due_on}.", due_on=goods.due_on)


def void_invoice(goods: Consignment, back: SettlementReversal, letter: Letterhead) -> bytes:
    """An invoice whose settlement was taken back, marked void, as PDF, A4."""
    return pdf("invoice", void_invoice_words(goods, back, letter))


def void_invoice_words(
    goods: Consignment, back: SettlementReversal, letter: Letterhead
) -> dict[str, Any]:
    """What stood on it, that it does not count any more, and why."""
    _, sale = letter.say, goods.found.sale
    turn = [row.id for row in goods.reversals].index(back.id) + 1
    number = rules.invoice_number(sale.number, turn=turn)
    return head(letter, title=_("Invoice"), number=number, code=None) | {
        "warnings": [
            _("CANCELLED on {reversed_on} by {number}: {reason}. Nothing is to be paid on it.",
              reversed_on=back.reversed_on, number=back.number, reason=back.reason)
        ],
        "void": _("CANCELLED"),
        "facts": [
            *_to_whom(goods, letter),
            [_("Sale"), _("{number} of {sold_on}", number=sale.number, sold_on=sale.sold_on)],
            [_("Invoice of"), language.long_date(letter.language, back.settled_on)],
        ],
        "lines": [
            Line(goods.found.product.name, format_rp(back.gross_rp), is_sum=True),
        ],
        "in_words": "",
        "due": "",
        "pay_to": "",
        "signatures": [],
    }  # fmt: skip


def reminder(buyer: str, rows: Sequence[Owing], letter: Letterhead) -> str:
    """A friendly text to a buyer about what is still to be paid, for WhatsApp."""
    _ = letter.say
    unpaid = [row for row in rows if row.owed_rp > 0]
    lines = [
        letter.name or letter.coop,
        _("Dear {buyer}, this is a friendly reminder of what is still to be paid:", buyer=buyer),
        *(_reminded(row, letter) for row in unpaid),
        _("Together {total_rp}.", total_rp=sum(row.owed_rp for row in unpaid)),
    ]
    if letter.pay_to:
        lines.append(_("Please pay to: {place}", place=letter.pay_to))
    lines.append(_("If it has been paid by now, please tell us. Thank you."))
    return "\n".join(" ".join(line.split()) for line in lines)


def _reminded(row: Owing, letter: Letterhead) -> str:
    _ = letter.say
    said = _(
        "- {product}, sale {number}: {owed_rp}, due on {due_on}",
        product=row.product,
        number=row.sale.number,
        owed_rp=row.owed_rp,
        due_on=row.due_on,
    )
    return f"{said} ({_('{late} days late', late=row.late)})" if row.late else said
