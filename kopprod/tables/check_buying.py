"""What must hold of goods bought outright and of losses, asked like the rules of `check.py`."""

from kopprod.domain.ledger import STOCK
from kopprod.domain.refusal import N_
from kopprod.tables.check import Agreement, Rule

BUYING_AGREEMENTS = (
    Agreement(
        STOCK,
        """
        SELECT '', sum(debit_rp - credit_rp) FROM line JOIN entry ON entry.id = entry_id
        WHERE account_code = :stock AND stage = 'posted'
        AND paper NOT LIKE 'opening:%' AND paper NOT LIKE 'hand:%'
        """,
        """
        SELECT '', coalesce((SELECT sum(amount_rp) FROM buying WHERE reversed_on IS NULL), 0)
            - coalesce((SELECT sum(cost_rp) FROM allotment JOIN sale ON sale.id = sale_id
                WHERE sale.stage = 'settled'), 0)
            - coalesce((SELECT sum(cost_rp) FROM stock_loss), 0)
        """,
        N_(
            "Goods in store: the journal says {journal_rp} (account {account}), what was bought"
            " less what was sold and lost comes to {papers_rp}."
        ),
    ),
)

BUYING_RULES = (
    Rule(
        N_("Delivery {number} was bought, but the journal does not say so as it was written down."),
        """
        SELECT delivery.number FROM buying JOIN delivery ON delivery.id = delivery_id
        WHERE (amount_rp = 0) <> (entry_id IS NULL) OR (amount_rp > 0 AND (
            NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = buying.entry_id AND stage = 'posted'
                AND paper = 'delivery:' || delivery.id AND reverses_id IS NULL)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = buying.entry_id
                AND account_code = :stock AND debit_rp = amount_rp)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = buying.entry_id
                AND account_code = :owed_to_members AND line.member_id = delivery.member_id
                AND credit_rp = amount_rp)))
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number}: its goods and its buying were not taken back together."),
        """
        SELECT delivery.number FROM buying JOIN delivery ON delivery.id = delivery_id
        WHERE delivery.reverses_id IS NOT NULL
        OR (buying.reversed_on IS NOT NULL) <> EXISTS (
            SELECT 1 FROM delivery AS back WHERE back.reverses_id = delivery.id)
        OR (buying.reversed_on IS NOT NULL AND entry_id IS NOT NULL) <> EXISTS (
            SELECT 1 FROM entry WHERE entry.reverses_id = buying.entry_id
            AND entry.id = buying.reversal_entry_id)
        OR (buying.reversed_on IS NULL AND EXISTS (
            SELECT 1 FROM entry WHERE entry.reverses_id = buying.entry_id))
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number} was bought, but its slip is missing or says something else."),
        """
        SELECT delivery.number FROM buying JOIN delivery ON delivery.id = delivery_id
        WHERE NOT EXISTS (SELECT 1 FROM slip WHERE buying_id = buying.id
            AND net_value_rp = amount_rp AND slip.member_id = delivery.member_id
            AND (voided_on IS NULL) = (buying.reversed_on IS NULL))
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number} was bought by a price rule of another product or another day."),
        """
        SELECT delivery.number FROM buying JOIN delivery ON delivery.id = delivery_id
        LEFT JOIN price_rule_version AS rule ON rule.id = price_version_id
        WHERE rule.id IS NULL OR rule.product_id <> delivery.product_id
        OR rule.since > received_on OR rule.until <= received_on
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number}: what its parts had cost does not add up to what was paid for it."),
        """
        SELECT delivery.number FROM delivery
        JOIN buying ON buying.delivery_id = delivery.id AND buying.reversed_on IS NULL
        JOIN (SELECT delivery_id, sum(quantity) AS gone, sum(cost_rp) AS cost FROM (
            SELECT delivery_id, quantity, coalesce(cost_rp, 0) AS cost_rp FROM allotment
            JOIN sale ON sale.id = sale_id WHERE sale.stage = 'settled'
            UNION ALL SELECT delivery_id, quantity, cost_rp FROM stock_loss
        ) AS part GROUP BY delivery_id) AS parts ON parts.delivery_id = delivery.id
        WHERE cost > amount_rp OR (gone = net AND cost <> amount_rp) ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Loss {number} is not in the journal as it was written down."),
        """
        SELECT number FROM stock_loss WHERE (cost_rp = 0) <> (entry_id IS NULL)
        OR (cost_rp > 0 AND (
            NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = stock_loss.entry_id
                AND stage = 'posted' AND paper = 'loss:' || stock_loss.number)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = stock_loss.entry_id
                AND account_code = :stock AND credit_rp = cost_rp)
            OR NOT EXISTS (SELECT 1 FROM line WHERE line.entry_id = stock_loss.entry_id
                AND account_code = :stock_loss AND debit_rp = cost_rp)))
        ORDER BY number
        """,
    ),
    Rule(
        N_("Loss {number} is of goods that were taken back, or costs what was not bought."),
        """
        SELECT stock_loss.number FROM stock_loss JOIN delivery ON delivery.id = delivery_id
        WHERE delivery.reverses_id IS NOT NULL
        OR EXISTS (SELECT 1 FROM delivery AS back WHERE back.reverses_id = delivery.id)
        OR (cost_rp > 0 AND NOT EXISTS (SELECT 1 FROM buying
            WHERE buying.delivery_id = delivery.id AND buying.reversed_on IS NULL))
        ORDER BY stock_loss.number
        """,
    ),
)
