"""Price rules: WE-9b, WE-9c and WE-9d, two published rules on real rows, and their laws."""

import csv
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from kopprod import language
from kopprod.domain import (
    band_lines,
    bands,
    measures,
    money,
    price_rules,
    price_versions,
    pricing,
)
from kopprod.domain.bands import Axis, Band, Bands, Between, Outside
from kopprod.domain.measures import Measure
from kopprod.domain.price_versions import Period, check_days, periods, version_on
from kopprod.domain.pricing import (
    Fixed,
    GradePrice,
    Index,
    Indices,
    Kind,
    Limit,
    Points,
    PriceRule,
    Step,
    ToMoisture,
    kind_of,
    price,
)
from kopprod.domain.refusal import Refusal

FAT, PROTEIN, SNF = Measure.FAT, Measure.PROTEIN, Measure.SNF
BACTERIA, MOISTURE, EMPTY = Measure.BACTERIA, Measure.MOISTURE, Measure.EMPTY
COW, GOAT = 1, 2
RP = money.E4


def flat(price_e4: int) -> Fixed:
    """One price for every grade."""
    return Fixed((GradePrice(None, price_e4),))


# WE-9b: KUD Puspa Mekar's buyer, 2012.
MILK = PriceRule(
    flat(0),
    points=(Points(FAT, 10, 33 * RP), Points(PROTEIN, 10, 736_000)),
    limits=(Limit(BACTERIA, 5_000_000, -100 * RP, needed=False),),
)
# KUTT Suka Makmur, 2022; the unit of the count is not stated, and nothing is said of 400 and more.
TIERS = PriceRule(
    flat(0),
    bands=(
        band_lines.parse(
            [Axis(BACTERIA, 1, (), outside=Outside.REFUSE)], "< 100: 5.000\n100-399: 4.700"
        ),
    ),
)
# WE-9c: Kepbadan 2/2025; what lies between two classes counts as the next one.
PADDY_AXES = [
    Axis(MOISTURE, 100, (), Between.HIGHER, Outside.REFUSE),
    Axis(EMPTY, 100, (), Between.HIGHER, Outside.REFUSE),
]
PADDY_LINES = "≤ 25; ≤ 10: 0\n≤ 25; 11-15: -300\n26-30; ≤ 10: -425\n26-30; 11-15: -750"
PADDY = PriceRule(flat(6_500 * RP), bands=(band_lines.parse(PADDY_AXES, PADDY_LINES),))
# WE-9d.
PALM = PriceRule(Indices(8_500, (Index("CPO", 12_000 * RP, 2_000), Index("Inti", 6_000 * RP, 500))))
# The quality bonus of five milk collection centres in Uganda, late 2025, as it was found in their
# deliveries: 10 shillings a liter for each 0,1 % of fat over 3,3 % and of other solids over 8,5 %,
# parts of a step in proportion, nothing taken for less. Centre, day and study arm do not matter.
UGANDA = PriceRule(
    flat(0), points=(Points(FAT, 10, 10 * RP, over=330), Points(SNF, 10, 10 * RP, over=850))
)


def e4(rule: PriceRule, grade_id: int | None = None, **values: int) -> int:
    """The price by measures that are named."""
    return price(
        rule, grade_id=grade_id, values={Measure(m): v for m, v in values.items()}
    ).price_e4


def said(steps: tuple[Step, ...]) -> list[str]:
    """Each step as a member reads it."""
    return [language.translate("id", step.message, **step.facts) for step in steps]


@pytest.mark.parametrize(
    ("fat", "protein", "shown"), [(350, 270, "Rp3.142,2"), (400, 300, "Rp3.528")]
)
def test_milk_is_paid_by_its_fat_and_protein(fat: int, protein: int, shown: str) -> None:
    assert money.format_e4(e4(MILK, fat=fat, protein=protein)) == shown  # WE-9b


def test_too_many_bacteria_cost_a_hundred_rupiah() -> None:
    good = e4(MILK, fat=350, protein=270, bacteria=5_000_000)
    bad = e4(MILK, fat=350, protein=270, bacteria=5_000_001)

    assert (good, good - bad) == (31_422_000, 1_000_000)
    assert e4(MILK, fat=350, protein=270) == good  # not counted every day


