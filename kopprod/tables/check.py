"""What must hold between the tables, as statements that find whatever breaks it.

`services/check.py` asks them. They are written in SQL that both engines understand, and name
accounts by `CODES`. `lost_bounds` compares the CHECKs of a database with the tables here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, create_engine, inspect, text
from sqlmodel import SQLModel

from kopprod.domain.ledger import (
    BUYERS_OWE,
    COST_OF_GOODS,
    DEPRECIATED,
    DEPRECIATION,
    GOODS_SOLD,
    GRANTS,
    MACHINES,
    MEMBERS_OWE,
    OWED_SALE_COSTS,
    OWED_TO_MEMBERS,
    SALE_FEE,
    SELLING_COSTS,
    STOCK,
    STOCK_LOSS,
)
from kopprod.domain.payouts import ACCOUNTS, DeductionKind
from kopprod.domain.refusal import N_

# Every account that the papers post to, as the statements below name it.
CODES = {
    "buyers_owe": BUYERS_OWE,
    "owed_to_members": OWED_TO_MEMBERS,
    "owed_costs": OWED_SALE_COSTS,
    "fee": SALE_FEE,
    "goods_sold": GOODS_SOLD,
    "cost_of_goods": COST_OF_GOODS,
    "selling_costs": SELLING_COSTS,
    "stock": STOCK,
    "stock_loss": STOCK_LOSS,
    "members_owe": MEMBERS_OWE,
    "machines": MACHINES,
    "depreciated": DEPRECIATED,
    "depreciation": DEPRECIATION,
    "grants": GRANTS,
    "advances": ACCOUNTS[DeductionKind.ADVANCE],
}


@dataclass(frozen=True)
class Rule:
    """A sentence, and the statement whose rows break it; its columns fill the braces in order."""

    sentence: str
    finds: str
    facts: Sequence[str] = ("number",)


@dataclass(frozen=True)
class Agreement:
    """An account that must come to what its papers add up to, in all or for each of somebody.

    What stands in the journal without a paper of its own is left out of the comparison.
    """

    account: str
    journal: str
    papers: str
    sentence: str


ENTRY_RULES = (
    Rule(
        N_("Entry {number} does not balance: {difference_rp} between its {lines} lines."),
        """
        SELECT entry.number, abs(coalesce(sum(debit_rp) - sum(credit_rp), 0)), count(line.id)
        FROM entry LEFT JOIN line ON line.entry_id = entry.id
        WHERE stage = 'posted' GROUP BY entry.id, entry.number
        HAVING count(line.id) < 2 OR sum(debit_rp) <> sum(credit_rp) ORDER BY entry.number
        """,
        ("number", "difference_rp", "lines"),
    ),
    Rule(
        N_("Draft {draft} was left behind in the journal."),
        "SELECT id FROM entry WHERE stage = 'draft' ORDER BY id",
        ("draft",),
    ),
    Rule(
        N_("Entry {number} names nobody on its line of account {account}."),
        """
        SELECT entry.number, account_code FROM line
        JOIN entry ON entry.id = line.entry_id JOIN account ON account.code = account_code
        WHERE stage = 'posted' AND ((sub_ledger = 'member' AND member_id IS NULL)
        OR (sub_ledger = 'buyer' AND buyer_id IS NULL)) ORDER BY entry.number
        """,
        ("number", "account"),
    ),
    Rule(
        N_("Entry {number} reverses what it may not."),
        """
        SELECT entry.number FROM entry JOIN entry AS old ON old.id = entry.reverses_id
        WHERE old.stage <> 'posted' OR old.reverses_id IS NOT NULL ORDER BY entry.number
        """,
    ),
    Rule(
        N_("The journal has {count} entries, but its last number is {last} ({counter})."),
        """
        SELECT count, last, counter FROM (
            SELECT count(number) AS count, coalesce(max(number), 0) AS last,
            coalesce((SELECT last FROM counter WHERE name = 'entry'), 0) AS counter FROM entry
        ) AS numbers WHERE count <> last OR last <> counter
        """,
        ("count", "last", "counter"),
    ),
)

MONEY_BY_DAY = """
SELECT account.name, entry."on", sum(debit_rp - credit_rp) FROM line
JOIN entry ON entry.id = line.entry_id JOIN account ON account.code = account_code
WHERE stage = 'posted' AND holds_money GROUP BY account.name, entry."on" ORDER BY 1, 2
"""

AGREEMENTS = (
    Agreement(
        OWED_TO_MEMBERS,
        """
        SELECT member.number, sum(credit_rp - debit_rp) FROM line
        JOIN entry ON entry.id = entry_id JOIN member ON member.id = member_id
        WHERE account_code = :owed_to_members AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%' GROUP BY member.number
        """,
        """
        SELECT member.number, sum(net_value_rp - deducted_rp) FROM slip
        JOIN member ON member.id = member_id
        WHERE paid_on IS NULL AND voided_on IS NULL GROUP BY member.number
        """,
        N_(
            "Member {whom}: the journal owes {journal_rp} (account {account}),"
            " the unpaid slips add up to {papers_rp}."
        ),
    ),
    Agreement(
        BUYERS_OWE,
        """
        SELECT buyer.name, sum(debit_rp - credit_rp) FROM line
        JOIN entry ON entry.id = entry_id JOIN buyer ON buyer.id = buyer_id
        WHERE account_code = :buyers_owe AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%' GROUP BY buyer.name
        """,
        """
        SELECT buyer.name, sum(CASE WHEN stage = 'settled' THEN gross_rp ELSE 0 END - coalesce(
            (SELECT sum(amount_rp) FROM buyer_payment
             WHERE sale_id = sale.id AND reversed_on IS NULL), 0))
        FROM sale JOIN buyer ON buyer.id = buyer_id GROUP BY buyer.name
        """,
        N_(
            "Buyer {whom}: the journal says {journal_rp} (account {account}),"
            " sales less payments come to {papers_rp}."
        ),
    ),
    Agreement(
        OWED_SALE_COSTS,
        """
        SELECT '', sum(credit_rp - debit_rp) FROM line JOIN entry ON entry.id = entry_id
        WHERE account_code = :owed_costs AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%'
        """,
        """
        SELECT '', sum(CASE WHEN stage = 'settled' THEN amount_rp ELSE 0 END
            - CASE WHEN paid_entry_id IS NULL THEN 0 ELSE amount_rp END)
        FROM sale_cost JOIN sale ON sale.id = sale_id
        """,
        N_(
            "Unpaid costs of sales: the journal says {journal_rp} (account {account}),"
            " the sales {papers_rp}."
        ),
    ),
    Agreement(
        SALE_FEE,
        """
        SELECT '', sum(credit_rp - debit_rp) FROM line JOIN entry ON entry.id = entry_id
        WHERE account_code = :fee AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%'
        """,
        "SELECT '', sum(fee_rp) FROM sale WHERE stage = 'settled'",
        N_("Fees: the journal says {journal_rp} (account {account}), the sales {papers_rp}."),
    ),
)

PAYMENT_RULES = (
    Rule(
        N_("Slip {number} is marked paid, but the journal does not pay it."),
        """
        SELECT number FROM slip WHERE received_rp > 0 AND (
            NOT EXISTS (SELECT 1 FROM line WHERE entry_id = paid_entry_id
                AND account_code = :owed_to_members AND member_id = slip.member_id
                AND debit_rp = received_rp)
            OR NOT EXISTS (SELECT 1 FROM line WHERE entry_id = paid_entry_id
                AND account_code = paid_from AND credit_rp = received_rp))
        ORDER BY number
        """,
    ),
    Rule(
        N_("A payment by the buyer of sale {number} is not in the journal as it was written down."),
        """
        SELECT sale.number FROM buyer_payment AS paid JOIN sale ON sale.id = paid.sale_id
        WHERE NOT EXISTS (SELECT 1 FROM line WHERE entry_id = paid.entry_id
                AND account_code = paid.account_code AND debit_rp = amount_rp)
            OR NOT EXISTS (SELECT 1 FROM line WHERE entry_id = paid.entry_id
                AND account_code = :buyers_owe AND buyer_id = sale.buyer_id
                AND credit_rp = amount_rp)
        ORDER BY sale.number
        """,
    ),
    Rule(
        N_("A cost of sale {number} is marked paid, but the journal does not pay it."),
        """
        SELECT sale.number FROM sale_cost JOIN sale ON sale.id = sale_id
        WHERE paid_entry_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM line
            WHERE entry_id = paid_entry_id AND account_code = :owed_costs
            AND debit_rp = amount_rp)
        ORDER BY sale.number
        """,
    ),
    Rule(
        N_("Entry {number} comes from a paper that is not there."),
        """
        SELECT number FROM entry WHERE
            (paper LIKE 'sale:%'
             AND NOT EXISTS (SELECT 1 FROM sale WHERE 'sale:' || sale.id = paper))
            OR (paper LIKE 'slip:%'
             AND NOT EXISTS (SELECT 1 FROM slip WHERE 'slip:' || slip.id = paper))
            OR (paper LIKE 'delivery:%'
             AND NOT EXISTS (SELECT 1 FROM delivery WHERE 'delivery:' || delivery.id = paper))
            OR (paper LIKE 'loss:%'
             AND NOT EXISTS (SELECT 1 FROM stock_loss WHERE 'loss:' || stock_loss.number = paper))
        ORDER BY number
        """,
    ),
)


_SOURCE: dict[str, dict[str, str]] = {}


def lost_bounds(connection: Connection) -> list[str]:
    """The CHECKs, as table.name, that the database has not or has otherwise than the source."""
    engine = connection.dialect.name
    if engine not in _SOURCE:  # the source stays the same as long as the process
        _SOURCE[engine] = _bounds_in_source(connection)
    there, wanted = _bounds_of(connection), _SOURCE[engine]
    names = there.keys() | wanted.keys()
    return sorted(name for name in names if there.get(name) != wanted.get(name))


def _bounds_of(connection: Connection) -> dict[str, str]:
    inspector = inspect(connection)
    return {
        f"{table}.{found['name']}": _plain(found["sqltext"])
        for (_, table), every in inspector.get_multi_check_constraints().items()
        for found in every
    }


# A list of texts is written with its casts in another place once it went through a dump.
_CASTS = re.compile(r"::(character varying|text)(\[\])?")
_AROUND = re.compile(r"\(('[^']*'|ARRAY\[[^\]]*\]|\w+)\)")


def _plain(condition: str) -> str:
    condition = _CASTS.sub("", " ".join(condition.split()))
    while True:
        fewer = _AROUND.sub(r"\1", condition)
        if fewer == condition:
            return condition
        condition = fewer


def _bounds_in_source(connection: Connection) -> dict[str, str]:
    if connection.dialect.name == "sqlite":
        engine = create_engine("sqlite://")
        with engine.begin() as empty:
            SQLModel.metadata.create_all(empty)
            found = _bounds_of(empty)
        engine.dispose()
        return found
    # PostgreSQL rewrites conditions, so the source's are read back from a schema that never stays.
    connection.execute(text("SAVEPOINT scratch"))
    connection.execute(text("CREATE SCHEMA kopprod_scratch"))
    connection.execute(text("SET LOCAL search_path = kopprod_scratch"))
    SQLModel.metadata.create_all(connection)
    found = _bounds_of(connection)
    connection.execute(text("ROLLBACK TO SAVEPOINT scratch"))
    return found
