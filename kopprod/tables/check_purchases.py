"""What must hold of pooled purchases: goods, bills, deposits and suppliers against the journal."""

from kopprod.domain.ledger import ABOVE_CEILING, SUPPLIES, SUPPLY_FEE
from kopprod.domain.payouts import ACCOUNTS, DeductionKind
from kopprod.domain.refusal import N_
from kopprod.tables.check import Agreement, Rule

_INPUTS = ACCOUNTS[DeductionKind.INPUTS]
_BY_MEMBER = """
    SELECT member.number, sum({sides}) FROM line
    JOIN entry ON entry.id = entry_id JOIN member ON member.id = member_id
    WHERE account_code = '{account}' AND stage = 'posted'
    AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%' GROUP BY member.number
    """
_IN_ALL = """
    SELECT '', sum({sides}) FROM line JOIN entry ON entry.id = entry_id
    WHERE account_code = '{account}' AND stage = 'posted'
    AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%'
    """
_OWN, _OWED = "debit_rp - credit_rp", "credit_rp - debit_rp"


def _in_all(account: str, sides: str) -> str:
    return _IN_ALL.format(account=account, sides=sides)


def _by_member(account: str, sides: str) -> str:
    return _BY_MEMBER.format(account=account, sides=sides)


PURCHASE_AGREEMENTS = (
    Agreement(
        SUPPLIES,
        _in_all(SUPPLIES, _OWN),
        """
        SELECT '', coalesce((SELECT sum(goods_rp + freight_rp) FROM supplier_invoice), 0)
        - coalesce((SELECT sum(goods_rp + freight_rp) FROM purchase_bill), 0)
        - coalesce((SELECT sum(cost_rp) FROM purchase_borne), 0)
        - coalesce((SELECT sum(cost_rp) FROM supply_sale), 0)
        """,
        N_(
            "Inputs in stock: the journal says {journal_rp} (account {account}),"
            " what came less bills and sales {papers_rp}."
        ),
    ),
    Agreement(
        "2131",
        _in_all("2131", _OWED),
        """
        SELECT '', sum(CASE WHEN paid_on IS NULL THEN goods_rp + freight_rp + claim_rp
            - coalesce((SELECT sum(debit_rp) FROM line
                WHERE line.entry_id = claim_entry_id AND account_code = '2131'), 0) ELSE 0 END)
        FROM supplier_invoice
        """,
        N_(
            "Suppliers: the journal owes {journal_rp} (account {account}),"
            " their unpaid invoices add up to {papers_rp}."
        ),
    ),
    Agreement(
        "1122",
        _in_all("1122", _OWN),
        "SELECT '', sum(claim_rp) FROM supplier_invoice WHERE claim_on IS NULL",
        N_(
            "Claims against suppliers: the journal says {journal_rp} (account {account}),"
            " the open ones {papers_rp}."
        ),
    ),
    Agreement(
        "2105",
        _by_member("2105", _OWED),
        """
        SELECT member.number, sum(amount_rp) FROM (
            SELECT member_id, amount_rp FROM deposit
            UNION ALL
            SELECT deposit.member_id, -debit_rp FROM deposit
            JOIN line ON line.entry_id = returned_entry_id WHERE line.account_code = '2105'
            UNION ALL
            SELECT member_id, -deposit_rp FROM purchase_bill
        ) AS held JOIN member ON member.id = member_id GROUP BY member.number
        """,
        N_(
            "Member {whom}: the journal holds {journal_rp} of deposits (account {account}),"
            " those paid less those used or given back come to {papers_rp}."
        ),
    ),
    Agreement(
        _INPUTS,
        _by_member(_INPUTS, _OWN),
        """
        SELECT member.number, sum(amount_rp) FROM (
            SELECT member_id, goods_rp + freight_rp + fee_rp - deposit_rp AS amount_rp
            FROM purchase_bill
            UNION ALL
            SELECT member_id, -amount_rp FROM bill_payment
            JOIN purchase_bill ON purchase_bill.id = bill_id
            UNION ALL
            SELECT member_id, amount_rp FROM supply_sale
            WHERE account_code IS NULL AND member_id IS NOT NULL
            UNION ALL
            SELECT member_id, -amount_rp FROM slip_deduction
            JOIN slip ON slip.id = slip_id WHERE kind = 'inputs'
        ) AS owed JOIN member ON member.id = member_id GROUP BY member.number
        """,
        N_(
            "Member {whom}: the journal says {journal_rp} for inputs (account {account}),"
            " her bills less what was paid and taken come to {papers_rp}."
        ),
    ),
    Agreement(
        ABOVE_CEILING,
        _in_all(ABOVE_CEILING, _OWN),
        "SELECT '', sum(cost_rp) FROM purchase_borne",
        N_(
            "Borne above price ceilings: the journal says {journal_rp} (account {account}),"
            " the bills {papers_rp}."
        ),
    ),
    Agreement(
        SUPPLY_FEE,
        _in_all(SUPPLY_FEE, _OWED),
        """
        SELECT '', coalesce((SELECT sum(fee_rp) FROM purchase_bill), 0)
        + coalesce((SELECT sum(amount_rp - cost_rp) FROM supply_sale
            WHERE amount_rp > cost_rp), 0)
        """,
        N_(
            "Fees of purchases: the journal says {journal_rp} (account {account}),"
            " the bills and sales {papers_rp}."
        ),
    ),
)

