"""What must hold of everything that was taken back; asked like the rules and sums of `check.py`."""

from kopprod.domain.ledger import MEMBERS_OWE
from kopprod.domain.refusal import N_
from kopprod.tables.check import Agreement, Rule

REVERSAL_AGREEMENTS = (
    Agreement(
        MEMBERS_OWE,
        """
        SELECT member.number, sum(debit_rp - credit_rp) FROM line
        JOIN entry ON entry.id = entry_id JOIN member ON member.id = member_id
        WHERE account_code = :members_owe AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%' GROUP BY member.number
        """,
        """
        SELECT member.number, sum(owes_rp) FROM (
            SELECT member_id,
                CASE WHEN paid_on IS NULL THEN deducted_rp ELSE net_value_rp END AS owes_rp
            FROM slip WHERE voided_on IS NOT NULL
            UNION ALL
            SELECT member_id, -amount_rp FROM slip_deduction
            JOIN slip ON slip.id = slip_id WHERE kind = 'claim'
            UNION ALL
            SELECT advance.member_id, debit_rp FROM advance
            JOIN line ON line.entry_id = reversal_entry_id WHERE line.account_code = :members_owe
        ) AS claims JOIN member ON member.id = member_id GROUP BY member.number
        """,
        N_(
            "Member {whom}: the journal claims {journal_rp} (account {account}), cancelled slips"
            " less what was set off come to {papers_rp}."
        ),
    ),
)

REVERSAL_RULES = (
    Rule(
        N_("Entry {number} is not the opposite of the entry that it reverses."),
        """
        SELECT number FROM entry WHERE reverses_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM line WHERE entry_id IN (entry.id, entry.reverses_id)
            GROUP BY account_code, member_id, buyer_id, business_unit
            HAVING sum(debit_rp - credit_rp) <> 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Reversal {number}: the journal does not take the settlement back."),
        """
        SELECT back.number FROM settlement_reversal AS back
        JOIN entry AS opposite ON opposite.id = back.reversal_entry_id
        JOIN entry AS first ON first.id = back.entry_id
        WHERE opposite.stage <> 'posted' OR opposite.reverses_id IS NULL
        OR opposite.reverses_id <> back.entry_id OR opposite.paper <> 'sale:' || back.sale_id
        OR first.paper <> opposite.paper OR opposite."on" <> back.reversed_on
        OR EXISTS (SELECT 1 FROM sale WHERE sale.entry_id = back.entry_id)
        ORDER BY back.number
        """,
    ),
    Rule(
        N_("Reversal {number}: the amounts are not those of the settlement that it takes back."),
        """
        SELECT number FROM settlement_reversal
        WHERE gross_rp <> costs_rp + fee_rp + cost_of_goods_rp + net_rp
        OR gross_rp <> coalesce((SELECT sum(debit_rp) FROM line
            WHERE line.entry_id = settlement_reversal.entry_id AND account_code = :buyers_owe), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Slip {number} is cancelled, but the sale behind it was never taken back."),
        """
        SELECT number FROM slip WHERE voided_on IS NOT NULL AND sale_id IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM settlement_reversal AS back
            WHERE back.sale_id = slip.sale_id AND (net_value_rp = 0 OR EXISTS (
                SELECT 1 FROM line WHERE line.entry_id = back.entry_id
                AND account_code = :owed_to_members AND line.member_id = slip.member_id
                AND credit_rp = net_value_rp)))
        ORDER BY number
        """,
    ),
    Rule(
        N_("A payment by the buyer of sale {number} was taken back, but not in the journal."),
        """
        SELECT sale.number FROM buyer_payment AS paid JOIN sale ON sale.id = paid.sale_id
        WHERE paid.reversed_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry
            WHERE entry.id = paid.reversal_entry_id AND reverses_id = paid.entry_id)
        ORDER BY sale.number
        """,
    ),
    Rule(
        N_("A payment by the buyer of sale {number} stands, but the journal has taken it back."),
        """
        SELECT sale.number FROM buyer_payment AS paid JOIN sale ON sale.id = paid.sale_id
        WHERE paid.reversed_on IS NULL
        AND EXISTS (SELECT 1 FROM entry WHERE reverses_id = paid.entry_id)
        ORDER BY sale.number
        """,
    ),
    Rule(
        N_("Return {number}: the journal does not take the payment of its slip back."),
        """
        SELECT back.number FROM payout_return AS back
        JOIN slip ON slip.id = back.slip_id JOIN entry ON entry.id = back.entry_id
        WHERE entry.reverses_id IS NULL OR entry.paper <> 'slip:' || slip.id
        OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
            AND line.account_code = back.account_code AND debit_rp = back.amount_rp)
        OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
            AND line.account_code = :owed_to_members AND line.member_id = slip.member_id
            AND credit_rp = back.amount_rp)
        ORDER BY back.number
        """,
    ),
    Rule(
        N_("Slip {number} is marked paid, but the journal has taken the payment back."),
        """
        SELECT number FROM slip
        WHERE EXISTS (SELECT 1 FROM entry WHERE reverses_id = slip.paid_entry_id)
        ORDER BY number
        """,
    ),
)