def test_each_step_of_the_milk_is_said_and_adds_up() -> None:
    priced = price(MILK, grade_id=None, values={FAT: 345, PROTEIN: 270, BACTERIA: 6_000_000})

    assert said(priced.steps) == [
        "Harga dasar",
        "Lemak 3,45 %: 34,5 poin @ 0,1 %, Rp33 per poin",
        "Protein 2,7 %: 27 poin @ 0,1 %, Rp73,6 per poin",
        "Bakteri 6.000.000/ml: di atas 5.000.000/ml",
    ]
    assert sum(step.amount_e4 or 0 for step in priced.steps) == priced.price_e4


def test_points_round_once_at_the_end_and_say_so() -> None:
    rule = PriceRule(flat(0), points=(Points(FAT, 10, 1), Points(PROTEIN, 10, 1)))
    priced = price(rule, grade_id=None, values={FAT: 345, PROTEIN: 273})

    assert priced.price_e4 == 62  # 34,5 + 27,3 = 61,8
    assert priced.steps[-1] == Step("Rounded", {}, Fraction(1, 5))
    assert e4(rule, fat=345, protein=270) == 62  # 61,5


def test_points_below_a_value_are_taken_only_where_the_rule_says_so() -> None:
    part = Points(FAT, 10, 50 * RP, over=350)
    strict = PriceRule(flat(5_000 * RP), points=(replace(part, below=True),))

    assert e4(PriceRule(flat(5_000 * RP), points=(part,)), fat=330) == 5_000 * RP
    assert e4(strict, fat=330) == 4_900 * RP
    assert e4(strict, fat=370) == 5_100 * RP


@pytest.mark.parametrize(("bacteria", "price_rp"), [(99, 5_000), (100, 4_700), (399, 4_700)])
def test_tiers_of_bacteria_are_bands_that_bring_the_price(bacteria: int, price_rp: int) -> None:
    assert e4(TIERS, bacteria=bacteria) == price_rp * RP


@pytest.mark.parametrize(
    ("moisture", "empty", "price_rp"),
    [
        (2_500, 1_000, 6_500),
        (2_500, 1_100, 6_200),
        (2_600, 1_000, 6_075),
        (2_600, 1_100, 5_750),
        (2_800, 1_200, 5_750),
        (3_000, 1_500, 5_750),
        (2_501, 1_000, 6_075),  # between 25 and 26: the next class
        (2_500, 1_001, 6_200),
        (0, 0, 6_500),
    ],
)
def test_paddy_is_paid_by_the_table_of_january(moisture: int, empty: int, price_rp: int) -> None:
    assert e4(PADDY, moisture=moisture, empty=empty) == price_rp * RP


def test_paddy_outside_the_table_is_refused() -> None:
    with pytest.raises(bands.OutsideRefused):
        e4(PADDY, moisture=3_001, empty=1_000)


def test_a_value_between_two_classes_is_said_with_what_it_counts_as() -> None:
    priced = price(PADDY, grade_id=None, values={MOISTURE: 2_550, EMPTY: 1_200})

    assert said(priced.steps) == [
        "Harga dasar",
        "Kadar air 25,5 % dihitung sebagai 26 % menurut aturan",
        "Kadar air 25,5 % (kelas 26–30 %) dengan Gabah hampa 12 % (kelas 11–15 %)",
    ]


def test_what_somebody_decided_is_said() -> None:
    axis = Axis(MOISTURE, 100, ())
    rule = PriceRule(flat(RP), bands=(band_lines.parse([axis], "≤ 25: 0\n≥ 26: -0,5"),))
    priced = price(rule, grade_id=None, values={MOISTURE: 2_550}, decided={MOISTURE: 2_600})

    assert priced.price_e4 == 5_000
    assert (
        said(priced.steps)[1] == "Kadar air 25,5 % dihitung sebagai 26 % menurut keputusan petugas"
    )


def test_bunches_are_paid_by_the_formula_of_published_prices() -> None:
    priced = price(PALM, grade_id=None, values={})

    assert priced.price_e4 == 2_295 * RP
    assert said(priced.steps) == [
        "CPO: Rp12.000 dengan rendemen 20 % menjadi Rp2.400",
        "Inti: Rp6.000 dengan rendemen 5 % menjadi Rp300",
        "Harga menurut rumus: K 85 % dari Rp2.700",
    ]


