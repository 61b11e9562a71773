"""Papers of a pooled purchase: order, receipt of goods, the list to sign, and the bills."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from kopprod import language
from kopprod.domain.ledger import BANK
from kopprod.domain.money import format_rp
from kopprod.domain.purchase_receipts import FAULT_WORDS
from kopprod.domain.quantities import format_number
from kopprod.papers.press import Letterhead, Line, head, pdf
from kopprod.papers.texts import as_text
from kopprod.services.purchase_bills import Shown
from kopprod.services.purchase_goods import OrderLine
from kopprod.services.supplier_invoices import Invoiced
from kopprod.tables.purchases import Article, Purchase


def portions(number: int, article: Article) -> str:
    """So many portions of an article: 7 karung."""
    return f"{format_number(number)} {article.portion_word}"


# The order to a supplier


def order(purchase: Purchase, lines: Sequence[OrderLine], letter: Letterhead) -> bytes:
    """What one supplier is asked for as PDF, A4."""
    return pdf("purchase_list", order_words(purchase, lines, letter))


def order_words(
    purchase: Purchase, lines: Sequence[OrderLine], letter: Letterhead
) -> dict[str, Any]:
    """What stands on it: packs, their contents and the agreed prices."""
    _ = letter.say
    total_rp = sum(line.ordered_rp for line in lines)
    return head(letter, title=_("Purchase order"), number=purchase.number, code=None) | {
        "facts": [
            [_("To"), _supplier(lines)],
            [_("Day"), language.long_date(letter.language, purchase.ordered_on
                                          or letter.printed_on)],
        ],
        "parts": [
            {
                "title": "",
                "headings": [_("Article"), _("Packs"), _("In all"), _("Price of a pack"),
                             _("Together")],
                "rows": [
                    [line.article.name, format_number(line.line.packs),
                     portions(line.ordered, line.article), format_rp(line.line.pack_rp),
                     format_rp(line.ordered_rp)]
                    for line in lines
                ],
                "total": [_("Together"), "", "", "", format_rp(total_rp)],
            }
        ],
        "empty": _("Nothing is ordered."),
        "sign": False,
        "note": _("Please bring the goods with an invoice at these prices, and tell us the day."),
        "signatures": [_("For the cooperative"), _("Supplier")],
    }  # fmt: skip


def _supplier(lines: Sequence[OrderLine]) -> str:
    found = lines[0].supplier
    return " · ".join(word for word in (found.name, found.place or "", found.phone or "") if word)


def order_text(purchase: Purchase, lines: Sequence[OrderLine], letter: Letterhead) -> str:
    """The order as a message to the supplier."""
    _ = letter.say
    said = [
        letter.name or letter.coop,
        _("Order {number} to {name}:", number=purchase.number, name=lines[0].supplier.name),
        *(
            _("- {article}: {packs} packs ({quantity}) at {pack_rp}",
              article=line.article.name, packs=line.line.packs,
              quantity=portions(line.ordered, line.article), pack_rp=line.line.pack_rp)
            for line in lines
        ),
        _("Together {total_rp}.", total_rp=sum(line.ordered_rp for line in lines)),
        _("Please tell us on which day you bring them. Thank you."),
    ]  # fmt: skip
    return "\n".join(" ".join(line.split()) for line in said)


# What came


def receipt(
    purchase: Purchase, lines: Sequence[OrderLine], invoice: Invoiced, letter: Letterhead
) -> bytes:
    """What one supplier brought against what was ordered, as PDF, A4."""
    return pdf("purchase_list", receipt_words(purchase, lines, invoice, letter))


def receipt_words(
    purchase: Purchase, lines: Sequence[OrderLine], invoice: Invoiced, letter: Letterhead
) -> dict[str, Any]:
    """What stands on it: ordered, good, damaged, missing, what is asked and what is claimed."""
    _ = letter.say
    row = invoice.invoice
    return head(letter, title=_("Receipt of goods"), number=purchase.number, code=None) | {
        "facts": [
            [_("From"), _supplier(lines)],
            [_("Received on"), language.long_date(letter.language, row.received_on)],
            [_("Goods"), format_rp(row.goods_rp)],
            [_("Freight"), format_rp(row.freight_rp)],
            [_("Claimed back"), format_rp(row.claim_rp)],
        ],
        "parts": [
            {
                "title": "",
                "headings": [_("Article"), _("Ordered"), _("Good"), _("Damaged"), _("Missing"),
                             _("Claimed back")],
                "rows": [_came(line, letter) for line in lines],
                "total": [],
            }
        ],
        "empty": "",
        "sign": False,
        "note": " ".join(_faults(line, letter) for line in lines if line.faults),
        "signatures": [_("Received by"), _("Driver")],
    }  # fmt: skip


def _came(line: OrderLine, letter: Letterhead) -> list[str]:
    found = line.receipt
    return [
        line.article.name,
        portions(line.ordered, line.article),
        format_number(line.line.good or 0),
        format_number(line.line.damaged),
        format_number(0 if found is None else found.short),
        format_rp(line.line.claim_rp),
    ]


def _faults(line: OrderLine, letter: Letterhead) -> str:
    _ = letter.say
    said = ", ".join(_(FAULT_WORDS[fault]) for fault in line.faults)
    note = f" {line.line.note}" if line.line.note else ""
    return f"{line.article.name}: {said}.{note}"


# Handing out


def hand_out_list(purchase: Purchase, rows: Sequence[Shown], letter: Letterhead) -> bytes:
    """Who gets what, village by village, to tick off and sign, as PDF, A4."""
    return pdf("purchase_list", hand_out_words(purchase, rows, letter))


def hand_out_words(purchase: Purchase, rows: Sequence[Shown], letter: Letterhead) -> dict[str, Any]:
    """What stands on it; who has her goods already is named with whoever took them."""
    _ = letter.say
    return head(letter, title=_("Handing-out list"), number=purchase.number, code=None) | {
        "facts": [[_("Purchase"), purchase.title], [_("Members"), str(len(rows))]],
        "parts": [
            {
                "title": village or _("Without a village"),
                "headings": [_("Member"), _("Goods"), _("Bill"), _("Still open")],
                "rows": [_handed(row, letter) for row in mine],
                "total": [],
            }
            for village, own in groupby(rows, key=lambda row: row.village)
            for mine in [list(own)]
        ],
        "empty": "",
        "sign": True,
        "sign_label": _("Received by, name and signature"),
        "note": _("Whoever takes goods for somebody else writes down her own name."),
        "signatures": [_("Handed over by"), _("Checked by")],
    }


def _handed(row: Shown, letter: Letterhead) -> list[str]:
    _ = letter.say
    taken = _("taken by {name}", name=row.bill.handed_to) if row.bill.handed_at else ""
    return [
        "\n".join(word for word in (row.member.name, row.bill.number, taken) if word),
        "\n".join(_got(row)),
        format_rp(row.bill.bill_rp),
        format_rp(row.left_rp),
    ]


def _got(row: Shown) -> list[str]:
    return [
        f"{line.article.name}: {portions(line.share.quantity, line.article)}"
        + (" *" if line.share.quantity != line.share.computed else "")
        for line in row.lines
    ]


# The bill


def bill(row: Shown, letter: Letterhead) -> bytes:
    """A member's bill as PDF, A5."""
    return pdf("bill", bill_words(row, letter))


