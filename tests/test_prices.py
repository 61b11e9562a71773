"""Published prices: what in a file is one, keeping them once, and the screen that shows them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from sqlmodel import col, select

from kopprod import db, sheets
from kopprod.domain import imports, money, price_files, prices
from kopprod.domain.access import SYSTEM, NotAllowed, Role
from kopprod.domain.imports import Columns, Fault, Findings, Weight
from kopprod.domain.price_files import PriceFile, PriceRow
from kopprod.domain.prices import PriceLevel
from kopprod.services import prices as price_service
from kopprod.tables.prices import PricePoint, PriceSeries
from tests import make
from tests.screens import screen, words

ON = date(2026, 3, 2)
MONTHLY = "Komoditas;Satuan;Tanggal;Harga\n"


def price_file(data: str | Path, **fixed: str) -> PriceFile:
    """What a file says, its columns guessed from its headings."""
    sheet = sheets.read(data if isinstance(data, Path) else data.encode(), "harga.csv")
    mapping = Columns(imports.guess(price_files.FIELDS, sheet.header), fixed)
    imports.check_mapping(price_files.FIELDS, mapping, sheet.header)
    return price_files.read_rows(sheet.rows, sheet.faults, mapping, on=ON)


def found(data: str | Path, **fixed: str) -> Findings[PriceRow]:
    """What a file would bring to a cooperative that has no prices."""
    return price_files.sort_out(price_file(data, **fixed), {})


def faults(result: Findings[PriceRow], weight: Weight, sentence: str) -> list[Fault]:
    return [f for f in result.faults if (f.weight, f.sentence) == (weight, sentence)]


def count(result: Findings[PriceRow]) -> tuple[int, int, int, int]:
    """Good, asked, faulty, repeated."""
    return len(result.good), len(result.asked), result.faulty, result.repeated


# --- the rule ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "unit"),
    [
        ("(Rp/Kg)", "kg"),
        ("RP/KG", "kg"),
        ("Rp/kg Berat Hidup", "kg berat hidup"),
        ("(Rp/butir)", "butir"),
        ("kg", "kg"),
        ("per kg", "kg"),
        ("", ""),
        ("USD/ton", None),
        ("UGX/litre", None),
    ],
)
def test_a_unit_is_what_one_price_buys(said: str, unit: str | None) -> None:
    assert price_files.unit_of(said) == unit


def test_step_and_unit_are_read_from_the_name_of_a_commodity() -> None:
    result = found("Komoditas;Tahun;Bulan;Harga\nGKP Tk. Penggilingan (Rp/Kg);2019;Mei;Rp4.889\n")

    (price,) = result.good
    assert price.series == price_files.SeriesKey("GKP Tk. Penggilingan", "", "kg", PriceLevel.MILL)
    assert (price.starts_on, price.price_e4) == (date(2019, 5, 1), 48_890_000)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("-", price_files.NO_PRICE),
        ("", price_files.NO_PRICE),
        ("tidak ada", price_files.NO_PRICE),
        ("0", price_files.ZERO_PRICE),
        ("-500", price_files.NEGATIVE_PRICE),
        ("Rp6.7000", imports.NO_NUMBER),
        ("lima ribu", imports.NO_NUMBER),
        ("9.000.000.000", price_files.ABSURD_PRICE),
    ],
)
def test_what_is_not_a_price_is_a_fault_at_its_row_and_column(said: str, sentence: str) -> None:
    result = found(f"{MONTHLY}Kopi;kg;2024-01;{said}\nKopi;kg;2024-02;25.000\n")

    (fault,) = result.faults
    assert (fault.row, fault.column, fault.value) == (2, "Harga", said)
    assert fault.sentence == sentence
    assert [p.price_e4 for p in result.good] == [250_000_000]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (";kg;2024-01;5.000", "Komoditas", price_files.NO_COMMODITY),
        ("Kopi;;2024-01;5.000", "Satuan", price_files.NO_UNIT),
        ("Kopi;USD/kg;2024-01;5.000", "Satuan", price_files.OTHER_MONEY),
        ("Kopi;kg;;5.000", "Tanggal", imports.DATE_MISSING),
        ("Kopi;kg;2024-13;5.000", "Tanggal", imports.NO_DATE),
        ("Kopi;kg;31-02-2024;5.000", "Tanggal", imports.NO_DATE),
        ("Kopi;kg;2027-01;5.000", "Tanggal", imports.DATE_AHEAD),
        ("Kopi;kg;1820-01;5.000", "Tanggal", imports.DATE_LONG_AGO),
        ("Kopi;kg;2024-01;=5000", "Harga", sheets.FORMULA),
    ],
)
def test_a_row_that_cannot_be_placed_is_a_fault(row: str, column: str, sentence: str) -> None:
    result = found(f"{MONTHLY}{row}\n")

    (fault,) = result.faults
    assert (fault.row, fault.column, fault.sentence) == (2, column, sentence)
    assert not result.good


def test_a_machines_decimal_point_is_told_from_thousands_by_the_whole_column() -> None:
    machine = "".join(f"Kopi;kg;2024-0{m};2700.1{m}\n" for m in range(1, 7))
    people = "".join(f"Kopi;kg;2024-0{m};2.70{m}\n" for m in range(1, 7))

    assert [p.price_e4 for p in found(MONTHLY + machine).good][:2] == [27_001_100, 27_001_200]
    assert [p.price_e4 for p in found(MONTHLY + people).good][:2] == [27_010_000, 27_020_000]


def test_a_column_with_both_ways_of_writing_is_asked_about_and_never_guessed() -> None:
    both = "".join(f"Kopi;kg;2024-0{m};2700.1{m}\n" for m in range(1, 7))
    result = found(f"{MONTHLY}{both}Teh;kg;2024-01;2.700,5\n")

    assert not result.good
    assert {f.sentence for f in result.faults} == {imports.UNCLEAR_NUMBER}


def test_one_point_among_many_thousands_is_asked_about_alone() -> None:
    people = "".join(f"Kopi;kg;20{y}-0{m};25.00{m}\n" for m in range(1, 7) for y in range(18, 22))
    result = found(f"{MONTHLY}{people}Teh;kg;2024-01;1.5\n")

    (fault,) = result.faults
    assert (fault.row, fault.sentence) == (26, imports.UNCLEAR_NUMBER)
    assert len(result.good) == 24


def test_somebody_may_say_which_sign_marks_the_decimals() -> None:
    sheet = sheets.read(f"{MONTHLY}Kopi;kg;2024-01;1.5\n".encode(), "a.csv")
    mapping = Columns(imports.guess(price_files.FIELDS, sheet.header), sign="point")

    file = price_files.read_rows(sheet.rows, sheet.faults, mapping, on=ON)

    assert [p.price_e4 for p in file.prices] == [15_000]


def test_two_prices_for_one_month_are_both_faults_and_the_same_twice_is_one() -> None:
    result = found(
        f"{MONTHLY}Kopi;kg;2024-01;5.000\nKopi;kg;2024-01;6.000\n"
        "Teh;kg;2024-01;7.000\nTeh;kg;2024-01;7.000\n"
    )

    assert [f.row for f in faults(result, Weight.FAULT, price_files.TWO_PRICES)] == [2, 3]
    assert count(result) == (1, 0, 2, 1)


def test_a_price_far_from_those_around_it_is_asked_about() -> None:
    usual = "".join(f"Kopi;kg;2024-{m:02};25.000\n" for m in range(1, 13) if m != 6)
    result = found(f"{MONTHLY}{usual}Kopi;kg;2024-06;2.500\n")

    (fault,) = faults(result, Weight.QUESTION, price_files.FAR_OFF)
    assert (fault.row, fault.facts) == (13, {"usual_e4": 250_000_000})
    assert count(result) == (11, 1, 0, 0)


def test_prices_kept_before_say_what_is_usual_for_a_new_one() -> None:
    file = price_file(f"{MONTHLY}Kopi;kg;2024-06;2.500\n")
    known = {file.prices[0].series: {date(2024, m, 1): 250_000_000 for m in range(1, 6)}}

    assert len(price_files.sort_out(file, known).asked) == 1


def test_what_is_kept_is_there_already_or_a_fault_at_another_price() -> None:
    rows = "".join(f"Kopi;kg;2024-0{m};25.000\n" for m in (1, 2, 3))
    file = price_file(MONTHLY + rows)
    series = file.prices[0].series
    known = {series: {date(2024, 1, 1): 250_000_000, date(2024, 2, 1): 260_000_000}}
    result = price_files.sort_out(file, known)

    (fault,) = result.faults
    assert (fault.row, fault.sentence) == (3, price_files.KEPT_OTHERWISE)
    assert fault.facts == {"kept_e4": 260_000_000}
    assert (count(result), result.there_already) == ((1, 0, 1, 0), 1)


def test_a_twin_without_a_price_leaves_open_which_place_is_meant() -> None:
    head = "Komoditas;Satuan;Tanggal;Harga;Wilayah\n"
    result = found(f"{head}Kopi;kg;2024-01;5.000;Kota\nKopi;kg;2024-01;0;Kota\n")

    (fault,) = faults(result, Weight.QUESTION, price_files.TWIN_WITHOUT_PRICE)
    assert (fault.row, fault.facts) == (2, {"other": 3})


def test_a_row_between_a_name_that_stands_twice_and_one_that_lacks_is_asked_about() -> None:
    january = "".join(f"{name};kg;2024-01;5.000\n" for name in ("Bawang", "Cabai", "Jahe"))
    february = "Bawang;kg;2024-02;5.100\nBawang;kg;2024-02;7.000\nCabai;kg;2024-02;4.900\n"
    result = found(MONTHLY + january + february)

    (fault,) = faults(result, Weight.QUESTION, price_files.NAMES_SLIPPED)
    assert (fault.row, fault.facts) == (7, {"twice": "Bawang", "lacking": "Jahe"})
    assert count(result) == (3, 1, 2, 0)


def test_a_gap_in_a_series_stays_a_gap() -> None:
    points = [(date(2024, m, 1), m) for m in (1, 2, 3, 7, 8)]

    drawn = prices.with_gaps(points)

    assert [value for _, value in drawn] == [1, 2, 3, None, 7, 8]
    assert prices.with_gaps([]) == []


# --- the real files ------------------------------------------------------------------------------


def test_bapanas_the_producer_prices_of_the_food_agency(
    shared_data: Callable[[str], Path],
) -> None:
    path = shared_data("harga_produsen_bapanas/cleaned_data.csv")
    raw = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    result = found(path)

    # 15 dashes, one month with two prices, two misprints, and a name that slipped a row.
    assert count(result) == (877, 3, 17, 0)
    assert len(raw) == result.rows == 897
    dashes = raw.index[raw.Harga == "-"] + 2
    assert [f.row for f in faults(result, Weight.FAULT, price_files.NO_PRICE)] == list(dashes)
    assert [f.row for f in faults(result, Weight.FAULT, price_files.TWO_PRICES)] == [197, 198]
    misprints = faults(result, Weight.QUESTION, price_files.FAR_OFF)
    assert [f.value for f in misprints] == ["Rp1.674", "Rp1.677"]
    assert [f.row for f in faults(result, Weight.QUESTION, price_files.NAMES_SLIPPED)] == [199]
    assert len({p.series for p in result.good}) == 13
    assert {p.series.unit for p in result.good} == {"kg", "kg berat hidup", "ekor hidup"}
    good = {p.row: p.price_e4 for p in result.good}
    read = raw.Harga.str.replace(r"\D", "", regex=True)
    assert all(good[row] == int(read[row - 2]) * 10_000 for row in good)


def test_jatim_farm_prices_by_regency(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("harga_petani_jatim/harga_pertanian_jatim_2020_2023.csv")
    raw = pd.read_csv(path, dtype=str, keep_default_na=False)
    result = found(path)

    # Seven regencies stand under the codes of their cities, so that each month has two rows: where
    # both have a price nobody can tell them apart, where one has none it is asked which is meant.
    assert count(result) == (5_164, 1_559, 4_215, 6)
    assert len(raw) == result.rows == 10_944
    assert 5_164 + 1_559 + 4_215 + 6 == 10_944
    assert len(faults(result, Weight.FAULT, price_files.ZERO_PRICE)) == (raw.jumlah == "0").sum()
    pairs = raw.groupby(["kode_kabupaten_kota", "periode_update", "kategori"]).jumlah.agg(list)
    pairs = pairs[pairs.map(len) == 2]
    two = pairs[pairs.map(lambda p: "0" not in p and p[0] != p[1])]
    one = pairs[pairs.map(lambda p: p.count("0") == 1)]
    assert len(faults(result, Weight.FAULT, price_files.TWO_PRICES)) == 2 * len(two) == 278
    assert len(faults(result, Weight.QUESTION, price_files.TWIN_WITHOUT_PRICE)) == len(one) == 1_555
    misprints = faults(result, Weight.QUESTION, price_files.FAR_OFF)
    assert [f.value for f in misprints] == ["4400", "2575", "1400", "6000"]
    assert sum(p.price_e4 for p in result.good) % 10_000 == 0


def test_bps_producer_prices_with_decimal_points(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("harga_produsen_bps_2009_2020/harga_produsen.csv")
    raw = pd.read_csv(path, dtype=str)
    result = found(path)

    assert count(result) == (1_728, 0, 0, 0)
    assert {p.series.unit for p in result.good if p.series.commodity == "Kelapa"} == {"butir"}
    assert [p.price_e4 for p in result.good] == [int(Decimal(v) * 10_000) for v in raw.nilai]


# --- keeping them --------------------------------------------------------------------------------


def keep(coop: str, file: PriceFile, accepted: set[int] | None = None) -> int:
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        kept = price_service.keep(session, file, source="BPS", accepted=accepted or set())
    return kept.points


def stored(coop: str) -> list[tuple[str, date, int]]:
    with db.reading(coop) as session:
        rows = session.exec(
            select(PriceSeries, PricePoint)
            .where(PricePoint.series_id == PriceSeries.id)
            .order_by(col(PriceSeries.commodity), col(PricePoint.starts_on))
        )
        return [(series.commodity, point.starts_on, point.price_e4) for series, point in rows]


def test_the_same_rows_a_second_time_write_nothing(coop: str) -> None:
    file = price_file(f"{MONTHLY}Kopi;kg;2024-01;25.000\nTeh;kg;2024-01;7.000\n")

    assert keep(coop, file) == 2
    before = stored(coop)
    assert keep(coop, file) == 0

    assert stored(coop) == before
    with db.reading(coop) as session:
        again = price_service.findings(session, file, source="BPS")
    assert again.there_already == 2
    assert not again.faults


def test_another_price_for_a_kept_day_is_a_fault_and_overwrites_nothing(coop: str) -> None:
    keep(coop, price_file(f"{MONTHLY}Kopi;kg;2024-01;25.000\n"))
    other = price_file(f"{MONTHLY}Kopi;kg;2024-01;26.000\nKopi;kg;2024-02;26.000\n")

    with db.reading(coop) as session:
        (fault,) = price_service.findings(session, other, source="BPS").faults
    assert (fault.sentence, fault.facts) == (price_files.KEPT_OTHERWISE, {"kept_e4": 250_000_000})
    assert keep(coop, other) == 1
    assert [price for _, _, price in stored(coop)] == [250_000_000, 260_000_000]


def test_a_question_is_kept_only_once_somebody_says_yes(coop: str) -> None:
    usual = "".join(f"Kopi;kg;2024-{m:02};25.000\n" for m in range(1, 6))
    file = price_file(f"{MONTHLY}{usual}Kopi;kg;2024-06;2.500\n")

    assert keep(coop, file) == 5
    assert keep(coop, file) == 0
    assert keep(coop, file, {7}) == 1
    assert len(stored(coop)) == 6


def test_the_same_commodity_of_another_source_is_another_series(coop: str) -> None:
    file = price_file(f"{MONTHLY}Kopi;kg;2024-01;25.000\n")
    keep(coop, file)
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        kept = price_service.keep(session, file, source="PIHPS")

    assert (kept.points, kept.new_series) == (1, 1)


def test_series_are_linked_to_products_and_read_by_period(coop: str) -> None:
    keep(coop, price_file(MONTHLY + "".join(f"Kopi;kg;2024-0{m};25.000\n" for m in range(1, 7))))
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        product = make.product(session, "Kopi")
        (summary,) = price_service.series(session)
        price_service.link(session, summary.series.id, product_id=product.id)
        (linked,) = price_service.series(session, product_id=product.id)
        some = price_service.points(
            session, linked.series.id, since=date(2024, 2, 1), until=date(2024, 4, 1)
        )

    assert (linked.points, linked.first_on, linked.last_on) == (
        6,
        date(2024, 1, 1),
        date(2024, 6, 1),
    )
    assert [p.starts_on.month for p in some] == [2, 3]


def test_only_the_manager_brings_files(coop: str) -> None:
    file = price_file(f"{MONTHLY}Kopi;kg;2024-01;25.000\n")

    for person in (make.OFFICER, make.TREASURER, make.SUPERVISOR, make.person(Role.MEMBER)):
        with db.reading(coop, person=person) as session, pytest.raises(NotAllowed):
            price_service.findings(session, file, source="BPS")


# --- the screen ----------------------------------------------------------------------------------


def test_an_empty_page_says_what_to_do_next(coop: str) -> None:
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        citra = make.user(session, Role.MANAGER, name="Citra")

    test = screen(coop, citra, "prices")

    assert not test.exception
    assert "Harga yang diterbitkan pihak lain" in words(test)


def test_a_series_is_shown_as_a_chart_with_its_table(coop: str) -> None:
    keep(coop, price_file(MONTHLY + "".join(f"Kopi;kg;2024-0{m};25.000\n" for m in range(1, 7))))
    with db.writing(coop, person=SYSTEM, action="test", at=make.AT) as session:
        ayu = make.user(session, Role.MEMBER, name="Ayu", member_id=make.member(session).id)

    test = screen(coop, ayu, "prices")

    assert not test.exception
    assert len(test.get("plotly_chart")) == 1
    assert "6 harga dari 1 Januari 2024 sampai 1 Juni 2024" in words(test)


# --- farmer's share ------------------------------------------------------------------------------


def month_price(rupiah: int, places: int = 1) -> prices.MonthPrice:
    return prices.MonthPrice(Fraction(rupiah), places)


def test_the_farmers_share_of_the_rice_price_by_hand() -> None:
    """Paddy at 4.600, 5.000 and 5.900; 62,5 % of it is rice: 8.000 of 12.800 is 62,5 %."""
    january, late = date(2024, 1, 1), date(2024, 1, 28)
    farm = prices.monthly([(1, january, 46_000_000), (2, late, 50_000_000), (3, late, 59_000_000)])
    shop = prices.monthly([(4, january, 127_000_000), (4, late, 129_000_000)])

    (found,) = prices.farmers_months(farm, shop, yield_bp=6_250)

    assert found.farm == month_price(5_000, 3)
    assert found.retail == month_price(12_800)
    assert (found.as_sold, found.margin) == (Fraction(8_000), Fraction(4_800))
    assert found.share == Fraction(625, 1_000)


def test_the_same_goods_need_no_conversion_as_the_tomatoes_of_we_9() -> None:
    on = date(2022, 1, 1)
    (found,) = prices.farmers_months(
        {on: month_price(2_000)}, {on: month_price(4_600)}, yield_bp=10_000
    )

    assert money.round_half_up(found.share * money.BP) == 4_348
    assert found.margin == Fraction(2_600)


def test_a_place_asked_daily_weighs_no_more_than_one_asked_once() -> None:
    daily = [(1, date(2024, 1, day), 10_000 * day) for day in range(1, 11)]

    found = prices.monthly([*daily, (2, date(2024, 1, 1), 200_000)])

    assert found == {date(2024, 1, 1): prices.MonthPrice(Fraction(51, 4), 2)}  # of 5,5 and 20


def test_a_month_without_both_prices_is_left_out_and_named() -> None:
    one, two, three, four = (date(2024, m, 1) for m in (1, 2, 3, 4))
    farm = {m: month_price(5_000) for m in (one, two, four)}
    shop = {m: month_price(9_000) for m in (two, three, four)}

    assert [m.month for m in prices.farmers_months(farm, shop, yield_bp=6_400)] == [two, four]
    assert prices.lacking(farm, shop) == ([three], [])
    assert prices.lacking(farm, {}) == ([], [])


def test_of_a_yield_of_nothing_nothing_is_said() -> None:
    with pytest.raises(prices.YieldMissing):
        prices.farmers_months({}, {}, yield_bp=0)


def test_the_market_numbers_of_pihps_are_steps_of_the_chain() -> None:
    head = "Date_Param,Commodity_Name,Province_Name,Price,Price_Type\n"
    rows = "".join(f"2024-01-0{n},Beras,Aceh,1025{n}.0,{n}\n" for n in range(1, 6))

    levels = [price.series.level for price in found(head + rows, unit="kg").good]

    retail, unknown = PriceLevel.RETAIL, PriceLevel.UNKNOWN
    assert levels == [retail, retail, PriceLevel.WHOLESALE, PriceLevel.FARM, unknown]


def test_pihps_daily_retail_prices_of_rice(
    shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    raw = pd.read_csv(shared_data("pihps_ritel/komoditas_beras_2022_2026.csv"), dtype=str)
    raw = raw[raw.Date_Param >= "2026"]  # the longest file, of chilli, is read whole below
    path = tmp_path / "beras.csv"
    raw.to_csv(path, index=False)
    result = found(path, unit="kg")

    assert count(result) == (len(raw), 0, 0, 0)
    assert len({p.series for p in result.good}) == 34
    assert {p.series.level for p in result.good} == {PriceLevel.RETAIL}
    assert [p.price_e4 for p in result.good] == [int(Decimal(v) * 10_000) for v in raw.Price]


def test_one_misprint_among_daily_chilli_prices_is_asked_about(
    shared_data: Callable[[str], Path],
) -> None:
    path = shared_data("pihps_ritel/komoditas_cabai_merah_2022_2026.csv")
    raw = pd.read_csv(path, dtype=str)
    result = found(path, unit="kg")

    assert count(result) == (47_212, 1, 0, 0)
    assert [f.value for f in faults(result, Weight.QUESTION, price_files.FAR_OFF)] == ["94400.0"]
    assert len({p.series for p in result.good}) == 34
    read = {p.row: p.price_e4 for p in [*result.good, *result.asked]}
    assert read == {n: int(Decimal(v) * 10_000) for n, v in enumerate(raw.Price, start=2)}


def test_farmers_share_of_the_rice_price_in_east_java(
    coop: str, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    farm = shared_data("harga_petani_jatim/harga_pertanian_jatim_2020_2023.csv")
    raw = pd.read_csv(shared_data("pihps_ritel/komoditas_beras_2022_2026.csv"), dtype=str)
    rice = tmp_path / "beras.csv"  # East Java's rows of the file
    raw[raw.Province_Name == "Jawa Timur"].to_csv(rice, index=False)
    keep(coop, price_file(farm))
    keep(coop, price_file(rice, unit="kg"))

    with db.reading(coop) as session:
        known = price_service.series(session)
        paddy, shop = (
            price_service.monthly(
                session, [s.series.id for s in known if s.series.commodity == commodity]
            )
            for commodity in ("GABAH KERING GILING", "Beras")
        )
    months = prices.farmers_months(paddy, shop, yield_bp=6_400)

    # By hand for December 2023: the middle of 20 regencies is 8.000, 12.500 for a kg of rice; the
    # middle of 31 days in the shops is 13.750.
    assert len(months) == 24
    assert (months[0].month, months[-1].month) == (date(2022, 1, 1), date(2023, 12, 1))
    assert prices.lacking(paddy, shop) == ([], [])
    assert (months[-1].farm, months[-1].retail.price) == (
        month_price(8_000, 20),
        Fraction(13_750),
    )
    assert months[-1].share == Fraction(12_500, 13_750)


def test_the_share_is_charted_and_what_is_left_out_is_said(coop: str) -> None:
    paddy = "".join(f"Gabah kering giling;kg;2024-0{m};5.000\n" for m in (1, 2, 4, 5))
    keep(coop, price_file(MONTHLY + paddy))
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        rice = "".join(f"Beras;kg;2024-0{m}-15;12.500\n" for m in range(1, 6))
        price_service.keep(session, price_file(MONTHLY + rice, level="eceran"), source="PIHPS")
        who = make.user(session, Role.MEMBER)
    test = screen(coop, who, "prices")

    test.segmented_control(key="view").set_value("share").run()

    assert not test.exception
    assert "4 bulan punya kedua harga" in words(test)
    assert "harga di petani tidak ada: Mar 24" in words(test)
    assert "62,5 %" in words(test)  # 5.000 / 0,64 = 7.812,50 of 12.500
    test.text_input(key="share_yield_True").set_value("0 %").run()
    assert test.error


def test_without_two_prices_the_share_says_what_is_needed(coop: str) -> None:
    keep(coop, price_file(f"{MONTHLY}Gabah;kg;2024-01;5.000\n"))
    with db.writing(coop, person=make.MANAGER, action="test", at=make.AT) as session:
        who = make.user(session, Role.MEMBER)
    test = screen(coop, who, "prices")

    test.segmented_control(key="view").set_value("share").run()

    assert not test.exception
    assert "Masukkan berkas" in words(test)