def test_published_prices_are_written_a_line_each() -> None:
    assert isinstance(PALM.base, Indices)
    lines = "CPO; 12.000; 20 %\nInti; 6.000; 5 %"

    assert price_rules.parse_indices(f"\n{lines}\n") == PALM.base.indices
    assert price_rules.format_indices(PALM.base.indices) == lines
    for wrong in ("CPO; 12.000", "; 12.000; 20", "CPO 12.000 20"):
        with pytest.raises(price_rules.IndexUnclear):
            price_rules.parse_indices(wrong)
    with pytest.raises(price_rules.IndexMissing):
        price_rules.parse_indices("\n")
    with pytest.raises(price_rules.PriceOutOfRange):
        price_rules.parse_indices("CPO; -12.000; 20")


def test_weight_is_corrected_to_the_standard_moisture_half_up() -> None:
    rule = PriceRule(flat(8_000 * RP), weight=ToMoisture(1_400))
    wet = price(rule, grade_id=None, values={MOISTURE: 2_800})
    dry = price(rule, grade_id=None, values={MOISTURE: 1_300})

    assert wet.paid_weight(1_000_000) == 837_209  # 1.000.000 x 72 / 86 = 837.209,3
    assert wet.paid_weight(43) == 36
    assert dry.paid_weight(1_000_000) == 1_011_628
    assert wet.price_e4 == dry.price_e4 == 8_000 * RP
    as_weighed = replace(rule, weight=ToMoisture(1_400, drier_too=False))
    kept = price(as_weighed, grade_id=None, values={MOISTURE: 1_300})
    assert kept.paid_weight(1_000_000) == 1_000_000
    assert said(kept.steps)[-1].startswith("Kadar air 13 % di bawah 14 %")


def test_a_grade_has_its_own_price_or_that_of_all_others() -> None:
    rule = PriceRule(Fixed((GradePrice(COW, 40 * RP), GradePrice(None, 10 * RP))))

    assert (e4(rule, COW), e4(rule, GOAT), e4(rule)) == (40 * RP, 10 * RP, 10 * RP)
    with pytest.raises(pricing.GradeWithoutPrice):
        e4(PriceRule(Fixed((GradePrice(COW, 40 * RP),))), GOAT)


def test_what_is_not_measured_or_cannot_be_is_refused() -> None:
    with pytest.raises(measures.MeasureMissing):
        e4(PADDY, moisture=2_500)
    with pytest.raises(measures.MeasureOutOfRange):
        e4(PADDY, moisture=25_000, empty=1_000)  # a moisture of 250
    with pytest.raises(pricing.PriceBelowZero):
        e4(PriceRule(flat(RP), limits=(Limit(MOISTURE, 0, -2 * RP),)), moisture=100)


