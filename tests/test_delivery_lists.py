"""Lists of deliveries: received and bought in bulk, as one by one at the scale."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, col, func, select

from kopprod import db, long_sheets, many_rows, sheets
from kopprod.domain import delivery_files, imports
from kopprod.domain import delivery_lists as rules
from kopprod.domain.access import NotAllowed
from kopprod.domain.deliveries import DelivererHasLeft
from kopprod.domain.delivery_lists import Survey
from kopprod.domain.imports import Columns
from kopprod.domain.ledger import CASH, OWED_TO_MEMBERS, STOCK, NotBalanced, Posting
from kopprod.domain.members import MemberStatus
from kopprod.domain.price_versions import NoPriceRule
from kopprod.domain.pricing import Fixed, GradePrice, PriceRule
from kopprod.domain.products import ProductKind
from kopprod.domain.quantities import BaseUnit
from kopprod.long_sheets import LongSheet
from kopprod.services import check, deliveries, delivery_lists, ledger, postings, pricing
from kopprod.services.delivery_lists import KeptPart, Looked, Run
from kopprod.services.postings import Draft
from kopprod.tables.cooperative import Village
from kopprod.tables.deliveries import Delivery
from kopprod.tables.members import Member
from tests import make

ON = make.TODAY
FIRST = ON - timedelta(days=40)
HEAD = "Nomor anggota;Tanggal;Jam;Produk;Mutu;Kotor;Satuan;Tara;Catatan\n"


@dataclass(frozen=True)
class Yard:
    """A cooperative that takes paddy in two grades, milk, and coffee without a price."""

    coop: str
    leaver_left_on: date


@pytest.fixture
def yard(coop: str) -> Yard:
    left_on = ON - timedelta(days=20)
    with writing(coop) as session:
        ledger.open_chart(session)
        places = [make.village(session, name).id for name in ("Sukamaju", "Cibodas")]
        for n in range(1, 11):
            village_id = places[n % 2] if n < 9 else None
            make.member(session, f"Anggota {n}", number=f"A-{n:02d}", village_id=village_id)
        leaver = make.member(session, "Dewi", number="A-99")
        leaver.status, leaver.left_on, leaver.left_reason = MemberStatus.LEFT, left_on, "pindah"
        gabah = make.product(session)
        a, b = (
            make.grade(session, gabah.id, name, position=n).id for n, name in enumerate("AB", 1)
        )
        susu = make.product(
            session,
            "Susu",
            kind=ProductKind.MILK,
            base_unit=BaseUnit.MILLILITRE,
            price_unit="liter",
            units={"liter": 1_000, "kaleng": 20_000},
        )
        make.grade(session, susu.id)
        make.grade(session, make.product(session, "Kopi").id)
        paddy = ((FIRST, 65_000_000, 60_000_000), (ON - timedelta(days=10), 67_333_333, 61_000_000))
        for since, *prices in paddy:
            each = tuple(GradePrice(g, p) for g, p in zip((a, b), prices, strict=True))
            pricing.add_version(session, gabah.id, rule=PriceRule(Fixed(each)), since=since)
        milk = PriceRule(Fixed((GradePrice(None, 71_425_000),)))
        pricing.add_version(session, susu.id, rule=milk, since=FIRST)
    return Yard(coop, left_on)


def writing(coop: str, person: Any = make.MANAGER) -> Any:
    return db.writing(coop, person=person, action="test", at=make.AT)


def listed(rows: Sequence[str]) -> LongSheet:
    return long_sheets.read((HEAD + "\n".join(rows)).encode(), "setoran.csv")


def mixed(count: int = 200) -> list[str]:
    """Rows of every kind that comes in, some of which say the same twice."""
    rows = []
    for n in range(count):
        who = "A-99" if n % 37 == 5 else f"A-{n % 10 + 1:02d}"
        when = FIRST + timedelta(days=n % 19 if who == "A-99" else n * 7 % 41)
        milk = n % 3 == 2
        what = "susu;" if milk else f"Gabah;{'ab'[n % 2]}"
        quantity = f"{18 + n % 9},{n % 4}5" if n % 11 else "2"
        unit = ("kaleng" if milk else "kuintal") if n % 11 == 0 else ""
        tare = "0,2" if n % 5 == 1 and n % 11 else ""
        note = "basah" if n % 8 == 3 else ""
        rows.append(f"{who};{when.isoformat()};;{what};{quantity};{unit};{tare};{note}")
    return [*rows[:-4], *rows[:4]]


def surveyed(session: Session, sheet: LongSheet) -> Survey:
    columns = Columns(imports.guess(rules.FIELDS, sheet.header))
    imports.check_mapping(rules.FIELDS, columns, sheet.header)
    return delivery_lists.survey(session, sheet.rows, columns, on=ON)


def look(coop: str, rows: Sequence[str], *, buys: bool = True) -> Looked:
    sheet = listed(rows)
    with db.reading(coop, person=make.MANAGER) as session:
        return delivery_lists.look(session, sheet.rows(), Run(surveyed(session, sheet), buys))


def keep(
    coop: str,
    rows: Sequence[str],
    *,
    buys: bool = True,
    size: int = 1_000,
    most: int = 1_000,
    accepted: frozenset[str] = frozenset(),
) -> KeptPart:
    """Keep a list in batches, at `most` so many of them."""
    sheet = listed(rows)
    with db.reading(coop, person=make.MANAGER) as session:
        run = Run(surveyed(session, sheet), buys, accepted)
    kept = []
    for batch in list(delivery_lists.batches(sheet.rows(), size=size))[:most]:
        with writing(coop) as session:
            kept.append(delivery_lists.keep(session, batch, run, on=ON))
    return KeptPart(sum(k.deliveries for k in kept), sum(k.amount_rp for k in kept))


class GivenUp(Exception):
    """So that a transaction keeps nothing."""


def all_rows(session: Session) -> dict[str, Any]:
    """Every row of every table; keys by their rank, since PostgreSQL gives none twice."""
    tables: Any = SQLModel.metadata.sorted_tables
    found: dict[str, Any] = {}
    ranks: dict[str, dict[Any, int]] = {}
    for table in tables:
        rows = session.execute(select(table).order_by(*table.primary_key))
        found[table.name] = [dict(row._mapping) for row in rows]
        if "id" in table.columns:
            ranks[table.name] = {row["id"]: n for n, row in enumerate(found[table.name])}
    for table in tables:
        for name, whose in keys_of(table):
            for row in found[table.name]:
                row[name] = ranks[whose].get(row[name])
    for entry in found["entry"]:
        paper, _, key = entry["paper"].partition(":")
        entry["paper"] = paper, ranks["delivery"][int(key)]
    return without_chance(found)


def without_chance(found: dict[str, Any]) -> dict[str, Any]:
    """Without codes, and without the order in which the places of one moment were written."""
    for papers in ("delivery", "slip"):
        assert {len(row.pop("code")) for row in found[papers]} <= {16}
    for day in found["reference_day"]:
        day["id"] = None
    found["reference_day"].sort(key=str)
    return found


def keys_of(table: Any) -> Iterator[tuple[str, str]]:
    """The columns that hold a key, and the table whose key it is."""
    for column in table.columns:
        if column.name == "id":
            yield column.name, table.name
        for key in column.foreign_keys:
            if key.column.name == "id":
                yield column.name, key.column.table.name


def after(coop: str, do: Any) -> dict[str, Any]:
    """What stands in the tables once something was done, which is then given up."""
    found: dict[str, Any] = {}
    with pytest.raises(GivenUp), writing(coop) as session:
        do(session)
        found = all_rows(session)
        raise GivenUp
    return found


@pytest.mark.parametrize("buys", [True, False])
def test_in_bulk_stands_what_one_by_one_leaves(yard: Yard, buys: bool) -> None:
    count = 200 if buys else 40
    sheet = listed(mixed(count))
    with db.reading(yard.coop, person=make.MANAGER) as session:
        survey = surveyed(session, sheet)
        known = delivery_lists.register(session)

    def in_bulk(session: Session) -> None:
        run = Run(survey, buys)
        for batch in delivery_lists.batches(sheet.rows(), size=150):
            delivery_lists.keep(session, batch, run, on=ON)

    def one_by_one(session: Session) -> None:
        run = Run(survey, buys)
        for line in sheet.rows():
            row = rules.read_row(line, survey.reading, known)  # type: ignore[arg-type]
            assert isinstance(row, rules.ListRow)
            deliveries.receive(
                session,
                member_id=row.member.id,
                product_id=row.goods.id,
                grade_id=row.grade_id,
                gross=row.gross,
                tare=row.tare,
                received_on=row.received_on,
                on=ON,
                typed=row.said,
                note=rules.full_note(row),
                draft_key=rules.key(row, run.ordinals.next(row)),
                buys=buys,
            )

    bulk, single = after(yard.coop, in_bulk), after(yard.coop, one_by_one)

    assert len(bulk["delivery"]) == count
    assert len(bulk["entry"]) == (count if buys else 0)
    assert bulk.keys() == single.keys()
    for table in bulk:
        assert bulk[table] == single[table], table


def test_what_was_bought_in_bulk_agrees_with_the_books(yard: Yard) -> None:
    kept = keep(yard.coop, mixed(), size=70)
    with db.reading(yard.coop) as session:
        problems = [problem.sentence for problem in check.problems(session)]
        owed_rp = -ledger.balance_rp(session, OWED_TO_MEMBERS)

    assert kept.deliveries == 200
    assert owed_rp == kept.amount_rp == by_hand_rp(mixed())
    assert problems == []


def by_hand_rp(rows: Sequence[str]) -> int:
    """What the rows come to by hand: Rp6.500 or Rp6.000, later Rp6.733,3333 or Rp6.100."""
    total = 0
    for row in rows:
        _, day, _, what, grade, quantity, unit, tare, _ = row.split(";")
        later = date.fromisoformat(day) >= ON - timedelta(days=10)
        e4 = {"": 71_425_000, "a": 67_333_333 if later else 65_000_000}
        e4["b"] = 61_000_000 if later else 60_000_000
        factor = {"kaleng": 20, "kuintal": 100, "": 1}[unit]
        net = Decimal(quantity.replace(",", ".")) * factor - Decimal(tare.replace(",", ".") or 0)
        assert what in ("Gabah", "susu")
        total += int((net * e4[grade] / 10_000).quantize(Decimal(1), ROUND_HALF_UP))
    return total


def test_a_list_says_beforehand_what_it_would_bring(yard: Yard) -> None:
    day = ON.isoformat()
    looked = look(
        yard.coop,
        [
            f"A-01;{day};;Gabah;A;50;;;",
            f"A-77;{day};;Gabah;A;50;;;",
            f"A-99;{day};;Gabah;A;50;;;",
            f"A-01;{day};;Kopi;;50;;;",
            f"A-02;{day};08.30;susu;;20;;;",
            f"A-02;{day};08.30;susu;;20;;;",
            f"A-02;{day};;Gabah;;5;;;",
            f"A-03;{day};;Gabah;B;200;kuintal;;",
            f"A-03;{day};;Gabah;B;=5;;;",
            f"A-03;{(FIRST - timedelta(days=1)).isoformat()};;Gabah;B;5;;;",
        ],
    )

    assert (looked.rows, looked.good, looked.asked_rows) == (10, 2, 1)
    assert (looked.faulty, looked.repeated, looked.there_already) == (6, 1, 0)
    assert looked.amount_rp == 50 * 6_733 + 17 + 20 * 7_142 + 10
    assert [row.row for row in looked.first] == [2, 6]
    assert looked.asked == {delivery_files.FAR_OFF_ALL: 1}
    assert {(f.row, f.sentence) for f in looked.faults} == {
        (3, delivery_files.UNKNOWN_MEMBER),
        (4, DelivererHasLeft.sentence),
        (5, NoPriceRule.sentence),
        (8, rules.NO_GRADE),
        (9, delivery_files.FAR_OFF_ALL),
        (10, sheets.FORMULA),
        (11, NoPriceRule.sentence),
    }


def test_without_a_price_goods_are_received_and_not_bought(yard: Yard) -> None:
    rows = [f"A-01;{ON.isoformat()};;Kopi;;50;;;"]

    assert keep(yard.coop, rows, buys=False) == KeptPart(1, 0)
    assert keep(yard.coop, rows, buys=True) == KeptPart(0, 0)


def test_a_list_that_was_cut_off_goes_on_where_it_stopped(yard: Yard) -> None:
    first = keep(yard.coop, mixed(), size=60, most=2)
    looked = look(yard.coop, mixed())
    rest = keep(yard.coop, mixed(), size=60)
    again = keep(yard.coop, mixed())

    assert (first.deliveries, looked.there_already, looked.good) == (120, 120, 80)
    assert (rest.deliveries, again.deliveries) == (80, 0)
    with db.reading(yard.coop) as session:
        numbers = session.exec(select(Delivery.number).order_by(col(Delivery.id))).all()
    assert numbers == [f"SET-2026-{n:04d}" for n in range(1, 201)]


def test_odd_rows_come_in_once_somebody_said_so(yard: Yard) -> None:
    usual = [f"A-01;{ON.isoformat()};;Gabah;A;5{n};;;" for n in range(6)]
    rows = [*usual, f"A-01;{ON.isoformat()};;Gabah;A;5500;;;"]

    assert keep(yard.coop, rows).deliveries == 6
    assert keep(yard.coop, rows, accepted=frozenset({delivery_files.FAR_OFF})).deliveries == 1


def test_whoever_left_meanwhile_brings_nothing_more(yard: Yard) -> None:
    sheet = listed([f"A-0{n};{ON.isoformat()};;susu;;5;;;" for n in (1, 2)])
    with db.reading(yard.coop, person=make.MANAGER) as session:
        run = Run(surveyed(session, sheet), buys=True)
    with writing(yard.coop) as session:
        member = session.exec(select(Member).where(Member.number == "A-02")).one()
        member.status, member.left_on, member.left_reason = MemberStatus.LEFT, ON, "pindah"
    with writing(yard.coop) as session:
        kept = delivery_lists.keep(session, list(sheet.rows()), run, on=ON)

    assert kept.deliveries == 1


def test_only_a_manager_brings_lists(yard: Yard) -> None:
    sheet = listed(mixed(10))
    with db.reading(yard.coop, person=make.MANAGER) as session:
        run = Run(surveyed(session, sheet), buys=True)

    for person in (make.OFFICER, make.TREASURER, make.SUPERVISOR):
        with pytest.raises(NotAllowed), writing(yard.coop, person) as session:
            delivery_lists.keep(session, list(sheet.rows()), run, on=ON)


def test_entries_of_money_are_not_posted_in_bulk(yard: Yard) -> None:
    paid = (Posting(STOCK, debit_rp=5), Posting(CASH, credit_rp=5))
    odd = (Posting(STOCK, debit_rp=5), Posting(OWED_TO_MEMBERS, credit_rp=4, member_id=1))
    even = (Posting(STOCK, debit_rp=5), Posting(OWED_TO_MEMBERS, credit_rp=5, member_id=1))
    with writing(yard.coop) as session:

        def post(lines: tuple[Posting, ...], on: date = ON) -> list[int]:
            draft = Draft("delivery:1", lines)
            return postings.post_many(session, on=on, memo="x", drafts=[draft])

        with pytest.raises(ValueError, match="money"):
            post(paid)
        with pytest.raises(NotBalanced):
            post(odd)
        with pytest.raises(ledger.EntryInFuture):
            post(even, ON + timedelta(days=1))
        assert len(post(even)) == 1


def test_who_brings_more_rows_than_were_known_has_them_counted(coop: str) -> None:
    """Else the other database would go on as planned for a table with nothing in it."""
    with writing(coop) as session:
        names = [(f"Desa {n}",) for n in range(1_000)]
        many_rows.insert(session, Village, ("name",), names, act_id=session.info["act_id"])
        if not db.is_sqlite():
            known = "SELECT reltuples FROM pg_class WHERE oid = CAST('village' AS regclass)"
            assert session.connection().execute(text(known)).scalar_one() == 1_000
        assert session.exec(select(func.count()).select_from(Village)).one() == 1_000