_BILLED = """EXISTS (SELECT 1 FROM purchase_bill WHERE purchase_id = purchase.id)
    OR EXISTS (SELECT 1 FROM supply_lot WHERE purchase_id = purchase.id)"""
_CAME = """coalesce((SELECT sum(good) FROM purchase_line AS came
    JOIN purchase_offer AS offered ON offered.id = offer_id
    WHERE came.purchase_id = inside.purchase_id AND offered.article_id = inside.article_id), 0)"""
_GIVEN = """coalesce((SELECT sum(quantity) FROM purchase_share AS given
    WHERE given.purchase_id = inside.purchase_id AND given.article_id = inside.article_id), 0)"""
_STORED = """coalesce((SELECT sum(quantity) FROM supply_lot AS kept
    WHERE kept.purchase_id = inside.purchase_id AND kept.article_id = inside.article_id), 0)"""


def _line(entry_id: str, account: str, condition: str) -> str:
    return (
        f"EXISTS (SELECT 1 FROM line WHERE line.entry_id = {entry_id}"  # noqa: S608
        f" AND account_code = {account} AND {condition})"
    )


PURCHASE_RULES = (
    Rule(
        N_("Purchase {number}: of {article} more was handed out or kept than came."),
        f"""
        SELECT purchase.number, article.name FROM purchase_article AS inside
        JOIN purchase ON purchase.id = inside.purchase_id
        JOIN article ON article.id = inside.article_id
        WHERE {_GIVEN} + {_STORED} > {_CAME} OR (({_BILLED}) AND {_GIVEN} + {_STORED} <> {_CAME})
        ORDER BY purchase.number, article.name
        """,  # noqa: S608
        ("number", "article"),
    ),
    Rule(
        N_("Purchase {number}: bills and leftovers do not add up to invoice and freight."),
        f"""
        SELECT number FROM purchase WHERE ({_BILLED}) AND
            coalesce((SELECT sum(goods_rp + freight_rp) FROM purchase_bill
                WHERE purchase_id = purchase.id), 0)
            + coalesce((SELECT sum(cost_rp) FROM supply_lot WHERE purchase_id = purchase.id), 0)
            + coalesce((SELECT sum(cost_rp) FROM purchase_borne
                WHERE purchase_id = purchase.id), 0)
            <> coalesce((SELECT sum(goods_rp + freight_rp) FROM supplier_invoice
                WHERE purchase_id = purchase.id), 0)
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Purchase {number}: a supplier's invoice is not what came of him."),
        """
        SELECT DISTINCT number FROM supplier_invoice AS invoice
        JOIN purchase ON purchase.id = invoice.purchase_id
        WHERE goods_rp <> coalesce((SELECT sum(line.invoiced_rp) FROM purchase_line AS line
            JOIN purchase_offer AS offered ON offered.id = offer_id
            WHERE line.purchase_id = invoice.purchase_id
            AND offered.supplier_id = invoice.supplier_id), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Purchase {number}: its stage does not fit what came, what was billed or handed out."),
        f"""
        SELECT number FROM purchase WHERE
            (stage IN ('received', 'distributed', 'closed') AND (received_on IS NULL OR EXISTS (
                SELECT 1 FROM purchase_line WHERE purchase_id = purchase.id AND good IS NULL)))
            OR (stage IN ('draft', 'open', 'locked') AND EXISTS (
                SELECT 1 FROM supplier_invoice WHERE purchase_id = purchase.id))
            OR (stage = 'cancelled' AND EXISTS (
                SELECT 1 FROM purchase_line WHERE purchase_id = purchase.id AND good > 0))
            OR (stage IN ('distributed', 'closed') AND (NOT ({_BILLED}) OR EXISTS (
                SELECT 1 FROM purchase_bill
                WHERE purchase_id = purchase.id AND handed_at IS NULL)))
            OR (stage NOT IN ('received', 'distributed', 'closed') AND ({_BILLED}))
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Purchase {number} is called off or closed, but a deposit of it is still held."),
        """
        SELECT number FROM purchase WHERE stage IN ('cancelled', 'closed') AND EXISTS (
            SELECT member_id FROM (
                SELECT purchase_id, member_id, amount_rp FROM deposit
                UNION ALL
                SELECT purchase_id, deposit.member_id, -debit_rp FROM deposit
                JOIN line ON line.entry_id = returned_entry_id
                WHERE line.account_code = '2105'
                UNION ALL
                SELECT purchase_id, member_id, -deposit_rp FROM purchase_bill
            ) AS held WHERE held.purchase_id = purchase.id
            GROUP BY member_id HAVING sum(amount_rp) <> 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Bill {number}: what stands on it does not add up."),
        """
        SELECT number FROM purchase_bill AS bill WHERE
            goods_rp <> coalesce((SELECT sum(goods_rp) FROM purchase_share AS part
                WHERE part.purchase_id = bill.purchase_id AND part.member_id = bill.member_id), 0)
            OR freight_rp <> coalesce((SELECT sum(freight_rp) FROM purchase_share AS part
                WHERE part.purchase_id = bill.purchase_id AND part.member_id = bill.member_id), 0)
            OR fee_rp <> coalesce((SELECT sum(fee_rp) FROM purchase_share AS part
                WHERE part.purchase_id = bill.purchase_id AND part.member_id = bill.member_id), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Bill {number}: the journal does not have it as it was written down."),
        f"""
        SELECT bill.number FROM purchase_bill AS bill
        LEFT JOIN entry ON entry.id = bill.entry_id
        WHERE goods_rp + freight_rp + fee_rp > 0 AND (entry.id IS NULL OR stage <> 'posted'
            OR paper <> 'bill:' || bill.id OR "on" <> billed_on
            OR NOT {
            _line(
                "bill.entry_id",
                f"'{_INPUTS}'",
                "line.member_id = bill.member_id AND debit_rp = goods_rp + freight_rp + fee_rp",
            )
        }
            OR (deposit_rp > 0 AND NOT {
            _line(
                "bill.entry_id",
                "'2105'",
                "line.member_id = bill.member_id AND debit_rp = deposit_rp",
            )
        }))
        ORDER BY bill.number
        """,  # noqa: S608
    ),
    Rule(
        N_("Bill {number}: more was paid, or is to wait, than stands on it."),
        """
        SELECT number FROM purchase_bill AS bill WHERE
            goods_rp + freight_rp + fee_rp < deposit_rp + yarnen_rp
            OR goods_rp + freight_rp + fee_rp < deposit_rp + coalesce(
                (SELECT sum(amount_rp) FROM bill_payment WHERE bill_id = bill.id), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Payment {number} of a bill is not in the journal as it was written down."),
        f"""
        SELECT paid.number FROM bill_payment AS paid
        JOIN purchase_bill AS bill ON bill.id = paid.bill_id
        WHERE NOT {_line("paid.entry_id", "paid.account_code", "debit_rp = paid.amount_rp")}
        OR NOT {
            _line(
                "paid.entry_id",
                f"'{_INPUTS}'",
                "line.member_id = bill.member_id AND credit_rp = paid.amount_rp",
            )
        }
        ORDER BY paid.number
        """,  # noqa: S608
    ),
    Rule(
        N_("Deposit {number} is not in the journal as it was written down."),
        f"""
        SELECT number FROM deposit
        WHERE NOT {
            _line("deposit.entry_id", "deposit.account_code", "debit_rp = deposit.amount_rp")
        }
        OR NOT {
            _line(
                "deposit.entry_id",
                "'2105'",
                "line.member_id = deposit.member_id AND credit_rp = deposit.amount_rp",
            )
        }
        OR (returned_entry_id IS NOT NULL AND NOT {
            _line(
                "returned_entry_id",
                "'2105'",
                "line.member_id = deposit.member_id AND debit_rp > 0"
                " AND debit_rp <= deposit.amount_rp",
            )
        })
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Purchase {number}: an invoice is marked paid or claimed, but not in the journal."),
        f"""
        SELECT DISTINCT purchase.number FROM supplier_invoice AS invoice
        JOIN purchase ON purchase.id = invoice.purchase_id
        WHERE (goods_rp + freight_rp + claim_rp > 0 AND NOT {
            _line("invoice.entry_id", "'2131'", "credit_rp = goods_rp + freight_rp + claim_rp")
        }) OR (invoice.entry_id IS NULL
            AND goods_rp + freight_rp + claim_rp > 0)
        OR (paid_entry_id IS NOT NULL AND NOT {_line("paid_entry_id", "'2131'", "debit_rp > 0")})
        OR (claim_entry_id IS NOT NULL AND NOT {
            _line("claim_entry_id", "'1122'", "credit_rp = claim_rp")
        })
        ORDER BY purchase.number
        """,  # noqa: S608
    ),
    Rule(
        N_("Of the leftovers of purchase {number} more left the stock than there was."),
        """
        SELECT purchase.number FROM supply_lot AS lot
        JOIN purchase ON purchase.id = lot.purchase_id JOIN supply_sale AS gone
            ON gone.lot_id = lot.id
        GROUP BY lot.id, purchase.number, lot.quantity, lot.cost_rp
        HAVING sum(gone.quantity) > lot.quantity OR sum(gone.cost_rp) > lot.cost_rp
            OR (sum(gone.quantity) = lot.quantity AND sum(gone.cost_rp) <> lot.cost_rp)
        ORDER BY purchase.number
        """,
    ),
    Rule(
        N_("Sale {number} from stock is not in the journal as it was written down."),
        f"""
        SELECT number FROM supply_sale AS sold WHERE
            (cost_rp > 0 AND (sold.entry_id IS NULL OR NOT {
            _line("sold.entry_id", f"'{SUPPLIES}'", "credit_rp = cost_rp")
        }))
            OR (amount_rp > 0 AND (sold.entry_id IS NULL OR NOT {
            _line(
                "sold.entry_id", f"coalesce(sold.account_code, '{_INPUTS}')", "debit_rp = amount_rp"
            )
        }))
        ORDER BY number
        """,  # noqa: S608
    ),
    Rule(
        N_("Entry {number} comes from a paper of a purchase that is not there."),
        """
        SELECT number FROM entry WHERE
            (paper LIKE 'purchase:%'
             AND NOT EXISTS (SELECT 1 FROM purchase WHERE 'purchase:' || purchase.id = paper))
            OR (paper LIKE 'bill:%' AND NOT EXISTS (
                SELECT 1 FROM purchase_bill AS bill WHERE 'bill:' || bill.id = paper))
            OR (paper LIKE 'deposit:%' AND NOT EXISTS (
                SELECT 1 FROM deposit WHERE 'deposit:' || deposit.number = paper))
            OR (paper LIKE 'supply:%' AND NOT EXISTS (
                SELECT 1 FROM supply_sale AS sold WHERE 'supply:' || sold.number = paper))
        ORDER BY number
        """,
    ),
)
