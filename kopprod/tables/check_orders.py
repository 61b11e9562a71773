"""What must hold of buyers' orders and the sales that fill them; asked like `check.py`'s."""

from kopprod.domain.refusal import N_
from kopprod.tables.check import Rule

ORDER_RULES = (
    Rule(
        N_("Sale {number} fills an order of another buyer or product."),
        """
        SELECT sale.number FROM sale JOIN buyer_order ON buyer_order.id = order_id
        WHERE sale.buyer_id <> buyer_order.buyer_id OR sale.product_id <> buyer_order.product_id
        ORDER BY sale.number
        """,
    ),
    Rule(
        N_("Order {number} was cancelled, but a sale fills it."),
        """
        SELECT DISTINCT buyer_order.number FROM buyer_order JOIN sale ON order_id = buyer_order.id
        WHERE buyer_order.stage = 'cancelled' AND sale.stage <> 'cancelled'
        ORDER BY buyer_order.number
        """,
    ),
    Rule(
        N_("Order {number} is for a grade of another product."),
        """
        SELECT buyer_order.number FROM buyer_order JOIN grade ON grade.id = grade_id
        WHERE grade.product_id <> buyer_order.product_id ORDER BY buyer_order.number
        """,
    ),
)
