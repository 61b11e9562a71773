"""What must hold of shared machines: how they came, what they lose and how they left, in books."""

from kopprod.domain.ledger import DEPRECIATED, DEPRECIATION, MACHINES
from kopprod.domain.refusal import N_
from kopprod.tables.check import Agreement, Rule

_JOURNAL = """
    SELECT '', sum({side}) FROM line JOIN entry ON entry.id = line.entry_id
    WHERE account_code = :{account} AND stage = 'posted'
    AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%'
"""
# What the entries by which machines left moved on an account: of it no other paper speaks.
_LEFT = """
    SELECT {side} FROM line JOIN equipment_unit AS unit ON unit.retired_entry_id = line.entry_id
    WHERE account_code = :{account}
"""

EQUIPMENT_AGREEMENTS = (
    Agreement(
        MACHINES,
        _JOURNAL.format(side="debit_rp - credit_rp", account="machines"),
        """
        SELECT '', sum(CASE WHEN entry_id IS NULL THEN 0 ELSE value_rp END
            - CASE WHEN retired_entry_id IS NULL THEN 0 ELSE value_rp END) FROM equipment_unit
        """,
        N_(
            "Machines: the journal says {journal_rp} (account {account}),"
            " the machines that came and left {papers_rp}."
        ),
    ),
    Agreement(
        DEPRECIATED,
        _JOURNAL.format(side="credit_rp - debit_rp", account="depreciated"),
        f"""
        SELECT '', sum(amount_rp) FROM (SELECT amount_rp FROM depreciation UNION ALL
            {_LEFT.format(side="credit_rp - debit_rp AS amount_rp", account="depreciated")}
        ) AS charged
        """,  # noqa: S608
        N_(
            "Depreciation: the journal has {journal_rp} (account {account}),"
            " the months charged come to {papers_rp}."
        ),
    ),
    Agreement(
        DEPRECIATION,
        _JOURNAL.format(side="debit_rp - credit_rp", account="depreciation"),
        f"""
        SELECT '', sum(amount_rp) FROM (SELECT amount_rp FROM depreciation UNION ALL
            {_LEFT.format(side="debit_rp - credit_rp AS amount_rp", account="depreciation")}
        ) AS charged
        """,  # noqa: S608
        N_(
            "Depreciation as an expense: the journal has {journal_rp} (account {account}),"
            " the months charged come to {papers_rp}."
        ),
    ),
)

EQUIPMENT_RULES = (
    Rule(
        N_("Machine {number} did not come into the journal as it was written down."),
        """
        SELECT unit.number FROM equipment_unit AS unit JOIN entry ON entry.id = unit.entry_id
        WHERE stage <> 'posted' OR paper <> 'unit:' || unit.id OR "on" <> bought_on
            OR reverses_id IS NOT NULL OR source = 'lent'
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
                AND account_code = :machines AND debit_rp = value_rp)
            OR NOT EXISTS (SELECT 1 FROM line JOIN account ON account.code = account_code
                WHERE line.entry_id = entry.id AND credit_rp = value_rp
                AND CASE WHEN source = 'grant' THEN account_code = :grants ELSE holds_money END)
        ORDER BY unit.number
        """,
    ),
    Rule(
        N_("Machine {number} is lent by a member, but has a value in the books."),
        """
        SELECT number FROM equipment_unit WHERE source = 'lent'
        AND (value_rp <> 0 OR entry_id IS NOT NULL OR retired_entry_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM depreciation WHERE unit_id = equipment_unit.id))
        ORDER BY number
        """,
    ),
    Rule(
        N_("Machine {number}: a month of depreciation is not in the journal as it was written."),
        """
        SELECT DISTINCT unit.number FROM depreciation AS lost
        JOIN equipment_unit AS unit ON unit.id = unit_id JOIN entry ON entry.id = lost.entry_id
        WHERE stage <> 'posted' OR paper <> 'unit:' || unit.id OR "on" <> month
            OR reverses_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM entry AS back WHERE back.reverses_id = entry.id)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
                AND account_code = :depreciation AND debit_rp = amount_rp)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
                AND account_code = :depreciated AND credit_rp = amount_rp)
        ORDER BY unit.number
        """,
    ),
    Rule(
        N_("Machine {number} left the register, but not the journal, or the other way round."),
        """
        SELECT unit.number FROM equipment_unit AS unit
        LEFT JOIN entry ON entry.id = retired_entry_id
        WHERE (retired_on IS NULL AND retired_entry_id IS NOT NULL)
            OR (retired_on IS NOT NULL AND retired_entry_id IS NULL AND entry_id IS NOT NULL)
            OR (retired_entry_id IS NOT NULL AND (stage <> 'posted'
                OR paper <> 'unit:' || unit.id OR "on" <> retired_on
                OR coalesce(reverses_id, unit.entry_id, 0) <> coalesce(unit.entry_id, 0)
                OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
                    AND account_code = :machines AND credit_rp = value_rp)))
        ORDER BY unit.number
        """,
    ),
    Rule(
        N_("Machine {number} left the register, but its kind or its months went on without it."),
        """
        SELECT unit.number FROM equipment_unit AS unit
        JOIN equipment AS kind ON kind.id = equipment_id
        WHERE (kind.retired_on IS NOT NULL AND unit.retired_on IS NULL)
            OR EXISTS (SELECT 1 FROM depreciation AS lost WHERE unit_id = unit.id
                AND month > unit.retired_on)
        ORDER BY unit.number
        """,
    ),
    Rule(
        N_("{machine} has two tariffs for the same use on one day, from {since}."),
        """
        SELECT kind.name, CAST(max(one.since) AS VARCHAR) FROM equipment_tariff AS one
        JOIN equipment_tariff AS other ON other.equipment_id = one.equipment_id
            AND other.basis = one.basis AND lower(other.season) = lower(one.season)
            AND other.id <> one.id
        JOIN equipment AS kind ON kind.id = one.equipment_id
        WHERE (one.until IS NULL OR other.since < one.until)
            AND (other.until IS NULL OR one.since < other.until)
        GROUP BY kind.id, kind.name ORDER BY kind.name
        """,
        ("machine", "since"),
    ),
    Rule(
        N_("Entry {number} comes from a machine that is not there."),
        """
        SELECT number FROM entry WHERE paper LIKE 'unit:%'
        AND NOT EXISTS (SELECT 1 FROM equipment_unit WHERE 'unit:' || equipment_unit.id = paper)
        ORDER BY number
        """,
    ),
)
