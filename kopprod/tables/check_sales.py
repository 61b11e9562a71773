"""What must hold of sales: sums, shares, slips and entries; asked like the rules of `check.py`."""

from kopprod.domain.refusal import N_
from kopprod.tables.check import Rule

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
            CASE mode WHEN 'pool' THEN net_rp ELSE 0 END
            <> coalesce((SELECT sum(share_rp) FROM allotment WHERE sale_id = sale.id), 0)
            OR EXISTS (SELECT 1 FROM allotment WHERE sale_id = sale.id
                AND (share_rp IS NULL) = (mode = 'pool')))
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: what its goods had cost does not add up."),
        """
        SELECT number FROM sale WHERE stage = 'settled' AND (
            cost_of_goods_rp
            <> coalesce((SELECT sum(cost_rp) FROM allotment WHERE sale_id = sale.id), 0)
            OR EXISTS (SELECT 1 FROM allotment WHERE sale_id = sale.id
                AND (cost_rp IS NULL) = (mode = 'outright')))
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number} mixes goods of members with goods that the cooperative bought."),
        """
        SELECT DISTINCT number FROM sale JOIN allotment ON sale_id = sale.id
        WHERE stage = 'settled' AND (mode = 'outright') <> EXISTS (SELECT 1 FROM buying
            WHERE buying.delivery_id = allotment.delivery_id AND reversed_on IS NULL)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Sale {number}: the slips do not add up to its net."),
        """
        SELECT number FROM sale WHERE stage = 'settled'
        AND CASE mode WHEN 'pool' THEN net_rp ELSE 0 END <> coalesce(
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
                sum(CASE WHEN account_code = :fee THEN credit_rp ELSE 0 END) AS fee,
                sum(CASE WHEN account_code = :goods_sold THEN credit_rp ELSE 0 END) AS earned,
                sum(CASE WHEN account_code = :selling_costs THEN debit_rp ELSE 0 END) AS spent,
                sum(CASE WHEN account_code = :cost_of_goods THEN debit_rp ELSE 0 END) AS cost,
                sum(CASE WHEN account_code = :stock THEN credit_rp ELSE 0 END) AS left_stock
            FROM line GROUP BY entry_id) AS posted ON posted.entry_id = sale.entry_id
        WHERE stage = 'settled' AND (gross <> gross_rp OR costs <> costs_rp OR fee <> fee_rp
            OR cost <> cost_of_goods_rp OR left_stock <> cost_of_goods_rp
            OR net <> CASE mode WHEN 'pool' THEN net_rp ELSE 0 END
            OR earned <> CASE mode WHEN 'pool' THEN 0 ELSE gross_rp END
            OR spent <> CASE mode WHEN 'pool' THEN 0 ELSE costs_rp END)
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
            OR EXISTS (SELECT 1 FROM allotment WHERE sale_id = sale.id
                AND (share_rp IS NOT NULL OR cost_rp IS NOT NULL))
            OR (EXISTS (SELECT 1 FROM buyer_payment WHERE sale_id = sale.id)
                AND NOT EXISTS (SELECT 1 FROM settlement_reversal WHERE sale_id = sale.id)))
        ORDER BY number
        """,
    ),
)
