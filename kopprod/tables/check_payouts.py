"""What must hold of payouts: deductions, payout lists and advances against the journal."""

from kopprod.domain.payouts import ACCOUNTS, DeductionKind
from kopprod.domain.refusal import N_
from kopprod.tables.check import Agreement, Rule

_ACCOUNT_OF_KIND = " ".join(
    f"WHEN '{kind.value}' THEN '{account}'" for kind, account in ACCOUNTS.items()
)

PAYOUT_AGREEMENTS = (
    Agreement(
        ACCOUNTS[DeductionKind.ADVANCE],
        """
        SELECT member.number, sum(debit_rp - credit_rp) FROM line
        JOIN entry ON entry.id = entry_id JOIN member ON member.id = member_id
        WHERE account_code = :advances AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%' GROUP BY member.number
        """,
        """
        SELECT member.number, sum(amount_rp) FROM (
            SELECT member_id, amount_rp FROM advance
            UNION ALL
            SELECT advance.member_id, -credit_rp FROM advance
            JOIN line ON line.entry_id = reversal_entry_id WHERE line.account_code = :advances
            UNION ALL
            SELECT member_id, -amount_rp FROM slip_deduction
            JOIN slip ON slip.id = slip_id WHERE kind = 'advance'
        ) AS advanced JOIN member ON member.id = member_id GROUP BY member.number
        """,
        N_(
            "Member {whom}: the journal has {journal_rp} of advances (account {account}),"
            " those paid less those taken back come to {papers_rp}."
        ),
    ),
)

PAYOUT_RULES = (
    Rule(
        N_("Slip {number}: its deductions do not add up."),
        """
        SELECT number FROM slip WHERE deducted_rp <> coalesce(
            (SELECT sum(amount_rp) FROM slip_deduction WHERE slip_id = slip.id), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Slip {number}: the journal does not take its deductions as they were written."),
        f"""
        SELECT slip.number FROM slip LEFT JOIN entry ON entry.id = deducted_entry_id
        WHERE deducted_rp > 0 AND (stage IS NULL OR stage <> 'posted'
            OR paper <> 'slip:' || slip.id OR entry.reverses_id IS NOT NULL
            OR EXISTS (SELECT 1 FROM entry AS back WHERE back.reverses_id = entry.id)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
                AND account_code = :owed_to_members AND line.member_id = slip.member_id
                AND debit_rp = deducted_rp)
            OR (SELECT count(*) FROM line WHERE line.entry_id = entry.id)
                <> 1 + (SELECT count(*) FROM slip_deduction WHERE slip_id = slip.id)
            OR EXISTS (SELECT 1 FROM slip_deduction AS taken WHERE slip_id = slip.id
                AND NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = entry.id
                    AND account_code = CASE taken.kind {_ACCOUNT_OF_KIND} END
                    AND line.member_id = slip.member_id AND credit_rp = amount_rp)))
        ORDER BY slip.number
        """,  # noqa: S608
    ),
    Rule(
        N_("Slip {number} was paid, but its entry in the journal comes from another paper."),
        """
        SELECT slip.number FROM slip JOIN entry ON entry.id = paid_entry_id
        WHERE paper <> 'slip:' || slip.id OR (voided_on IS NULL AND "on" <> paid_on)
        ORDER BY slip.number
        """,
    ),
    Rule(
        N_("List {number} is finished, but something on it is unpaid, or the other way round."),
        """
        SELECT number FROM payout_batch AS batch WHERE (closed_on IS NULL) <> EXISTS (
            SELECT 1 FROM slip WHERE batch_id = batch.id AND paid_on IS NULL)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Slip {number} was not paid as its payout list says."),
        """
        SELECT slip.number FROM slip JOIN payout_batch AS batch ON batch.id = batch_id
        WHERE paid_on < drawn_on OR paid_from <> account_code OR (paid_on IS NULL
            AND (voided_on IS NOT NULL OR net_value_rp = deducted_rp))
        ORDER BY slip.number
        """,
    ),
    Rule(
        N_("Advance {number}: the journal does not pay it as it was written down."),
        """
        SELECT number FROM advance WHERE
            NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = advance.entry_id
                AND line.account_code = :advances AND line.member_id = advance.member_id
                AND debit_rp = amount_rp)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = advance.entry_id
                AND line.account_code = advance.account_code AND credit_rp = amount_rp)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Advance {number} was taken back, but not in the journal, or for more than it was."),
        """
        SELECT advance.number FROM advance WHERE reversed_on IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM line JOIN entry ON entry.id = line.entry_id
            WHERE line.entry_id = reversal_entry_id AND stage = 'posted'
            AND line.account_code = :advances AND line.member_id = advance.member_id
            AND credit_rp > 0 AND credit_rp <= amount_rp
            AND (entry.reverses_id = advance.entry_id OR EXISTS (
                SELECT 1 FROM delivery AS back WHERE back.reverses_id = advance.delivery_id)))
        ORDER BY advance.number
        """,
    ),
    Rule(
        N_("Advance {number} is of another member's delivery, or of one bought outright."),
        """
        SELECT advance.number FROM advance JOIN delivery ON delivery.id = delivery_id
        WHERE advance.member_id <> delivery.member_id OR (reversed_on IS NULL AND EXISTS (
            SELECT 1 FROM buying WHERE buying.delivery_id = advance.delivery_id
            AND buying.reversed_on IS NULL))
        ORDER BY advance.number
        """,
    ),
    Rule(
        N_("Member {number} has an order of deductions with one kind twice, or none to go by."),
        """
        SELECT number FROM member WHERE EXISTS (
            SELECT 1 FROM deduction_agreement WHERE member_id = member.id AND until IS NULL
            GROUP BY kind HAVING count(*) > 1)
        OR (EXISTS (SELECT 1 FROM deduction_agreement WHERE member_id = member.id)
            AND NOT EXISTS (SELECT 1 FROM payout_terms WHERE member_id = member.id))
        ORDER BY number
        """,
    ),
)
