"""Keep stock: which deliveries are in store; indexes of the latest ones and of disputes."""

import sqlalchemy as sa
from alembic import op

revision = "0007_keep_stock"
down_revision = "0006_replace_meters"
branch_labels = None
depends_on = None

# Whatever stands and was not settled or lost to the last gram.
_IN_STORE = """
INSERT INTO stock_lot (delivery_id)
SELECT delivery.id FROM delivery
LEFT JOIN (
    SELECT delivery_id, sum(quantity) AS quantity FROM (
        SELECT delivery_id, quantity FROM allotment JOIN sale ON sale.id = sale_id
        WHERE stage = 'settled'
        UNION ALL SELECT delivery_id, quantity FROM stock_loss) AS each_part
    GROUP BY delivery_id) AS gone ON gone.delivery_id = delivery.id
WHERE delivery.reason IS NULL AND delivery.net > coalesce(gone.quantity, 0)
AND NOT EXISTS (SELECT 1 FROM delivery AS back WHERE back.reverses_id = delivery.id)
"""


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "stock_lot",
        sa.Column("delivery_id", key, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_stock_lot_delivery_id")
        ),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_stock_lot")),
    )
    op.get_bind().execute(sa.text(_IN_STORE))
    for whose in ("member_id", "product_id"):
        op.create_index(
            op.f(f"ix_delivery_{whose}_received_on"), "delivery", [whose, "received_on"]
        )
        op.drop_index(op.f(f"ix_delivery_{whose}"), table_name="delivery")
    op.create_index(
        "ix_delivery_answer_disputed",
        "delivery_answer",
        ["delivery_id"],
        sqlite_where=sa.text("agrees = 0"),
        postgresql_where=sa.text("NOT agrees"),
    )
