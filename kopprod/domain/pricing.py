"""Prices that follow from what was measured: rules that a manager edits, as plain values.

Milk with 3,5 % fat and 2,7 % protein: 35 points of Rp33 and 27 points of Rp73,6 are Rp3.142,2 a
liter. (KUD Puspa Mekar and its buyer, 2012.) Paddy of 28 % moisture with 12 % empty grain, by the
table of January 2025: Rp6.500 less Rp750 are Rp5.750 a kilogram. Oil-palm bunches: 85 % of
(Rp12.000 at a yield of 20 % and Rp6.000 at 5 %) are Rp2.295 a kilogram.

A rule is a base price, and whatever of these it needs: points, additions or deductions over a
limit, bands (`bands.py`), and a weight corrected to a standard moisture. It is reckoned in exact
fractions, and the price rounded once at the end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from kopprod.domain import bands, measures, money
from kopprod.domain.bands import Bands, Counted, Kept, Values
from kopprod.domain.measures import WORDS, Measure
from kopprod.domain.money import BP
from kopprod.domain.quantities import format_number
from kopprod.domain.refusal import N_, Fact, Refusal


class Kind(StrEnum):
    """What a rule is in the main, for its name in a list."""

    FIXED = "fixed"
    POINTS = "points"
    BANDS = "bands"
    MOISTURE = "moisture"
    INDEX = "index"


KIND_WORDS: Mapping[Kind, str] = {
    Kind.FIXED: N_("fixed price"),
    Kind.POINTS: N_("quality points"),
    Kind.BANDS: N_("classes with deductions"),
    Kind.MOISTURE: N_("weight at a standard moisture"),
    Kind.INDEX: N_("formula of published prices"),
}


@dataclass(frozen=True)
class GradePrice(Kept):
    """The price of a grade for one price unit; without a grade, of every other one."""

    grade_id: int | None
    price_e4: int


@dataclass(frozen=True)
class Fixed(Kept):
    """A price for each grade."""

    prices: tuple[GradePrice, ...]


@dataclass(frozen=True)
class Index(Kept):
    """A published price and how much of it goods yield: CPO at Rp12.000, yield 20 %."""

    name: str
    price_e4: int
    yield_bp: int


@dataclass(frozen=True)
class Indices(Kept):
    """H = K x sum of (price x yield): the formula of a province's oil-palm price."""

    k_bp: int
    indices: tuple[Index, ...]


@dataclass(frozen=True)
class Points(Kept):
    """So much for each step of a measure over a value.

    Half a step is half a point. Below the value nothing counts, or with `below` as much is taken
    for each step. Fat at Rp33 for 0,1 % is `Points(FAT, step=10, each_e4=330_000)`.
    """

    measure: Measure
    step: int
    each_e4: int
    over: int = 0
    below: bool = False


@dataclass(frozen=True)
class Limit(Kept):
    """What is added (or taken, below zero) when a measure is over a value.

    Where it need not be measured each time (`needed`), goods without the measure pass.
    """

    measure: Measure
    over: int
    adjust_e4: int
    needed: bool = True


@dataclass(frozen=True)
class ToMoisture(Kept):
    """The weight that is paid: net x (100 - moisture) / (100 - standard), half up.

    Goods drier than the standard weigh more by it only if `drier_too`.
    """

    standard_bp: int
    drier_too: bool = True


