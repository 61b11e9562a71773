"""Bands of price rules: how they are written, what is refused, and values between and outside."""

import pytest

from kopprod import language
from kopprod.domain import band_lines, bands, measures, typed
from kopprod.domain.band_lines import format_lines, parse, parse_adjust_e4
from kopprod.domain.bands import Axis, Band, Bands, Between, Outside
from kopprod.domain.measures import Measure
from kopprod.domain.refusal import Refusal

FAT, MOISTURE, EMPTY, DENSITY = Measure.FAT, Measure.MOISTURE, Measure.EMPTY, Measure.DENSITY
RP = 10_000
BY_TENTHS = Axis(FAT, 10, ())
TABLE = [Axis(MOISTURE, 100, ()), Axis(EMPTY, 100, ())]


@pytest.mark.parametrize(
    ("line", "band", "adjust_e4"),
    [
        ("1,5-1,9: -1", Band(150, 190), -RP),
        ("1,5 – 1,9 % : −0,25", Band(150, 190), -2_500),
        ("1,5 sampai 1,9: +1.000", Band(150, 190), 1_000 * RP),
        ("1,5 s/d 1,9: Rp300", Band(150, 190), 300 * RP),
        ("1,5;1,9;-1", Band(150, 190), -RP),
        ("1,5\t1,9\t-Rp 1", Band(150, 190), -RP),
        ("3,5: 0", Band(350, 350), 0),
        ("≤ 3,5: 0", Band(None, 350), 0),
        ("<= 3,5 %; 0", Band(None, 350), 0),
        ("sampai 3,5: 0", Band(None, 350), 0),
        ("-3,5: 0", Band(None, 350), 0),
        (";3,5;0", Band(None, 350), 0),
        ("≥ 3,5: 0", Band(350, None), 0),
        ("3,5+: 0", Band(350, None), 0),
        ("mulai 3,5: 0", Band(350, None), 0),
        ("> 3,5: 0", Band(360, None), 0),
        ("< 3,5: 0", Band(None, 340), 0),
        ("…: 5", Band(None, None), 5 * RP),
    ],
)
def test_a_class_is_written_as_people_write_it(line: str, band: Band, adjust_e4: int) -> None:
    read = parse([BY_TENTHS], line)

    assert (read.axes[0].bands, read.adjust_e4) == ((band,), (adjust_e4,))
    assert parse([BY_TENTHS], format_lines(read)) == read


def test_classes_may_come_in_any_order_and_with_empty_lines() -> None:
    read = parse([BY_TENTHS], "\n 2,0-2,4: -0,75\n\n1,5-1,9: -1,00\n")

    assert [band.low for band in read.axes[0].bands] == [150, 200]
    assert read.adjust_e4 == (-10_000, -7_500)


def test_a_table_may_be_pasted_with_each_end_in_its_cell() -> None:
    read = parse(TABLE, "0\t25\t0\t10\t0\n26\t30\t0\t10\t-425")

    assert read.axes[0].bands == (Band(0, 2_500), Band(2_600, 3_000))
    assert read.adjust_e4 == (0, -425 * RP)
    assert format_lines(read) == "0–25 %; 0–10 %: 0\n26–30 %; 0–10 %: -425"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("1,5-1,9: -1\n2,1-2,4: 0", "1,5–1,9 % dan 2,1–2,4 %"),
        ("1,5-2: -1\n2,0-2,4: 0", "1,5–2 % dan 2–2,4 %"),
        ("≥ 2: -1\n2,5-3: 0", "≥ 2 % dan 2,5–3 %"),
        ("2-3: 0\n≤ 2: 0", "≤ 2 % dan 2–3 %"),
    ],
)
def test_gaps_and_overlaps_are_refused_with_both_classes(lines: str, words: str) -> None:
    with pytest.raises((bands.BandsHaveGap, bands.BandsOverlap)) as refused:
        parse([BY_TENTHS], lines)

    assert words in language.sentence("id", refused.value)


