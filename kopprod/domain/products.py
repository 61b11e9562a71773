"""Products: their kinds, and what their units and grades count for, from which day on.

Grade B counts 92 % from 1 January; on 1 March the meeting makes it 90 %. The earlier factor then
ends on 1 March: on 28 February B counts 92 %, on 1 March 90 %, and on no day both. What was
weighed, logged or settled before keeps what it was kept with.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol, TypeVar

from kopprod.domain import quantities, typed
from kopprod.domain.quantities import STANDARD_UNITS, BaseUnit, UnitFactor
from kopprod.domain.refusal import N_, Refusal
from kopprod.domain.words import tidy

LONGEST_NAME = 60
LONGEST_UNIT = 24
HIGHEST_FACTOR_BP = 20_000  # 200 %: the best grade may count more than the plain one, not anything
LARGEST_UNIT = 10**9  # base units; a unit of a thousand tonnes is a slip of the finger


class ProductKind(StrEnum):
    """What a product is, for grouping and for the words on the screen."""

    CROP = "crop"
    MILK = "milk"
    FISH = "fish"
    LIVESTOCK = "livestock"
    CRAFT = "craft"
    PROCESSED = "processed"


class ProductUnknown(Refusal):
    """There is no such product."""

    sentence = N_("This product is not known here.")


class ProductNameMissing(Refusal):
    """A product without a name."""

    sentence = N_("Give the product a name.")


class ProductNameTaken(Refusal):
    """Two products of one name could not be told apart."""

    sentence = N_("There is already a product named {name}.")


class PriceUnitUnknown(Refusal):
    """Prices are for one unit that never changes, so it is a standard one."""

    sentence = N_("Prices cannot be for one {unit} of this product. Choose one of: {known}.")


class UnitNameUnclear(Refusal):
    """A unit's name would not be found again in what people type."""

    sentence = N_("A unit's name is made of letters only, like karung or keranjang.")


class UnitIsStandard(Refusal):
    """A kilogram is a kilogram for every product."""

    sentence = N_("{unit} is the same for every product, so it needs no factor here.")


class UnitFactorOutOfRange(Refusal):
    """A unit of nothing, or of more than anybody could carry."""

    sentence = N_("One {unit} must be more than nothing and can hardly be that much. Look again.")


class UnitUnknown(Refusal):
    """There is no such unit."""

    sentence = N_("This unit is not known here.")


class UnitEndsBeforeItBegins(Refusal):
    """A unit is valid for one day at least."""

    sentence = N_("This factor begins on {since_on}. It can only end after that day.")


class GradeUnknown(Refusal):
    """There is no such grade, or it is another product's."""

    sentence = N_("This grade does not belong to the product.")


class GradeNameMissing(Refusal):
    """A grade without a name."""

    sentence = N_("Give the grade a name, like A or Super.")


class GradeNameTaken(Refusal):
    """Two grades of one name could not be told apart."""

    sentence = N_("This product already has a grade named {name}.")


class GradeFactorOutOfRange(Refusal):
    """Zero would take a member's goods for nothing; above 200 % is a slip of the finger."""

    sentence = N_("A grade counts for more than 0 % and at most {highest_bp}.")


class FactorTooFine(Refusal):
    """Factors are kept in hundredths of a percent."""

    sentence = N_("A grade counts in percent with at most two decimals, like 92 or 92,5.")


class NoGradeFactor(Refusal):
    """The grade's first factor begins later."""

    sentence = N_(
        "Grade {grade} has no factor for {day_on}. Set one that begins on that day or before."
    )


class Dated(Protocol):
    """What is valid from one day on and until the day before another (half-open)."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date | None:
        """The day after the last one; nothing while no end is known."""


D = TypeVar("D", bound=Dated)


def is_valid(span: Dated, *, on: date) -> bool:
    """Whether it is valid on a day; on `until` itself it no longer is."""
    return span.since <= on and (span.until is None or on < span.until)


def valid_on(spans: Iterable[D], *, on: date) -> D | None:
    """The one of several successive ones that is valid on a day."""
    return next((span for span in spans if is_valid(span, on=on)), None)


@dataclass(frozen=True)
class Place:
    """Where a new one fits among successive ones: the place of `ends` among them, and its own end.

    `corrects` is the place of the one that begins on the same day, which is then corrected.
    """

    corrects: int | None
    ends: int | None
    until: date | None


def place(since: date, spans: Sequence[Dated]) -> Place:
    """Fit one that begins on `since` between others, so that no day is ever covered twice.

    The one that is valid on that day ends there and hands on its own end; where none is, the new
    one lasts until the next one begins.
    """
    for index, span in enumerate(spans):
        if span.since == since:
            return Place(corrects=index, ends=None, until=span.until)
    for index, span in enumerate(spans):
        if is_valid(span, on=since):
            return Place(corrects=None, ends=index, until=span.until)
    later = [span.since for span in spans if span.since > since]
    return Place(corrects=None, ends=None, until=min(later, default=None))


def check_product_name(name: str) -> str:
    """The product's name as it is kept, or a refusal."""
    kept = tidy(name)[:LONGEST_NAME].rstrip()
    if not kept:
        raise ProductNameMissing
    return kept


def check_price_unit(unit: str, base_unit: BaseUnit) -> str:
    """The unit that prices are for, spelled as everywhere, or a refusal."""
    known = {each.name.casefold(): each.name for each in STANDARD_UNITS[base_unit]}
    found = known.get(tidy(unit).casefold())
    if found is None:
        raise PriceUnitUnknown(unit=tidy(unit)[:LONGEST_UNIT], known=", ".join(known.values()))
    return found


def check_unit(name: str, factor: int, base_unit: BaseUnit) -> UnitFactor:
    """A product's own unit and its factor in base units, or a refusal."""
    kept = tidy(name).casefold()
    words = kept.split()
    if not words or not all(word.isalpha() for word in words) or "dan" in words:
        raise UnitNameUnclear
    if len(kept) > LONGEST_UNIT:
        raise UnitNameUnclear
    if _is_standard(kept, base_unit):
        raise UnitIsStandard(unit=kept)
    if not 0 < factor <= LARGEST_UNIT:
        raise UnitFactorOutOfRange(unit=kept)
    return UnitFactor(kept, factor)


def _is_standard(name: str, base_unit: BaseUnit) -> bool:
    # Sheets are a product's own: only then are reams understood.
    if name == quantities.SHEET:
        return False
    standard = STANDARD_UNITS[base_unit]
    try:
        quantities.parse_quantity(f"1 {name}", standard, standard[0].name)
    except quantities.UnknownUnit:
        return False
    return True


def check_grade_name(name: str) -> str:
    """The grade's name as it is kept, or a refusal."""
    kept = tidy(name)[:LONGEST_NAME].rstrip()
    if not kept:
        raise GradeNameMissing
    return kept


def check_grade_factor(factor_bp: int) -> int:
    """What a grade counts for in hundredths of a percent: above 0 %, at most 200 %."""
    if not 0 < factor_bp <= HIGHEST_FACTOR_BP:
        raise GradeFactorOutOfRange(highest_bp=HIGHEST_FACTOR_BP)
    return factor_bp


def parse_factor_bp(text: str) -> int:
    """What a grade counts for as people type it: `92`, `92,5 %`. In hundredths of a percent."""
    number = typed.clean(text).rstrip("% ").removeprefix("+")
    try:
        factor_bp = typed.read(number, thousandths=True, unit="%") * 100
    except typed.WronglyGrouped:
        raise FactorTooFine from None
    if factor_bp.denominator != 1:
        raise FactorTooFine
    return check_grade_factor(int(factor_bp))