@dataclass(frozen=True)
class PriceRule(Kept):
    """How a product's price follows from its grade and measures."""

    base: Fixed | Indices
    points: tuple[Points, ...] = ()
    limits: tuple[Limit, ...] = ()
    bands: tuple[Bands, ...] = ()
    weight: ToMoisture | None = None


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic: a message with its facts, and what it adds to the price, exactly.

    `amount_e4` is nothing where a step only explains another.
    """

    message: str
    facts: Mapping[str, Fact]
    amount_e4: Fraction | None = None


@dataclass(frozen=True)
class Priced:
    """The price of one price unit with each step to it, and by how much the weight counts.

    The steps' amounts add up to the price. `version_id` is the version of the rule, once kept.
    """

    price_e4: int
    steps: tuple[Step, ...]
    weight: Fraction = Fraction(1)
    version_id: int | None = None

    def paid_weight(self, net: int) -> int:
        """The base units that are paid of a net weight, rounded once, half up."""
        return money.round_half_up(net * self.weight)


class GradeWithoutPrice(Refusal):
    """The rule has no price for the grade."""

    sentence = N_("The price rule has no price for this grade.")


class PriceBelowZero(Refusal):
    """More is taken than there is."""

    sentence = N_(
        "The deductions are more than the price: {price_e4} would be left. "
        "Reject the load, or change the price rule."
    )


def kind_of(rule: PriceRule) -> Kind:
    """What the rule is in the main."""
    if isinstance(rule.base, Indices):
        return Kind.INDEX
    if rule.weight:
        return Kind.MOISTURE
    if rule.bands:
        return Kind.BANDS
    return Kind.POINTS if rule.points or rule.limits else Kind.FIXED


def measured(rule: PriceRule) -> dict[Measure, bool]:
    """What is to be measured for the rule, in its order, and whether it cannot do without."""
    asked = [(part.measure, True) for part in rule.points]
    asked += [(limit.measure, limit.needed) for limit in rule.limits]
    asked += [(axis.measure, True) for part in rule.bands for axis in part.axes]
    asked += [(Measure.MOISTURE, True)] if rule.weight else []
    found: dict[Measure, bool] = {}
    for measure, needed in asked:
        found[measure] = found.get(measure, False) or needed
    return found


def price(
    rule: PriceRule,
    *,
    grade_id: int | None,
    values: Values,
    decided: Values | None = None,
) -> Priced:
    """The price of goods of a grade with these measures, with every step to it.

    Refuses what is not measured or cannot be true, what the rule refuses, and a price below zero.
    Raises `bands.ToAsk` where the rule leaves a value to somebody; the answer comes as `decided`.
    """
    for measure, needed in measured(rule).items():
        if measure in values:
            measures.check(measure, values[measure])
        elif needed:
            raise measures.MeasureMissing(measure_word=WORDS[measure])
    steps = [*_base(rule.base, grade_id)]
    steps += [_pointed(part, values[part.measure]) for part in rule.points]
    steps += [_limited(limit, values.get(limit.measure)) for limit in rule.limits]
    for part in rule.bands:
        steps += _banded(part, values, decided or {})
    price_e4 = sum((step.amount_e4 for step in steps if step.amount_e4), Fraction(0))
    rounded_e4 = money.round_half_up(price_e4)
    if rounded_e4 != price_e4:
        steps.append(Step(N_("Rounded"), {}, rounded_e4 - price_e4))
    if rounded_e4 < 0:
        raise PriceBelowZero(price_e4=rounded_e4)
    weight = Fraction(1)
    if rule.weight:
        weight, step = _weighed(rule.weight, values[Measure.MOISTURE])
        steps.append(step)
    return Priced(rounded_e4, tuple(steps), weight)


def _base(base: Fixed | Indices, grade_id: int | None) -> Iterator[Step]:
    if isinstance(base, Fixed):
        prices = {each.grade_id: each.price_e4 for each in base.prices}
        price_e4 = prices.get(grade_id, prices.get(None))
        if price_e4 is None:
            raise GradeWithoutPrice
        yield Step(N_("Base price"), {}, Fraction(price_e4))
        return
    total_e4 = Fraction(0)
    for index in base.indices:
        part_e4 = Fraction(index.price_e4 * index.yield_bp, BP)
        total_e4 += part_e4
        facts: dict[str, Fact] = {"index": index.name, "price_e4": index.price_e4}
        facts |= {"yield_bp": index.yield_bp, "part_e4": money.round_half_up(part_e4)}
        yield Step(N_("{index}: {price_e4} at a yield of {yield_bp} makes {part_e4}"), facts)
    yield Step(
        N_("Price by the formula: K {k_bp} of {sum_e4}"),
        {"k_bp": base.k_bp, "sum_e4": money.round_half_up(total_e4)},
        total_e4 * base.k_bp / BP,
    )


def _pointed(part: Points, value: int) -> Step:
    distance = value - part.over
    facts: dict[str, Fact] = {
        "measure_word": WORDS[part.measure],
        "value": measures.shown(part.measure, value),
    }
    if distance < 0 and not part.below:
        facts["over"] = measures.shown(part.measure, part.over)
        return Step(N_("{measure_word} {value}: no points up to {over}"), facts, Fraction(0))
    points = Fraction(distance, part.step)
    facts["points"] = format_number(points, decimals=4)
    facts["step"] = measures.shown(part.measure, part.step)
    facts["each_e4"] = part.each_e4
    amount_e4 = points * part.each_e4
    if not part.over:
        return Step(
            N_("{measure_word} {value}: {points} points of {step} at {each_e4}"), facts, amount_e4
        )
    facts["over"] = measures.shown(part.measure, part.over)
    return Step(
        N_("{measure_word} {value}: {points} points of {step} from {over} on, at {each_e4}"),
        facts,
        amount_e4,
    )


def _limited(limit: Limit, value: int | None) -> Step:
    facts: dict[str, Fact] = {
        "measure_word": WORDS[limit.measure],
        "over": measures.shown(limit.measure, limit.over),
    }
    if value is None:
        return Step(N_("{measure_word} not measured: limit {over}"), facts, Fraction(0))
    facts["value"] = measures.shown(limit.measure, value)
    if value > limit.over:
        return Step(N_("{measure_word} {value}: over {over}"), facts, Fraction(limit.adjust_e4))
    return Step(N_("{measure_word} {value}: not over {over}"), facts, Fraction(0))


def _banded(part: Bands, values: Values, decided: Values) -> list[Step]:
    found, adjust_e4 = bands.adjustment(part, values, decided)
    steps = [_moved(counted) for counted in found if counted.counts_as != counted.value]
    first = found[0]
    facts: dict[str, Fact] = {
        "measure_word": WORDS[first.measure],
        "value": measures.shown(first.measure, first.value),
        "band": bands.shown(first.measure, first.band),
    }
    if len(found) == 1:
        message = N_("{measure_word} {value}: class {band}")
        return [*steps, Step(message, facts, Fraction(adjust_e4))]
    other = found[1]
    facts["other_word"] = WORDS[other.measure]
    facts["other_value"] = measures.shown(other.measure, other.value)
    facts["other_band"] = bands.shown(other.measure, other.band)
    message = N_(
        "{measure_word} {value} (class {band}) with {other_word} {other_value} (class {other_band})"
    )
    return [*steps, Step(message, facts, Fraction(adjust_e4))]


def _moved(counted: Counted) -> Step:
    facts: dict[str, Fact] = {
        "measure_word": WORDS[counted.measure],
        "value": measures.shown(counted.measure, counted.value),
        "counts_as": measures.shown(counted.measure, counted.counts_as),
    }
    if counted.decided:
        return Step(N_("{measure_word} {value} counts as {counts_as}, as was decided"), facts)
    return Step(N_("{measure_word} {value} counts as {counts_as}, as the rule says"), facts)


def _weighed(weight: ToMoisture, moisture_bp: int) -> tuple[Fraction, Step]:
    facts: dict[str, Fact] = {"moisture_bp": moisture_bp, "standard_bp": weight.standard_bp}
    if moisture_bp < weight.standard_bp and not weight.drier_too:
        message = N_("Moisture {moisture_bp} is below {standard_bp}: the net weight is paid")
        return Fraction(1), Step(message, facts)
    message = N_(
        "Of the net weight, (100 % − {moisture_bp}) ÷ (100 % − {standard_bp}) is paid: {part_bp}"
    )
    part = Fraction(BP - moisture_bp, BP - weight.standard_bp)
    facts["part_bp"] = money.round_half_up(part * BP)
    return part, Step(message, facts)
