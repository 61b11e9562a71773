"""The bill of a machine's use as text, short enough for a WhatsApp message."""

from kopprod.domain.equipment import Work, shown
from kopprod.domain.equipment_bills import LINE_WORDS
from kopprod.domain.money import format_rp
from kopprod.domain.quantities import BaseUnit, Quantity, format_number, format_quantity
from kopprod.domain.tariffs import AREAS, Basis
from kopprod.domain.uses import hours
from kopprod.papers.press import Letterhead
from kopprod.services.use_payments import Billed


def measured(quantity: int, basis: Basis) -> str:
    """What was done, as people say it: 0,75 ha, 5 jam, 2 hari, 800 kg, 3 trip."""
    if basis in AREAS:
        return shown(Work.AREA, quantity)
    if basis is Basis.KILOGRAM:
        return format_quantity(Quantity(quantity, BaseUnit.GRAM))
    if basis is Basis.HOUR:
        return f"{hours(quantity // 6)} jam"
    return f"{format_number(quantity)} {'hari' if basis is Basis.DAY else 'trip'}"


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
    said += [f"- {_(LINE_WORDS[line.kind])}: {format_rp(line.amount_rp)}" for line in row.lines]
    said.append(_("Together {total_rp}.", total_rp=use.bill_rp))
    said.append(
        _("Still open: {left_rp}", left_rp=row.left_rp) if row.left_rp else _("All is paid.")
    )
    if use.damage:
        said.append(_("Damage: {words}", words=use.damage))
    return "\n".join(" ".join(line.split()) for line in said)