def test_the_bonus_of_every_real_delivery_comes_out_exactly(
    shared_data: Callable[[str], Path],
) -> None:
    with shared_data("milk_deliveries_uganda/deliveries_bonus.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))

    exact = 0
    for row in rows:
        fat, snf = (
            measures.parse(m, row[n].replace(".", ",")) for m, n in ((FAT, "Fat"), (SNF, "SNF"))
        )
        bonus_e4 = e4(UGANDA, fat=fat, snf=snf)
        exact += money.amount_rp(int(row["Qty"]), bonus_e4, 1) == int(row["bonus"])

    assert (exact, len(rows)) == (882, 882)


def schedule(rows: list[dict[str, str]]) -> PriceRule:
    """The federation's schedule as a rule: 40 for cow's milk, 70 for goat's."""
    named = {"fat": FAT, "titratable_acidity": Measure.ACIDITY, "sediment": Measure.SEDIMENT}
    parts = []
    for name, measure in named.items():
        lines = "\n".join(
            ";".join([row["from"], row["to"], row["adjust_php_per_l"]])
            for row in rows
            if row["parameter"] == name
        )
        axis = Axis(measure, measures.scale(measure).step, (), Between.LOWER, Outside.ASK)
        parts.append(band_lines.parse([axis], lines.replace("G-", "").replace(".", ",")))
    base = Fixed((GradePrice(COW, 40 * RP), GradePrice(GOAT, 70 * RP)))
    return price_rules.check(PriceRule(base, bands=tuple(parts)))


def test_the_published_schedule_has_neither_gap_nor_overlap(
    shared_data: Callable[[str], Path],
) -> None:
    with shared_data("milk_price_schedule_ph/price_schedule.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    rule = schedule(rows)
    fat, acidity, _sediment = rule.bands
    good = {"fat": 350, "acidity": 14, "sediment": 1}

    # On a grid of 0,1 % of fat and 0,01 % of acidity every value has one class.
    assert [len(part.adjust_e4) for part in rule.bands] == [14, 7, 3]
    assert e4(rule, COW, **good) == 40 * RP
    assert e4(rule, GOAT, **good) == 70 * RP
    for row in rows:
        value = {"fat": 100, "titratable_acidity": 100, "sediment": 1}[row["parameter"]]
        name = row["parameter"].removeprefix("titratable_")
        wanted = Fraction(row["adjust_php_per_l"]) * RP
        for edge in (row["from"], row["to"]):
            at = int(Fraction(edge.removeprefix("G-")) * value)
            assert e4(rule, COW, **{**good, name: at}) == 40 * RP + wanted
    # It says nothing of 1,95 % fat, of less than 1,5 % or more than 8,5 %, nor of acidity
    # below 0,14 % or above 0,24 %: the rule does.
    assert e4(rule, COW, **{**good, "fat": 195}) == e4(rule, COW, **{**good, "fat": 190})
    assert e4(rule, COW, **{**good, "fat": 405}) == e4(rule, COW, **{**good, "fat": 400})
    for outside in ({"fat": 149}, {"fat": 851}, {"acidity": 13}, {"acidity": 25}):
        with pytest.raises(bands.OutsideToAsk):
            e4(rule, COW, **{**good, **outside})
    assert (fat.axes[0].bands[0], acidity.axes[0].bands[0]) == (Band(150, 190), Band(14, 18))


KINDS = {Kind.POINTS: MILK, Kind.BANDS: PADDY, Kind.INDEX: PALM, Kind.FIXED: PriceRule(flat(RP))}


@pytest.mark.parametrize("kind", KINDS)
def test_a_rule_has_a_kind_and_comes_back_from_its_json(kind: Kind) -> None:
    assert kind_of(KINDS[kind]) is kind
    assert price_rules.from_json(price_rules.to_json(KINDS[kind])) == KINDS[kind]


def test_a_rule_by_weight_is_of_that_kind() -> None:
    assert kind_of(replace(PADDY, weight=ToMoisture(1_400))) is Kind.MOISTURE


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"base": {"prices": []}, "extra": 1}',
        '{"base": {"prices": [{"grade_id": null, "price_e4": 1.5}]}}',
        '{"base": {"prices": [{"grade_id": null, "price_e4": "1"}]}}',
        '{"base": {"prices": [{"grade_id": null, "price_e4": 1, "per": 2}]}}',
    ],
)
def test_what_was_never_a_rule_is_our_own_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="validation error"):
        price_rules.from_json(text)


def indices(**changes: int) -> Indices:
    """A formula with one index."""
    index = Index("CPO", changes.get("price_e4", RP), changes.get("yield_bp", 2_000))
    return Indices(changes.get("k_bp", 8_500), (index,))


def two(one: Measure, other: Measure) -> Bands:
    """A table with one cell."""
    return band_lines.parse([Axis(one, 1, ()), Axis(other, 1, ())], "…; …: 0")


