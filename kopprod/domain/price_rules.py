"""Checking a price rule before it is kept, and keeping it as JSON.

A rule that `check` lets pass leaves no measure of its grid without a band, gives none two, and
names each measure in one place of its kind only.
"""

import re
from collections.abc import Iterable

from pydantic import TypeAdapter

from kopprod.domain import bands, measures, money
from kopprod.domain.band_lines import format_adjust, parse_adjust_e4
from kopprod.domain.measures import WORDS, Measure
from kopprod.domain.money import BP, E4, MOST_RP
from kopprod.domain.pricing import Fixed, Index, Indices, Limit, Points, PriceRule, ToMoisture
from kopprod.domain.refusal import N_, Refusal

MOST_PRICE_E4 = MOST_RP * E4
MOST_INDICES = 20
WETTEST_BP = 5_000  # half water; no standard is wetter


class PriceMissing(Refusal):
    """A rule without any price."""

    sentence = N_("Write a base price; it may be 0 where only points count.")


class PriceTwice(Refusal):
    """Two prices of one grade."""

    sentence = N_("A grade has two prices.")


class PriceOutOfRange(Refusal):
    """Below zero, or more than anything costs."""

    sentence = N_("{price_e4} cannot be a price here.")


class IndexMissing(Refusal):
    """A formula without an index, or one without a name."""

    sentence = N_("The formula needs at least one published price, each with its name.")


class ShareOutOfRange(Refusal):
    """K or a yield of nothing, or of more than the whole."""

    sentence = N_("{share_bp} cannot be right: K and yields are over 0 % and at most 100 %.")


class MeasureAgain(Refusal):
    """One measure with points, limits or bands twice."""

    sentence = N_("{measure_word} stands twice in this rule. Keep one of them.")


class OneTableOnly(Refusal):
    """Two tables of two measures, which nobody could read on a slip."""

    sentence = N_("A rule has at most one table of two measures.")


class IndexUnclear(Refusal):
    """A line that is no published price with its yield."""

    sentence = N_("Line {line} cannot be read: {typed}. Write it like CPO; 12.000; 20 %.")


class StandardOutOfRange(Refusal):
    """A standard moisture of nothing or of more than half."""

    sentence = N_("A standard moisture is over 0 % and at most {most_bp}, not {standard_bp}.")


def check(rule: PriceRule) -> PriceRule:
    """The rule, or a refusal of what would leave somebody without one clear price."""
    if isinstance(rule.base, Fixed):
        _check_fixed(rule.base)
    else:
        _check_indices(rule.base)
    for points in rule.points:
        _check_points(points)
    for limit in rule.limits:
        _check_limit(limit)
    for part in rule.bands:
        bands.check(part)
        for adjust_e4 in part.adjust_e4:
            _check_size(adjust_e4)
    _check_once(points.measure for points in rule.points)
    _check_once(limit.measure for limit in rule.limits)
    _check_once(axis.measure for part in rule.bands for axis in part.axes)
    if sum(len(part.axes) > 1 for part in rule.bands) > 1:
        raise OneTableOnly
    if rule.weight:
        _check_weight(rule.weight)
    return rule


def _check_once(named: Iterable[Measure]) -> None:
    seen: set[Measure] = set()
    for measure in named:
        if measure in seen:
            raise MeasureAgain(measure_word=WORDS[measure])
        seen.add(measure)


def _check_fixed(base: Fixed) -> None:
    if not base.prices:
        raise PriceMissing
    if len({each.grade_id for each in base.prices}) < len(base.prices):
        raise PriceTwice
    for each in base.prices:
        if each.price_e4 < 0:
            raise PriceOutOfRange(price_e4=each.price_e4)
        _check_size(each.price_e4)


def _check_indices(base: Indices) -> None:
    names = [index.name.strip() for index in base.indices]
    if not names or not all(names) or len(names) > MOST_INDICES:
        raise IndexMissing
    for share_bp in (base.k_bp, *(index.yield_bp for index in base.indices)):
        if not 0 < share_bp <= BP:
            raise ShareOutOfRange(share_bp=share_bp)
    for index in base.indices:
        if index.price_e4 < 0:
            raise PriceOutOfRange(price_e4=index.price_e4)
        _check_size(index.price_e4)


def _check_points(points: Points) -> None:
    if points.step < 1:
        example = measures.shown(points.measure, measures.scale(points.measure).step)
        raise bands.StepMissing(measure_word=WORDS[points.measure], example=example)
    if points.over:
        measures.check(points.measure, points.over)
    _check_size(points.each_e4)


def _check_limit(limit: Limit) -> None:
    measures.check(limit.measure, limit.over)
    _check_size(limit.adjust_e4)


def _check_weight(weight: ToMoisture) -> None:
    if not 0 < weight.standard_bp <= WETTEST_BP:
        raise StandardOutOfRange(most_bp=WETTEST_BP, standard_bp=weight.standard_bp)


def _check_size(amount_e4: int) -> None:
    if abs(amount_e4) > MOST_PRICE_E4:
        raise PriceOutOfRange(price_e4=amount_e4)


def parse_price_e4(text: str) -> int:
    """Read a price of a rule: it may be nought, where only points count, but not less."""
    price_e4 = parse_adjust_e4(text)
    if price_e4 < 0:
        raise PriceOutOfRange(price_e4=price_e4)
    return price_e4


def parse_indices(text: str) -> tuple[Index, ...]:
    """Read published prices, one a line: name, price and yield, as `CPO; 12.000; 20 %`."""
    found = []
    for n, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in re.split(r"[;\t|]", line)]
        if not line.strip():
            continue
        if len(cells) != 3 or not all(cells):
            raise IndexUnclear(line=n, typed=line.strip()[:40])
        name, price, share = cells
        found.append(Index(name, parse_price_e4(price), money.parse_percent_bp(share)))
    if not found:
        raise IndexMissing
    return tuple(found)


def format_indices(indices: Iterable[Index]) -> str:
    """The lines that `parse_indices` reads as these."""
    return "\n".join(
        f"{index.name}; {format_adjust(index.price_e4).lstrip('+')}; "
        f"{money.format_percent(index.yield_bp)}"
        for index in indices
    )


_JSON = TypeAdapter(PriceRule)


def to_json(rule: PriceRule) -> str:
    """The rule as it is kept; refuses what `check` refuses."""
    return _JSON.dump_json(check(rule)).decode()


def from_json(text: str) -> PriceRule:
    """The rule that was kept, checked again. What was never a rule is our own mistake."""
    return check(_JSON.validate_json(text, strict=True))