def bill_words(row: Shown, letter: Letterhead) -> dict[str, Any]:
    """What stands on it: each article, freight, fee, how it is paid, what the shop would ask."""
    _, found = letter.say, row.bill
    return head(letter, title=_("Bill of a purchase"), number=found.number, code=found.code) | {
        "facts": [
            [_("Member"), f"{row.member.name} · {row.member.number}"],
            [_("Purchase"), f"{row.purchase.title} · {row.purchase.number}"],
            [_("Day"), language.long_date(letter.language, found.billed_on)],
        ],
        "lines": [
            *(
                Line(f"{line.article.name}, {portions(line.share.quantity, line.article)}",
                     format_rp(line.share.goods_rp or 0))
                for line in row.lines
            ),
            Line(_("Freight"), format_rp(found.freight_rp)),
            Line(_("Fee of the cooperative"), format_rp(found.fee_rp)),
            Line(_("To be paid"), format_rp(found.bill_rp), is_sum=True),
        ],
        "in_words": language.amount_in_words(letter.language, found.bill_rp),
        "paying_title": _("How it is paid"),
        "paying": _paying(row, letter),
        "notes": [*_waits(row, letter), _saved(row, letter)],
        "signatures": [_("Received by"), _("For the cooperative")],
    }  # fmt: skip


def _paying(row: Shown, letter: Letterhead) -> list[Line]:
    _ = letter.say
    lines = []
    if row.bill.deposit_rp:
        lines.append(Line(_("from the deposit"), format_rp(-row.bill.deposit_rp)))
    for one in row.payments:
        place = _("Bank") if one.account_code == BANK else _("Cash box")
        what = _("less paid on {paid_on}, {place}", paid_on=one.paid_on, place=place)
        lines.append(Line(what, format_rp(-one.amount_rp)))
    if row.settled_rp:
        lines.append(Line(_("taken from settlements"), format_rp(-row.settled_rp)))
    return [*lines, Line(_("Still open"), format_rp(row.left_rp), is_sum=True)]


def _waits(row: Shown, letter: Letterhead) -> list[str]:
    _ = letter.say
    if not row.parts:
        return []
    parts = " + ".join(format_rp(part) for part in row.parts)
    return [
        _("{yarnen_rp} waits for the harvest (yarnen) and is taken from the next settlements: "
          "{parts}.", yarnen_rp=row.bill.yarnen_rp, parts=parts)
    ]  # fmt: skip


def _saved(row: Shown, letter: Letterhead) -> str:
    _ = letter.say
    if row.saved_rp < 0:
        return _("In the village shop it would have cost {shop_rp}: {dearer_rp} less.",
                 shop_rp=row.bill.shop_rp, dearer_rp=-row.saved_rp)  # fmt: skip
    return _("In the village shop it would have cost {shop_rp}. You saved {saved_rp}.",
             shop_rp=row.bill.shop_rp, saved_rp=row.saved_rp)  # fmt: skip


def bill_text(row: Shown, letter: Letterhead) -> str:
    """The bill, short enough for a message."""
    _, found = letter.say, row.bill
    lines = [
        _("Bill {number}, {title}", number=found.number, title=row.purchase.title),
        row.member.name,
        *_got(row),
        _("Goods {goods_rp}, freight {freight_rp}, fee {fee_rp}: {bill_rp}.",
          goods_rp=found.goods_rp, freight_rp=found.freight_rp, fee_rp=found.fee_rp,
          bill_rp=found.bill_rp),
        _("Still open: {left_rp}.", left_rp=row.left_rp),
        *_waits(row, letter),
        _saved(row, letter),
    ]  # fmt: skip
    return as_text(lines, found.code, letter)
