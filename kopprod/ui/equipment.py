"""Shared machines as people see them: which there are, where, what they cost, who may use them."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import streamlit as st

from kopprod.domain.equipment import (
    CONDITION_WORDS,
    SOURCE_WORDS,
    Rate,
    Work,
    minutes_needed,
    shown,
)
from kopprod.domain.money import E4, format_e4, format_percent, round_half_up
from kopprod.domain.quantities import format_number
from kopprod.domain.tariffs import BASIS_WORDS, Basis, Borne, Tariff
from kopprod.services import depreciation, equipment, photos, tariffs
from kopprod.tables.equipment import Equipment, EquipmentUnit
from kopprod.ui.sales import choose
from kopprod.ui.show import (
    Card,
    Column,
    cards,
    day,
    day_column,
    html,
    rp_column,
    table,
    table_html,
)
from kopprod.ui.steps import narrow_day_column, unbroken
from kopprod.ui.visit import _, plain, reading


def basis_words(basis: Basis, bau_tenths: int | None = None) -> str:
    """What a price is for: hectare, or bau (8.000 m2)."""
    if basis is not Basis.BAU or bau_tenths is None:
        return _(BASIS_WORDS[basis])
    return _("bau ({size} m2)", size=format_number(bau_tenths // 10))


def cost_words(found: tariffs.Shown, *, member: bool = True) -> str:
    """What using it costs, in a sentence, with the price of a hectare for comparison."""
    one = found.tariff
    price_e4 = one.member_e4 if member else one.other_e4
    if price_e4 is None:
        return _("for members only")
    said = _("{price_e4} for one {unit}", price_e4=price_e4,
             unit=basis_words(one.basis, one.bau_tenths))  # fmt: skip
    hectare_e4 = tariffs.hectare_e4(price_e4, one.basis, bau_tenths=one.bau_tenths)
    if hectare_e4 is not None and one.basis is not Basis.HECTARE:
        about_rp = round_half_up(Fraction(hectare_e4, E4))
        said += ", " + _("that is {about_rp} a hectare", about_rp=about_rp)
    return said


def beside_words(one: Tariff) -> str:
    """What comes beside the price: operator, fuel, bringing, minimum, season."""
    said = [_borne(_("operator"), one.operator, one.operator_e4, basis_words(one.basis))]
    said.append(_borne(_("fuel"), one.fuel, one.fuel_e4, _("liter")))
    if one.mobilisation_rp:
        said.append(_("bringing it {fee_rp}", fee_rp=one.mobilisation_rp))
    if one.minimum_rp:
        said.append(_("at least {fee_rp}", fee_rp=one.minimum_rp))
    if one.season:
        said.append(_("in the season {season}", season=one.season))
    return "; ".join(said)


def _borne(what: str, who: Borne, price_e4: int, unit: str) -> str:
    if who is Borne.INCLUDED:
        return _("{what} included", what=what)
    if who is Borne.OWN:
        return _("you bring {what} yourself", what=what)
    return _("{what} costs {price_e4} for one {unit} more", what=what, price_e4=price_e4, unit=unit)


def speed_words(row: Equipment) -> str:
    """How long a common job takes: a hectare, a ton, ten trips."""
    if row.rate_per_hour is None or row.work is Work.TIME:
        return ""
    size = {Work.AREA: 10_000, Work.MASS: 1_000_000, Work.TRIPS: 10}[row.work]
    minutes = minutes_needed(size, Rate(row.work, row.rate_per_hour))
    return _("{size} takes about {needed_min}", size=shown(row.work, size), needed_min=minutes)


def doors(rows: Sequence[Equipment], *, on: date, member: bool) -> None:
    """Every machine with its photo, its place, what it costs, and a door to all of it."""
    for row in rows:
        with reading() as session:
            units = len(equipment.units(session, row.id))
            prices = tariffs.valid(session, row.id, on=on)
            picture = photos.photo(session, row.photo_id)
        with st.container(border=True):
            if picture is not None:
                st.image(picture, width=240)
            st.subheader(plain(row.name), anchor=False)
            lines = [_("{n} units", n=units)]
            lines += [_("Place: {place}", place=plain(row.place))] if row.place else []
            lines += [cost_words(one, member=member) for one in prices]
            lines += [] if prices else [_("No tariff yet")]
            if row.training:
                lines.append(_("You must have learnt: {what}", what=plain(row.training)))
            st.markdown("  \n".join(lines))
            if st.button(_("Look at it"), key=f"equipment_{row.id}", width="stretch"):
                choose("equipment", row.id)
                st.rerun()


def head(row: Equipment, *, on: date, member: bool) -> None:
    """One kind of machine: its photo, what it costs, what goes along, who operates it."""
    with reading() as session:
        picture = photos.photo(session, row.photo_id)
        prices = tariffs.valid(session, row.id, on=on)
        operators = equipment.operators(session, row.id, on=on)
        villages = equipment.villages(session, row.id)
        units = equipment.units(session, row.id)
    st.header(plain(row.name), anchor=False)
    if row.retired_on is not None:
        st.warning(_("It left the register on {day_on}.", day_on=row.retired_on))
    if picture is not None:
        st.image(picture, width=360)
    cards([_price_card(one, member=member) for one in prices])
    if not prices:
        st.warning(_("Nobody has written down yet what it costs."))
    told = [
        (_("Units"), str(len(units))),
        (_("Place"), row.place),
        (_("How fast"), speed_words(row)),
        (_("You must have learnt"), row.training),
        (_("Operators"), ", ".join(one.name for one in operators)),
        (_("Only with an operator"), _("yes") if row.needs_operator else ""),
        (_("Fuel"), row.fuel),
        (_("Goes along"), row.accessories.replace("\n", ", ")),
        (_("Only for members of"), ", ".join(villages.values())),
        (_("Between two jobs"), _("{gap_min}", gap_min=row.buffer_min) if row.buffer_min else ""),
        (_("Note"), row.note),
    ]
    columns = [Column("", "label"), Column("", "value")]
    rows = [{"label": label, "value": value} for label, value in told if value]
    html(table_html(columns, rows))


def _price_card(found: tariffs.Shown, *, member: bool) -> Card:
    price = cost_words(found, member=member)
    beside = [beside_words(found.tariff)]
    if member and found.tariff.other_e4 is not None:
        beside.append(_("who is no member: {price}", price=cost_words(found, member=False)))
    return Card(title=price, below="\n".join(beside))


# The register, for those who keep the books


def register(found: Sequence[depreciation.Worth], *, key: str, of_one: bool = False) -> None:
    """Machines with what they stand at in the books; `of_one` kind they need no name."""
    rows = [
        {
            "machine": one.machine,
            "number": one.unit.number,
            "serial": one.unit.serial,
            "source": source_words(one.unit),
            "bought_on": one.unit.bought_on,
            "value_rp": one.unit.value_rp,
            "charged_rp": one.charged_rp,
            "book_rp": one.book_rp,
            "until": one.charged_until,
            "condition": _(CONDITION_WORDS[one.unit.condition]),
            "retired_on": one.unit.retired_on,
        }
        for one in found
    ]
    first = [] if of_one else [Column(_("Machine"), "machine")]
    columns = [
        *first,
        Column(_("Number"), "number", unbroken),
        *([Column(_("Serial number"), "serial")] if any(one.unit.serial for one in found) else []),
        Column(_("Where from"), "source"),
        narrow_day_column(_("Came on"), "bought_on"),
        rp_column(_("Value"), "value_rp"),
        rp_column(_("Lost so far"), "charged_rp"),
        rp_column(_("Book value"), "book_rp"),
        Column(_("State"), "condition"),
    ]
    if any(one.charged_until for one in found):
        columns.insert(-1, narrow_day_column(_("Depreciated until"), "until"))
    if any(one.unit.retired_on for one in found):
        columns.append(narrow_day_column(_("Left on"), "retired_on"))
    total = {
        "number" if of_one else "machine": _("Together"),
        "value_rp": sum(one.unit.value_rp for one in found if one.unit.retired_on is None),
        "charged_rp": sum(one.charged_rp for one in found if one.unit.retired_on is None),
        "book_rp": sum(one.book_rp for one in found),
    }
    table(columns, rows, key=key, total=total)


def source_words(unit: EquipmentUnit) -> str:
    """Where a machine comes from: Granted, Dinas Pertanian."""
    said = _(SOURCE_WORDS[unit.source])
    return f"{said}, {unit.giver}" if unit.giver else said


def tariff_table(found: dict[int, Tariff], *, key: str) -> None:
    """All tariffs of a kind, the newest first."""
    rows = [
        {
            "basis": basis_words(one.basis, one.bau_tenths),
            "season": one.season,
            "since": one.since,
            "until": one.until,
            "member_e4": one.member_e4,
            "other_e4": one.other_e4,
            "hectare_e4": tariffs.hectare_e4(one.member_e4, one.basis, bau_tenths=one.bau_tenths),
            "beside": beside_words(one),
        }
        for one in found.values()
    ]
    columns = [
        Column(_("For one"), "basis"),
        Column(_("Season"), "season"),
        narrow_day_column(_("From"), "since"),
        narrow_day_column(_("Until before"), "until"),
        price_column(_("Member"), "member_e4"),
        price_column(_("No member"), "other_e4"),
        price_column(_("Member, a hectare"), "hectare_e4"),
        Column(_("Beside it"), "beside"),
    ]
    table(columns, rows, key=key)


def price_column(heading: str, field: str) -> Column:
    """A column of prices."""
    return Column(heading, field, lambda v: "" if v is None else format_e4(v), number=True)


def outside_table(kind_id: int, *, on: date) -> None:
    """What renting elsewhere costs, and how much less the cooperative takes."""
    with reading() as session:
        seen = tariffs.outside(session, kind_id)
        own = {one.tariff.basis: one.tariff for one in tariffs.valid(session, kind_id, on=on)}
    if not seen:
        st.caption(_("What renting elsewhere costs is not known yet. It shows what members save."))
        return
    rows = []
    for row in seen:
        mine = own.get(row.basis)
        known = mine is not None and mine.bau_tenths == row.bau_tenths
        rows.append(
            {
                "seen_on": row.seen_on,
                "basis": basis_words(row.basis, row.bau_tenths),
                "price_e4": row.price_e4,
                "source": row.source,
                "less_bp": tariffs.less_bp(mine.member_e4, row.price_e4)
                if known and mine is not None
                else None,
            }
        )
    columns = [
        day_column(_("Seen on"), "seen_on"),
        Column(_("For one"), "basis"),
        price_column(_("Elsewhere"), "price_e4"),
        Column(_("Ours is less by"), "less_bp", format_percent, number=True, unit="%"),
        Column(_("Who said so"), "source"),
    ]
    table(columns, rows, key=f"outside_{kind_id}")


def charge_words(found: Sequence[depreciation.Charge]) -> str:
    """What would be charged, in a sentence."""
    return _(
        "{n} months of {machines} machines, together {total_rp}, from {first} to {last}.",
        n=len(found),
        machines=len({one.unit.id for one in found}),
        total_rp=sum(one.amount_rp for one in found),
        first=day(found[0].month),
        last=day(found[-1].month),
    )
