"""What must hold of the goods: weighed, taken back, sold, rejected; asked like `check.py`'s."""

from kopprod.domain.refusal import N_
from kopprod.tables.check import Rule

GOODS_RULES = (
    Rule(
        N_("Delivery {number}: its gross is not what its sacks weigh together."),
        """
        SELECT number FROM delivery WHERE gross <> coalesce(
            (SELECT sum(gross) FROM delivery_weight WHERE delivery_id = delivery.id), 0)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Delivery {number}: its tare is not that of its sacks."),
        """
        SELECT number FROM delivery WHERE tare_each IS NOT NULL AND tare <> tare_each * (
            SELECT count(*) FROM delivery_weight WHERE delivery_id = delivery.id)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Delivery {number} corrects something that still stands."),
        """
        SELECT number FROM delivery WHERE corrects_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM delivery AS back WHERE back.reverses_id = delivery.corrects_id)
        ORDER BY number
        """,
    ),
    Rule(
        N_("Load {number} was rejected, and received all the same."),
        """
        SELECT rejected_load.number FROM rejected_load
        JOIN delivery ON delivery.draft_key = rejected_load.draft_key
        ORDER BY rejected_load.number
        """,
    ),
    Rule(
        N_("More of delivery {number} is sold or lost than was delivered."),
        """
        SELECT delivery.number FROM delivery JOIN (
            SELECT delivery_id, quantity FROM allotment
            JOIN sale ON sale.id = sale_id WHERE sale.stage <> 'cancelled'
            UNION ALL SELECT delivery_id, quantity FROM stock_loss
        ) AS gone ON gone.delivery_id = delivery.id
        GROUP BY delivery.id, delivery.number, net HAVING sum(quantity) > net
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number} was taken back, but is in a sale."),
        """
        SELECT DISTINCT delivery.number FROM delivery JOIN allotment ON delivery_id = delivery.id
        JOIN sale ON sale.id = sale_id WHERE sale.stage <> 'cancelled'
        AND (delivery.reverses_id IS NOT NULL OR EXISTS (
            SELECT 1 FROM delivery AS back WHERE back.reverses_id = delivery.id))
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number} takes back something else than was delivered."),
        """
        SELECT back.number FROM delivery AS back JOIN delivery AS old ON old.id = back.reverses_id
        WHERE back.member_id <> old.member_id OR back.product_id <> old.product_id
        OR back.net <> old.net OR old.reverses_id IS NOT NULL ORDER BY back.number
        """,
    ),
    Rule(
        N_("Delivery {number} is in a sale of another product."),
        """
        SELECT delivery.number FROM allotment JOIN delivery ON delivery.id = delivery_id
        JOIN sale ON sale.id = sale_id WHERE sale.product_id <> delivery.product_id
        ORDER BY delivery.number
        """,
    ),
    Rule(
        N_("Delivery {number} is kept as in store and is not there, or the other way round."),
        """
        SELECT number FROM (
            SELECT number,
                EXISTS (SELECT 1 FROM stock_lot WHERE stock_lot.delivery_id = delivery.id) AS kept,
                reason IS NULL AND NOT EXISTS (
                    SELECT 1 FROM delivery AS back WHERE back.reverses_id = delivery.id)
                AND net > coalesce((SELECT sum(quantity) FROM allotment
                    JOIN sale ON sale.id = sale_id
                    WHERE allotment.delivery_id = delivery.id AND stage = 'settled'), 0)
                + coalesce((SELECT sum(quantity) FROM stock_loss
                    WHERE stock_loss.delivery_id = delivery.id), 0) AS there
            FROM delivery) AS each_one
        WHERE kept <> there ORDER BY number
        """,
    ),
)
