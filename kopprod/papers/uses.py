"""The bill of a machine's use: line by line on paper, and short enough for a WhatsApp message."""

from collections.abc import Sequence
from typing import Any

from kopprod import language
from kopprod.domain import equipment_bills, tariffs
from kopprod.domain.equipment import Work, shown
from kopprod.domain.equipment_bills import LINE_WORDS, LineKind
from kopprod.domain.ledger import BANK
from kopprod.domain.money import format_e4, format_rp
from kopprod.domain.quantities import BaseUnit, Quantity, format_number, format_quantity
from kopprod.domain.tariffs import AREAS, Basis
from kopprod.domain.uses import hours
from kopprod.papers.press import Letterhead, Line, head, pdf
from kopprod.services.use_debts import Billed
from kopprod.tables.uses import UseLine


def measured(quantity: int, basis: Basis) -> str:
    """What was done, as people say it: 0,75 ha, 5 jam, 2 hari, 800 kg, 3 trip."""
    if basis in AREAS:
        return shown(Work.AREA, quantity)
    if basis is Basis.KILOGRAM:
        return format_quantity(Quantity(quantity, BaseUnit.GRAM))
    if basis is Basis.HOUR:
        return f"{hours(quantity // 6)} jam"
    return f"{format_number(quantity)} {'hari' if basis is Basis.DAY else 'trip'}"


def reckoned(
    line: UseLine | equipment_bills.Line, basis: Basis, bau_tenths: int | None
) -> list[str]:
    """How a line came about: 150 ubin (0,21 ha) × Rp1.100; nothing where it is one sum."""
    if line.price_e4 is None:
        return []
    if line.kind is LineKind.FUEL:
        what = format_quantity(Quantity(line.quantity, BaseUnit.MILLILITRE))
    elif basis in AREAS and basis is not Basis.HECTARE:
        unit = tariffs.units_of(line.quantity, basis, bau_tenths=bau_tenths)
        what = f"{format_number(unit, decimals=4)} {basis} ({measured(line.quantity, basis)})"
    else:
        what = measured(line.quantity, basis)
    return [f"{what} × {format_e4(line.price_e4)}"]


# On paper


def bill(row: Billed, letter: Letterhead) -> bytes:
    """The bill of one use as PDF, A5."""
    return pdf("bill", bill_words(row, letter))


def bill_words(row: Billed, letter: Letterhead) -> dict[str, Any]:
    """What stands on it: which machine, what it did, how the bill came about, how it is paid."""
    _, use = letter.say, row.use
    name = row.name if row.member is None else f"{row.member.name} · {row.member.number}"
    return head(letter, title=_("Bill of a machine"), number=use.number, code=None) | {
        "facts": [
            [_("Name"), name],
            [_("Machine"), f"{row.kind.name} · {row.unit.number}"],
            [_("Day"), language.long_date(letter.language, use.billed_on or letter.printed_on)],
            *_did(row, letter),
        ],
        "lines": [
            *(
                Line(_(LINE_WORDS[line.kind]), format_rp(line.amount_rp),
                     tuple(reckoned(line, row.tariff.basis, row.tariff.bau_tenths)))
                for line in row.lines
            ),
            Line(_("To be paid"), format_rp(use.bill_rp), is_sum=True),
        ],
        "in_words": language.amount_in_words(letter.language, use.bill_rp),
        "paying_title": _("How it is paid"),
        "paying": _paying(row, letter),
        "notes": _notes(row, letter),
        "signatures": [_("Received by"), _("For the cooperative")],
    }  # fmt: skip


def _did(row: Billed, letter: Letterhead) -> list[list[str]]:
    _, use = letter.say, row.use
    did = []
    if use.out_meter is not None and use.back_meter is not None:
        said = _("{before} to {after}", before=hours(use.out_meter), after=hours(use.back_meter))
        did.append([_("Hour meter"), said])
    if use.area_m2:
        did.append([_("Area done"), measured(use.area_m2, Basis.HECTARE)])
    if use.fuel_ml:
        fuel = format_quantity(Quantity(use.fuel_ml, BaseUnit.MILLILITRE))
        did.append([_("Fuel used"), fuel])
    return did


def _paying(row: Billed, letter: Letterhead) -> list[Line]:
    _ = letter.say
    lines = []
    for one in row.payments:
        place = _("Bank") if one.account_code == BANK else _("Cash box")
        what = _("less paid on {paid_on}, {place}", paid_on=one.paid_on, place=place)
        lines.append(Line(what, format_rp(-one.amount_rp)))
    more_rp = sum(one.amount_rp for one in row.payments) - row.paid_rp
    if more_rp:
        lines.append(Line(_("of that for other bills"), format_rp(more_rp)))
    if row.taken_rp:
        lines.append(Line(_("taken from settlements"), format_rp(-row.taken_rp)))
    return [*lines, Line(_("Still open"), format_rp(row.left_rp), is_sum=True)]


def _notes(row: Billed, letter: Letterhead) -> Sequence[str]:
    _ = letter.say
    notes = []
    if row.left_rp:
        notes.append(_("Pay in cash, or your next settlement takes it as you agreed."))
    if row.use.damage:
        notes.append(_("Damage: {words}", words=row.use.damage))
    return notes


# As a message


def bill_text(row: Billed, letter: Letterhead) -> str:
    """What was used, what it costs line by line, what is paid and what is open."""
    _, use = letter.say, row.use
    said = [
        letter.name or letter.coop,
        _("Bill {number}", number=use.number),
        _("{name}, {on}", name=row.name, on=use.billed_on or letter.printed_on),
        f"{row.kind.name} ({row.unit.number})",
    ]
    if use.out_meter is not None and use.back_meter is not None:
        said.append(_("Hour meter {before} to {after}", before=hours(use.out_meter),
                      after=hours(use.back_meter)))  # fmt: skip
    if use.area_m2:
        said.append(_("Worked: {area}", area=measured(use.area_m2, Basis.HECTARE)))
    for line in row.lines:
        how = "".join(
            f" ({words})" for words in reckoned(line, row.tariff.basis, row.tariff.bau_tenths)
        )
        said.append(f"- {_(LINE_WORDS[line.kind])}{how}: {format_rp(line.amount_rp)}")
    said.append(_("Together {total_rp}.", total_rp=use.bill_rp))
    said.append(
        _("Still open: {left_rp}", left_rp=row.left_rp) if row.left_rp else _("All is paid.")
    )
    if use.damage:
        said.append(_("Damage: {words}", words=use.damage))
    return "\n".join(" ".join(line.split()) for line in said)
