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
    MEMBERS_OWE,
    OWED_SALE_COSTS,
    OWED_TO_MEMBERS,
    SALE_FEE,
)
from kopprod.domain.refusal import N_

# Every account that the papers post to, as the statements below name it.
CODES = {
    "buyers_owe": BUYERS_OWE,
    "owed_to_members": OWED_TO_MEMBERS,
    "owed_costs": OWED_SALE_COSTS,
    "fee": SALE_FEE,
    "members_owe": MEMBERS_OWE,
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

SALE_RULES = (
    Rule(
        N_("Sale {number}: gross is not costs, fee and net together."),
        """
        SELECT number FROM sale WHERE stage = 'settled'
        AND gross_rp <> coalesce(costs_rp + fee_rp + cost_of_goods_rp + net_rp, -1) ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: its costs do not add up."),
        """
        SELECT number FROM sale WHERE stage = 'settled' AND costs_rp <> coalesce(
            (SELECT sum(amount_rp) FROM sale_cost WHERE sale_id = sale.id), 0) ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: the shares do not add up to its net."),
        """
        SELECT number FROM sale WHERE stage = 'settled' AND (
            net_rp <> coalesce((SELECT sum(share_rp) FROM allotment WHERE sale_id = sale.id), 0)
            OR EXISTS (SELECT 1 FROM allotment WHERE sale_id = sale.id AND share_rp IS NULL))
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: the slips do not add up to its net."),
        """
        SELECT number FROM sale WHERE stage = 'settled' AND net_rp <> coalesce(
            (SELECT sum(net_value_rp) FROM slip
             WHERE sale_id = sale.id AND voided_on IS NULL), 0) ORDER BY number
        """,
    ),
    Rule(
        N_("Slip {number} is not what the member's shares add up to."),
        """
        SELECT number FROM slip
        WHERE sale_id IS NOT NULL AND voided_on IS NULL AND net_value_rp <> coalesce(
            (SELECT sum(share_rp) FROM allotment JOIN delivery ON delivery.id = delivery_id
             WHERE allotment.sale_id = slip.sale_id AND delivery.member_id = slip.member_id), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: the weights are not those of its deliveries."),
        """
        SELECT number FROM sale JOIN (
            SELECT sale_id, sum(quantity) AS weight, sum(quantity * factor_bp) AS graded
            FROM allotment GROUP BY sale_id) AS pooled ON pooled.sale_id = sale.id
        WHERE stage = 'settled' AND (our_weight <> weight OR graded_weight_e4 <> graded)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: its settlement is not posted in the journal."),
        """
        SELECT number FROM sale WHERE stage = 'settled' AND NOT EXISTS (SELECT 1 FROM entry
            WHERE id = sale.entry_id AND stage = 'posted' AND paper = 'sale:' || sale.id)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: its entry in the journal has other amounts."),
        """
        SELECT number FROM sale JOIN (
            SELECT entry_id,
                sum(CASE WHEN account_code = :buyers_owe THEN debit_rp ELSE 0 END) AS gross,
                sum(CASE WHEN account_code = :owed_to_members THEN credit_rp ELSE 0 END) AS net,
                sum(CASE WHEN account_code = :owed_costs THEN credit_rp ELSE 0 END) AS costs,
                sum(CASE WHEN account_code = :fee THEN credit_rp ELSE 0 END) AS fee
            FROM line GROUP BY entry_id) AS posted ON posted.entry_id = sale.entry_id
        WHERE stage = 'settled'
        AND (gross <> gross_rp OR net <> net_rp OR costs <> costs_rp OR fee <> fee_rp)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Slip {number} is not in the settlement's entry as it was written."),
        """
        SELECT slip.number FROM slip JOIN sale ON sale.id = sale_id
        WHERE net_value_rp > 0 AND voided_on IS NULL AND NOT EXISTS (SELECT 1 FROM line
            WHERE entry_id = sale.entry_id AND account_code = :owed_to_members
            AND line.member_id = slip.member_id AND credit_rp = net_value_rp)
        ORDER BY slip.number
        """,
    ),
    Rule(
        N_("Sale {number} is not settled, but has slips, shares or payments."),
        """
        SELECT number FROM sale WHERE stage <> 'settled' AND (
            EXISTS (SELECT 1 FROM slip WHERE sale_id = sale.id AND voided_on IS NULL)
            OR EXISTS (SELECT 1 FROM allotment WHERE sale_id = sale.id AND share_rp IS NOT NULL)
            OR (EXISTS (SELECT 1 FROM buyer_payment WHERE sale_id = sale.id)
                AND NOT EXISTS (SELECT 1 FROM settlement_reversal WHERE sale_id = sale.id)))
        ORDER BY number
        """,
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
        ORDER BY number
        """,
    ),
)


def lost_bounds(connection: Connection) -> list[str]:
    """The CHECKs, as table.name, that the database has not or has otherwise than the source."""
    there, wanted = _bounds_of(connection), _bounds_in_source(connection)
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