@pytest.mark.parametrize(
    ("rule", "refusal"),
    [
        (PriceRule(Fixed(())), price_rules.PriceMissing),
        (PriceRule(flat(-1)), price_rules.PriceOutOfRange),
        (PriceRule(flat(10**17)), price_rules.PriceOutOfRange),
        (PriceRule(Fixed((GradePrice(1, 1), GradePrice(1, 2)))), price_rules.PriceTwice),
        (PriceRule(Indices(8_500, ())), price_rules.IndexMissing),
        (PriceRule(Indices(8_500, (Index(" ", 1, 1),))), price_rules.IndexMissing),
        (PriceRule(indices(k_bp=0)), price_rules.ShareOutOfRange),
        (PriceRule(indices(yield_bp=10_001)), price_rules.ShareOutOfRange),
        (PriceRule(indices(price_e4=-1)), price_rules.PriceOutOfRange),
        (PriceRule(flat(0), points=(Points(FAT, 0, 1),)), bands.StepMissing),
        (PriceRule(flat(0), points=(Points(FAT, 10, 1, 99_999),)), measures.MeasureOutOfRange),
        (
            PriceRule(flat(0), points=(Points(FAT, 10, 1), Points(FAT, 5, 1))),
            price_rules.MeasureAgain,
        ),
        (PriceRule(flat(0), limits=(Limit(FAT, -1, 1),)), measures.MeasureOutOfRange),
        (PriceRule(flat(0), bands=(*PADDY.bands, *PADDY.bands)), price_rules.MeasureAgain),
        (PriceRule(flat(0), limits=(Limit(FAT, 1, 1), Limit(FAT, 2, 1))), price_rules.MeasureAgain),
        (PriceRule(flat(0), bands=(two(FAT, SNF), two(MOISTURE, EMPTY))), price_rules.OneTableOnly),
        (PriceRule(flat(0), weight=ToMoisture(0)), price_rules.StandardOutOfRange),
        (PriceRule(flat(0), weight=ToMoisture(9_000)), price_rules.StandardOutOfRange),
    ],
)
def test_a_rule_without_one_clear_price_is_not_kept(
    rule: PriceRule, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        price_rules.to_json(rule)


def test_a_rule_to_a_standard_moisture_is_kept_as_it_is() -> None:
    rule = PriceRule(flat(8_000 * RP), weight=ToMoisture(1_400))

    assert price_rules.from_json(price_rules.to_json(rule)) == rule


amounts = some.integers(-5_000, 5_000).map(lambda rp: rp * 25)


@some.composite
def axes(draw: some.DrawFn, measure: Measure) -> Axis:
    """Adjoining bands of a measure, of any widths, perhaps open at an end."""
    step = draw(some.sampled_from([1, 10, 100]))
    low = draw(some.integers(0, 20)) * step
    found = []
    for width in draw(some.lists(some.integers(0, 4), min_size=1, max_size=6)):
        found.append(Band(low, low + width * step))
        low += (width + 1) * step
    if draw(some.booleans()):
        found[0] = Band(None, found[0].high)
    if draw(some.booleans()):
        found[-1] = Band(found[-1].low, None)
    return Axis(
        measure,
        step,
        tuple(found),
        draw(some.sampled_from(Between)),
        draw(some.sampled_from(Outside)),
    )


@some.composite
def tables(draw: some.DrawFn) -> Bands:
    """Bands of one measure or of two."""
    two = draw(some.booleans())
    found = tuple(draw(axes(m)) for m in ((MOISTURE, EMPTY) if two else (FAT,)))
    cells = 1
    for axis in found:
        cells *= len(axis.bands)
    return Bands(found, tuple(draw(some.lists(amounts, min_size=cells, max_size=cells))))


@given(tables())
@settings(max_examples=40)  # each walks the whole grid
def test_kept_bands_have_exactly_one_band_for_every_value_on_their_grid(table: Bands) -> None:
    kept = price_rules.from_json(price_rules.to_json(PriceRule(flat(0), bands=(table,))))

    for axis in kept.bands[0].axes:
        first, last = axis.bands[0], axis.bands[-1]
        low = 0 if first.low is None else first.low
        high = measures.scale(axis.measure).most if last.high is None else last.high
        for value in range(low, min(high, 5_000) + 1, axis.step):
            (band,) = [band for band in axis.bands if band.holds(value)]
            assert bands.find(axis, value).band == band


@given(tables())
def test_lines_that_were_written_are_read_as_the_same_bands(table: Bands) -> None:
    bare = [replace(axis, bands=()) for axis in table.axes]

    assert band_lines.parse(bare, band_lines.format_lines(table)) == table


@given(some.integers(0, 10_000), some.integers(0, 9_000), some.integers(0, 9_000))
def test_more_deduction_never_raises_the_price(value: int, less: int, more: int) -> None:
    def paid(cut: int) -> int:
        rule = PriceRule(
            flat(2 * RP),
            limits=(Limit(MOISTURE, 2_000, -cut),),
            bands=(band_lines.parse([Axis(EMPTY, 1, ())], f"≤ 10: 0\n> 10: -{cut // 10_000}"),),
        )
        return e4(rule, moisture=value, empty=value)

    assert paid(max(less, more)) <= paid(min(less, more))


@given(some.integers(0, 5_000), some.integers(0, 5_000), some.integers(1, 10**9))
def test_wetter_goods_never_weigh_more(one: int, other: int, net: int) -> None:
    rule = PriceRule(flat(RP), weight=ToMoisture(1_400))

    def paid(moisture: int) -> int:
        return price(rule, grade_id=None, values={MOISTURE: moisture}).paid_weight(net)

    assert paid(max(one, other)) <= paid(min(one, other))


@dataclass(frozen=True)
class Version:
    """A version by its number and days."""

    number: int
    since: date
    until: date | None = None


JAN15, JAN24, FEB1 = date(2025, 1, 15), date(2025, 1, 24), date(2025, 2, 1)
DAY = timedelta(days=1)


def test_the_day_of_delivery_chooses_the_version_and_the_end_is_not_in_it() -> None:
    table, one_price = Version(1, JAN15, JAN24), Version(2, JAN24)
    both = [one_price, table]

    assert version_on(both, on=JAN15 - DAY) is None
    assert version_on(both, on=JAN15) is table
    assert version_on(both, on=JAN24 - DAY) is table
    assert version_on(both, on=JAN24) is one_price
    assert version_on([table], on=JAN24) is None
    assert periods(both) == [Period(JAN15, JAN24, table), Period(JAN24, None, one_price)]


def test_a_correction_counts_instead_until_what_began_later() -> None:
    wrong, later = Version(1, JAN15), Version(2, FEB1)
    right = Version(3, JAN15)
    every = [wrong, later, right]

    check_days([wrong, later], since=JAN15, until=None, corrects=wrong)
    assert periods(every) == [Period(JAN15, FEB1, right), Period(FEB1, None, later)]


def test_after_a_passing_rule_the_earlier_one_counts_again() -> None:
    usual, passing = Version(1, JAN15), Version(2, JAN24, FEB1)

    assert [p.version.number for p in periods([usual, passing])] == [1, 2, 1]


def test_days_that_do_not_fit_are_refused() -> None:
    first = Version(1, JAN15)
    with pytest.raises(price_versions.RuleEndsBeforeItBegins):
        check_days([], since=JAN15, until=JAN15, corrects=None)
    with pytest.raises(price_versions.RuleOfThatDay):
        check_days([first], since=JAN15, until=None, corrects=None)
    with pytest.raises(price_versions.CorrectsAnotherDay):
        check_days([first], since=JAN24, until=None, corrects=first)
    check_days([first], since=JAN24, until=FEB1, corrects=None)


days = some.dates(JAN15, JAN15 + 20 * DAY)


@given(some.lists(some.tuples(days, some.none() | some.integers(1, 9)), max_size=6))
def test_each_day_is_in_one_period_at_most_and_it_is_its_versions(
    made: list[tuple[date, int | None]],
) -> None:
    versions = [
        Version(n, since, None if lasts is None else since + lasts * DAY)
        for n, (since, lasts) in enumerate(made, 1)
    ]
    for ahead in range(-1, 40):
        on = JAN15 + ahead * DAY
        found = [
            p.version
            for p in periods(versions)
            if p.since <= on and (p.until is None or on < p.until)
        ]
        there = version_on(versions, on=on)
        assert found == ([] if there is None else [there])


@pytest.mark.parametrize(
    "module", [bands, band_lines, measures, price_rules, price_versions, pricing]
)
def test_every_refusal_of_pricing_reads_indonesian(module: object) -> None:
    for refusal in vars(module).values():
        if isinstance(refusal, type) and issubclass(refusal, Refusal) and refusal is not Refusal:
            assert language.gettext("id", refusal.sentence) != refusal.sentence
