"""Wants from a file: what farmers bought, and what buying it together would have saved."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from kopprod import sheets
from kopprod.domain import imports, members, row_reader, subsidies, want_files
from kopprod.domain.access import NotAllowed
from kopprod.domain.handing_out import SharingRule
from kopprod.domain.imports import Columns, Findings
from kopprod.domain.purchases import PurchaseStage
from kopprod.domain.want_files import Known, Pooled, WantFile, WantRow
from kopprod.services import want_files as want_service
from kopprod.services.want_files import KeptWants
from kopprod.tables.purchases import Purchase
from tests import make
from tests.seasons import writing

HEAD = "Nomor;Nama;Desa;Musim;Urea;Harga urea;Fosfat;Harga fosfat\n"
NOBODY = Known({}, set(), set())


def want_file(text: str, *, sign: str = "auto") -> WantFile:
    sheet = sheets.read(text.encode(), "pesanan.csv")
    mapping = Columns(imports.guess(want_files.FIELDS, sheet.header), {}, sign)
    return want_files.read_rows(sheet.rows, sheet.faults, mapping)


def test_a_row_wants_what_it_has_columns_for() -> None:
    file = want_file(f"{HEAD}A-01;Ayu;Sukamaju;MT1;900;75;80;72,5\nA-02;Budi;Sukamaju;MT1;0;80;;\n")

    assert not file.faults
    assert file.wants == [
        WantRow(2, "A-01", "Ayu", "Sukamaju", "MT1", "urea", 900, 750_000),
        WantRow(2, "A-01", "Ayu", "Sukamaju", "MT1", "phosphate", 80, 725_000),
        WantRow(3, "A-02", "Budi", "Sukamaju", "MT1"),
    ]


def test_without_a_season_the_rows_of_one_number_are_in_order_and_a_faulty_one_keeps_its_turn() -> (
    None
):
    file = want_file(
        "id;region;urea;purea\n7;Langan;10;80\n8;Langan;5;80\n7;Langan;x;80\n7;Langan;9;80\n"
    )

    assert [(w.number, w.name, w.season) for w in file.wants] == [
        ("7", "7", "1"),
        ("8", "8", "1"),
        ("7", "7", "3"),
    ]
    assert [fault.row for fault in file.faults] == [4]


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (";Ayu;Sukamaju;1;5;80;;", "Nomor", members.NumberMissing.sentence),
        (f"A-01;{'a' * 200};Sukamaju;1;5;80;;", "Nama", members.NameTooLong.sentence),
        ("A-01;Ayu;;1;5;80;;", "Desa", row_reader.NOTHING_THERE),
        (f"A-01;Ayu;Sukamaju;{'1' * 50};5;80;;", "Musim", subsidies.SeasonMissing.sentence),
        ("A-01;Ayu;Sukamaju;1;-5;80;;", "Urea", row_reader.BELOW_NOTHING),
        ("A-01;Ayu;Sukamaju;1;2,5;80;;", "Urea", row_reader.TOO_FINE),
        ("A-01;Ayu;Sukamaju;1;9999999;80;;", "Urea", row_reader.TOO_MUCH),
        ("A-01;Ayu;Sukamaju;1;banyak;80;;", "Urea", imports.NO_NUMBER),
        ("A-01;Ayu;Sukamaju;1;5;;;", "Harga urea", want_files.NO_PRICE),
        ("A-01;Ayu;Sukamaju;1;5;0;;", "Harga urea", want_files.NO_PRICE),
        ("A-01;Ayu;Sukamaju;1;5;mahal;;", "Harga urea", imports.NO_NUMBER),
        ("A-01;=Ayu();Sukamaju;1;5;80;;", "Nama", sheets.FORMULA),
    ],
)
def test_every_faulty_row_says_why_and_where(row: str, column: str, sentence: str) -> None:
    file = want_file(f"{HEAD}{row}\n")

    assert [(f.row, f.column, f.sentence) for f in file.faults] == [(2, column, sentence)]
    assert not file.wants


def test_a_sign_that_somebody_chose_decides() -> None:
    text = f"{HEAD}A-01;Ayu;Sukamaju;1;5;82.5;;\n"

    assert [f.sentence for f in want_file(text).faults] == [imports.UNCLEAR_NUMBER]
    assert want_file(text, sign="point").wants[0].price_e4 == 825_000


def found(text: str, known: Known = NOBODY) -> Findings[WantRow]:
    return want_files.sort_out(want_file(HEAD + text), known=known)


def test_rows_are_compared_with_each_other_and_with_the_register() -> None:
    ayu, siti = "A-01;Ayu;Sukamaju;1;5;80;;\n", "A-09;Siti;Sukamaju;1;5;80;;\n"
    register = {"a-09": ("budi", "sukamaju")}

    assert len(found(ayu).good) == 1
    assert [f.sentence for f in found(ayu + ayu).faults] == [want_files.SAME_SEASON_TWICE]
    moved = found(ayu + "A-01;Ayu;Langan;2;5;80;;\n")
    assert [(f.row, f.column, f.sentence) for f in moved.faults] == [
        (3, "Desa", want_files.ANOTHER_VILLAGE)
    ]
    assert [f.sentence for f in found(siti, Known(register, set(), set())).faults] == [
        want_files.ANOTHER_NAME
    ]
    closed = Known({}, set(), {("sukamaju", "1")})
    assert [f.sentence for f in found(ayu, closed).faults] == [want_files.CLOSED_ALREADY]


def test_what_is_kept_already_is_counted() -> None:
    known = Known({"a-01": ("ayu", "sukamaju")}, {"file-a-01-1-urea"}, {("sukamaju", "1")})
    again = found("A-01;Ayu;Sukamaju;1;5;80;;\nA-01;Ayu;Sukamaju;2;;;;\n", known)

    assert (again.there_already, again.good, again.faults) == (2, [], [])


def bought(number: str, kg: int, price_e4: int = 800_000, row: int = 1) -> WantRow:
    return WantRow(row, number, number, "Langan", "1", "urea", kg, price_e4)


def test_sacks_are_full_and_what_fills_none_saves_nothing() -> None:
    wants = [bought("A", 70, 900_000, 1), bought("B", 45, 800_000, 2)]
    wants.append(WantRow(3, "C", "C", "Langan", "1"))

    (order,) = want_files.pooled(wants)

    # 115 kg are two sacks; of the 100 kg 61 go to A and 39 to B.
    assert order == Pooled("Langan", "1", "urea", 2, 115, 2, 100, 4_000, 8_000, 61 * 90 + 39 * 80)
    assert (order.left_kg, order.saved_rp) == (15, 610)
    assert want_files.total([order, order]).saved_rp == 1_220


def test_too_little_for_a_sack_and_a_price_below_a_rupiah_buy_nothing() -> None:
    (order,) = want_files.pooled([bought("A", 49)])

    assert (order.packs, order.left_kg, order.saved_rp) == (0, 49, 0)
    assert want_files.pooled([bought("A", 60, 100)]) == []


ROWS = st.lists(
    st.tuples(st.integers(1, 400), st.integers(500_000, 1_000_000)), min_size=1, max_size=12
)


@given(rows=ROWS, rule=st.sampled_from(SharingRule))
def test_nothing_is_bought_that_nobody_wants_and_nobody_pays_more_than_in_the_shop(
    rows: list[tuple[int, int]], rule: SharingRule
) -> None:
    wants = [bought(f"M{n}", kg, price_e4, n) for n, (kg, price_e4) in enumerate(rows)]

    (order,) = want_files.pooled(wants, rule=rule)

    assert order.bought_kg == order.packs * want_files.PACK_KG
    assert 0 <= order.left_kg < want_files.PACK_KG
    # Each line of what it had cost is rounded once.
    assert order.saved_rp >= -len(wants)


# --- rice farms of three villages ----------------------------------------------------------------


def test_rice_farms_of_three_villages_and_six_seasons(shared_data: Callable[[str], Path]) -> None:
    path = shared_data("rice_farms_indonesia/RiceFarms.csv")
    sheet = sheets.read(path)
    guessed = Columns(imports.guess(want_files.FIELDS, sheet.header))
    unclear = want_files.read_rows(sheet.rows, sheet.faults, guessed)
    mapping = Columns(guessed.columns, {}, "point")
    file = want_files.read_rows(sheet.rows, sheet.faults, mapping)
    all_found = want_files.sort_out(file, known=NOBODY)
    orders = want_files.pooled(all_found.good)
    whole = want_files.total(orders)

    # Two prices a kilogram have half a rupiah: somebody says once that a point marks decimals.
    assert {f.value for f in unclear.faults} == {"72.5", "82.5"}
    assert (file.rows, len(all_found.good), all_found.faults) == (480, 842, [])
    assert len({w.number for w in all_found.good}) == 80
    assert len(orders) == 36
    assert (whole.wanted_kg, whole.packs, whole.left_kg) == (76_166, 1_505, 916)
    assert (whole.paid_rp, whole.shop_rp, whole.saved_rp) == (PAID, 413_144 + PAID, 413_144)
    sums = [row for row in want_service.cells(orders, str.upper) if row[2] == "TOGETHER"]
    assert len(sums) == 3 * 6
    assert [sum(row[n] for row in sums) for n in (4, 5, 7, 11)] == [76_166, 1_505, 916, 413_144]
    by_hand = reckoned_by_hand(path)
    assert {
        (o.village, o.season, o.article): (o.wanted_kg, o.packs, o.left_kg, o.paid_rp, o.saved_rp)
        for o in orders
    } == by_hand


PAID = 5_377_200


def reckoned_by_hand(path: Path) -> dict[tuple[str, str, str], tuple[int, int, int, int, int]]:
    """The same with nothing of the app: lines cut at commas, shares by the highest remainders."""
    heading, *lines = path.read_text(encoding="utf-8").splitlines()
    rows = [dict(zip(heading.split(","), line.split(","), strict=True)) for line in lines]
    seasons: dict[str, int] = defaultdict(int)
    groups = defaultdict(list)
    for row in rows:
        seasons[row["id"]] += 1
        for article, price in (("urea", "purea"), ("phosphate", "pphosph")):
            if int(row[article]):
                place = (row["region"], str(seasons[row["id"]]), article)
                groups[place].append((int(row[article]), Decimal(row[price])))
    return {place: _by_hand(own) for place, own in groups.items()}


def _by_hand(own: list[tuple[int, Decimal]]) -> tuple[int, int, int, int, int]:
    wanted = sum(kg for kg, _price in own)
    sacks = wanted // 50
    shares = [kg * sacks * 50 // wanted for kg, _price in own]
    left = sorted(range(len(own)), key=lambda n: -(own[n][0] * sacks * 50 % wanted))
    for n in left[: sacks * 50 - sum(shares)]:
        shares[n] += 1
    shop = sum(
        int(share * price + Decimal("0.5")) for share, (_kg, price) in zip(shares, own, strict=True)
    )
    paid = int(sacks * 50 * min(price for _kg, price in own))
    return wanted, sacks, wanted - sacks * 50, paid, shop - paid


# --- kept in the database ------------------------------------------------------------------------

VILLAGE = (
    "A-01;Ayu;Sukamaju;1;70;90;;\nA-02;Budi;Sukamaju;1;45;80;60;72\n"
    "A-03;Citra;Langan;1;30;90;;\nA-04;Dewi;Langan;1;;;;\n"
)


def test_a_file_becomes_members_and_fixed_purchases_and_a_second_time_nothing(coop: str) -> None:
    file = want_file(HEAD + VILLAGE)
    with writing(coop) as session:
        kept = want_service.keep(session, file, on=make.TODAY, at=make.AT)
        again = want_service.keep(session, file, on=make.TODAY, at=make.AT)
        found = want_service.findings(session, file)
        orders = want_service.report(session)
        stages = session.exec(select(Purchase.title, Purchase.stage)).all()
        more = want_service.findings(session, want_file(f"{HEAD}A-09;Eka;Langan;1;5;80;;\n"))

    assert kept == KeptWants(wants=4, new_members=4, purchases=2)
    assert again == KeptWants(wants=0, new_members=0, purchases=0)
    assert (found.there_already, found.good) == (5, [])
    assert dict(stages) == {
        "Pupuk Langan 1": PurchaseStage.OPEN,  # no sack is full
        "Pupuk Sukamaju 1": PurchaseStage.LOCKED,
    }
    assert [(o.village, o.article, o.packs, o.left_kg, o.saved_rp) for o in orders] == [
        ("Langan", "urea", 0, 30, 0),
        ("Sukamaju", "urea", 2, 15, 610),
        ("Sukamaju", "phosphate", 1, 10, 0),
    ]
    assert [f.sentence for f in more.faults] == [want_files.CLOSED_ALREADY]


def test_only_who_may_bring_files_does(coop: str) -> None:
    with writing(coop, make.OFFICER) as session, pytest.raises(NotAllowed):
        want_service.keep(session, want_file(HEAD + VILLAGE), on=make.TODAY, at=make.AT)


def test_the_report_has_a_row_for_each_village_season_and_one_for_all() -> None:
    away = replace(bought("C", 60), village="Sukamaju", article="npk")
    rows = want_service.cells(
        want_files.pooled([bought("A", 70), bought("B", 45, row=2), away]), str.upper
    )

    langan, sukamaju = (2, 115, 2, 100, 15, 4_000, 8_000, 8_000, 0), (1, 60, 1, 50, 10)
    assert rows == [
        ["Langan", "1", "Urea", *langan],
        ["Langan", "1", "TOGETHER", *langan],
        ["Sukamaju", "1", "NPK", *sukamaju, 4_000, 4_000, 4_000, 0],
        ["Sukamaju", "1", "TOGETHER", *sukamaju, 4_000, 4_000, 4_000, 0],
        ["TOGETHER", "", "", "", 175, 3, 150, 25, "", 12_000, 12_000, 0],
    ]
    assert want_service.cells([], str.upper) == []


def test_rice_farms_are_kept_as_they_are_reckoned(
    coop: str, shared_data: Callable[[str], Path]
) -> None:
    sheet = sheets.read(shared_data("rice_farms_indonesia/RiceFarms.csv"))
    mapping = Columns(imports.guess(want_files.FIELDS, sheet.header), {}, "point")
    file = want_files.read_rows(sheet.rows, sheet.faults, mapping)
    with writing(coop) as session:
        kept = want_service.keep(session, file, on=make.TODAY, at=make.AT)
        orders = want_service.report(session)
    with writing(coop) as session:
        again = want_service.keep(session, file, on=make.TODAY, at=make.AT)

    assert kept == KeptWants(wants=842, new_members=80, purchases=18)
    assert again == KeptWants(wants=0, new_members=0, purchases=0)
    assert orders == want_files.pooled(file.wants)
