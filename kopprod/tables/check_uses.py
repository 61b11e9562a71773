"""What must hold of the use of machines: bills, shares, payments and upkeep against the journal."""

from kopprod.domain.ledger import (
    HIRE,
    HIRE_OTHERS,
    HIRE_OWED,
    MACHINE_FUEL,
    OPERATOR_PAY,
    OWED_OPERATORS,
    UPKEEP,
    UPKEEP_RESERVE,
)
from kopprod.domain.refusal import N_
from kopprod.tables.check import Agreement, Rule

_BY_HAND = "paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%'"
_STANDS = "returned_at IS NOT NULL AND reversed_on IS NULL"
_OWN, _OWED = "debit_rp - credit_rp", "credit_rp - debit_rp"


def _in_all(account: str, sides: str) -> str:
    return (
        f"SELECT '', sum({sides}) FROM line JOIN entry ON entry.id = entry_id"  # noqa: S608
        f" WHERE account_code = '{account}' AND stage = 'posted' AND {_BY_HAND}"
    )


def _uses(amount: str, condition: str = "1 = 1") -> str:
    return (
        f"coalesce((SELECT sum({amount}) FROM equipment_use"  # noqa: S608
        f" WHERE {_STANDS} AND {condition}), 0)"
    )


def _upkeep(amount: str) -> str:
    return f"coalesce((SELECT sum({amount}) FROM upkeep_done), 0)"  # noqa: S608


USE_AGREEMENTS = (
    Agreement(
        HIRE_OWED,
        f"""
        SELECT member.number, sum({_OWN}) FROM line
        JOIN entry ON entry.id = entry_id JOIN member ON member.id = member_id
        WHERE account_code = '{HIRE_OWED}' AND stage = 'posted' AND {_BY_HAND}
        GROUP BY member.number
        """,  # noqa: S608
        f"""
        SELECT member.number, sum(amount_rp) FROM (
            SELECT member_id, bill_rp AS amount_rp FROM equipment_use
            WHERE {_STANDS} AND member_id IS NOT NULL
            UNION ALL
            SELECT member_id, -amount_rp FROM use_payment
            JOIN equipment_use ON equipment_use.id = use_id WHERE member_id IS NOT NULL
            UNION ALL
            SELECT member_id, -amount_rp FROM slip_deduction
            JOIN slip ON slip.id = slip_id WHERE kind = 'hire'
        ) AS owed JOIN member ON member.id = member_id GROUP BY member.number
        """,  # noqa: S608
        N_(
            "Member {whom}: the journal says {journal_rp} for machines (account {account}),"
            " her bills less what was paid and taken come to {papers_rp}."
        ),
    ),
    Agreement(
        OWED_OPERATORS,
        _in_all(OWED_OPERATORS, _OWED),
        f"SELECT '', {_uses('operator_rp')}"  # noqa: S608
        " - coalesce((SELECT sum(amount_rp) FROM operator_payment), 0)",
        N_(
            "Operators: the journal owes {journal_rp} (account {account}),"
            " their shares less what they got come to {papers_rp}."
        ),
    ),
    Agreement(
        UPKEEP_RESERVE,
        _in_all(UPKEEP_RESERVE, _OWED),
        f"SELECT '', {_uses('maintenance_rp')} - {_upkeep('reserve_rp')}",
        N_(
            "Reserve for upkeep: the journal says {journal_rp} (account {account}),"
            " what was kept less what was spent {papers_rp}."
        ),
    ),
    Agreement(
        HIRE,
        _in_all(HIRE, _OWED),
        f"SELECT '', {_uses('bill_rp', 'member_id IS NOT NULL')}",
        N_("Machines for members: the journal says {journal_rp} (account {account}),"
           " the bills {papers_rp}."),
    ),
    Agreement(
        HIRE_OTHERS,
        _in_all(HIRE_OTHERS, _OWED),
        f"SELECT '', {_uses('bill_rp', 'member_id IS NULL')}",
        N_("Machines for others: the journal says {journal_rp} (account {account}),"
           " the bills {papers_rp}."),
    ),
    Agreement(
        MACHINE_FUEL,
        _in_all(MACHINE_FUEL, _OWN),
        f"SELECT '', {_uses('fuel_rp')}",
        N_("Fuel of machines: the journal says {journal_rp} (account {account}),"
           " the uses {papers_rp}."),
    ),
    Agreement(
        OPERATOR_PAY,
        _in_all(OPERATOR_PAY, _OWN),
        f"SELECT '', {_uses('operator_rp')}",
        N_("Pay of operators: the journal says {journal_rp} (account {account}),"
           " the uses {papers_rp}."),
    ),
    Agreement(
        UPKEEP,
        _in_all(UPKEEP, _OWN),
        f"SELECT '', {_uses('maintenance_rp')} + {_upkeep('cost_rp - reserve_rp')}",
        N_("Upkeep of machines: the journal says {journal_rp} (account {account}),"
           " uses and work done {papers_rp}."),
    ),
)  # fmt: skip

_NET = "bill_rp - fuel_rp - other_rp"
_PARTS = "operator_rp + maintenance_rp + depreciation_rp + cooperative_rp"


def _line(entry_id: str, account: str, condition: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM line WHERE line.entry_id = {entry_id}"  # noqa: S608
        f" AND account_code = {account} AND {condition})"
    )


_BILLED = _line(
    "used.entry_id", f"'{HIRE_OWED}'", "line.member_id = used.member_id AND debit_rp = bill_rp"
)
_BILLED_OTHER = _line("used.entry_id", f"'{HIRE_OTHERS}'", "credit_rp = bill_rp")
_TO_MEMBER = _line(
    "paid.entry_id",
    f"'{HIRE_OWED}'",
    "line.member_id = used.member_id AND credit_rp = paid.amount_rp",
)