@pytest.mark.parametrize(
    ("axes", "lines", "refusal"),
    [
        ([BY_TENTHS], " \n", bands.NoBands),
        ([BY_TENTHS], "1,5-1,9", band_lines.LineUnclear),
        ([BY_TENTHS], "satu: 5", band_lines.LineUnclear),
        ([BY_TENTHS], "1;2;3;4;5", band_lines.LineUnclear),
        ([BY_TENTHS], "1,5-1,9: lima", band_lines.LineUnclear),
        ([BY_TENTHS], "1,5-1,9: =5", typed.FormulaTyped),
        ([BY_TENTHS], "1,9-1,5: 5", bands.BandUpsideDown),
        ([BY_TENTHS], "1,55-1,9: 5", bands.BandOffStep),
        ([Axis(FAT, 0, ())], "1,5-1,9: 5", bands.StepMissing),
        ([BY_TENTHS], "1,5-250: 5", measures.MeasureOutOfRange),
        ([BY_TENTHS], "1,5-1,999: 5", measures.MeasureTooFine),
        ([BY_TENTHS], "1,5: 0\n1,5: 1", band_lines.LineTwice),
        ([BY_TENTHS], "1,5: 0,00001", band_lines.AdjustmentTooFine),
        ([BY_TENTHS], "1,5: 2.000.000.000.000", band_lines.AdjustmentTooLarge),
        ([BY_TENTHS], "1,5: 0\n" * 1_001, bands.TooManyBands),
        ([BY_TENTHS], "\n".join(f"{n}: 0" for n in range(101)), bands.TooManyBands),
        (TABLE, "≤ 25; ≤ 10: 0\n26-30; 11-15: 0", band_lines.LineMissing),
        ([TABLE[0], TABLE[0]], "≤ 25; ≤ 10: 0", bands.MeasureTwice),
    ],
)
def test_lines_that_say_nothing_clear_are_refused(
    axes: list[Axis], lines: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        parse(axes, lines)


def test_bands_without_their_amounts_are_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        bands.check(Bands((BY_TENTHS,), (1,)))


def test_an_axis_without_bands_is_refused() -> None:
    with pytest.raises(bands.NoBands):
        bands.check(Bands((BY_TENTHS,), ()))


def fat(between: Between = Between.ASK, outside: Outside = Outside.ASK) -> Axis:
    """Two classes of fat by tenths."""
    return Axis(FAT, 10, (Band(150, 190), Band(200, 240)), between, outside)


@pytest.mark.parametrize(
    ("axis", "value", "counts_as"),
    [
        (fat(), 175, 175),  # not on the grid, but in one class only
        (fat(Between.HIGHER), 195, 200),
        (fat(Between.LOWER), 195, 190),
        (fat(outside=Outside.NEAREST), 149, 150),
        (fat(outside=Outside.NEAREST), 900, 240),
    ],
)
def test_a_value_between_two_classes_or_outside_counts_as_the_rule_says(
    axis: Axis, value: int, counts_as: int
) -> None:
    found = bands.find(axis, value)

    assert (found.counts_as, found.band.holds(counts_as), found.decided) == (counts_as, True, False)


@pytest.mark.parametrize(("value", "choices"), [(195, (190, 200)), (149, (150,)), (241, (240,))])
def test_what_the_rule_leaves_to_somebody_is_asked_and_the_answer_counts(
    value: int, choices: tuple[int, ...]
) -> None:
    with pytest.raises(bands.ToAsk) as asked:
        bands.find(fat(), value)
    assert (asked.value.measure, asked.value.choices) == (FAT, choices)

    for choice in choices:
        found = bands.find(fat(), value, decided=choice)
        assert (found.counts_as, found.decided) == (choice, True)
    with pytest.raises(bands.ToAsk):
        bands.find(fat(), value, decided=220)  # nobody may choose any class he likes


def test_where_the_rule_refuses_or_knows_nobody_decides() -> None:
    strict = fat(Between.REFUSE, Outside.REFUSE)
    with pytest.raises(bands.BetweenRefused):
        bands.find(strict, 195, decided=200)
    with pytest.raises(bands.OutsideRefused):
        bands.find(strict, 149, decided=150)
    assert bands.find(strict, 160, decided=200).band == Band(150, 190)


@pytest.mark.parametrize(
    ("measure", "text", "value"),
    [
        (MOISTURE, "28", 2_800),
        (MOISTURE, "12,5 %", 1_250),
        (Measure.BACTERIA, "5 juta", 5_000_000),
        (Measure.BACTERIA, "400 ribu/ml", 400_000),
        (DENSITY, "1,026 kg/l", 10_260),
        (Measure.SEDIMENT, "2", 2),
    ],
)
def test_a_measure_is_typed_as_people_say_it(measure: Measure, text: str, value: int) -> None:
    assert measures.parse(measure, text) == value
    assert measures.parse(measure, measures.shown(measure, value)) == value


@pytest.mark.parametrize(
    ("measure", "text", "refusal"),
    [
        (MOISTURE, "250", measures.MeasureOutOfRange),
        (MOISTURE, "basah", typed.NotANumber),
        (MOISTURE, "", typed.NothingTyped),
        (MOISTURE, "12,555", measures.MeasureTooFine),
        (DENSITY, "28", measures.MeasureOutOfRange),
    ],
)
def test_a_measure_that_cannot_be_is_refused(
    measure: Measure, text: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        measures.parse(measure, text)


def test_every_measure_has_its_indonesian_word() -> None:
    assert set(measures.WORDS) == set(Measure)
    assert parse_adjust_e4("+0,25") == 2_500
