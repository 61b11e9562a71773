"""Proving the books: a sound season is clean, and every way of breaking one is named."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, cast

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from kopprod import db, language
from kopprod.domain.access import SYSTEM, NotAllowed
from kopprod.domain.check import Problem
from kopprod.domain.ledger import CASH, Posting
from kopprod.services import check, deliveries, ledger, sales, slips
from kopprod.tables import triggers
from kopprod.tables.slips import Slip
from tests import make

DAY = make.TODAY


@dataclass(frozen=True)
class Season:
    """A settled sale of two members with one slip paid, an open sale, and a delivery taken back."""

    coop: str


def writing(coop: str) -> AbstractContextManager[Session]:
    return db.writing(coop, person=SYSTEM, action="test", at=make.AT)


def deliver(session: Session, member_id: int, product_id: int, grade_id: int) -> int:
    return deliveries.receive(
        session,
        member_id=member_id,
        product_id=product_id,
        grade_id=grade_id,
        gross=101_000,
        tare=1_000,
        received_on=DAY,
        on=DAY,
    ).id


def open_sale(session: Session, buyer_id: int, product_id: int, weight: int) -> int:
    return sales.open_sale(
        session,
        buyer_id=buyer_id,
        product_id=product_id,
        sold_on=DAY,
        price_e4=50_000_000,
        buyer_weight=weight,
        fee_bp=250,
        on=DAY,
    ).id


@pytest.fixture
def season(kept: Callable[[Callable[..., Any]], Any]) -> Season:
    return cast(Season, kept(_season))


def _season(coop: str) -> Season:
    with writing(coop) as session:
        ledger.open_chart(session)
        ayu, budi = make.member(session, "Ayu"), make.member(session, "Budi")
        gabah, buyer = make.product(session), make.buyer(session)
        grade = make.grade(session, gabah.id)
        balances = [
            Posting(CASH, debit_rp=2_000_000),
            Posting("31", credit_rp=500_000, member_id=ayu.id),
            Posting("2110", credit_rp=300_000, member_id=budi.id),
            Posting("35", credit_rp=1_200_000),
        ]
        ledger.open_balances(session, on=DAY, balances=balances)
        lots = [deliver(session, who.id, gabah.id, grade.id) for who in (ayu, budi, ayu, budi)]
        sale_id = open_sale(session, buyer.id, gabah.id, 200_000)
        sales.allot_all(session, sale_id, lots[:2])
        sales.add_cost(session, sale_id, name="Truk", amount_rp=50_000)
        cost = sales.add_cost(session, sale_id, name="Karung", amount_rp=10_001)
        other = open_sale(session, buyer.id, gabah.id, 100_000)
        sales.allot(session, other, delivery_id=lots[2], quantity=40_000)
        sales.settle(session, sale_id, on=DAY)
        sales.take_payment(session, sale_id, amount_rp=600_000, account="1103", on=DAY)
        sales.pay_cost(session, cost.id, account=CASH, on=DAY)
        slips.pay(session, 1, account=CASH, on=DAY)
        deliveries.reverse(session, lots[3], reason="Salah timbang", on=DAY)
        assert session.get_one(Slip, 1).paid_on == DAY
    return Season(coop)


def found(coop: str) -> list[Problem]:
    with db.reading(coop) as session:
        return list(check.problems(session))


def sentences(coop: str) -> list[str]:
    return [problem.sentence for problem in found(coop)]


def break_it(connection: Connection, statements: str) -> None:
    """Change what the guards would not let anybody change, with the bounds out of the way."""
    if connection.dialect.name == "postgresql":
        _break_on_postgresql(connection, statements.split("; "))
        return
    triggers.drop(connection)
    connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    for statement in statements.split("; "):
        connection.execute(text(statement))
    connection.exec_driver_sql("PRAGMA ignore_check_constraints=OFF")
    triggers.create(connection)


def _break_on_postgresql(connection: Connection, statements: list[str]) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))  # no trigger fires
    for statement in statements:
        try:
            with connection.begin_nested():
                connection.execute(text(statement))
        except IntegrityError:
            _past_bounds(connection, statement)
    connection.execute(text("SET LOCAL session_replication_role = DEFAULT"))


def _past_bounds(connection: Connection, statement: str) -> None:
    # PostgreSQL cannot leave CHECKs out for a while, but takes them back without looking at rows.
    table = statement.removeprefix("UPDATE ").split()[0]
    bounds = connection.execute(
        text(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE contype = 'c' AND conrelid = to_regclass(:table)"
        ),
        {"table": table},
    ).fetchall()
    for name, _ in bounds:
        connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'))
    connection.execute(text(statement))
    for name, rule in bounds:
        rule_again = rule.removesuffix(" NOT VALID").replace(":", r"\:")
        connection.execute(
            text(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {rule_again} NOT VALID')
        )


def test_a_season_as_people_play_it_is_clean(season: Season) -> None:
    assert found(season.coop) == []


def test_an_empty_cooperative_is_clean(coop: str) -> None:
    assert found(coop) == []


def test_a_member_may_not_prove_the_books(season: Season) -> None:
    with (
        pytest.raises(NotAllowed),
        db.reading(season.coop, person=make.OFFICER) as session,
    ):
        list(check.problems(session))


BREAKS = [
    ("UPDATE line SET debit_rp = debit_rp + 1 WHERE id = 1", "Entry {number} does not balance"),
    ("DELETE FROM line WHERE entry_id = 1", "Entry {number} does not balance"),
    (
        'INSERT INTO entry (stage, "on", memo, paper, act_id)'
        " VALUES ('draft', '2026-03-02', 'x', 'x', 1)",
        "Draft {draft} was left behind",
    ),
    ("UPDATE line SET member_id = NULL WHERE id = 2", "Entry {number} names nobody"),
    ("UPDATE entry SET number = 99 WHERE id = 1", "The journal has {count} entries"),
    ("UPDATE counter SET last = 99 WHERE name = 'entry'", "The journal has {count} entries"),
    (
        "UPDATE entry SET reverses_id = 1 WHERE id = 2; UPDATE entry SET reverses_id = 2"
        " WHERE id = 3",
        "Entry {number} reverses what it may not",
    ),
    (
        "UPDATE line SET debit_rp = 1000 WHERE id = 1; UPDATE line SET credit_rp = 1"
        " WHERE id = 4; DELETE FROM line WHERE id IN (2, 3); UPDATE line SET credit_rp = 1000"
        " WHERE id = 4",
        "{account} stood {below_rp} below zero",
    ),
    (
        "UPDATE line SET member_id = 2"
        " WHERE account_code = '2110' AND credit_rp > 0 AND member_id = 1",
        "Member {whom}: the journal owes",
    ),
    ("UPDATE slip SET net_value_rp = net_value_rp + 1 WHERE id = 2", "Member {whom}: the journal"),
    ("UPDATE slip SET net_value_rp = net_value_rp + 1 WHERE id = 2", "the slips do not add up"),
    (
        "UPDATE slip SET net_value_rp = net_value_rp + 1 WHERE id = 2; UPDATE slip"
        " SET net_value_rp = net_value_rp - 1 WHERE id = 1",
        "Slip {number} is not what the member's shares add up to",
    ),
    (
        "UPDATE line SET member_id = 2 WHERE account_code = '2110' AND member_id = 1",
        "Slip {number} is not in the settlement's entry",
    ),
    ("UPDATE buyer_payment SET amount_rp = 1", "Buyer {whom}: the journal says"),
    ("UPDATE buyer_payment SET amount_rp = 1", "A payment by the buyer of sale {number}"),
    ("DELETE FROM sale_cost WHERE paid_entry_id IS NULL", "Unpaid costs of sales"),
    ("DELETE FROM sale_cost WHERE paid_entry_id IS NULL", "Sale {number}: its costs"),
    (
        "UPDATE sale SET fee_rp = fee_rp + 1, net_rp = net_rp - 1 WHERE id = 1",
        "Fees: the journal says",
    ),
    (
        "UPDATE sale SET fee_rp = fee_rp + 1, net_rp = net_rp - 1 WHERE id = 1",
        "its entry in the journal has other amounts",
    ),
    ("UPDATE allotment SET share_rp = share_rp - 1 WHERE id = 1", "the shares do not add up"),
    ("UPDATE allotment SET share_rp = NULL WHERE id = 1", "the shares do not add up"),
    ("UPDATE allotment SET quantity = quantity - 1 WHERE id = 1", "the weights are not those"),
    ("UPDATE sale SET our_weight = our_weight - 1 WHERE id = 1", "the weights are not those"),
    ("UPDATE entry SET paper = 'sale:2' WHERE id = 2", "its settlement is not posted"),
    ("UPDATE allotment SET share_rp = 5 WHERE sale_id = 2", "is not settled, but has slips"),
    ("UPDATE slip SET paid_from = '1103' WHERE id = 1", "Slip {number} is marked paid"),
    ("UPDATE slip SET paid_entry_id = 1 WHERE id = 1", "Slip {number} is marked paid"),
    ("UPDATE sale_cost SET paid_entry_id = 1 WHERE paid_entry_id IS NOT NULL", "A cost of sale"),
    ("UPDATE entry SET paper = 'slip:99' WHERE id = 3", "comes from a paper that is not there"),
    ("UPDATE delivery_weight SET gross = gross - 1 WHERE delivery_id = 3", "its gross is not what"),
    ("DELETE FROM delivery_weight WHERE delivery_id = 3", "its gross is not what"),
    ("UPDATE delivery SET tare_each = 999 WHERE id = 3", "its tare is not that of its sacks"),
    ("UPDATE delivery SET corrects_id = 2 WHERE id = 3", "corrects something that still stands"),
    (
        "UPDATE delivery SET draft_key = 'k' WHERE id = 3; INSERT INTO rejected_load"
        " (number, member_id, product_id, brought_on, reason, draft_key, act_id)"
        " VALUES ('T', 1, 1, '2026-03-02', 'x', 'k', 1)",
        "was rejected, and received all the same",
    ),
    ("UPDATE delivery SET net = 30000 WHERE id = 3", "More of delivery {number} is sold or lost"),
    ("UPDATE allotment SET delivery_id = 4 WHERE sale_id = 2", "was taken back, but is in a sale"),
    ("UPDATE delivery SET member_id = 1 WHERE id = 5", "takes back something else"),
    ("DELETE FROM stock_lot", "is kept as in store and is not there"),
    ("INSERT INTO stock_lot (delivery_id) VALUES (1)", "is kept as in store and is not there"),
    ("INSERT INTO stock_lot (delivery_id) VALUES (4)", "is kept as in store and is not there"),
    ("INSERT INTO stock_lot (delivery_id) VALUES (5)", "is kept as in store and is not there"),
]


@pytest.mark.parametrize(("statements", "sentence"), BREAKS)
def test_what_is_broken_is_named(season: Season, statements: str, sentence: str) -> None:
    if "net" in statements and not db.is_sqlite():
        statements = statements.replace("net = 30000", "net = 30000, gross = 30000, tare = 0")
    with db.engine(season.coop, writes=True).begin() as connection:
        break_it(connection, statements)
    assert any(sentence in named for named in sentences(season.coop))


# What only reckoning again finds: everything adds up, but not to what the sale was about.
WRONG_SETTLEMENTS = [
    "UPDATE sale SET price_e4 = price_e4 + 10000 WHERE id = 1",
    "UPDATE sale SET buyer_weight = buyer_weight - 1000 WHERE id = 1",
    "UPDATE sale SET fee_bp = fee_bp + 10 WHERE id = 1",
    "UPDATE allotment SET factor_bp = 5000 WHERE id = 1; UPDATE allotment SET factor_bp = 15000"
    " WHERE id = 2",
    "UPDATE allotment SET share_rp = share_rp + 1 WHERE id = 1; UPDATE allotment"
    " SET share_rp = share_rp - 1 WHERE id = 2; UPDATE slip SET net_value_rp = net_value_rp + 1"
    " WHERE id = 1; UPDATE slip SET net_value_rp = net_value_rp - 1 WHERE id = 2; UPDATE slip"
    " SET received_rp = net_value_rp WHERE paid_on IS NOT NULL; UPDATE line"
    " SET credit_rp = credit_rp + 1 WHERE account_code = '2110' AND member_id = 1 AND credit_rp > 0"
    " AND entry_id = 2; UPDATE line SET credit_rp = credit_rp - 1 WHERE account_code = '2110'"
    " AND member_id = 2 AND credit_rp > 0 AND entry_id = 2; UPDATE line SET debit_rp = debit_rp + 1"
    " WHERE account_code = '2110' AND member_id = 1 AND debit_rp > 0; UPDATE line"
    " SET credit_rp = credit_rp + 1 WHERE account_code = '1101' AND entry_id = 5",
]


@pytest.mark.parametrize("statements", WRONG_SETTLEMENTS)
def test_a_settlement_is_reckoned_again(season: Season, statements: str) -> None:
    with db.engine(season.coop, writes=True).begin() as connection:
        break_it(connection, statements)
    assert sentences(season.coop) == ["Sale {number}: reckoned again, it comes to other amounts."]


def test_a_gross_that_is_not_costs_fee_and_net_is_named(season: Season) -> None:
    with db.engine(season.coop, writes=True).begin() as connection:
        if not db.is_sqlite():
            connection.execute(text("ALTER TABLE sale DROP CONSTRAINT ck_sale_settled_adds_up"))
        break_it(connection, "UPDATE sale SET gross_rp = gross_rp + 1 WHERE id = 1")
    named = sentences(season.coop)
    assert "Sale {number}: gross is not costs, fee and net together." in named


def test_a_gross_without_its_costs_is_named(season: Season) -> None:
    with db.engine(season.coop, writes=True).begin() as connection:
        if not db.is_sqlite():
            connection.execute(text("ALTER TABLE sale DROP CONSTRAINT ck_sale_settled_adds_up"))
        break_it(connection, "UPDATE sale SET costs_rp = NULL WHERE id = 1")
    named = sentences(season.coop)
    assert "Sale {number}: gross is not costs, fee and net together." in named


def test_a_sale_of_another_product_is_named(season: Season) -> None:
    with writing(season.coop) as session:
        kopi = make.product(session, "Kopi").id
    with db.engine(season.coop, writes=True).begin() as connection:
        break_it(connection, f"UPDATE sale SET product_id = {kopi} WHERE id = 2")
    assert sentences(season.coop) == ["Delivery {number} is in a sale of another product."]


def test_a_bound_that_the_database_no_longer_keeps_is_named(season: Season) -> None:
    if db.is_sqlite():
        statements = [
            "PRAGMA writable_schema=ON",
            "UPDATE sqlite_master SET sql = replace(sql, 'debit_rp >= 0', 'debit_rp >= -1')"
            " WHERE name = 'line'",
            "PRAGMA writable_schema=OFF",
        ]
    else:
        statements = ["ALTER TABLE line DROP CONSTRAINT ck_line_debit_not_negative"]
    with db.engine(season.coop, writes=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    db.close_connections()
    assert [(p.sentence, p.facts) for p in found(season.coop)] == [
        (
            "The CHECK {name} is not the one in the source.",
            {"name": "line.ck_line_debit_not_negative"},
        )
    ]


def test_a_trigger_that_is_gone_changed_or_off_is_named(season: Season) -> None:
    table = "" if db.is_sqlite() else " ON act"
    with db.engine(season.coop, writes=True).begin() as connection:
        connection.execute(text(f"DROP TRIGGER act_stands{table}"))
        if not db.is_sqlite():
            connection.execute(text("ALTER TABLE change DISABLE TRIGGER change_stands"))
            connection.execute(
                text(
                    "CREATE OR REPLACE FUNCTION slip_stands() RETURNS trigger LANGUAGE plpgsql"
                    " AS $$ BEGIN RETURN NEW; END $$"
                )
            )
    names = [str(problem.facts["name"]) for problem in found(season.coop)]
    assert names == (
        ["act_stands"]
        if db.is_sqlite()
        else ["act.act_stands", "change.change_stands", "slip.slip_stands"]
    )


def test_a_reference_to_nothing_is_named_on_sqlite(season: Season) -> None:
    if not db.is_sqlite():
        return  # PostgreSQL keeps its references itself
    raw = db.engine(season.coop, writes=True).raw_connection()
    raw.execute("PRAGMA foreign_keys=OFF")
    raw.execute("UPDATE allotment SET act_id = 999 WHERE sale_id = 2")
    raw.execute("PRAGMA foreign_keys=ON")
    raw.close()
    assert sentences(season.coop) == [
        "Row {row_key} of {table} points to a row of {other} that is not there."
    ]


def test_a_database_of_another_revision_is_named(season: Season) -> None:
    with db.engine(season.coop, writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    assert sentences(season.coop) == ["The database is not at the newest revision. Run: migrate."]


def test_findings_are_told_in_indonesian(season: Season) -> None:
    with db.engine(season.coop, writes=True).begin() as connection:
        break_it(connection, "UPDATE slip SET net_value_rp = net_value_rp + 1 WHERE id = 2")
    first = found(season.coop)[0]
    said = language.translate("id", first.sentence, **first.facts)
    assert said.startswith("Anggota A-Budi: menurut jurnal terutang Rp")