USE_RULES = (
    Rule(
        N_("Use {number}: its bill is not what its lines add up to."),
        f"""
        SELECT number FROM equipment_use AS used WHERE {_STANDS} AND bill_rp <> coalesce(
            (SELECT sum(amount_rp) FROM use_line WHERE use_id = used.id), 0)
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Use {number}: the shares do not add up to what the use brought."),
        f"""
        SELECT number FROM equipment_use WHERE {_STANDS}
        AND {_PARTS} <> CASE WHEN {_NET} > 0 THEN {_NET} ELSE 0 END
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Use {number}: a share is for an operator whom nobody named."),
        """
        SELECT number FROM equipment_use WHERE operator_rp > 0 AND operator_id IS NULL
        ORDER BY number
        """,
    ),
    Rule(
        N_("Use {number}: the journal does not have it as it was written down."),
        f"""
        SELECT used.number FROM equipment_use AS used
        LEFT JOIN entry ON entry.id = used.entry_id
        WHERE {_STANDS} AND ((entry.id IS NULL AND
                bill_rp + fuel_rp + operator_rp + maintenance_rp > 0)
            OR (entry.id IS NOT NULL AND (stage <> 'posted' OR paper <> 'use:' || used.id
                OR "on" <> billed_on))
            OR (bill_rp > 0 AND used.member_id IS NOT NULL AND NOT {_BILLED})
            OR (bill_rp > 0 AND used.member_id IS NULL AND NOT {_BILLED_OTHER}))
        ORDER BY used.number
        """,  # noqa: S608
    ),
    Rule(
        N_("Use {number} was reversed, but the journal has not taken it back."),
        """
        SELECT number FROM equipment_use AS used
        WHERE reversed_on IS NOT NULL AND entry_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM entry WHERE entry.id = used.reversal_entry_id
            AND reverses_id = used.entry_id)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Use {number} stands, but the journal has taken it back."),
        """
        SELECT number FROM equipment_use AS used WHERE reversed_on IS NULL
        AND EXISTS (SELECT 1 FROM entry WHERE reverses_id = used.entry_id)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Booking {number}: its stage does not fit whether its machine is out or returned."),
        """
        SELECT number FROM booking WHERE
            (stage = 'out' AND NOT EXISTS (SELECT 1 FROM equipment_use AS used
                WHERE booking_id = booking.id AND reversed_on IS NULL AND returned_at IS NULL))
            OR (stage = 'returned' AND NOT EXISTS (
                SELECT 1 FROM equipment_use AS used WHERE booking_id = booking.id
                AND (returned_at IS NOT NULL OR reversed_on IS NOT NULL)))
            OR (stage NOT IN ('out', 'returned') AND EXISTS (
                SELECT 1 FROM equipment_use AS used WHERE booking_id = booking.id))
        ORDER BY number
        """,
    ),
    Rule(
        N_("Machine {number} is with two at once."),
        """
        SELECT unit.number FROM equipment_use AS used
        JOIN equipment_unit AS unit ON unit.id = unit_id
        JOIN booking ON booking.id = booking_id
        WHERE returned_at IS NULL AND reversed_on IS NULL AND stage = 'out'
        GROUP BY unit.number HAVING count(*) > 1 ORDER BY unit.number
        """,
    ),
    Rule(
        N_("Payment {number} of a use is not in the journal as it was written down."),
        f"""
        SELECT paid.number FROM use_payment AS paid
        JOIN equipment_use AS used ON used.id = paid.use_id
        WHERE NOT {_line("paid.entry_id", "paid.account_code", "debit_rp = paid.amount_rp")}
        OR (used.member_id IS NOT NULL AND NOT {_TO_MEMBER})
        ORDER BY paid.number
        """,  # noqa: S608
    ),
    Rule(
        N_("Use {number}: who is no member pays at once, but this bill is not paid whole."),
        f"""
        SELECT number FROM equipment_use AS used
        WHERE {_STANDS} AND member_id IS NULL AND bill_rp <> coalesce(
            (SELECT sum(amount_rp) FROM use_payment WHERE use_id = used.id), 0)
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Payment {number} to an operator is not in the journal as it was written down."),
        f"""
        SELECT number FROM operator_payment AS paid
        WHERE NOT {_line("paid.entry_id", f"'{OWED_OPERATORS}'", "debit_rp = paid.amount_rp")}
        OR NOT {_line("paid.entry_id", "paid.account_code", "credit_rp = paid.amount_rp")}
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Upkeep {number} is not in the journal as it was written down."),
        f"""
        SELECT number FROM upkeep_done AS kept WHERE cost_rp > 0 AND (
            NOT {_line("kept.entry_id", "kept.account_code", "credit_rp = cost_rp")}
            OR (reserve_rp > 0 AND NOT {
            _line("kept.entry_id", f"'{UPKEEP_RESERVE}'", "debit_rp = reserve_rp")
        })
            OR (cost_rp > reserve_rp AND NOT {
            _line("kept.entry_id", f"'{UPKEEP}'", "debit_rp = cost_rp - reserve_rp")
        }))
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Entry {number} comes from a paper of a machine that is not there."),
        """
        SELECT number FROM entry WHERE
            (paper LIKE 'use:%'
             AND NOT EXISTS (SELECT 1 FROM equipment_use AS used WHERE 'use:' || used.id = paper))
            OR (paper LIKE 'operator:%' AND NOT EXISTS (
                SELECT 1 FROM operator_payment AS paid WHERE 'operator:' || paid.number = paper))
            OR (paper LIKE 'upkeep:%' AND NOT EXISTS (
                SELECT 1 FROM upkeep_done AS kept WHERE 'upkeep:' || kept.number = paper))
        ORDER BY number
        """,
    ),
)
